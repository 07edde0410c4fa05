"""Early-learning regularisation, its targets given and remembered."""

import pytest
import torch

from lsbench.errors import InputError
from lsbench.losses import LOSSES
from lsbench.losses.elr import EarlyLearning
from tests.losses.field_reference import elr, of_rows, remembered
from tests.losses.loss_reference import batch, value_and_gradient


def targets_of(rows, classes, mass=0.8):
    generator = torch.Generator().manual_seed(1)
    return mass * torch.rand(rows, classes, generator=generator, dtype=torch.float64).softmax(-1)


def given(targets, **hyper):
    return lambda z, y: LOSSES["elr"](z, y, targets=targets, **hyper)


def test_value_and_gradient_with_targets_are_those_of_the_papers_formula():
    logits, labels = batch(rows=8, classes=4)
    targets = targets_of(8, 4)
    got = value_and_gradient(given(targets, lam=2.0), logits, labels)
    expected = of_rows(lambda z, y, i: elr(z, y, lam=2.0, targets=targets[i].tolist()), logits, labels)
    torch.testing.assert_close(got[0], expected[0], rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(got[1], expected[1], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("targets", [None, torch.zeros(5, 7)], ids=["none", "zeros"])
def test_without_a_memory_it_is_cross_entropy_in_value_and_gradient(targets):
    logits, labels = batch()
    expected = value_and_gradient(LOSSES["ce"], logits, labels)
    torch.testing.assert_close(value_and_gradient(given(targets), logits, labels), expected, rtol=1e-12, atol=1e-12)


def test_full_agreement_of_one_class_stays_finite_as_probs_are_clamped():
    logits, labels = torch.tensor([[1e4, -1e4], [1e4, -1e4]]), torch.tensor([0, 1])
    losses, gradient = value_and_gradient(given(torch.tensor([[1.0, 0.0]] * 2)), logits, labels)
    expected = torch.tensor([3 * torch.log(torch.tensor(1e-4)), 2e4 + 3 * torch.log(torch.tensor(1e-4))])
    torch.testing.assert_close(losses, expected, rtol=1e-3, atol=0)
    assert gradient.isfinite().all()


def test_no_gradient_flows_through_the_targets():
    targets = targets_of(5, 7).requires_grad_()
    logits, labels = batch()
    (gradient,) = torch.autograd.grad(given(targets)(logits.requires_grad_(), labels).sum(), targets, allow_unused=True)
    assert gradient is None


def test_derivatives_with_targets_are_those_of_finite_differences():
    logits, labels = batch(rows=2, classes=3, scale=1.0)
    function = given(targets_of(2, 3))
    assert torch.autograd.gradcheck(lambda z: function(z, labels), logits.requires_grad_())
    assert torch.autograd.gradgradcheck(lambda z: function(z, labels), logits)


def test_targets_of_another_shape_are_refused_with_both():
    with pytest.raises(InputError, match=r"\(5, 7\).*\(5, 3\)"):
        LOSSES["elr"](*batch(), targets=torch.zeros(5, 3))


def stack():
    logits, labels = batch(rows=2 * 3, classes=4)
    index = torch.tensor([[4, 0, 2], [1, 3, 4]])
    return logits.reshape(2, 3, 4), labels.reshape(2, 3), index


def test_the_memory_is_a_moving_average_of_each_examples_clamped_predictions():
    logits, labels, index = stack()
    memory, betas = EarlyLearning(cells=2, examples=5, num_classes=4), [0.7, 0.2]
    expected = torch.zeros(2, 5, 4, dtype=torch.float64)
    for scale in (1.0, 1.0, -4.0):
        losses = memory(logits * scale, labels, index, lam=2.0, beta=torch.tensor(betas)[:, None])
        for cell in range(2):
            for i, example in enumerate(index[cell].tolist()):
                z = (logits * scale)[cell, i].tolist()
                new = remembered(z, expected[cell, example].tolist(), betas[cell])
                expected[cell, example] = torch.tensor(new, dtype=torch.float64)
                loss = elr(z, int(labels[cell, i]), lam=2.0, targets=new)
                assert losses[cell, i].item() == pytest.approx(loss, rel=1e-5)
    torch.testing.assert_close(memory.targets.double(), expected, rtol=1e-6, atol=1e-7)
    assert (memory.targets[0, [1, 3]] == 0).all()  # never seen


def test_cells_do_not_see_each_others_memory():
    logits, labels, index = stack()
    together, alone = EarlyLearning(2, 5, 4), [EarlyLearning(1, 5, 4) for _ in range(2)]
    for _ in range(3):
        losses = together(logits, labels, index)
        single = [alone[c](logits[c : c + 1], labels[c : c + 1], index[c : c + 1]) for c in range(2)]
        torch.testing.assert_close(losses, torch.cat(single))
    torch.testing.assert_close(together.targets, torch.cat([memory.targets for memory in alone]))


def test_the_gradient_is_that_of_the_pure_loss_with_the_new_targets():
    logits, labels, index = stack()
    memory = EarlyLearning(2, 5, 4)
    memory.targets.uniform_(0, 0.2)
    got = value_and_gradient(lambda z: memory(z, labels, index), logits)
    new = memory.targets.gather(1, index[..., None].expand(-1, -1, 4))
    expected = value_and_gradient(given(new), logits, labels)
    torch.testing.assert_close(got, expected, rtol=1e-6, atol=1e-6)


def test_a_memory_that_was_saved_goes_on_where_it_was():
    logits, labels, index = stack()
    first, second = EarlyLearning(2, 5, 4), EarlyLearning(2, 5, 4)
    first(logits, labels, index)
    second.load_state_dict(first.state_dict())
    assert torch.equal(first(logits, labels, index), second(logits, labels, index))
    assert torch.equal(first.targets, second.targets)
    assert not torch.equal(second.targets, EarlyLearning(2, 5, 4).targets)


@pytest.mark.parametrize("half", [torch.float16, torch.bfloat16], ids=str)
def test_half_precision_is_remembered_in_float32(half):
    logits, labels, index = stack()
    memory = EarlyLearning(2, 5, 4)
    losses, gradient = value_and_gradient(lambda z: memory(z, labels, index), logits.to(half))
    assert (losses.dtype, gradient.dtype, memory.targets.dtype) == (torch.float32, half, torch.float32)


def test_example_numbers_of_another_shape_are_refused_with_both():
    logits, labels, index = stack()
    with pytest.raises(InputError, match=r"\(2, 3\).*\(2, 2\)"):
        EarlyLearning(2, 5, 4)(logits, labels, index[:, :2])
