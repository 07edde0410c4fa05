"""What the fused form keeps, and what may be done with its closed-form gradient."""

import pytest
import torch

from lsbench.losses import LOSSES
from lsbench.losses.fused import fused
from tests.in_turn import in_turn
from tests.losses.loss_reference import batch, of_batch, value_and_gradient


def mean(z, y, eps):
    return fused(z, y, eps=eps).mean()


def plain_mean(z, y, eps):
    return LOSSES["linear"](z, y, eps=eps).mean()


def stack(cells=3, rows=4, classes=5):
    logits, labels = batch(rows=cells * rows, classes=classes)
    eps = torch.linspace(-0.5, 0.9, cells, dtype=torch.float64)
    return logits.reshape(cells, rows, classes), labels.reshape(cells, rows), eps


@pytest.mark.parametrize("dtype", [torch.float16, torch.float64], ids=str)
def test_only_the_logits_are_kept_for_the_gradient_and_in_their_own_dtype(dtype):
    logits, labels = batch(rows=8, classes=100, dtype=dtype)
    logits.requires_grad_()
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):
        fused(logits, labels, eps=0.1)
    large = [t for t in kept if t.numel() >= 100]
    assert [t.data_ptr() for t in large] == [logits.data_ptr()]
    assert large[0].dtype == dtype


@in_turn("eps", [0.0, 0.1, 1.0, -8.0])
def test_double_backward_is_that_of_finite_differences(eps):
    logits, labels = batch(rows=2, classes=3)
    assert torch.autograd.gradgradcheck(lambda z: fused(z, labels, eps=eps), logits.requires_grad_())


def test_double_backward_through_logits_and_eps_is_that_of_finite_differences():
    logits, labels = batch(rows=2, classes=4)
    eps = torch.tensor([-0.3, 0.9], dtype=torch.float64, requires_grad=True)
    arguments = (logits.requires_grad_(), eps)
    assert torch.autograd.gradcheck(lambda z, e: fused(z, labels, eps=e), arguments)
    assert torch.autograd.gradgradcheck(lambda z, e: fused(z, labels, eps=e), arguments)


def test_the_hessian_is_that_of_the_plain_form():
    logits, labels = batch(rows=2, classes=3)
    hessians = [torch.func.jacrev(torch.func.jacrev(f))(logits, labels, 0.1) for f in (mean, plain_mean)]
    torch.testing.assert_close(*hessians)


def test_gradients_with_and_without_a_graph_are_the_same():
    logits, labels = batch()
    logits.requires_grad_()
    (in_place,) = torch.autograd.grad(mean(logits, labels, 0.1), logits)
    (differentiable,) = torch.autograd.grad(mean(logits, labels, 0.1), logits, create_graph=True)
    torch.testing.assert_close(in_place, differentiable)


def test_a_second_backward_of_a_kept_graph_gives_the_same_gradient():
    logits, labels = batch()
    logits.requires_grad_()
    loss = mean(logits, labels, 0.1)
    first, second = (torch.autograd.grad(loss, logits, retain_graph=True)[0] for _ in range(2))
    torch.testing.assert_close(first, second, rtol=1e-14, atol=1e-14)


def test_upstream_gradients_scale_each_row():
    logits, labels = batch(rows=3, classes=4)
    logits.requires_grad_()
    scale = torch.tensor([0.0, 2.0, -1.0], dtype=torch.float64)
    (gradient,) = torch.autograd.grad(fused(logits, labels, eps=0.1), logits, scale)
    torch.testing.assert_close(gradient, scale[:, None] * of_batch(logits, labels, 0.1)[1])


def test_logits_changed_before_the_backward_pass_change_no_gradient():
    leaf, labels = batch()
    logits = leaf.requires_grad_() * 1
    loss = mean(logits, labels, 0.1)
    logits *= 2
    loss.backward()
    expected = of_batch(leaf.detach(), labels, 0.1)[1] / len(labels)
    torch.testing.assert_close(leaf.grad, expected)


@in_turn("argument", [0, 2])
def test_vmap_of_grad_equals_the_plain_form(argument):
    logits, labels, eps = stack()
    ours, plain = (
        torch.func.vmap(torch.func.grad(f, argnums=argument))(logits, labels, eps) for f in (mean, plain_mean)
    )
    torch.testing.assert_close(ours, plain)


@in_turn("in_dims", [(0, 0, None), (None, 0, 0), (0, None, 0), (None, None, 0), (None, 0, None)])
def test_any_argument_may_be_shared_by_the_lanes_of_vmap(in_dims):
    arguments = [x if d == 0 else x[0] for x, d in zip(stack(), in_dims, strict=True)]

    def gradients(f):
        logits = arguments[0].clone().requires_grad_()
        losses = torch.func.vmap(f, in_dims)(logits, *arguments[1:])
        return torch.autograd.grad(losses.sum(), logits)[0]

    torch.testing.assert_close(gradients(mean), gradients(plain_mean))
    ours, plain = (torch.func.vmap(torch.func.grad(f), in_dims)(*arguments) for f in (mean, plain_mean))
    torch.testing.assert_close(ours, plain)


def test_the_gradient_of_a_vmap_in_a_shared_eps_is_that_of_the_plain_form():
    logits, labels, eps = stack()
    ours, plain = (
        torch.func.grad(lambda e, f=f: torch.func.vmap(f, (0, 0, None))(logits, labels, e).sum())(eps[0])
        for f in (mean, plain_mean)
    )
    torch.testing.assert_close(ours, plain)


def test_torch_compile_follows_an_eps_that_changes_between_calls():
    logits, labels = batch(rows=4, classes=5)
    torch._dynamo.reset()
    compiled = torch.compile(mean, backend="aot_eager", fullgraph=True)
    for eps in (0.1, 0.2, -0.3, torch.tensor([0.1, 0.2, 0.0, -1.0], dtype=torch.float64)):
        got, expected = (value_and_gradient(f, logits, labels, eps) for f in (compiled, mean))
        torch.testing.assert_close(got, expected)


def test_per_cell_eps_may_stand_on_any_axis_of_the_labels():
    logits, labels, eps = stack()
    row_eps = torch.linspace(0, 0.5, 4, dtype=torch.float64)
    torch.testing.assert_close(fused(logits, labels, eps=row_eps)[1], fused(logits[1], labels[1], eps=row_eps))
    torch.testing.assert_close(
        fused(logits, labels, eps=eps[:, None])[:, 2], fused(logits[:, 2], labels[:, 2], eps=eps)
    )
