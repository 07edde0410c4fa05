"""The forms of label smoothing against published values, torch, a slow reference, identities, and each other."""

import math
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from lsbench.errors import DtypeError, InputError
from lsbench.losses import LOSSES
from tests.in_turn import in_turn
from tests.losses.loss_reference import batch, of_batch, value_and_gradient
from tests.simulations import tried

FORMS = ["lsr", "linear", "reid", "fused", "keras-cce"]
Z = torch.tensor([[1, 2, 3], [3, 1, 0.5]], dtype=torch.float64)
Y = torch.tensor([0, 2])
EXPECTED = {0.0: 2.552170030682, 0.1: 2.452170030682, 1.0: 1.552170030682, -0.1: 2.652170030682}
TOLERANCE = {torch.float32: 1e-6, torch.float64: 1e-12}
EPS = [0.0, 0.01, 0.1, 0.5, 1.0, -0.1, -8.0]
HOSTILE = [
    [1e4, -1e4, 0.0, 3.0],
    [-1e4, -1e4 + 1, -1e4 + 2, -1e4],
    [1e4, 1e4, 1e4, 1e4],
    [1e4, 1e4 + 1, 1e4 - 2, 1e4 + 0.5],
    [0.0, 0.0, 0.0, 0.0],
    [88.0, -104.0, 1e-30, -1e-30],
]

every_form = pytest.mark.parametrize("form", FORMS)
every_eps = in_turn("eps", EPS)


def assert_is(got, expected, tolerance):
    """Equal to within tolerance, relative to what is larger than 1."""
    torch.testing.assert_close(got.double(), expected.double(), rtol=tolerance, atol=tolerance)


@every_form
@in_turn("eps", EXPECTED)
def test_the_mean_has_the_published_value(form, eps):
    assert LOSSES[form](Z, Y, eps=eps).mean().item() == pytest.approx(EXPECTED[eps], abs=1e-12)


@every_form
def test_the_gradient_has_the_published_value(form):
    expected = [[-0.421651380, 0.105697569, 0.315953811], [0.394037843, 0.038916144, -0.432953988]]
    _, gradient = value_and_gradient(lambda z, y: LOSSES[form](z, y, eps=0.1).mean(), Z, Y)
    torch.testing.assert_close(gradient, torch.tensor(expected, dtype=torch.float64), rtol=0, atol=1e-9)


def test_cross_entropy_has_the_values_of_the_worked_examples():
    one = torch.tensor([0.2, 0.1, -0.1], dtype=torch.float64)
    assert LOSSES["ce"](one, torch.tensor(0)).item() == pytest.approx(0.9729, abs=5e-5)
    three = torch.tensor([[0.1, 0.2, 0.9], [1.1, 0.1, 0.2], [0.2, 2.1, 0.1]], dtype=torch.float64)
    assert LOSSES["ce"](three, torch.tensor([2, 0, 1])).mean().item() == pytest.approx(0.4966, abs=5e-5)


@every_form
@every_eps
@in_turn("dtype", TOLERANCE)
def test_value_and_gradient_are_those_of_plain_python_floats(form, eps, dtype):
    logits, labels = batch(rows=6, classes=9, dtype=dtype)
    losses, gradient = value_and_gradient(partial(LOSSES[form], eps=eps), logits, labels)
    expected, expected_gradient = of_batch(logits, labels, eps)
    assert_is(losses, expected, TOLERANCE[dtype] * (1 + abs(eps)))
    assert_is(gradient, expected_gradient, TOLERANCE[dtype] * (1 + abs(eps)))


@every_form
@every_eps
@in_turn("dtype", TOLERANCE)
def test_hostile_logits_lose_no_accuracy(form, eps, dtype):
    logits, labels = torch.tensor(HOSTILE, dtype=dtype), torch.tensor([1, 0, 3, 2, 1, 0])
    losses, gradient = value_and_gradient(partial(LOSSES[form], eps=eps), logits, labels)
    expected, expected_gradient = of_batch(logits, labels, eps)
    assert_is(losses, expected, TOLERANCE[dtype] * (1 + abs(eps)))
    assert_is(gradient, expected_gradient, TOLERANCE[dtype] * (1 + abs(eps)))


@every_form
@in_turn("eps", [0.0, 0.1, 1.0])
@in_turn("dtype", TOLERANCE)
def test_value_and_gradient_are_those_of_torch(form, eps, dtype):
    logits, labels = batch(rows=32, classes=11, dtype=dtype)
    ours = value_and_gradient(partial(LOSSES[form], eps=eps), logits, labels)
    torchs = value_and_gradient(partial(F.cross_entropy, label_smoothing=eps, reduction="none"), logits, labels)
    assert_is(ours[0], torchs[0], TOLERANCE[dtype])
    assert_is(ours[1], torchs[1], TOLERANCE[dtype])


@every_form
def test_without_smoothing_it_is_cross_entropy(form):
    logits, labels = batch()
    assert_is(LOSSES[form](logits, labels, eps=0), LOSSES["ce"](logits, labels), 1e-12)


@tried()
@given(
    z=st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=6),
    y=st.integers(0, 5),
    eps=st.floats(-8, 1),
)
def test_all_forms_agree_whatever_the_logits_and_the_smoothing(z, y, eps):
    logits, labels = torch.tensor([z], dtype=torch.float64), torch.tensor([y % len(z)])
    expected, expected_gradient = of_batch(logits, labels, eps)
    for form in FORMS:
        losses, gradient = value_and_gradient(partial(LOSSES[form], eps=eps), logits, labels)
        torch.testing.assert_close(losses, expected, rtol=1e-12, atol=1e-11 * (1 + max(map(abs, z))))
        torch.testing.assert_close(gradient, expected_gradient, rtol=0, atol=1e-11)


@every_form
@in_turn("eps", [0.0, torch.tensor([0.0, 0.0]), torch.tensor(0.0)])
def test_an_impossible_class_costs_nothing_without_smoothing(form, eps):
    logits = torch.tensor([[1.0, 2.0, -math.inf], [-math.inf, 0.5, 0.5]])
    losses, gradient = value_and_gradient(partial(LOSSES[form], eps=eps), logits, torch.tensor([0, 1]))
    assert_is(losses, torch.tensor([math.log(1 + math.e), math.log(2)]), 1e-6)
    p = 1 / (1 + math.e)
    assert_is(gradient, torch.tensor([[p - 1, 1 - p, 0], [0, -0.5, 0.5]]), 1e-6)


@every_form
def test_an_impossible_class_costs_infinitely_with_smoothing_and_the_gradient_stays_p_minus_q(form):
    logits, labels = torch.tensor([[1.0, 1.0, -math.inf]]), torch.tensor([0])
    for eps in (0.3, torch.tensor([0.3]), 1.0, torch.tensor([1.0])):
        losses, gradient = value_and_gradient(partial(LOSSES[form], eps=eps), logits, labels)
        q = torch.tensor([[1 - float(eps), 0, 0]]) + float(eps) / 3
        assert losses.item() == math.inf
        assert_is(gradient, torch.tensor([[0.5, 0.5, 0.0]]) - q, 1e-6)


@every_form
def test_rows_with_and_without_smoothing_may_share_a_call_that_has_an_impossible_class(form):
    logits = torch.tensor([[1.0, 1.0, -math.inf]] * 2)
    losses = LOSSES[form](logits, torch.tensor([0, 0]), eps=torch.tensor([0.0, 0.1]))
    assert losses[0].item() == pytest.approx(math.log(2), abs=1e-6)
    assert losses[1].item() == math.inf


@every_form
def test_a_label_that_is_impossible_costs_infinitely(form):
    logits, labels = torch.tensor([[-math.inf, 1.0]]), torch.tensor([0])
    for eps in (0.0, 0.1, 1.0):
        losses, gradient = value_and_gradient(partial(LOSSES[form], eps=eps), logits, labels)
        assert losses.item() == math.inf
        assert_is(gradient, torch.tensor([[eps / 2 - 1, 1 - eps / 2]]), 1e-6)


def test_an_impossible_class_with_a_sigmoid_costs_nothing_without_smoothing_either():
    logits = torch.tensor([[-math.inf, 2.0]])
    losses, gradient = value_and_gradient(partial(LOSSES["keras-bce"], eps=0.0), logits, torch.tensor([1]))
    s = 1 / (1 + math.exp(-2))
    assert_is(losses, torch.tensor([-math.log(s) / 2]), 1e-6)
    assert_is(gradient, torch.tensor([[0.0, (s - 1) / 2]]), 1e-6)


@every_eps
def test_the_binary_form_is_torchs_on_smoothed_targets(eps):
    logits, labels = batch()
    targets = (1 - eps) * F.one_hot(labels, 7).double() + eps / 2
    expected = F.binary_cross_entropy_with_logits(logits, targets, reduction="none").mean(-1)
    assert_is(LOSSES["keras-bce"](logits, labels, eps=eps), expected, 1e-12 * (1 + abs(eps)))


@every_form
@in_turn("half", [torch.float16, torch.bfloat16])
def test_half_precision_with_smoothing_stays_finite_at_ordinary_sizes(form, half):
    logits, labels = batch(rows=4, classes=20000, scale=8.0, dtype=half)
    losses, gradient = value_and_gradient(partial(LOSSES[form], eps=0.1), logits, labels)
    assert losses.isfinite().all()
    assert gradient.isfinite().all()
    assert_is(losses, of_batch(logits, labels, 0.1)[0], 1e-5)


@every_form
def test_the_gradient_in_eps_is_that_of_finite_differences(form):
    logits, labels = batch(rows=3, classes=4)
    for eps in ([0.1, -0.3, 0.9], [0.0, 1.0, 0.5]):
        eps = torch.tensor(eps, dtype=torch.float64, requires_grad=True)
        assert torch.autograd.gradcheck(lambda z, e: LOSSES[form](z, labels, eps=e), (logits.requires_grad_(), eps))


@every_form
@in_turn("eps", [1.0001, math.nan, math.inf, -math.inf, "0.1", None, True])
def test_eps_that_is_no_number_up_to_one_is_refused(form, eps):
    with pytest.raises(InputError, match="eps"):
        LOSSES[form](Z, Y, eps=eps)


@every_form
@in_turn("dtype", [torch.float16, torch.float64])
def test_the_dtype_of_a_tensor_of_eps_does_not_decide_that_of_the_losses(form, dtype):
    losses = LOSSES[form](Z.float(), Y, eps=torch.tensor([0.5, 0.25], dtype=dtype))
    assert losses.dtype == torch.float32
    torch.testing.assert_close(losses, LOSSES[form](Z.float(), Y, eps=torch.tensor([0.5, 0.25])))


@every_form
def test_eps_that_does_not_broadcast_with_the_labels_is_refused_with_both_shapes(form):
    with pytest.raises(InputError, match=r"\(3,\).*\(2,\)"):
        LOSSES[form](Z, Y, eps=torch.zeros(3))
    with pytest.raises(InputError, match=r"\(4, 2\).*\(2,\)"):
        LOSSES[form](Z, Y, eps=torch.zeros(4, 2))
    with pytest.raises(DtypeError, match="int64"):
        LOSSES[form](Z, Y, eps=torch.zeros(2, dtype=torch.long))


def corrupted(values, rho):
    """The expectation of a loss whose label becomes any class with probability rho; values (n, K) per label."""
    return (1 - rho) * values.gather(1, Y[:, None]).squeeze(1) + rho * values.mean(1)


def loss_of_each_label(loss):
    return torch.stack([loss(Z, torch.full_like(Y, label)) for label in range(3)], dim=1)


@in_turn("rho", [0.1, 0.4, 0.9])
def test_cross_entropy_under_uniform_noise_is_label_smoothing(rho):
    expected = corrupted(loss_of_each_label(LOSSES["ce"]), rho)
    torch.testing.assert_close(LOSSES["fused"](Z, Y, eps=rho), expected, rtol=1e-12, atol=0)


@in_turn(("eps", "rho"), [(0.1, 0.4), (-0.5, 0.2)])
def test_noise_and_smoothing_compose(eps, rho):
    expected = corrupted(loss_of_each_label(partial(LOSSES["fused"], eps=eps)), rho)
    composed = LOSSES["fused"](Z, Y, eps=1 - (1 - eps) * (1 - rho))
    torch.testing.assert_close(composed, expected, rtol=1e-12, atol=0)


@in_turn("rho", [0.2, 0.5])
def test_backward_correction_of_uniform_noise_is_generalised_smoothing(rho):
    transition = (1 - rho) * torch.eye(3, dtype=torch.float64) + rho / 3
    corrected = loss_of_each_label(LOSSES["ce"]) @ transition.inverse().T
    expected = corrected.gather(1, Y[:, None]).squeeze(1)
    torch.testing.assert_close(LOSSES["fused"](Z, Y, eps=-rho / (1 - rho)), expected, rtol=1e-11, atol=0)
