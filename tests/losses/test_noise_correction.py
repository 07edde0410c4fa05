"""Forward and backward correction by a known noise matrix."""

import pytest
import torch

from lsbench.errors import DtypeError, InputError
from lsbench.losses import LOSSES
from lsbench.losses.noise_correction import inverted
from tests.in_turn import in_turn
from tests.losses.field_reference import backward, forward, of_rows
from tests.losses.loss_reference import batch, value_and_gradient

both = pytest.mark.parametrize("name", ["forward", "backward"])


def noise(classes=4, leading=(), seed=0):
    """Random matrices (..., K, K) with a strong diagonal."""
    generator = torch.Generator().manual_seed(seed)
    wrong = torch.rand(*leading, classes, classes, generator=generator, dtype=torch.float64)
    return 0.6 * torch.eye(classes, dtype=torch.float64) + 0.4 * wrong / wrong.sum(-1, keepdim=True)


def corrected(name, matrix):
    return lambda z, y: LOSSES[name](z, y, matrix=matrix)


def test_forward_is_the_loss_of_the_probs_after_the_noise():
    logits, labels = batch(rows=6, classes=4)
    matrix = noise()
    got = value_and_gradient(corrected("forward", matrix), logits, labels)
    expected = of_rows(lambda z, y, _: forward(z, y, matrix.tolist()), logits, labels)
    torch.testing.assert_close(got[0], expected[0], rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(got[1], expected[1], rtol=1e-6, atol=1e-8)


def test_backward_is_the_inverse_times_the_losses_of_all_labels():
    logits, labels = batch(rows=6, classes=4)
    matrix = noise()
    inverse = torch.linalg.solve(matrix, torch.eye(4, dtype=torch.float64)).tolist()
    got = value_and_gradient(corrected("backward", matrix), logits, labels)
    expected = of_rows(lambda z, y, _: backward(z, y, inverse), logits, labels)
    torch.testing.assert_close(got[0], expected[0], rtol=1e-11, atol=1e-11)
    torch.testing.assert_close(got[1], expected[1], rtol=1e-6, atol=1e-8)


@both
@pytest.mark.parametrize("matrix", [None, torch.eye(4)], ids=["none", "identity"])
def test_without_noise_it_is_cross_entropy_in_value_and_gradient(name, matrix):
    logits, labels = batch(rows=6, classes=4)
    expected = value_and_gradient(LOSSES["ce"], logits, labels)
    torch.testing.assert_close(value_and_gradient(corrected(name, matrix), logits, labels), expected)


@both
@in_turn("leading", [(3,), (3, 1), (1, 1), (3, 5), (1, 5)])
def test_each_cell_or_example_may_have_its_own_matrix(name, leading):
    logits, labels = batch(rows=15, classes=4)
    logits, labels = logits.reshape(3, 5, 4), labels.reshape(3, 5)
    matrix = noise(leading=leading)
    of_each = (matrix[:, None] if len(leading) == 1 else matrix).expand(3, 5, 4, 4)
    together = LOSSES[name](logits, labels, matrix=matrix)
    for cell in range(3):
        for i in range(5):
            alone = LOSSES[name](logits[cell, i], labels[cell, i], matrix=of_each[cell, i])
            torch.testing.assert_close(together[cell, i], alone)


@both
def test_vmap_over_cells_with_their_own_matrices_equals_a_stack(name):
    logits, labels = batch(rows=15, classes=4)
    logits, labels, matrix = logits.reshape(3, 5, 4), labels.reshape(3, 5), noise(leading=(3,))
    stacked = torch.func.vmap(lambda z, y, t: LOSSES[name](z, y, matrix=t))(logits, labels, matrix)
    torch.testing.assert_close(stacked, LOSSES[name](logits, labels, matrix=matrix))


@both
def test_torch_compile_takes_it_with_a_matrix_as_one_graph(name):
    logits, labels = batch(classes=4)
    torch._dynamo.reset()
    compiled = torch.compile(corrected(name, noise()), backend="aot_eager", fullgraph=True)
    expected = value_and_gradient(corrected(name, noise()), logits, labels)
    torch.testing.assert_close(value_and_gradient(compiled, logits, labels), expected)


@both
def test_derivatives_with_a_matrix_are_those_of_finite_differences(name):
    logits, labels = batch(rows=3, classes=4)
    function = lambda z: LOSSES[name](z, labels, matrix=noise())  # noqa: E731  as gradcheck takes it
    assert torch.autograd.gradcheck(function, logits.requires_grad_())
    assert torch.autograd.gradgradcheck(function, logits)


@both
@pytest.mark.parametrize("half", [torch.float16, torch.bfloat16], ids=str)
def test_the_dtype_of_the_matrix_does_not_decide_that_of_the_losses(name, half):
    logits, labels = batch(classes=2, dtype=half)
    matrix = torch.tensor([[0.75, 0.25], [0.125, 0.875]])
    losses, gradient = value_and_gradient(corrected(name, matrix.to(half)), logits, labels)
    assert (losses.dtype, gradient.dtype) == (torch.float32, half)
    torch.testing.assert_close(losses, corrected(name, matrix.double())(logits, labels))


@both
def test_huge_logits_give_finite_losses_and_gradients(name):
    logits = torch.tensor([[1e4, -1e4, 0, 1], [-1e4, 1e4, 1e4, 0], [1e4] * 4])
    losses, gradient = value_and_gradient(corrected(name, noise()), logits, torch.tensor([1, 0, 2]))
    assert losses.isfinite().all()
    assert gradient.isfinite().all()


def test_forward_with_confusions_that_never_happen_stays_finite():
    matrix = torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])
    logits = torch.tensor([[-1e4, 1e4, 0.0], [0.0, 0.0, 0.0]])
    losses, gradient = value_and_gradient(corrected("forward", matrix), logits, torch.tensor([0, 1]))
    torch.testing.assert_close(losses, -torch.tensor([0.5, 0.5 / 3]).log())
    assert gradient.isfinite().all()


def test_forward_takes_a_label_of_an_impossible_class_where_noise_explains_it():
    logits = torch.tensor([[-torch.inf, 0.0]])
    matrix = torch.tensor([[0.9, 0.1], [0.2, 0.8]])
    losses, gradient = value_and_gradient(corrected("forward", matrix), logits, torch.tensor([0]))
    assert losses.item() == pytest.approx(-torch.tensor(0.2).log().item())
    assert (gradient == 0).all()


def test_backward_takes_the_inverse_in_place_of_the_matrix():
    logits, labels = batch(rows=6, classes=4)
    matrix = noise()
    given = LOSSES["backward"](logits, labels, inverse=inverted(matrix))
    assert torch.equal(given, LOSSES["backward"](logits, labels, matrix=matrix))
    with pytest.raises(InputError, match=r"inverse must be \(4, 4\)"):
        LOSSES["backward"](logits, labels, inverse=torch.eye(3))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_backward_refuses_a_singular_matrix_and_forward_takes_it(dtype):
    logits, labels = batch(classes=10, dtype=dtype)
    all_noise = torch.full((10, 10), 0.1, dtype=dtype)
    with pytest.raises(InputError, match=r"singular.*forward"):
        LOSSES["backward"](logits, labels, matrix=all_noise)
    losses = LOSSES["forward"](logits, labels, matrix=all_noise)
    torch.testing.assert_close(losses, torch.full_like(losses, 10.0).log())


@both
@pytest.mark.parametrize("matrix", [torch.full((4, 4), 0.5), 2 * torch.eye(4) - 0.25, torch.full((4, 4), torch.nan)])
def test_what_is_no_noise_matrix_is_refused(name, matrix):
    with pytest.raises(InputError, match=r"P\(given \| true\)"):
        LOSSES[name](*batch(classes=4), matrix=matrix)


@both
@pytest.mark.parametrize("shape", [(3, 3), (4,), (2, 4, 4), (5, 1, 4, 4)])
def test_a_matrix_of_another_shape_is_refused_with_both(name, shape):
    with pytest.raises(InputError, match=r"\(4, 4\).*\(5,\).*got \(" + ", ".join(map(str, shape))):
        LOSSES[name](*batch(classes=4), matrix=torch.ones(shape) / 4)


@both
def test_a_matrix_of_whole_numbers_or_lists_is_refused(name):
    with pytest.raises(DtypeError, match=r"matrix.*int64"):
        LOSSES[name](*batch(classes=4), matrix=torch.eye(4, dtype=torch.long))
    with pytest.raises(DtypeError, match=r"matrix.*list"):
        LOSSES[name](*batch(classes=4), matrix=[[1.0]])
