"""What comes from above: loss scales, retained graphs, second derivatives; and nothing of the caller's is written."""

import pytest
import torch

from lsbench.kernels import smoothed_cross_entropy
from tests.in_turn import in_turn
from tests.kernels.kernel_cases import (
    HALF,
    INTERPRETED,
    assert_rounded_once,
    assert_same,
    batch,
    every_backend,
    every_reduction,
    expected,
    got,
    random,
)

every_half = in_turn("half", HALF)


@every_backend
@every_half
@every_reduction
@in_turn("above", [1.0, 2.0**16, 1 / 3])
def test_in_half_precision_the_gradient_is_rounded_once(backend, half, reduction, above):
    logits, labels = batch(rows=8, classes=50, dtype=half)
    labels[3] = -100
    share = 1 / 7 if reduction == "mean" else 1.0
    above = above / 16 if above > 1 else above  # float16 ends at 65504
    shape = (8,) if reduction == "none" else ()
    losses, gradient = got(logits, labels, torch.full(shape, above), reduction=reduction, backend=backend)
    kept = labels >= 0
    exact = expected(logits[kept], labels[kept])[1] * above * share
    assert losses.dtype == torch.float32
    assert gradient.dtype == half
    assert_rounded_once(gradient[kept], exact, half)


@every_backend
def test_under_a_loss_scale_the_small_gradients_of_float16_survive(backend):
    logits, labels = batch(rows=2, classes=4000, scale=3.0, dtype=torch.float16)
    scale = 2.0**14
    _, gradient = got(logits, labels, torch.tensor(scale), eps=0.0, reduction="mean", backend=backend)
    exact = expected(logits, labels, eps=0.0)[1] * scale / 2
    assert (exact.abs() / scale).min() < 2**-24  # would be 0 in float16
    assert_rounded_once(gradient, exact, torch.float16)


@every_backend
@every_reduction
@in_turn("dtype", [torch.float32, torch.float64])
def test_what_comes_from_above_multiplies_the_gradient(backend, reduction, dtype):
    logits, labels = batch(dtype=dtype)
    above = random(6, dtype=dtype) if reduction == "none" else torch.tensor(-2.5e8, dtype=dtype)
    exact = expected(logits, labels)[1] * (above.unsqueeze(-1) if above.ndim else above).double()
    exact = exact / 6 if reduction == "mean" else exact
    _, gradient = got(logits, labels, above, reduction=reduction, backend=backend)
    torch.testing.assert_close(gradient.double(), exact, rtol=1e-5, atol=1e-6 * exact.abs().max().item())


@every_backend
@every_reduction
@in_turn("above", [1.0, 3.0])
@in_turn("dtype", [torch.float32, torch.bfloat16])
def test_a_retained_graph_gives_the_same_gradient_again_whatever_became_of_the_first(backend, reduction, above, dtype):
    logits, labels = batch(dtype=dtype)
    leaf = logits.clone().requires_grad_()
    loss = smoothed_cross_entropy(leaf, labels, reduction=reduction, backend=backend)
    (first,) = torch.autograd.grad(loss, leaf, torch.full_like(loss, above), retain_graph=True)
    kept = first.clone()
    first.zero_()
    for _ in range(2):
        (again,) = torch.autograd.grad(loss, leaf, torch.full_like(loss, above), retain_graph=True)
        torch.testing.assert_close(again, kept)


@every_backend
def test_gradients_that_are_added_up_are_not_those_of_the_next_backward(backend):
    logits, labels = batch(dtype=torch.float32)
    leaf = logits.clone().requires_grad_()
    loss = smoothed_cross_entropy(leaf, labels, reduction="mean", backend=backend)
    loss.backward(retain_graph=True)
    once = leaf.grad.clone()
    loss.backward(retain_graph=True)
    loss.backward()
    torch.testing.assert_close(leaf.grad, 3 * once)


@every_backend
@pytest.mark.parametrize("options", [{}, {"eps": -1.0, "z_loss": 0.1}, {"weight": random(4)}], ids=str)
def test_first_and_second_derivatives_are_those_of_finite_differences(backend, options):
    logits, labels = batch(rows=3, classes=4)
    labels[1] = -100
    logits.requires_grad_()

    def loss(z):
        return smoothed_cross_entropy(z, labels, scale=random(3), reduction="mean", backend=backend, **options)

    assert torch.autograd.gradcheck(loss, logits)
    assert torch.autograd.gradgradcheck(loss, logits, fast_mode=INTERPRETED)  # in one random direction


@every_backend
def test_second_derivatives_with_targets_are_those_of_finite_differences(backend):
    logits = batch(rows=2, classes=3)[0].requires_grad_()
    assert torch.autograd.gradgradcheck(
        lambda z: smoothed_cross_entropy(z, targets=random(2, 3), z_loss=0.1, backend=backend),
        logits,
        fast_mode=INTERPRETED,
    )


@every_backend
def test_whatever_is_learned_gets_its_gradient(backend):
    logits = batch(rows=2, classes=3)[0].requires_grad_()
    others = [random(2), random(2), random(3), random(2, 3)]
    others = [tensor.requires_grad_() for tensor in others]

    def loss(z, eps, scale, weight, targets):
        return smoothed_cross_entropy(z, targets=targets, eps=eps, scale=scale, weight=weight, backend=backend)

    assert torch.autograd.gradcheck(loss, (logits, *others))


@every_backend
@every_reduction
@in_turn("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_nothing_of_the_callers_is_written_into(backend, reduction, dtype):
    logits, labels = batch(dtype=dtype)
    labels[0] = -100
    tensors = [logits.requires_grad_(), labels, random(7), random(6), random(6)]
    copies = [(tensor.detach().clone(), tensor._version) for tensor in tensors]
    z, y, weight, eps, scale = tensors
    loss = smoothed_cross_entropy(
        z, y, weight=weight, eps=eps, scale=scale, z_loss=0.1, reduction=reduction, backend=backend
    )
    loss.backward(torch.full_like(loss, 3.0))
    for tensor, (copy, version) in zip(tensors, copies, strict=True):
        assert torch.equal(tensor.detach(), copy)
        assert tensor._version == version


@every_backend
def test_logits_that_change_before_they_are_needed_again_are_an_error(backend):
    logits, labels = batch(dtype=torch.float16)
    leaf = logits.requires_grad_()
    z = leaf * 1
    loss = smoothed_cross_entropy(z, labels, reduction="sum", backend=backend)
    z.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


@every_backend
def test_no_gradient_is_made_where_none_is_asked_for(backend):
    logits, labels = batch()
    losses = smoothed_cross_entropy(logits, labels, backend=backend)
    assert not losses.requires_grad
    with torch.no_grad():
        assert not smoothed_cross_entropy(logits.requires_grad_(), labels, backend=backend).requires_grad
    assert_same((losses,), expected(logits, labels)[:1])
