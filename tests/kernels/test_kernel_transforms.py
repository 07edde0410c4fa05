"""The operation in torch's dispatcher: its rules, `torch.compile` and `torch.func`."""

import pytest
import torch
from torch.func import grad, grad_and_value, jacrev, vmap

from lsbench.kernels import smoothed_cross_entropy
from lsbench.kernels.op import rows_op
from tests.in_turn import in_turn
from tests.kernels.kernel_cases import assert_rounded_once, assert_same, batch, every_reduction, expected, got, random

ONE = torch.ones((), dtype=torch.float64)


def arguments(dtype=torch.float64, learned=True, targets=None, eps=None, weight=None, wanted=True):
    logits, labels = batch(dtype=dtype)
    labels[1] = -100
    eps = 0.1 * ONE if eps is None else eps
    labels = labels if targets is None else None
    return logits.requires_grad_(learned), labels, targets, eps, ONE, weight, -100, 0.1, wanted, "aten"


CASES = {
    "labels": {},
    "no gradient": {"learned": False, "wanted": False},
    "gradient later": {"wanted": False},
    "float32": {"dtype": torch.float32},
    "eps per row": {"eps": random(6)},
    "weight": {"weight": random(7)},
    "targets": {"targets": random(6, 7)},
}


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")  # opcheck's own looking
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_operator_passes_torchs_own_checks(case):
    torch.library.opcheck(rows_op, arguments(**case))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_operators_gradient_is_that_of_the_definition(case):
    logits, labels, targets, eps, *rest = arguments(**case | {"learned": True})
    losses = rows_op(logits, labels, targets, eps, *rest)[0]
    (gradient,) = torch.autograd.grad(losses.sum(), logits)
    kept = slice(None) if labels is None else labels >= 0
    options = {"targets": targets, "eps": eps[kept] if eps.ndim else eps, "weight": rest[1], "z_loss": 0.1}
    exact = expected(logits[kept], None if labels is None else labels[kept], **options)
    assert_same((losses.detach()[kept], gradient[kept]), exact, rtol=1e-5, atol=1e-5)


def test_the_operators_second_derivatives_are_those_of_finite_differences():
    logits, *rest = arguments()
    assert torch.autograd.gradgradcheck(lambda z: rows_op(z, *rest)[0], logits)


@pytest.mark.parametrize("wanted", [True, False])
def test_the_operators_gradient_is_multiplied_by_what_comes_from_above(wanted):
    logits, labels, *rest = arguments(wanted=wanted)
    above = random(6)
    losses = rows_op(logits, labels, *rest)[0]
    (gradient,) = torch.autograd.grad(losses, logits, above)
    kept = labels >= 0
    exact = expected(logits[kept], labels[kept], z_loss=0.1)[1] * above[kept, None]
    torch.testing.assert_close(gradient[kept], exact)


@every_reduction
@in_turn("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_torch_compile_takes_it_as_one_graph(reduction, dtype):
    logits, labels = batch(dtype=dtype)
    labels[2] = -100
    torch._dynamo.reset()
    compiled = torch.compile(smoothed_cross_entropy, backend="aot_eager", fullgraph=True)
    leaf = logits.clone().requires_grad_()
    losses = compiled(leaf, labels, eps=0.2, reduction=reduction)
    above = torch.full_like(losses, 1 / 3)
    losses.backward(above)
    eager, gradient = got(logits, labels, above, eps=0.2, reduction=reduction)
    torch.testing.assert_close(losses.detach(), eager)
    if dtype == torch.float32:
        torch.testing.assert_close(leaf.grad, gradient)
    else:
        kept, share = labels >= 0, 1 / 5 if reduction == "mean" else 1.0
        assert_rounded_once(leaf.grad[kept], expected(logits[kept], labels[kept], eps=0.2)[1] * share / 3, dtype)


def test_torch_compile_takes_targets_weights_and_learned_eps():
    torch._dynamo.reset()
    compiled = torch.compile(smoothed_cross_entropy, backend="aot_eager", fullgraph=True)
    logits, _ = batch()
    options = {"targets": random(6, 7), "weight": random(7), "z_loss": 0.1, "scale": random(6)}
    assert_same((compiled(logits, **options),), expected(logits, **options)[:1])
    eps = random(6).requires_grad_()
    (slope,) = torch.autograd.grad(compiled(logits, eps=eps, **options).sum(), eps)
    (eager,) = torch.autograd.grad(smoothed_cross_entropy(logits, eps=eps, **options).sum(), eps)
    torch.testing.assert_close(slope, eager)


def lanes(count=3):
    logits = torch.stack([batch(seed=seed)[0] for seed in range(count)])
    labels = torch.stack([batch(seed=seed)[1] for seed in range(count)])
    labels[0, 1], labels[2] = -100, -100
    return logits, labels, torch.tensor([0.0, 0.3, -2.0], dtype=torch.float64)


def mean(logits, labels, eps, **options):
    return smoothed_cross_entropy(logits, labels, eps=eps, reduction="mean", **options)


@pytest.mark.parametrize("mapped", [(0, 0, 0), (0, None, 0), (None, None, 0), (None, 0, None), (0, 0, None)], ids=str)
def test_vmap_gives_each_lane_its_own_eps(mapped):
    whole = lanes()
    inputs = [part if axis == 0 else part[1] for part, axis in zip(whole, mapped, strict=True)]
    gradients, values = vmap(grad_and_value(mean), in_dims=mapped)(*inputs)
    for lane in range(3):
        logits, labels, eps = (part[lane] if axis == 0 else part[1] for part, axis in zip(whole, mapped, strict=True))
        assert_same((values[lane], gradients[lane]), got(logits, labels, eps=eps, reduction="mean"))


def test_vmap_maps_any_axis():
    logits, labels, eps = lanes()
    values = vmap(mean, in_dims=(2, 1, 0))(logits.movedim(0, 2), labels.t(), eps)
    torch.testing.assert_close(values, vmap(mean)(logits, labels, eps))


def test_vmap_maps_weights_targets_and_eps_per_row():
    logits, targets, weight, eps = lanes()[0], random(3, 6, 7), random(3, 7), random(3, 6)

    def losses(z, t, w, e):
        return smoothed_cross_entropy(z, targets=t, weight=w, eps=e)

    values = vmap(losses)(logits, targets, weight, eps)
    for lane in range(3):
        exact = expected(logits[lane], targets=targets[lane], weight=weight[lane], eps=eps[lane])[0]
        torch.testing.assert_close(values[lane], exact)


def test_the_operator_is_mapped_with_its_gradient():
    logits, *rest = arguments(learned=False)
    many = torch.stack([logits, 2 * logits])
    losses, gradient = vmap(lambda z: rows_op(z, *rest))(many)
    for lane in range(2):
        assert_same((losses[lane], gradient[lane]), rows_op(many[lane], *rest))


def test_torch_func_differentiates_twice_and_in_eps():
    logits, labels = batch(rows=2, classes=3)
    hessian = jacrev(jacrev(lambda z: mean(z, labels, 0.1)))(logits)
    reference = torch.autograd.functional.hessian(lambda z: expected_mean(z, labels), logits)
    torch.testing.assert_close(hessian, reference)
    slope = grad(lambda eps: mean(logits, labels, eps))(0.1 * ONE)
    leaf = (0.1 * ONE).requires_grad_()
    torch.testing.assert_close(slope, torch.autograd.grad(mean(logits, labels, leaf), leaf)[0])


def expected_mean(logits, labels):
    return torch.nn.functional.cross_entropy(logits, labels, label_smoothing=0.1)
