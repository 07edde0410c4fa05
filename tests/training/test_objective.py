import pytest
import torch

from lsbench.errors import InputError
from lsbench.losses import LOSSES
from lsbench.names import catalogue
from lsbench.spec import Cell
from lsbench.training.objective import Objective

K, N = 4, 6


def cell(loss, seed=0, **hyper):
    return Cell(dataset="blobs", fingerprint="f", model="linear", loss=loss, hyper=tuple(hyper.items()), seed=seed)


def batch(cells):
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(cells, N, K, generator=generator)
    return logits, torch.randint(K, (cells, N), generator=generator), torch.arange(N).repeat(cells, 1)


def identities(cells):
    return torch.eye(K).repeat(cells, 1, 1)


def test_each_cell_has_its_own_loss_and_hyperparameters():
    cells = [cell("ce"), cell("lsr", eps=0.1), cell("lsr", eps=0.3), cell("gce", q=0.7)]
    logits, labels, index = batch(4)
    losses = Objective(cells, identities(4), N)(logits, labels, index)
    for i, arm in enumerate(cells):
        torch.testing.assert_close(losses[i], LOSSES[arm.loss](logits[i], labels[i], **dict(arm.hyper)))


@pytest.mark.parametrize("others", [[], ["fused", "keras-bce"]])
def test_losses_that_share_log_probs_give_each_cell_the_loss_and_the_gradient_that_it_has_alone(others):
    sharing = [name for name, entry in catalogue.LOSSES.items() if entry.of_log_probs]
    cells = [cell(name, seed) for seed in range(2) for name in [*others, *sharing]]
    logits, labels, index = batch(len(cells))
    logits = logits.mT.contiguous().mT.requires_grad_()  # the classes apart in memory, as stacks have them
    objective = Objective(cells, identities(len(cells)), N)
    losses = objective(logits, labels, index)
    (gradient,) = torch.autograd.grad(losses.sum(), logits)
    for i in range(len(cells)):
        alone = Objective(cells[i : i + 1], identities(1), N)(logits[i : i + 1], labels[i : i + 1], index[i : i + 1])
        assert torch.equal(losses[i], alone[0])
        torch.testing.assert_close(gradient[i], torch.autograd.grad(alone.sum(), logits)[0][i])


def test_cells_with_and_without_a_later_hyperparameter_share_a_group():
    cells = [cell("focal", gamma=2.0), cell("focal", gamma=2.0, detach=1.0)]
    logits, labels, index = batch(2)
    logits = logits.requires_grad_()
    objective = Objective(cells, identities(2), N)
    assert len(objective.groups) == 1
    (gradient,) = torch.autograd.grad(objective(logits, labels, index).sum(), logits)
    for i, share in enumerate((0.0, 1.0)):
        own = LOSSES["focal"](logits[i], labels[i], detach=share).sum()
        torch.testing.assert_close(gradient[i], torch.autograd.grad(own, logits)[0][i])


def test_a_loss_that_takes_the_noise_matrix_gets_each_cells_own():
    matrices = torch.stack([torch.eye(K), torch.full((K, K), 0.1) + 0.6 * torch.eye(K)])
    logits, labels, index = batch(2)
    losses = Objective([cell("forward"), cell("forward", 1)], matrices, N)(logits, labels, index)
    for i in range(2):
        torch.testing.assert_close(losses[i], LOSSES["forward"](logits[i], labels[i], matrix=matrices[i]))


def test_what_a_loss_remembers_is_saved_and_restored_with_the_objective():
    cells = [cell("ce"), cell("elr", lam=3.0, beta=0.7), cell("elr", 1, lam=3.0, beta=0.7)]
    logits, labels, index = batch(3)
    one, other = Objective(cells, identities(3), N), Objective(cells, identities(3), N)
    for _ in range(3):
        one(logits, labels, index)
    assert len(one.state_dict()) == 1
    other.load_state_dict(one.state_dict())
    assert torch.equal(one(logits, labels, index), other(logits, labels, index))
    fresh = Objective(cells, identities(3), N)(logits, labels, index)
    assert torch.equal(fresh[0], one(logits, labels, index)[0])
    assert not torch.equal(fresh[1], one(logits, labels, index)[1])


def test_a_loss_that_takes_the_mean_itself_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "averaging.py").write_text("def loss(logits, labels):\n    return logits.mean()\n")
    objective = Objective([cell("./averaging.py:loss")], identities(1), N)
    with pytest.raises(InputError, match=r"one number per example: .* gave losses \(\) instead of"):
        objective(*batch(1))


def test_cells_with_one_loss_are_one_call_wherever_they_are_in_the_stack():
    cells = [cell("ce"), cell("elr", lam=3.0, beta=0.7), cell("lsr", eps=0.1)]
    cells += [cell("ce", 1), cell("elr", 1, lam=3.0, beta=0.7), cell("lsr", 1, eps=0.3)]
    logits, labels, index = batch(6)
    objective = Objective(cells, identities(6), N)
    assert [group.cells for group in objective.groups] == [2, 2, 2]
    for _ in range(2):  # what elr remembers is of the right cell
        together = objective(logits, labels, index)
    for i, arm in enumerate(cells):
        alone = Objective([arm], identities(1), N)
        for _ in range(2):
            (losses,) = alone(logits[i : i + 1], labels[i : i + 1], index[i : i + 1])
        torch.testing.assert_close(together[i], losses)


def test_cells_are_brought_together_and_back_with_their_gradients():
    cells = [cell("ce"), cell("lsr", eps=0.1), cell("ce"), cell("mae")]
    logits, labels, index = batch(4)
    for layout in (logits, logits.mT.contiguous().mT):
        mixed, alone = layout.clone().requires_grad_(), layout.clone().requires_grad_()
        losses = Objective(cells, identities(4), N)(mixed, labels, index)
        expected = [
            Objective([own], identities(1), N)(alone[i : i + 1], labels[i : i + 1], index[i : i + 1])
            for i, own in enumerate(cells)
        ]
        torch.testing.assert_close(losses, torch.cat(expected))
        weights = torch.arange(4.0 * N).view(4, N)
        for values in (losses, torch.cat(expected)):
            (values * weights).sum().backward()
        torch.testing.assert_close(mixed.grad, alone.grad)
