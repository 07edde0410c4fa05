"""Every identity that is listed, computed; and that keys are equal exactly where the functions are."""

import math
import subprocess
import sys
from functools import partial
from itertools import combinations

import pytest
import torch

from lsbench.losses import LOSSES
from lsbench.losses.elr import EarlyLearning
from lsbench.names import resolve
from lsbench.names.catalogue import LOSSES as CATALOGUE
from lsbench.planning.identities import EXACT, IDENTITIES, IN_EXPECTATION, IN_THE_LIMIT, function_of
from tests.in_turn import in_turn

CLASSES, EPS, RHO = 5, 0.3, 0.4
A = -math.log(1e-4)
REAL = {"dtype": torch.float64}
GENERATOR = torch.Generator().manual_seed(0)
Z = 3 * torch.randn(8, CLASSES, generator=GENERATOR, **REAL)
Y = torch.randint(CLASSES, (8,), generator=GENERATOR)
PRIOR = torch.tensor([0.4, 0.3, 0.15, 0.1, 0.05], **REAL)
SMOOTHING = ["lsr", "linear", "reid", "fused", "keras-cce", "nls"]


def loss(name, **hyper):
    return partial(LOSSES[name], **hyper)


def times(factor, function):
    return lambda z, y: factor * function(z, y)


def label_prob(z, y):
    return z.softmax(-1).gather(-1, y[:, None]).squeeze(-1)


def wrong_mass(z, y):
    return 1 - label_prob(z, y)


def share_of_all_labels(z, y):
    of_each = -z.log_softmax(-1)
    return of_each.gather(-1, y[:, None]).squeeze(-1) / of_each.sum(-1)


def symmetric(rho, classes=CLASSES):
    return (1 - rho) * torch.eye(classes, **REAL) + rho / classes


def skewed():
    noise = torch.rand(CLASSES, CLASSES, generator=torch.Generator().manual_seed(3), **REAL)
    return 0.5 * torch.eye(CLASSES, **REAL) + 0.5 * noise / noise.sum(1, keepdim=True)


def averaged(function, matrix):
    """The expectation of a loss over labels drawn from the row of the true one."""

    def expected(z, y):
        of_each = torch.stack([function(z, torch.full_like(y, label)) for label in range(CLASSES)], dim=-1)
        return (matrix[y] * of_each).sum(-1)

    return expected


GIVEN = {"matrix": skewed(), "prior": PRIOR}


def remembering(**hyper):
    """Early learning that has seen the batch once before."""

    def losses(z, y):
        memory, index = EarlyLearning(1, len(y), CLASSES).double(), torch.arange(len(y))[None]
        memory(z.detach()[None] + 1, y[None], index, **hyper)
        return memory(z[None], y[None], index, **hyper)[0]

    return losses


PAIRS = {
    ("linear, reid, fused, keras-cce, nls", "lsr", "at one eps"): [
        (loss(name, eps=eps), loss("lsr", eps=eps))
        for name in SMOOTHING[1:]
        for eps in (-0.4, -8.0, 0.1, 1.0)
        if name != "nls" or eps < 0
    ],
    ("lsr, linear, reid, fused, keras-cce", "ce", "eps = 0"): [
        (loss(name, eps=0.0), loss("ce")) for name in SMOOTHING if name != "nls"
    ],
    ("focal", "ce", "gamma = 0, with any detach"): [
        (loss("focal", gamma=0.0, detach=detach), loss("ce")) for detach in (0.0, 1.0)
    ],
    ("poly1", "ce", "poly = 0"): [(loss("poly1", poly=0.0), loss("ce"))],
    ("gce", "ce", "q = 0"): [(loss("gce", q=0.0), loss("ce"))],
    ("gce", "ce", "q -> 0"): [(loss("gce", q=q), loss("ce")) for q in (1e-14, 1e-40)],
    ("gce", "1 - p_y", "q = 1"): [(loss("gce", q=1.0), wrong_mass)],
    ("mae", "2 * gce", "q = 1"): [(loss("mae"), times(2, loss("gce", q=1.0)))],
    ("rce", "9.2103 * (1 - p_y)", "log 0 is taken to be log 1e-4"): [(loss("rce"), times(A, wrong_mass))],
    ("rce", "4.6052 * mae", "always"): [(loss("rce"), times(A / 2, loss("mae")))],
    ("sce", "ce", "alpha = 1, beta = 0"): [(loss("sce", alpha=1.0, beta=0.0), loss("ce"))],
    ("sce", "rce", "alpha = 0, beta = 1"): [(loss("sce", alpha=0.0, beta=1.0), loss("rce"))],
    ("sce", "poly1", "alpha = 1, poly = 9.2103 beta"): [
        (loss("sce", alpha=1.0, beta=0.2), loss("poly1", poly=0.2 * A))
    ],
    ("nce", "l_y / sum_c l_c", "l = -log p"): [(loss("nce"), share_of_all_labels)],
    ("nce-rce, nce-mae", "nce", "alpha = 1, beta = 0"): [
        (loss(name, alpha=1.0, beta=0.0), loss("nce")) for name in ("nce-rce", "nce-mae")
    ],
    ("nce-rce", "rce", "alpha = 0, beta = 1"): [(loss("nce-rce", alpha=0.0, beta=1.0), loss("rce"))],
    ("nce-mae", "mae", "alpha = 0, beta = 1"): [(loss("nce-mae", alpha=0.0, beta=1.0), loss("mae"))],
    ("nce-mae", "nce-rce", "beta of nce-mae = 4.6052 beta of nce-rce"): [
        (loss("nce-mae", alpha=2.0, beta=0.3 * A / 2), loss("nce-rce", alpha=2.0, beta=0.3))
    ],
    ("confidence-penalty", "ce", "beta = 0"): [(loss("confidence-penalty", beta=0.0), loss("ce"))],
    ("bootstrap-soft, bootstrap-hard", "ce", "beta = 1"): [
        (loss(name, beta=1.0), loss("ce")) for name in ("bootstrap-soft", "bootstrap-hard")
    ],
    ("mbls", "ce", "alpha = 0"): [(loss("mbls", alpha=0.0), loss("ce"))],
    ("elr", "ce", "lam = 0, or beta = 1, or nothing remembered yet"): [
        (function, loss("ce")) for function in (remembering(lam=0.0), remembering(beta=1.0), loss("elr"))
    ],
    ("logit-adjust", "ce", "tau = 0, or all classes are equally frequent"): [
        (loss("logit-adjust", **hyper), loss("ce"))
        for hyper in ({"tau": 0.0, "prior": PRIOR}, {"tau": 2.0, "prior": torch.full((CLASSES,), 0.2, **REAL)}, {})
    ],
    ("forward, backward", "ce", "the noise matrix is the identity"): [
        (loss(name, matrix=torch.eye(CLASSES)), loss("ce")) for name in ("forward", "backward")
    ],
    ("backward", "nls", "symmetric noise of rate rho, own class included: eps = -rho / (1 - rho)"): [
        (loss("backward", matrix=symmetric(rho)), loss("nls", eps=-rho / (1 - rho))) for rho in (0.1, 0.4, 0.8)
    ],
    ("ce", "lsr", "symmetric noise of rate eps, own class included"): [
        (averaged(loss("ce"), symmetric(RHO)), loss("lsr", eps=RHO))
    ],
    ("lsr", "lsr", "noise of rate rho joins eps: 1 - eps' = (1 - eps)(1 - rho)"): [
        (averaged(loss("lsr", eps=eps), symmetric(RHO)), loss("lsr", eps=1 - (1 - eps) * (1 - RHO)))
        for eps in (EPS, -EPS)
    ],
    ("backward", "ce", "the noise has the matrix that is corrected for"): [
        (averaged(loss("backward", matrix=matrix), matrix), loss("ce")) for matrix in (skewed(), symmetric(RHO))
    ],
}


def value_and_gradient(function):
    z = Z.clone().requires_grad_()
    losses = function(z, Y)
    return losses.detach(), torch.autograd.grad(losses.sum(), z)[0]


@in_turn("identity", IDENTITIES)
def test_both_sides_have_one_value_and_gradient(identity):
    for left, right in PAIRS[identity.left, identity.right, identity.when]:
        torch.testing.assert_close(value_and_gradient(left), value_and_gradient(right), rtol=1e-10, atol=1e-10)


def test_every_identity_is_listed_once_and_says_how_far_it_holds():
    keys = [(i.left, i.right, i.when) for i in IDENTITIES]
    assert len(keys) == len(set(keys)) == len(PAIRS)
    assert {i.tested for i in IDENTITIES} == {EXACT, IN_EXPECTATION, IN_THE_LIMIT}


@pytest.mark.parametrize(("r", "eps"), [(0.2, -0.2857), (0.4, -0.8), (0.6, -2.0), (0.8, -8.0)])
def test_ten_classes_of_symmetric_noise_are_corrected_by_the_published_smoothing(r, eps):
    z, y = torch.randn(6, 10, generator=GENERATOR, **REAL), torch.arange(6)
    others = (1 - r) * torch.eye(10, **REAL) + r / 9 * (1 - torch.eye(10, **REAL))
    rho = r * 10 / 9
    assert -rho / (1 - rho) == pytest.approx(eps, abs=5e-5)
    corrected = LOSSES["backward"](z, y, matrix=others)
    torch.testing.assert_close(corrected, LOSSES["nls"](z, y, eps=-rho / (1 - rho)), rtol=1e-10, atol=1e-10)


def test_normalised_losses_of_all_labels_sum_to_one_and_absolute_errors_to_a_constant():
    for name, total in (("nce", 1.0), ("mae", 2.0 * (CLASSES - 1)), ("rce", A * (CLASSES - 1))):
        of_all = CLASSES * averaged(loss(name), torch.full((CLASSES, CLASSES), 1 / CLASSES, **REAL))(Z, Y)
        torch.testing.assert_close(of_all, torch.full_like(of_all, total))


SEVERAL = [
    *[(name, {"eps": eps}) for name in SMOOTHING for eps in (-0.4, 0.0, 0.1, 1.0) if name != "nls" or eps < 0],
    ("ce", {}),
    ("keras-bce", {"eps": 0.0}),
    ("keras-bce", {"eps": 0.1}),
    *[("focal", {"gamma": gamma, "detach": detach}) for gamma in (0.0, 1.0, 2.0) for detach in (0.0, 1.0)],
    *[("poly1", {"poly": poly}) for poly in (0.0, 1.0, 0.5 * A)],
    *[("gce", {"q": q}) for q in (0.0, 0.5, 1.0)],
    ("mae", {}),
    ("rce", {}),
    ("nce", {}),
    ("forward", {}),
    ("backward", {}),
    *[("sce", {"alpha": a, "beta": b}) for a, b in ((1.0, 0.0), (0.0, 1.0), (1.0, 0.5), (0.1, 1.0), (0.0, 2 / A))],
    *[("nce-rce", {"alpha": a, "beta": b}) for a, b in ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (2.0, 0.0))],
    *[("nce-mae", {"alpha": a, "beta": b}) for a, b in ((1.0, 0.0), (0.0, 0.5), (0.0, 1.0), (1.0, A / 2))],
    *[("confidence-penalty", {"beta": beta}) for beta in (0.0, 0.1)],
    *[("bootstrap-soft", {"beta": beta}) for beta in (0.0, 0.5, 1.0)],
    *[("bootstrap-hard", {"beta": beta}) for beta in (0.0, 0.5, 1.0)],
    *[("mbls", {"alpha": a, "margin": m}) for a, m in ((0.0, 1.0), (0.0, 2.0), (0.1, 1.0), (0.1, 2.0), (0.2, 1.0))],
    *[("elr", {"lam": lam, "beta": b}) for lam, b in ((0.0, 0.7), (3.0, 1.0), (3.0, 0.7), (3.0, 0.5), (1.0, 0.7))],
    *[("logit-norm", {"tau": tau}) for tau in (0.04, 1.0)],
    *[("logit-adjust", {"tau": tau}) for tau in (0.0, 0.5, 1.0)],
]
ARMS = [  # what is not listed by itself, with its defaults
    *SEVERAL,
    *[(name, dict(entry.hyper)) for name, entry in CATALOGUE.items() if entry.ref and name not in dict(SEVERAL)],
]


def as_trained(name, hyper):
    """The function that the training of a noisy cell minimises."""
    if name == "elr":
        return remembering(**hyper)
    return loss(name, **hyper, **{given: GIVEN[given] for given in CATALOGUE[name].given})


def test_keys_are_equal_exactly_where_value_and_gradient_are():
    computed = [(arm, function_of(*arm), torch.cat(list(map(torch.ravel, numbers(arm))))) for arm in ARMS]
    for (left, left_key, ours), (right, right_key, theirs) in combinations(computed, 2):
        assert (left_key == right_key) == torch.allclose(ours, theirs, rtol=1e-9, atol=1e-9), (left, right)


def numbers(arm):
    return value_and_gradient(as_trained(*arm))


def test_what_is_not_given_has_its_default():
    for name, entry in CATALOGUE.items():
        assert function_of(name, {}) == function_of(name, entry.hyper)


def test_minus_zero_whole_numbers_and_rounding_are_no_other_function():
    assert function_of("lsr", {"eps": -0.0}) == function_of("ce", {})
    assert function_of("focal", {"gamma": 2}) == function_of("focal", {"gamma": 2.0})
    assert function_of("sce", {"alpha": 1.0, "beta": 0.3}) == function_of("poly1", {"poly": A * 0.1 * 3})


def test_a_loss_that_is_not_known_equals_itself_alone():
    own = "./mine.py:ce"
    assert function_of(own, {"a": 1.0, "b": 2.0}) == function_of(own, {"b": 2, "a": 1})
    assert function_of(own, {"a": 1.0}) != function_of(own, {"a": 2.0})
    assert function_of(own, {}) not in {function_of(name, {}) for name in CATALOGUE}
    assert function_of(own, {}) != function_of("./mine.py:other", {})


def test_keys_can_be_hashed_and_need_no_torch():
    assert len({function_of(*arm) for arm in ARMS}) < len(ARMS)
    code = "import sys, lsbench.planning.identities; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"


def test_corrections_are_cross_entropy_of_clean_labels_alone():
    for name in ("forward", "backward"):
        assert function_of(name, {}, clean=True) == function_of("ce", {}) != function_of(name, {})
        estimated = resolve.hyper(name)[1]
        assert function_of(name, estimated, clean=True) == function_of(name, estimated) != function_of(name, {})
    assert function_of("focal", {}, clean=True) == function_of("focal", {})
