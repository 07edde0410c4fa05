"""The field's losses against plain Python floats, at the boundaries, and with what they refuse."""

import math
from functools import partial

import pytest
import torch

from lsbench.errors import DtypeError, InputError
from lsbench.losses import LOSSES
from tests.in_turn import in_turn
from tests.losses.field_reference import FIELD, of_rows
from tests.losses.loss_reference import batch, softmax_and_log, value_and_gradient

SETTINGS = [
    ("nls", {"eps": -0.4}),
    ("nls", {"eps": -8.0}),
    ("focal", {"gamma": 2.0}),
    ("focal", {"gamma": 0.5}),
    ("focal", {"gamma": 0.0}),
    ("poly1", {"poly": 2.0}),
    ("poly1", {"poly": -1.0}),
    ("logit-norm", {"tau": 0.04}),
    ("logit-norm", {"tau": 1.0}),
    ("mbls", {"alpha": 0.1, "margin": 10.0}),
    ("mbls", {"alpha": 2.0, "margin": 1.0}),
    ("mbls", {"alpha": 0.3, "margin": 0.0}),
    ("confidence-penalty", {"beta": 1.0}),
    ("mae", {}),
    ("gce", {"q": 0.7}),
    ("gce", {"q": 1e-3}),
    ("gce", {"q": 1.0}),
    ("rce", {}),
    ("sce", {"alpha": 6.0, "beta": 0.1}),
    ("sce", {"alpha": 0.0, "beta": 1.0}),
    ("nce", {}),
    ("nce-rce", {"alpha": 10.0, "beta": 0.1}),
    ("nce-mae", {"alpha": 1.0, "beta": 0.5}),
    ("bootstrap-soft", {"beta": 0.6}),
    ("bootstrap-hard", {"beta": 0.6}),
    ("elr", {"lam": 3.0, "beta": 0.7}),
    ("forward", {}),
    ("backward", {}),
]
NEEDS_THE_LABEL = ["focal", "poly1", "mbls", "confidence-penalty", "sce", "bootstrap-soft", "bootstrap-hard", "elr"]
BOUNDED = ["mae", "gce", "rce", "nce", "nce-rce", "nce-mae"]
every_field_loss = in_turn("name", FIELD)
every_setting = in_turn(("name", "hyper"), SETTINGS)
both_dtypes = in_turn("dtype", [torch.float32, torch.float64])


def stay_close(got, expected, dtype, scale=1.0):
    tolerance = scale * (1e-6 if dtype == torch.float64 else 1e-4)
    torch.testing.assert_close(got.double(), expected, rtol=tolerance, atol=tolerance)


@every_setting
@both_dtypes
@in_turn("classes", [2, 7])
def test_value_and_gradient_are_those_of_the_papers_formula(name, hyper, dtype, classes):
    logits, labels = batch(rows=8, classes=classes, dtype=dtype)
    losses, gradient = value_and_gradient(partial(LOSSES[name], **hyper), logits, labels)
    expected = of_rows(lambda z, y, _: FIELD[name](z, y, **hyper), logits, labels)
    exact = 1e-6 if dtype == torch.float64 else 1.0
    stay_close(losses, expected[0], dtype, exact)
    stay_close(gradient, expected[1], dtype, 10.0 if name == "logit-norm" else 1.0)


@every_field_loss
def test_the_defaults_are_the_references(name):
    logits, labels = batch(rows=4)
    expected = of_rows(lambda z, y, _: FIELD[name](z, y), logits, labels)[0]
    torch.testing.assert_close(LOSSES[name](logits, labels), expected, rtol=1e-11, atol=1e-11)


@every_field_loss
@both_dtypes
def test_a_label_that_is_certain_costs_what_the_formula_says_and_teaches_nothing(name, dtype):
    logits, labels = torch.tensor([[1e4, -1e4, 0.0]], dtype=dtype), torch.tensor([0])
    losses, gradient = value_and_gradient(LOSSES[name], logits, labels)
    expected, slopes = of_rows(lambda z, y, _: FIELD[name](z, y), logits, labels)
    stay_close(losses, expected, dtype)
    stay_close(gradient, slopes, dtype)


@in_turn("name", BOUNDED)
@both_dtypes
def test_a_label_of_probability_zero_costs_a_bounded_loss_the_most_and_teaches_it_nothing(name, dtype):
    logits, labels = torch.tensor([[-1e4, 1e4, 0.0]], dtype=dtype), torch.tensor([0])
    losses, gradient = value_and_gradient(LOSSES[name], logits, labels)
    stay_close(losses, of_rows(lambda z, y, _: FIELD[name](z, y), logits, labels)[0], dtype)
    assert gradient.abs().max() < 1e-3


@every_field_loss
def test_a_tie_of_all_classes_is_as_in_the_formula(name):
    logits, labels = torch.zeros(1, 4, dtype=torch.float64), torch.tensor([2])
    expected = of_rows(lambda z, y, _: FIELD[name](z, y), logits, labels)[0]
    losses, gradient = value_and_gradient(LOSSES[name], logits, labels)
    torch.testing.assert_close(losses, expected, rtol=1e-12, atol=1e-12)
    assert gradient.isfinite().all()


@every_field_loss
def test_a_single_class_costs_nothing_and_teaches_nothing(name):
    losses, gradient = value_and_gradient(LOSSES[name], torch.tensor([[3.0], [0.0]]), torch.tensor([0, 0]))
    assert losses.tolist() == [0, 0]
    assert gradient.flatten().tolist() == [0, 0]


@every_field_loss
def test_an_impossible_class_that_is_not_the_label_leaves_gradients_finite(name):
    logits, labels = torch.tensor([[1.0, 2.0, -math.inf], [-math.inf, 0.5, 0.5]]), torch.tensor([0, 1])
    losses, gradient = value_and_gradient(LOSSES[name], logits, labels)
    assert gradient.isfinite().all()
    assert not losses.isnan().any()
    assert losses.isfinite().all() or name in ("nls", "mbls")  # which hold logits of all classes together


@in_turn("name", [n for n in FIELD if n not in ("nls", "mbls", "nce", "nce-rce", "nce-mae", "logit-norm")])
def test_an_impossible_class_changes_nothing_else(name):
    logits, labels = batch(rows=4, classes=5)
    wider = torch.cat([logits, torch.full((4, 1), -math.inf, dtype=logits.dtype)], dim=1)
    losses, gradient = value_and_gradient(LOSSES[name], wider, labels)
    expected, expected_gradient = value_and_gradient(LOSSES[name], logits, labels)
    torch.testing.assert_close(losses, expected)
    torch.testing.assert_close(gradient[:, :-1], expected_gradient)
    assert (gradient[:, -1] == 0).all()


@in_turn("name", NEEDS_THE_LABEL)
def test_a_label_that_is_impossible_costs_infinitely_with_a_gradient_that_is_finite(name):
    losses, gradient = value_and_gradient(LOSSES[name], torch.tensor([[-math.inf, 1.0, 0.0]]), torch.tensor([0]))
    assert losses.item() == math.inf
    assert gradient.isfinite().all()
    assert gradient[0, 0] < 0


def test_classes_that_are_impossible_share_the_normalised_loss():
    logits = torch.tensor([[-math.inf, -math.inf, 1.0, 0.0]] * 2)
    losses, gradient = value_and_gradient(LOSSES["nce"], logits, torch.tensor([0, 2]))
    assert losses.tolist() == [0.5, 0.0]
    assert (gradient == 0).all()


@every_field_loss
def test_nan_stays_in_its_row(name):
    logits, labels = batch(rows=3, classes=4)
    logits[1, 0] = math.nan
    losses, gradient = value_and_gradient(LOSSES[name], logits, labels)
    assert losses.isnan().tolist() == [False, True, False]
    assert gradient[[0, 2]].isfinite().all()


@in_turn("gamma", [0.01, 0.5, 1.0])
def test_a_focusing_below_one_has_finite_derivatives_however_certain_the_label(gamma):
    for gap in (0.0, 10.0, 16.0, 17.0, 40.0, 1000.0):
        logits = torch.tensor([[gap, 0.0]], requires_grad=True)
        loss = LOSSES["focal"](logits, torch.tensor([0]), gamma=gamma).sum()
        (first,) = torch.autograd.grad(loss, logits, create_graph=True)
        (second,) = torch.autograd.grad(first[0, 0], logits)
        assert first.isfinite().all()
        assert second.isfinite().all()


@in_turn("gamma", [0.0, 0.5, 2.0])
@both_dtypes
def test_focal_with_a_detached_factor_has_the_same_value_and_the_factor_times_the_gradient_of_cross_entropy(
    gamma, dtype
):
    logits, labels = batch(rows=8, dtype=dtype)
    losses, gradient = value_and_gradient(partial(LOSSES["focal"], gamma=gamma, detach=1.0), logits, labels)
    assert torch.equal(losses, LOSSES["focal"](logits, labels, gamma=gamma))
    softmaxes = [softmax_and_log(z)[0] for z in logits.double().tolist()]
    expected = [
        [(1 - p[y]) ** gamma * (p[c] - (c == y)) for c in range(len(p))]
        for p, y in zip(softmaxes, labels.tolist(), strict=True)
    ]
    stay_close(gradient, torch.tensor(expected, dtype=torch.float64), dtype)


def test_a_share_of_the_factors_gradient_is_left_out_and_none_where_nothing_is_detached():
    logits, labels = batch(rows=3)
    whole, half, none = (
        value_and_gradient(partial(LOSSES["focal"], detach=share), logits, labels)[1] for share in (0.0, 0.5, 1.0)
    )
    torch.testing.assert_close(half, (whole + none) / 2)
    _, column = value_and_gradient(partial(LOSSES["focal"], detach=torch.zeros(3, dtype=torch.double)), logits, labels)
    assert torch.equal(column, whole)


@in_turn("q", [1e-3, 1e-6, 1e-12, 1e-20, 1e-40, 0.0])
@both_dtypes
def test_generalised_cross_entropy_of_tiny_q_is_as_accurate_as_its_series(q, dtype):
    logits, labels = batch(rows=6, dtype=dtype)
    log_p = torch.log_softmax(logits.double(), -1).gather(1, labels[:, None]).squeeze(1)
    series = -log_p * (1 + q * log_p / 2 + (q * log_p) ** 2 / 6 + (q * log_p) ** 3 / 24)
    for given in (q, torch.tensor(q, dtype=torch.float64)):
        losses, gradient = value_and_gradient(partial(LOSSES["gce"], q=given), logits, labels)
        torch.testing.assert_close(losses.double(), series, rtol=1e-9 if dtype == torch.float64 else 2e-6, atol=0)
        assert gradient.isfinite().all()


def test_logits_without_a_direction_give_the_uniform_loss_and_finite_derivatives():
    logits = torch.zeros(1, 4, dtype=torch.float64, requires_grad=True)
    loss = LOSSES["logit-norm"](logits, torch.tensor([1]))
    (first,) = torch.autograd.grad(loss.sum(), logits, create_graph=True)
    (second,) = torch.autograd.grad(first[0, 1], logits)
    assert loss.item() == pytest.approx(math.log(4))
    torch.testing.assert_close(first[0], torch.tensor([0.25, -0.75, 0.25, 0.25], dtype=torch.float64) / 0.04)
    assert second.isfinite().all()


@in_turn("scale", [1e-30, 1e-3, 1e30])
def test_the_length_of_the_logits_does_not_matter_to_their_direction(scale):
    logits, labels = batch(dtype=torch.float32)
    losses, gradient = value_and_gradient(LOSSES["logit-norm"], logits * scale, labels)
    expected, slopes = value_and_gradient(LOSSES["logit-norm"], logits, labels)
    torch.testing.assert_close(losses, expected, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(gradient * scale, slopes, rtol=1e-4, atol=1e-4)


def test_no_gradient_flows_through_the_likeliest_class_and_the_first_of_a_tie_is_taken():
    logits, labels = torch.tensor([[1.0, 1.0, 0.0]], dtype=torch.float64), torch.tensor([2])
    _, gradient = value_and_gradient(partial(LOSSES["bootstrap-hard"], beta=0.75), logits, labels)
    targets = torch.tensor([[0.25, 0.0, 0.75]], dtype=torch.float64)
    torch.testing.assert_close(gradient, logits.softmax(-1) - targets)


def test_logits_within_the_margin_cost_nothing_more():
    logits, labels = torch.tensor([[10.0, 0.0, 3.0]]), torch.tensor([0])
    assert torch.equal(LOSSES["mbls"](logits, labels, margin=10.0), LOSSES["ce"](logits, labels))
    beyond = LOSSES["mbls"](logits, labels, margin=4.0, alpha=0.6) - LOSSES["ce"](logits, labels)
    assert beyond.item() == pytest.approx(0.6 * (6 + 3) / 3)


@in_turn(
    ("name", "hyper", "allowed"),
    [
        ("focal", {"gamma": -0.1}, "of at least 0"),
        ("focal", {"detach": 1.1}, r"\[0, 1\]"),
        ("poly1", {"poly": -1.5}, "of at least -1"),
        ("gce", {"q": 1.1}, r"\[0, 1\]"),
        ("sce", {"alpha": -1.0}, "of at least 0"),
        ("nce-rce", {"beta": math.inf}, "of at least 0"),
        ("nce-mae", {"alpha": math.nan}, "of at least 0"),
        ("confidence-penalty", {"beta": -0.1}, "of at least 0"),
        ("bootstrap-soft", {"beta": 1.1}, r"\[0, 1\]"),
        ("bootstrap-hard", {"beta": -0.1}, r"\[0, 1\]"),
        ("mbls", {"margin": -1.0}, "of at least 0"),
        ("mbls", {"alpha": -1.0}, "of at least 0"),
        ("elr", {"lam": -1.0}, "of at least 0"),
        ("elr", {"beta": 1.1}, r"\[0, 1\]"),
        ("logit-norm", {"tau": 0.0}, "of at least 1e-06"),
        ("nls", {"eps": 0.0}, "below 0, got 0.0; fused"),
        ("nls", {"eps": 0.1}, "below 0, got 0.1; fused"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_with_what_is_allowed(name, hyper, allowed):
    ((argument, _),) = hyper.items()
    with pytest.raises(InputError, match=f"{argument}.*{allowed}"):
        LOSSES[name](*batch(), **hyper)


@in_turn("value", ["1", None, True])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(DtypeError, match="gamma must be a number"):
        LOSSES["focal"](*batch(), gamma=value)


def test_a_tensor_of_numbers_that_does_not_fit_is_refused_with_both_shapes():
    with pytest.raises(InputError, match=r"gamma of shape \(3,\).*\(5,\)"):
        LOSSES["focal"](*batch(), gamma=torch.ones(3))
    with pytest.raises(DtypeError, match=r"q must be a float.*int64"):
        LOSSES["gce"](*batch(), q=torch.ones(5, dtype=torch.long))
