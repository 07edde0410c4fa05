"""A stack from cells to rows, on a toy data set, against what can be worked out by hand."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from lsbench.data.dataset import load, split
from lsbench.metrics import accuracy, expected_calibration_error, nll
from lsbench.models import zoo
from lsbench.names.catalogue import LOSSES, METRICS, NOISES
from lsbench.names.reference import parse
from lsbench.planning import plan
from lsbench.planning.stacks import make_stacks
from lsbench.rows import store
from lsbench.rows.examples import read_examples
from lsbench.rows.predictions import read_predictions
from lsbench.seeding import global_stream
from lsbench.spec import Grid, Place
from lsbench.training import measure, predict
from lsbench.training.measure import memorisation, read
from lsbench.training.predict import to_log_probs
from lsbench.training.stack import corrupt, run_stack
from tests import quick

EVERY = (*LOSSES, *(f"{name}:matrix=known" for name, entry in LOSSES.items() if "matrix" in entry.given))
SMALL = {"datasets": ("blobs",), "models": ("linear",), "train_size": 500, "recipe": (("epochs", 3),)}


def a_stack(**changes):
    (stack,) = make_stacks(plan.expand(Grid(**{**SMALL, "seeds": (0,), **changes})))
    return stack


def without_times(rows):
    return [replace(row, seconds=None, provenance={}) for row in rows]


def test_every_loss_learns_and_gives_a_whole_row():
    quick.leave_out("trains for long")
    grid = Grid(**{**SMALL, "losses": EVERY, "noise_rates": (0.2,), "train_size": None, "dedupe": False})
    rows = [row for stack in make_stacks(plan.expand(replace(grid, seeds=(0,)))) for row in run_stack(stack, Place())]
    assert [row.cell.loss for row in rows] == [parse(text).name for text in EVERY]
    for row in rows:
        assert row.status == "ok"
        assert row.metrics["accuracy"] > 0.3  # nce begins slowly
        assert set(METRICS) < set(row.metrics)
        if LOSSES[row.cell.loss].optimum and row.cell.loss != "nls":  # which takes back what the noise did
            assert row.metrics["signed_error"] > 0.1  # noise makes a model under-confident
        assert all(len(curve) == 3 for curve in row.curves.values())
        assert {name: curve[-1] for name, curve in row.curves.items()}.items() <= row.metrics.items()
        assert {name for name, metric in METRICS.items() if metric.each_epoch} < set(row.curves)
        assert row.seconds > 0
        json.dumps(asdict(row), allow_nan=False)


def test_the_numbers_are_those_of_the_saved_model_on_the_test_set(tmp_path):
    cells = a_stack(losses=("fused",), noise_rates=(0.2,))
    (row,) = run_stack(cells, Place(models=tmp_path))
    data, model = load("blobs"), zoo.linear((1, 16, 16), 10)
    model.load_state_dict(load_file(tmp_path / f"{row.id}.safetensors"))
    with torch.no_grad():
        probs = model(data.test_images).double().softmax(-1)
        predicted = model(data.images).argmax(-1)
    assert row.metrics["accuracy"] == float(accuracy(probs, data.test_labels))
    assert row.metrics["ece"] == pytest.approx(float(expected_calibration_error(probs, data.test_labels)), rel=1e-6)
    assert row.metrics["nll"] == pytest.approx(float(nll(probs, data.test_labels)), rel=1e-6)
    given, _ = corrupt(data, cells[0])
    train, val = split(len(data.labels), 0.1, 0, 500)
    wrong = train[(given != data.labels)[train]]
    assert row.metrics["train_accuracy_wrong"] == pytest.approx(float((predicted == given)[wrong].double().mean()))
    assert row.metrics["val_accuracy"] == pytest.approx(float((predicted == given)[val].double().mean()))
    assert row.metrics["val_clean_accuracy"] == pytest.approx(float((predicted == data.labels)[val].double().mean()))


def test_a_row_counts_the_classes_of_what_it_trains_on_holds_out_and_is_tested_on():
    cells = a_stack(losses=("ce", "mae"), noise_rates=(0.4,), recipe={"epochs": 1})
    data = load("blobs")
    given, _ = corrupt(data, cells[0])
    train, val = split(len(data.labels), 0.1, 0, 500)
    parts = {"train": given[train], "held_out": given[val], "test": data.test_labels}
    for row in run_stack(cells, Place()):
        assert row.data == {
            "classes": list("0123456789"),
            **{name: [int((labels == c).sum()) for c in range(10)] for name, labels in parts.items()},
        }
        assert (sum(row.data["train"]), sum(row.data["held_out"])) == (500, 200)


def test_noise_reaches_training_and_validation_and_never_the_test_set():
    data = load("blobs")
    cells = a_stack(losses=("ce",), noise_rates=(0.4,))
    before = data.test_labels.clone()
    given, noise_record = corrupt(data, cells[0])
    train, val = split(len(data.labels), 0.1, 0)
    for part in (train, val):
        assert 0.3 < float((given != data.labels)[part].double().mean()) < 0.5
    run_stack(cells, Place())
    assert torch.equal(data.test_labels, before)
    assert noise_record.realised == pytest.approx(0.4, abs=0.04)


def test_for_one_seed_every_loss_sees_the_same_wrong_labels():
    rows = run_stack(a_stack(noise_rates=(0.2,), losses=("ce", "lsr", "fused")), Place())
    assert len({row.noise_record["sha256"] for row in rows}) == 1


def test_wrong_labels_at_a_low_rate_are_a_subset_of_those_at_a_high_one():
    data = load("blobs")
    low, high = (corrupt(data, a_stack(losses=("ce",), noise_rates=(rate,))[0])[0] for rate in (0.2, 0.4))
    wrong = low != data.labels
    assert torch.equal(high[wrong], low[wrong])


@pytest.fixture
def noise_files(tmp_path, monkeypatch):
    """What the kinds with a file read: another label for all examples, and symmetric noise of all."""
    monkeypatch.chdir(tmp_path)
    np.save("labels.npy", ((load("blobs").labels + 1) % 10).numpy())
    np.savetxt("rows.csv", (1 - np.eye(10)) / 9, delimiter=",")
    return {"human": "human:labels.npy", "matrix": "matrix:rows.csv"}


@pytest.mark.parametrize("kind", NOISES)
def test_every_kind_of_noise_has_its_record(kind, noise_files):
    kind = noise_files.get(kind, kind)
    (row,) = run_stack(a_stack(losses=("ce",), noises=(kind,), noise_rates=(0.3,)), Place())
    assert (row.noise_record["kind"], row.noise_record["rate"], row.noise_record["seed"]) == (row.cell.noise, 0.3, 0)
    assert row.cell.noise.startswith(kind)  # a file's hash comes after it
    assert 0.05 < row.noise_record["realised"] < 0.4
    assert len(row.noise_record["matrix"]) == 10
    assert len(row.noise_record["sha256"]) == 64


def test_the_same_stack_gives_the_same_bits_twice():
    cells = a_stack(noise_rates=(0.2,), seeds=(0, 1))
    assert without_times(run_stack(cells, Place())) == without_times(run_stack(cells, Place()))


def test_without_validation_there_are_no_validation_numbers():
    (row,) = run_stack(a_stack(losses=("ce",), val=0.0, noise_rates=(0.2,)), Place())
    assert not any(name.startswith("val") for name in row.metrics)
    assert row.metrics["accuracy"] > 0.5


def test_clean_labels_have_no_accuracy_on_wrong_ones():
    (row,) = run_stack(a_stack(losses=("ce",)), Place())
    assert row.metrics["train_accuracy_wrong"] is None
    assert row.noise_record["realised"] == 0


def test_a_diverged_cell_is_a_row_without_numbers_that_says_what_to_try():
    cells = a_stack(losses=("ce",), recipe={"epochs": 2, "lr": 1e6, "momentum": 0.99}, models=("mlp",))
    (row,) = run_stack(cells, Place())
    assert row.status == "diverged"
    assert "--lr" in row.error
    assert set(row.metrics.values()) == {None}
    json.dumps(asdict(row), allow_nan=False)


def test_memorisation_counts_right_and_wrong_labels_apart():
    clean = torch.tensor([[0, 0, 1, 1, 2]])
    given = torch.tensor([[0, 0, 1, 2, 0]])
    predicted = torch.tensor([[0, 1, 1, 2, 2]])
    assert read(memorisation(predicted, given, clean)) == [
        {"train_accuracy_clean": pytest.approx(2 / 3), "train_accuracy_wrong": 0.5}
    ]


def test_the_sigmoid_links_probs_are_the_sigmoids_normalised():
    logits = torch.randn(4, 3, dtype=torch.float64)
    sigmoids = torch.sigmoid(logits)
    torch.testing.assert_close(to_log_probs(logits, "sigmoid").exp(), sigmoids / sigmoids.sum(-1, keepdim=True))
    assert to_log_probs(torch.full((1, 3), -1e4), "sigmoid").exp().sum() == pytest.approx(1)
    torch.testing.assert_close(to_log_probs(logits, "softmax").exp(), logits.softmax(-1))


def test_a_prob_that_underflows_leaves_the_nll_finite():
    recipe = (("epochs", 2), ("lr", 300.0), ("schedule", "constant"))
    (row,) = run_stack(a_stack(losses=("ce",), recipe=recipe), Place())
    assert row.status == "ok"
    assert row.metrics["nll"] > 10


def test_the_training_loss_is_the_mean_over_the_epochs_batches():
    recipe = (("epochs", 1), ("lr", 1e-9), ("batch_size", 100), ("momentum", 0.0))
    (row,) = run_stack(a_stack(losses=("ce",), recipe=recipe), Place())
    data = load("blobs")
    with global_stream(0, "init"):
        model = zoo.linear((1, 16, 16), 10)
    train, _ = split(len(data.labels), 0.1, 0, 500)
    expected = torch.nn.functional.cross_entropy(model(data.images[train]), data.labels[train])
    assert row.metrics["train_loss"] == pytest.approx(float(expected.detach()), rel=1e-5)


def test_an_epoch_predicts_some_training_examples_and_the_last_one_more(monkeypatch):
    looked = []
    plain = measure.memorisation
    monkeypatch.setattr(measure, "memorisation", lambda p, g, c: (looked.append(p.shape[1]), plain(p, g, c))[1])
    monkeypatch.setattr(predict, "SOME_TRAINING", 50)
    monkeypatch.setattr(predict, "MORE_TRAINING", 200)
    run_stack(a_stack(), Place())
    assert looked == [50] * (len(looked) - 1) + [200]
    assert len(looked) > 1


def test_a_row_brings_what_each_test_example_got_where_that_is_asked_for(tmp_path):
    cells = a_stack(losses=("ce",))
    (without,), (row,) = run_stack(cells, Place()), run_stack(cells, Place(per_example=True))
    assert without.examples is None
    assert without_times([row]) == without_times([without])
    written = store.write_or_fail(row, tmp_path)
    assert written.examples is None
    examples = read_examples(store.examples_path(row.id, tmp_path))
    assert examples.values("accuracy").mean() == pytest.approx(row.metrics["accuracy"])
    assert examples.values("nll").mean() == pytest.approx(row.metrics["nll"], rel=1e-3)
    assert (examples.labels == load("blobs").test_labels.numpy()).all()
    assert [stored.id for stored in store.read(tmp_path)[0]] == [row.id]


def test_a_row_brings_the_log_probs_of_its_held_out_and_test_examples(tmp_path):
    cells = a_stack(losses=("ce", "lsr"))
    own = replace(cells[0], dataset="./mine.npz")
    assert Place(per_example=True).keeps_predictions(own)
    assert not Place(per_example=True).keeps_predictions(cells[0])
    assert not Place().keeps_predictions(own)
    row, _ = run_stack(cells, Place(predictions=True))
    assert store.write_or_fail(row, tmp_path).predictions is None
    predictions, data = read_predictions(store.predictions_path(row.id, tmp_path)), load("blobs")
    assert predictions.held_out.tolist() == split(2000, 0.1, row.cell.seed)[1].tolist()
    assert (predictions.held_out_given == corrupt(data, row.cell)[0].numpy()[predictions.held_out]).all()
    right = predictions.held_out_log_probs.argmax(1) == predictions.held_out_given
    assert right.mean() == pytest.approx(row.metrics["val_accuracy"])
    assert (predictions.test_log_probs.argmax(1) == data.test_labels.numpy()).mean() == row.metrics["accuracy"]
