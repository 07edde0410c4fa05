"""Cells of several networks, against loops written out by hand; what they share, count and refuse."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lsbench.data.dataset import load
from lsbench.models import zoo
from lsbench.noise import estimate_matrix, prune, relabel
from lsbench.planning import plan
from lsbench.planning.stacks import count_networks, make_stacks, network_epochs, whole_epochs
from lsbench.rows import store
from lsbench.seeding import global_stream, stream
from lsbench.spec import Grid, Place
from lsbench.training import cross_fit, stack
from lsbench.training.batches import Batch, Examples
from lsbench.training.stack import corrupt, gather, run_stack
from tests import quick

pytestmark = pytest.mark.usefixtures("nothing_afterwards")

RECIPE = {"epochs": 3, "lr": 0.1, "momentum": 0.0, "batch_size": 50, "schedule": "constant"}
GRID = Grid(datasets=("blobs",), models=("linear",), seeds=(0,), noise_rates=(0.4,), train_size=301, recipe=RECIPE)


@pytest.fixture(autouse=True)
def _nothing_is_kept(monkeypatch):
    monkeypatch.setattr(cross_fit, "_recent", {})


def cells_of(*losses, **changes):
    (cells,) = make_stacks(plan.expand(replace(GRID, losses=losses, **changes)))
    return cells


def trained_by_hand(cell, data, labels, indices, matrix=None, kept=None):
    """A softmax regression by plain gradient descent, as the cell's recipe has it; kept (n,): weights of 1 and 0."""
    with global_stream(cell.seed, "init"):
        model = zoo.linear(data.shape, data.num_classes)
    order, weights = stream(cell.seed, "order"), torch.ones(len(labels)) if kept is None else kept.float()
    for _ in range(3):
        for index in indices[torch.randperm(len(indices), generator=order)].split(50):
            log_p = model(data.images[index]).log_softmax(-1)
            log_p = log_p if matrix is None else (log_p.exp() @ matrix.float()).log()
            losses = F.nll_loss(log_p, labels[index], reduction="none") * weights[index]
            model.zero_grad()
            (losses.sum() / weights[index].sum().clamp_min(1)).backward()
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter -= 0.1 * parameter.grad
    return model


def out_of_fold_by_hand(cell, data, labels, indices, folds=2):
    """Probabilities (m, K) of each training example by the network of the other folds."""
    probs = torch.empty(len(indices), 10, dtype=torch.double)
    parts = np.array_split(torch.randperm(len(indices), generator=stream(cell.seed, "cross-fit")).numpy(), folds)
    for part in parts:
        others = torch.tensor(sorted(set(range(len(indices))) - set(part.tolist())))
        model = trained_by_hand(cell, data, labels, indices[others])
        with torch.no_grad():
            probs[part] = model(data.images[indices[part]]).double().softmax(-1)
    return probs


@pytest.mark.parametrize("folds", [2, 3])
def test_a_cell_of_several_networks_is_what_a_loop_by_hand_gives(folds):
    cells = cells_of(*(f"{loss}:folds={folds}" for loss in ("forward", "prune:by=class", "relabel")))
    rows, data = run_stack(cells, Place()), load("blobs")
    labels, _ = corrupt(data, cells[0])
    (indices,) = gather(data, [labels], [data.test_labels], cells[:1], "cpu").train
    probs, given = out_of_fold_by_hand(cells[0], data, labels, indices, folds), labels[indices]
    everything, changed = torch.zeros(len(labels), dtype=torch.bool), labels.clone()
    everything[indices] = prune(probs, given, by="class").kept
    changed[indices] = relabel(probs, given).labels
    expected = [
        trained_by_hand(cells[0], data, labels, indices, matrix=estimate_matrix(probs, given)),
        trained_by_hand(cells[0], data, labels, indices, kept=everything),
        trained_by_hand(cells[0], data, changed, indices),
    ]
    assert [row.networks for row in rows] == [folds + 1] * 3
    for row, model in zip(rows, expected, strict=True):
        with torch.no_grad():
            loss = F.cross_entropy(model(data.test_images), data.test_labels).item()
        assert row.metrics["nll"] == pytest.approx(loss, rel=1e-4)
    np.testing.assert_allclose(rows[0].cleaning["matrix"], estimate_matrix(probs, given))
    wrong, dropped = (given != data.labels[indices]), ~everything[indices]
    assert rows[1].cleaning["dropped"] == int(dropped.sum())
    assert rows[1].cleaning["truth"]["dropped_wrong"] == int((dropped & wrong).sum())
    assert rows[2].cleaning["truth"]["changed_to_right"] == int(((changed != labels) & (changed == data.labels)).sum())
    assert rows[2].cleaning["truth"]["wrong"] == int(wrong.sum())


def test_arms_of_one_seed_share_a_cross_fit_and_the_next_stack_takes_it_over(monkeypatch):
    made = []
    monkeypatch.setattr(cross_fit, "train", lambda model, *rest: made.append(model.cells) or stack.train(model, *rest))
    losses = ("ce", "forward", "prune", "prune:by=both", "relabel", "prune:first=gce", "relabel:folds=3")
    together = run_stack(cells_of(*losses), Place())
    assert made == [2, 2, 1, 1, 1]  # two folds of ce and gce together, three folds of ce
    (alone,) = run_stack(cells_of("prune"), Place())
    assert len(made) == 7
    (again,) = run_stack(cells_of("relabel"), Place())
    assert len(made) == 7
    by_name = {row.cell.arm.name: row for row in together}
    for row in (alone, again):  # the draws are the same, the bits are a stack's
        assert row.metrics["nll"] == pytest.approx(by_name[row.cell.arm.name].metrics["nll"], rel=1e-3)
        assert row.seconds > 0


def test_what_is_kept_of_a_cross_fit_changes_no_bit(monkeypatch):
    (first,) = run_stack(cells_of("prune"), Place())
    (kept,) = run_stack(cells_of("prune"), Place())
    monkeypatch.setattr(cross_fit, "_recent", {})
    (anew,) = run_stack(cells_of("prune"), Place())
    assert first.metrics == kept.metrics == anew.metrics
    assert first.cleaning == kept.cleaning == anew.cleaning


def test_progress_and_cost_count_the_epochs_of_all_networks():
    cells, told = cells_of("ce", "prune", "relabel", "forward:folds=3"), []
    rows = run_stack(cells, Place(), told.append)
    assert (count_networks(cells), network_epochs(cells), told[-1]) == (9, 27, 27)
    assert whole_epochs(cells) == 3 * (4 + 1 + 2)
    assert told == sorted(told)
    assert rows[0].seconds < min(row.seconds for row in rows[1:])


def test_a_backward_correction_that_would_magnify_too_much_is_refused_and_costs_the_others_nothing():
    cells = cells_of("ce", "backward:matrix=known", "forward:matrix=known", noise_rates=(0.88,))
    plain, refused, kept = run_stack(cells, Place())
    assert (plain.status, kept.status) == ("ok", "ok")
    assert (refused.status, refused.metrics) == ("failed", {})
    assert "condition number" in refused.error
    assert "at most 100" in refused.error


def test_a_row_of_several_networks_is_read_back_as_it_was_written(tmp_path):
    rows = run_stack(cells_of("forward", "prune"), Place())
    for row in rows:
        store.write(row, tmp_path)
    read = {row.id: row for row in store.read(tmp_path)[0]}
    assert [(read[row.id].cleaning, read[row.id].networks) for row in rows] == [
        (row.cleaning, row.networks) for row in rows
    ]


def test_a_row_warns_where_the_first_networks_are_too_weak_to_tell_wrong_labels():
    quick.leave_out("trains for long")
    for rate, weak in ((0.1, False), (0.65, True)):
        cells = cells_of("prune", "relabel", "forward", noise_rates=(rate,), recipe={**RECIPE, "epochs": 10})
        for row in run_stack(cells, Place()):
            assert (len(row.warnings) == 1 and "too weak" in row.warnings[0]) == weak
            assert bool(row.cleaning["weak"]) == weak
            again = cross_fit.warnings_of(row.cell, row.cleaning)
            assert again == row.warnings
            assert not weak or again[0].startswith(f"{row.cell.arm.name}: ")


def test_networks_that_diverge_first_make_a_diverged_cell_and_cost_the_others_nothing():
    plain, lost = run_stack(cells_of("ce", "prune:first=poly1:first.poly=1e300"), Place())
    assert (plain.status, lost.status) == ("ok", "diverged")
    assert "trained first" in lost.error


def test_the_mean_of_a_batch_is_over_those_that_are_kept_and_0_without_any():
    kept = torch.tensor([[True, False, True], [False, False, False]])
    losses = torch.tensor([[1.0, torch.inf, 4.0], [5.0, 6.0, torch.nan]], requires_grad=True)
    batch = Batch(torch.empty(2, 3), torch.empty(2, 3), torch.empty(2, 3), kept)
    mean = batch.mean(losses)
    mean.sum().backward()
    assert mean.tolist() == [2.5, 0.0]
    assert losses.grad.tolist() == [[0.5, 0.0, 0.5], [0.0, 0.0, 0.0]]


def test_who_is_left_out_is_nobodys_partner_and_the_kept_are_mixed_at_random():
    kept = torch.rand(1, 40, generator=torch.Generator().manual_seed(3)) < 0.3
    labels, places = torch.zeros(1, 40, dtype=torch.long), torch.arange(40)[None]
    all_kept = Examples(torch.zeros(40, 1), labels, places, [0])
    draws = replace(next(all_kept.epochs(40, 0.2)), order=places)
    partner = replace(all_kept, kept=kept).batch(draws).mixture.partner
    assert sorted(partner[kept].tolist()) == kept[0].nonzero().squeeze(-1).tolist()  # a permutation of the kept
    everybody = all_kept.batch(draws).mixture.partner
    assert torch.equal(partner[kept & kept.gather(1, everybody)], everybody[kept & kept.gather(1, everybody)])


def test_each_stage_starts_anew_with_mixup_averages_and_a_loss_that_remembers():
    mixed = {**RECIPE, "mixup": 0.2, "ema": 0.9}
    (row,) = run_stack(cells_of("prune", recipe=mixed), Place())
    (elr,) = run_stack(cells_of("prune:loss=elr:first=elr"), Place())
    assert (row.status, elr.status) == ("ok", "ok")
    assert 0 < row.cleaning["dropped"] < 301


@pytest.mark.simulation
def test_with_two_fifths_wrong_labels_the_estimates_gain_most_of_what_the_known_matrix_does():
    """A softmax regression on 1,000 digits."""
    losses = ("ce", "forward:matrix=known", "forward", "prune")
    cells = cells_of(*losses, datasets=("mnist",), train_size=1000, recipe={"epochs": 10})
    ce, known, forward, pruned = (row.metrics["accuracy"] for row in run_stack(cells, Place()))
    assert known > ce + 0.1
    assert forward - ce > 0.8 * (known - ce)
    assert pruned - ce > 0.5 * (known - ce)
