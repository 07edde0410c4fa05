"""The last linear layer fused with the loss: the values of the two apart, and never a tensor of N x K."""

import pytest
import torch

from lsbench.errors import DtypeError, InputError
from lsbench.kernels import fused_linear_smoothed_cross_entropy, smoothed_cross_entropy
from lsbench.training.graphs.dispatch import EagerDispatchMode
from tests.in_turn import in_turn
from tests.kernels.kernel_cases import batch, every_reduction, random

N, H, K = 11, 4, 7


def inputs(dtype=torch.float64, bias=True):
    hidden, weight = 2 * random(N, H, seed=1) - 1, 4 * random(K, H, seed=2) - 2
    leaves = [hidden, weight, random(K, seed=3)] if bias else [hidden, weight]
    labels = batch(rows=N, classes=K)[1]
    labels[4] = -100
    return [leaf.to(dtype).requires_grad_() for leaf in leaves], labels


def apart(leaves, labels, above=None, **options):
    """Loss and gradients by way of the logits, in float64."""
    leaves = [leaf.detach().double().requires_grad_() for leaf in leaves]
    loss = smoothed_cross_entropy(torch.nn.functional.linear(*leaves), labels, **options)
    return loss, torch.autograd.grad(loss, leaves, torch.ones_like(loss) if above is None else above.double())


def fused(leaves, labels, above=None, **options):
    hidden, weight, *bias = leaves
    bias = bias[0] if bias else None
    loss = fused_linear_smoothed_cross_entropy(hidden, weight, labels, bias=bias, **options)
    return loss, torch.autograd.grad(loss, leaves, torch.ones_like(loss) if above is None else above)


@every_reduction
@in_turn("chunk", [1, 4, 11, 100, None])
@in_turn("bias", [True, False])
@in_turn("eps", [0.1, -2.0, random(N)])
def test_fused_is_what_the_two_are_apart(reduction, chunk, bias, eps):
    leaves, labels = inputs(bias=bias)
    ours = fused(leaves, labels, eps=eps, chunk=chunk, reduction=reduction)
    torch.testing.assert_close(ours, apart(leaves, labels, eps=eps, reduction=reduction))


@every_reduction
def test_the_gradients_are_those_of_finite_differences(reduction):
    leaves, labels = inputs()

    def loss(hidden, weight, bias):
        return fused_linear_smoothed_cross_entropy(hidden, weight, labels, bias=bias, chunk=4, reduction=reduction)

    assert torch.autograd.gradcheck(loss, leaves)


@every_reduction
@in_turn("dtype", [torch.float32, torch.bfloat16, torch.float16])
@in_turn("above", [1.0, 2.0**12])
def test_any_dtype_and_any_loss_scale_will_do(reduction, dtype, above):
    leaves, labels = inputs(dtype)
    above = torch.full((N,) if reduction == "none" else (), above)
    loss, gradients = fused(leaves, labels, above, chunk=4, reduction=reduction)
    exact_loss, exact = apart(leaves, labels, above, reduction=reduction)
    coarse = 1e-5 if dtype == torch.float32 else 2**-5 if dtype == torch.bfloat16 else 2**-8
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss.double(), exact_loss, rtol=coarse, atol=coarse)
    for gradient, reference in zip(gradients, exact, strict=True):
        assert gradient.dtype == dtype
        torch.testing.assert_close(
            gradient.double(), reference, rtol=coarse, atol=coarse * reference.abs().max().item()
        )


def test_under_a_loss_scale_the_small_gradients_of_float16_survive():
    hidden, weight = torch.ones(2, 1, dtype=torch.float16), batch(rows=1, classes=4000, dtype=torch.float16)[0].t()
    leaves, labels, above = [hidden.requires_grad_(), weight.requires_grad_()], torch.tensor([0, 1]), 2.0**14
    gradient = fused(leaves, labels, torch.tensor(above), eps=0.0)[1][1]
    exact = apart(leaves, labels, torch.tensor(above), eps=0.0, reduction="mean")[1][1]
    assert (exact.abs() / above).min() < 2**-25  # would be 0 in float16
    torch.testing.assert_close(gradient.double(), exact, rtol=2**-9, atol=2**-24)


def test_the_weights_gradient_is_added_up_in_float32():
    """2048 rows in chunks of one: added up in bfloat16 the sum would stop growing at 256."""
    hidden = torch.ones(2048, 1, dtype=torch.bfloat16)
    weight = torch.zeros(2, 1, dtype=torch.bfloat16, requires_grad=True)
    labels = torch.zeros(2048, dtype=torch.long)
    loss = fused_linear_smoothed_cross_entropy(hidden, weight, labels, 0.0, chunk=1, reduction="sum")
    loss.backward()
    assert weight.grad.tolist() == [[-1024], [1024]]


class Largest(EagerDispatchMode):
    """The number of elements of the largest tensor that any operation returns."""

    def __init__(self):
        super().__init__()
        self.elements = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for tensor in torch.utils._pytree.tree_leaves(out):
            if isinstance(tensor, torch.Tensor):
                self.elements = max(self.elements, tensor.untyped_storage().nbytes() // tensor.element_size())
        return out


@every_reduction
def test_no_tensor_of_all_logits_is_ever_made(reduction):
    rows, classes, width, chunk = 512, 200, 8, 32
    hidden, weight = random(rows, width).requires_grad_(), random(classes, width).requires_grad_()
    labels = batch(rows=rows, classes=classes)[1]
    with Largest() as fused_way:
        fused_linear_smoothed_cross_entropy(hidden, weight, labels, chunk=chunk, reduction=reduction).sum().backward()
    with Largest() as other_way:
        smoothed_cross_entropy(hidden @ weight.t(), labels, reduction=reduction).sum().backward()
    assert fused_way.elements <= max(chunk * classes, rows * width)
    assert other_way.elements >= rows * classes


@every_reduction
def test_what_stands_in_an_ignored_row_leaks_nowhere(reduction):
    leaves, labels = inputs(bias=False)
    clean = fused(leaves, labels, chunk=4, reduction=reduction)
    with torch.no_grad():
        leaves[0][4] = 1e30
    loss, (of_hidden, of_weight) = fused(leaves, labels, chunk=4, reduction=reduction)
    torch.testing.assert_close((loss, of_weight), (clean[0], clean[1][1]))
    assert (of_hidden[4] == 0).all()


@every_reduction
def test_no_rows_are_no_loss(reduction):
    weight = torch.zeros(3, 2, requires_grad=True)
    loss = fused_linear_smoothed_cross_entropy(
        torch.zeros(0, 2), weight, torch.zeros(0, dtype=torch.long), reduction=reduction
    )
    loss.sum().backward()
    assert loss.sum() == 0
    assert (weight.grad == 0).all()


def test_only_what_is_asked_for_gets_a_gradient():
    (hidden, weight, _), labels = inputs()
    loss = fused_linear_smoothed_cross_entropy(hidden.detach(), weight, labels)
    loss.backward()
    assert hidden.grad is None
    assert not fused_linear_smoothed_cross_entropy(hidden.detach(), weight.detach(), labels).requires_grad


def test_a_retained_graph_gives_the_same_gradients_again():
    leaves, labels = inputs()
    loss = fused_linear_smoothed_cross_entropy(leaves[0], leaves[1], labels)
    first, second = (torch.autograd.grad(loss, leaves[:2], retain_graph=True) for _ in range(2))
    torch.testing.assert_close(second, first)


def test_second_derivatives_are_refused():
    leaves, labels = inputs()
    loss = fused_linear_smoothed_cross_entropy(leaves[0], leaves[1], labels)
    with pytest.raises(InputError, match="no second derivatives: use smoothed_cross_entropy"):
        torch.autograd.grad(loss, leaves[0], create_graph=True)


def test_it_works_under_autocast():
    leaves, labels = inputs(torch.float32)
    exact = apart(leaves, labels, reduction="mean")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss, gradients = fused(leaves, labels)
    torch.testing.assert_close(loss.double(), exact[0], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close([g.double() for g in gradients], list(exact[1]), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weight": torch.zeros(K, H + 1)}, r"\(11, 4\) and \(7, 5\)"),
        ({"hidden": torch.zeros(N)}, "hidden must be"),
        ({"weight": torch.zeros(K, H).half()}, "the dtype of hidden"),
        ({"bias": torch.zeros(K + 1)}, "bias must have one entry for each of 7"),
        ({"bias": torch.zeros(K).double()}, "bias must have the dtype"),
        ({"labels": torch.zeros(N + 1, dtype=torch.long)}, r"\(11,\); got \(12,\)"),
        ({"labels": torch.full((N,), K)}, r"\[0, 6\]"),
        ({"labels": torch.zeros(N)}, "integer dtype"),
        ({"chunk": 0}, "chunk must be a whole number"),
        ({"eps": 2.0}, "at most 1"),
        ({"eps": torch.zeros(3)}, "must broadcast"),
        ({"eps": torch.zeros(N, requires_grad=True)}, "eps that is learned"),
        ({"reduction": "all"}, "none, mean, sum"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(changes, said):
    options = {"hidden": torch.zeros(N, H), "weight": torch.zeros(K, H), "labels": torch.zeros(N, dtype=torch.long)}
    with pytest.raises((InputError, DtypeError), match=said):
        fused_linear_smoothed_cross_entropy(**options | changes)
