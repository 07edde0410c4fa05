"""Class weights, the balanced sampler and priors: against torch, scikit-learn, the paper and loops by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lsbench.data.dataset import load
from lsbench.errors import InputError
from lsbench.models import zoo
from lsbench.names.catalogue import LOSSES
from lsbench.noise import prune
from lsbench.planning import plan
from lsbench.planning.sources import is_unchanged
from lsbench.planning.stacks import make_stacks
from lsbench.seeding import global_stream, stream
from lsbench.spec import Arm, Grid, Place, Recipe
from lsbench.training import cross_fit
from lsbench.training.batches import Batch, Examples, Mixture
from lsbench.training.class_balance import ClassBalance, balanced
from lsbench.training.soft_targets import SoftLabels, with_soft_targets
from lsbench.training.stack import corrupt, gather, run_stack
from tests.in_turn import in_turn

compute_class_weight = pytest.importorskip("sklearn.utils.class_weight").compute_class_weight
pytestmark = pytest.mark.usefixtures("nothing_afterwards")
RECIPE = {"epochs": 3, "lr": 0.1, "momentum": 0.0, "batch_size": 32, "schedule": "constant"}
COUNTS = (160, 40, 12)


@pytest.fixture(autouse=True)
def _nothing_is_kept(monkeypatch):
    monkeypatch.setattr(cross_fit, "_recent", {})


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A folder with vectors of three classes, of few and of equally many examples, and two files of weights."""
    folder = tmp_path_factory.mktemp("skewed")
    for name, counts in {"skewed": COUNTS, "even": (40, 40), "lonely": (60, 30, 1)}.items():
        draws, classes = np.random.default_rng(0), np.arange(len(counts))
        labels = {"train": np.repeat(classes, counts), "test": np.repeat(classes, 20)}
        arrays = {f"x_{part}": draws.normal(of[:, None] == np.arange(6), 0.7) for part, of in labels.items()}
        np.savez(folder / f"{name}.npz", **arrays, **{f"y_{part}": of for part, of in labels.items()})
    (folder / "weights.csv").write_text("class,weight\n2,5\n0,1\n1,0.5\n")
    (folder / "equal.txt").write_text("3\n3\n3\n")
    return folder


@pytest.fixture(autouse=True)
def _there(here, monkeypatch):
    monkeypatch.chdir(here)


def rows_of(*losses, data="skewed", recipe=None, noise=0.2, seeds=(0,), **changes):
    grid = Grid(
        datasets=(f"./{data}.npz",),
        models=("linear",),
        losses=losses,
        noise_rates=(noise,),
        seeds=tuple(seeds),
        recipe={**RECIPE, **(recipe or {})},
        **changes,
    )
    return [row for cells in make_stacks(plan.expand(grid)) for row in run_stack(cells, Place())]


def by_sklearn(labels, num_classes=3):
    """scikit-learn's weights, of the classes that occur."""
    occurring = np.unique(labels.numpy())
    weights = torch.zeros(num_classes)
    found = compute_class_weight("balanced", classes=occurring, y=labels.numpy())
    weights[torch.from_numpy(occurring)] = torch.from_numpy(found).float()
    return weights


def by_hand(cell, data, labels, indices, *, weight=None, shift=0.0, drawn=False):
    """A softmax regression by plain torch on the examples of these indices, as the cell's recipe has it.

    labels -100: torch leaves them out. weight, shift (K,): torch's class weights, and what is added to the logits in
    training; drawn: numpy draws the examples, each with the chance 1 / n_c.
    """
    with global_stream(cell.seed, "init"):
        model = zoo.linear(data.shape, data.num_classes)
    order = stream(cell.seed, "order")
    for _ in range(cell.recipe.epochs):
        places = _drawn(labels[indices], order) if drawn else torch.randperm(len(indices), generator=order)
        for index in indices[places].split(cell.recipe.batch_size):
            model.zero_grad()
            F.cross_entropy(model(data.images[index]) + shift, labels[index], weight).backward()
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter -= cell.recipe.lr * parameter.grad
    return model


def _drawn(labels, generator):
    chances = 1 / labels.bincount()[labels].numpy()
    uniform = torch.rand(len(labels), generator=generator, dtype=torch.float64).numpy()
    return torch.from_numpy(np.searchsorted(np.cumsum(chances) / chances.sum(), uniform, side="right"))


def trained_on(row):
    """Data, given labels, and the indices of the training part."""
    data = load(row.cell.dataset)
    labels, _ = corrupt(data, row.cell)
    (indices,) = gather(data, [labels], [data.test_labels], [row.cell], "cpu").train
    return data, labels, indices


def require_as_by_hand(row, model, data):
    with torch.no_grad():
        loss = F.cross_entropy(model(data.test_images), data.test_labels).item()
    assert row.metrics["nll"] == pytest.approx(loss, rel=1e-4)


def test_balanced_weights_are_scikit_learns_of_the_given_labels_and_the_loss_is_torchs():
    (row,) = rows_of("ce", recipe={"class_weights": "balanced"})
    data, labels, indices = trained_on(row)
    assert not torch.equal(labels, data.labels)  # some are wrong, and are counted as they are
    require_as_by_hand(row, by_hand(row.cell, data, labels, indices, weight=by_sklearn(labels[indices])), data)


def test_weights_of_a_file_are_those_of_its_classes_in_any_order():
    (row,) = rows_of("ce", recipe={"class_weights": "weights.csv"})
    weight = torch.tensor([1.0, 0.5, 5.0])
    require_as_by_hand(row, by_hand(row.cell, *trained_on(row), weight=weight), load(row.cell.dataset))


def test_the_balanced_sampler_draws_each_class_as_often_with_replacement():
    (row,) = rows_of("ce", recipe={"sampler": "balanced"})
    require_as_by_hand(row, by_hand(row.cell, *trained_on(row), drawn=True), load(row.cell.dataset))


def test_logit_adjustment_adds_the_log_of_the_given_labels_shares_in_training_only():
    row, plain = rows_of("logit-adjust:tau=1.5", "logit-adjust:tau=0")
    data, labels, indices = trained_on(row)
    shift = 1.5 * (labels[indices].bincount(minlength=3) / len(indices)).log()
    require_as_by_hand(row, by_hand(row.cell, data, labels, indices, shift=shift), data)
    require_as_by_hand(plain, by_hand(row.cell, data, labels, indices), data)


def test_what_prune_leaves_out_is_not_counted_and_each_network_counts_its_own_examples():
    (row,) = rows_of("prune:by=class:loss=logit-adjust", recipe={"class_weights": "balanced"})
    data, labels, indices = trained_on(row)
    probs = torch.empty(len(indices), 3, dtype=torch.double)
    parts = np.array_split(torch.randperm(len(indices), generator=stream(0, "cross-fit")).numpy(), 2)
    for own, others in zip(parts, parts[::-1], strict=True):
        fold = indices[torch.tensor(sorted(others.tolist()))]
        model = by_hand(row.cell, data, labels, fold, weight=by_sklearn(labels[fold]))
        with torch.no_grad():
            probs[own] = model(data.images[indices[own]]).double().softmax(-1)
    kept = prune(probs, labels[indices], by="class").kept
    assert row.cleaning["dropped"] == int((~kept).sum()) > 0
    counted = labels[indices[kept]]
    weight, prior = by_sklearn(counted), counted.bincount(minlength=3) / len(counted)
    is_kept = torch.zeros(len(labels), dtype=torch.bool).index_fill(0, indices[kept], value=True)
    ignored = torch.where(is_kept, labels, -100)  # torch leaves them out of sum and mean
    require_as_by_hand(row, by_hand(row.cell, data, ignored, indices, weight=weight, shift=prior.log()), data)


def a_batch(seed=0, n=12, classes=3):
    draws = torch.Generator().manual_seed(seed)
    labels = torch.multinomial(torch.tensor([0.7, 0.2, 0.1]), n, replacement=True, generator=draws)[None]
    examples = Examples(torch.randn(n, classes, generator=draws), labels, torch.arange(n)[None], [0])
    return examples, torch.randn(1, n, classes, generator=draws)


def objective_and_batch(examples, recipe, **more):
    examples, objective = balanced(examples, [Arm("ce")], torch.eye(3)[None], recipe, **more)
    index = torch.arange(examples.labels.shape[1])[None]
    return objective, Batch(index, examples.labels, index, weights=examples.weights)


def test_a_mixed_batch_is_the_mixture_of_torchs_weighted_means():
    examples, logits = a_batch()
    objective, batch = objective_and_batch(examples, Recipe(class_weights="balanced"))
    mixture = Mixture(torch.tensor([[0.3]]), torch.randperm(12, generator=torch.Generator().manual_seed(1))[None])
    got = batch.mean(mixture.losses(lambda labels: objective(logits, labels, batch.index), batch.labels))
    labels = batch.labels[0]
    own, partner = (F.cross_entropy(logits[0], of, by_sklearn(labels)) for of in (labels, labels[mixture.partner[0]]))
    torch.testing.assert_close(got[0], 0.3 * own + 0.7 * partner)


def test_several_peoples_labels_are_counted_and_weighted_by_their_shares():
    examples, logits = a_batch()
    labels = torch.stack([examples.labels, (examples.labels + 1) % 3], -1)
    soft = SoftLabels(labels, torch.tensor([0.75, 0.25]).expand(1, 12, 2))
    objective, batch = objective_and_batch(examples, Recipe(class_weights="balanced"), soft=soft)
    got = batch.mean(with_soft_targets(objective, soft)(logits, batch.labels, batch.index))
    targets = 0.75 * F.one_hot(labels[0, :, 0], 3) + 0.25 * F.one_hot(labels[0, :, 1], 3)
    weights = 12 / (3 * targets.sum(0))
    each = -(weights * targets * logits[0].log_softmax(-1)).sum(-1)
    torch.testing.assert_close(got[0], each.sum() / (weights * targets).sum())


def test_one_persons_labels_as_shares_are_plain_labels():
    examples, logits = a_batch()
    soft = SoftLabels(examples.labels.unsqueeze(-1), torch.ones(1, 12, 1))
    for recipe in (Recipe(class_weights="balanced"), Recipe(sampler="balanced")):
        plain, people = (objective_and_batch(examples, recipe, **more) for more in ({}, {"soft": soft}))
        means = [batch.mean(f(logits, batch.labels, batch.index)) for f, batch in (plain, people)]
        assert torch.equal(*means)


@in_turn("recipe", [{"class_weights": "balanced"}, {"class_weights": "equal.txt"}])
def test_equal_weights_are_no_weights_bit_for_bit(recipe):
    data = "even" if recipe["class_weights"] == "balanced" else "skewed"
    plain, weighted = (rows_of("ce", "gce", data=data, recipe=own, noise=0.0, val=0.0) for own in ({}, recipe))
    for one, other in zip(plain, weighted, strict=True):
        assert one.id != other.id
        assert one.metrics == other.metrics
        assert one.curves == other.curves


def test_logit_adjustment_of_equally_many_examples_is_cross_entropy_bit_for_bit():
    (adjusted,), (plain,) = (rows_of(loss, data="even", noise=0.0, val=0.0) for loss in ("logit-adjust", "ce"))
    assert adjusted.metrics == plain.metrics


def test_a_class_without_training_examples_has_no_weight_is_never_drawn_and_breaks_nothing():
    labels = torch.tensor([[0, 0, 0, 1]])
    balance = ClassBalance.of(Examples(torch.zeros(4, 1), labels, torch.arange(4)[None], [0]), 3)
    torch.testing.assert_close(balance.weights()[0].float(), by_sklearn(labels[0]))
    losses = ("ce", "logit-adjust", "prune", "relabel")
    every = rows_of("ce", data="lonely", noise=0.0, recipe={"epochs": 1}, seeds=range(5))
    (seed,) = [row.cell.seed for row in every if row.data["train"][2] == 0]  # it holds out the only one
    for recipe in ({"class_weights": "balanced"}, {"sampler": "balanced"}, {"class_weights": "weights.csv"}):
        rows = rows_of(*losses, data="lonely", noise=0.0, recipe=recipe, seeds=(seed,))
        assert [(row.status, row.data["train"][2]) for row in rows] == [("ok", 0)] * len(losses)


@in_turn("recipe", [{"class_weights": "balanced", "mixup": 0.4}, {"sampler": "balanced"}])
def test_every_loss_goes_with_it(recipe):
    losses = [name for name in LOSSES if not (LOSSES[name].memory and "mixup" in recipe)]
    rows = rows_of(*losses, recipe={**recipe, "epochs": 1}, dedupe=False, train_size=80)
    assert [row.cell.loss for row in rows] == losses
    assert {row.status for row in rows} == {"ok"}


def test_cells_of_one_seed_and_two_noise_rates_draw_each_from_its_own_labels():
    both = (
        rows_of("ce", recipe={"sampler": "balanced"}, noise=0.2),
        rows_of("ce", recipe={"sampler": "balanced"}, noise=0.4),
    )
    grid = Grid(datasets=("./skewed.npz",), models=("linear",), losses=("ce",), noise_rates=(0.2, 0.4), seeds=(0,))
    (cells,) = make_stacks(plan.expand(replace(grid, recipe={**RECIPE, "sampler": "balanced"})))
    for row, (alone,) in zip(run_stack(cells, Place()), both, strict=True):
        assert row.metrics["nll"] == pytest.approx(alone.metrics["nll"], rel=1e-4)


def test_a_file_of_weights_is_in_the_id_by_what_it_says(tmp_path):
    def cell(text, name="w.csv"):
        (tmp_path / name).write_text(text)
        recipe = {**RECIPE, "class_weights": str(tmp_path / "w.csv")}
        (one,) = plan.expand(
            Grid(datasets=("./skewed.npz",), models=("linear",), losses=("ce",), seeds=(0,), recipe=recipe)
        )
        return one

    first = cell("0,1\n1,2\n2,3\n")
    assert first.id == cell("1\n2\n3\n").id
    assert is_unchanged(first, None)
    assert first.id != cell("0,1\n1,2\n2,4\n").id
    assert not is_unchanged(first, None)
    with pytest.raises(InputError, match="your own code has changed"):
        run_stack((first,), Place())
