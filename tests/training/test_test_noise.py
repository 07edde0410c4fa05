"""Test labels that are wrong, too, as a user's are: drawn once, measured against, and the published ones beside."""

import csv
import io
import json

import numpy as np
import pytest
import torch

from lsbench.data.dataset import load
from lsbench.errors import InputError
from lsbench.metrics import METRICS, evaluate
from lsbench.noise import flip_labels
from lsbench.planning import plan
from lsbench.planning.stacks import make_stacks
from lsbench.planning.study import grid_of, study_of
from lsbench.rows import store
from lsbench.rows.examples import read_examples
from lsbench.rows.row import as_values
from lsbench.rows.status import as_unknown, status_of
from lsbench.rows.truth import with_truth
from lsbench.seeding import stream
from lsbench.spec import Grid, Place
from lsbench.training.stack import corrupt, corrupt_test, run_stack

SMALL = {
    "datasets": ("blobs",),
    "models": ("linear",),
    "losses": ("ce", "mae"),
    "train_size": 300,
    "recipe": {"epochs": 1},
    "seeds": (0, 1),
}
DATA = load("blobs")


def cells_of(**changes):
    return plan.expand(Grid(**{**SMALL, **changes}))


def rows_of(cells, place=None):
    return [row for stack in make_stacks(cells) for row in run_stack(stack, place or Place())]


def given(cell):
    return corrupt_test(DATA, cell)[0]


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Rows with 40 % wrong test labels, the rows of the same trainings without, and the folder of their predictions."""
    folder = tmp_path_factory.mktemp("logits")
    rows = rows_of(cells_of(test_noise_rate=0.4, noise_rates=(0.2,)), Place(logits=folder, per_example=True))
    return rows, rows_of(cells_of(noise_rates=(0.2,)), Place(per_example=True)), folder


def test_the_draw_is_flip_labels_on_a_stream_of_its_own_and_one_for_all_cells_of_a_study():
    cells = cells_of(test_noise_rate=0.4, noise_rates=(0.0, 0.2), test_noise_seed=3)
    expected = flip_labels(DATA.test_labels, 0.4, 10, stream(3, "test noise"), "symmetric")
    assert len(cells) == 8
    assert all(torch.equal(given(cell), expected) for cell in cells)
    (other,) = {tuple(given(cell).tolist()) for cell in cells_of(test_noise_rate=0.4)}
    assert other != tuple(expected.tolist())


def test_training_labels_are_those_of_the_study_without_it():
    for plain, tested in zip(
        cells_of(noise_rates=(0.2,)), cells_of(noise_rates=(0.2,), test_noise_rate=0.4), strict=True
    ):
        assert torch.equal(corrupt(DATA, plain)[0], corrupt(DATA, tested)[0])


def test_numbers_are_against_the_labels_that_the_user_sees_and_the_true_ones_are_beside_them(measured):
    rows, _, folder = measured
    for row in rows:
        with np.load(folder / f"{row.id}.npz") as arrays:
            probs = np.exp(arrays["test"].astype(float))
            assert (arrays["test_labels"] == given(row.cell).numpy()).all()
        for prefix, labels in (("", given(row.cell)), ("true_", DATA.test_labels)):
            expected = evaluate(probs / probs.sum(1, keepdims=True), labels.numpy(), names=METRICS)
            for name in ("accuracy", "ece", "nll", "brier", "balanced_accuracy", "aurc"):
                assert row.metrics[prefix + name] == pytest.approx(float(expected[name]), abs=2e-5), prefix + name
        assert {f"true_{name}" for name in METRICS} <= set(row.metrics)
        assert not any(name.startswith("true_") for name in row.curves)
        assert row.data["test"] == given(row.cell).bincount(minlength=10).tolist()
        assert row.test_noise_record["realised"] == float((given(row.cell) != DATA.test_labels).double().mean())
        assert row.noise_record["seed"] == row.cell.seed


def test_with_truth_gives_the_rows_of_the_study_without_test_noise(measured):
    rows, plain, _ = measured
    for found, expected in zip(with_truth(rows), plain, strict=True):
        assert (found.id, found.cell) == (expected.id, expected.cell)
        assert found.metrics == expected.metrics
        assert found.data == expected.data
        assert found.curves == {n: c for n, c in expected.curves.items() if n.startswith(("val_", "train_"))}
        for way, after in expected.scaled.items():
            assert found.scaled[way]["metrics"] == after["metrics"]
    assert with_truth(plain) == plain


def test_noise_that_is_taken_for_unknown_leaves_no_trace_of_the_right_test_labels(measured):
    for row in as_unknown(measured[0]):
        assert status_of(row, "test") == "given"
        values = as_values(row)
        values.pop("cell")
        assert "true_" not in json.dumps(values)
        assert not row.test_noise_record
    assert {status_of(row, "test") for row in with_truth(measured[0])} == {"published"}


def test_a_row_with_test_noise_is_read_back_and_its_examples_have_both_labels(measured, tmp_path):
    for row in measured[0]:
        store.write(row, tmp_path)
        examples = read_examples(store.examples_path(row.id, tmp_path))
        assert (examples.labels == given(row.cell).numpy()).all()
        assert (examples.true_labels == DATA.test_labels.numpy()).all()
        assert examples.values("accuracy").mean() == pytest.approx(row.metrics["accuracy"])
    for row in measured[0]:
        found = store.read_row(store.path_of(row.id, tmp_path))
        assert (found.cell, found.metrics) == (row.cell, row.metrics)
        assert found.test_noise_record == json.loads(json.dumps(row.test_noise_record))
    store.write(measured[1][0], tmp_path)
    assert read_examples(store.examples_path(measured[1][0].id, tmp_path)).true_labels is None


def test_same_is_the_kind_and_rate_of_each_cells_training_noise():
    cells = cells_of(noises=("symmetric", "pairflip"), noise_rates=(0.0, 0.2), test_noise_rate="same")
    assert {(c.noise, c.noise_rate, c.test_noise, c.test_noise_rate) for c in cells} == {
        ("none", 0.0, "none", 0.0),
        ("symmetric", 0.2, "symmetric", 0.2),
        ("pairflip", 0.2, "pairflip", 0.2),
    }
    assert {c.id for c in cells if not c.noise_rate} == {c.id for c in cells_of()}


def test_a_noise_seed_is_that_of_all_cells_and_of_none_without_noise():
    cells = cells_of(noise_rates=(0.0, 0.3), noise_seed=7)
    assert {c.id for c in cells if not c.noise_rate} == {c.id for c in cells_of()}
    noisy = [c for c in cells if c.noise_rate]
    expected = flip_labels(DATA.labels, 0.3, 10, stream(7, "noise"), "symmetric")
    assert all(torch.equal(corrupt(DATA, c)[0], expected) for c in noisy)
    assert {corrupt(DATA, c)[1].seed for c in noisy} == {7}
    assert len({c.id for c in noisy}) == 4


def test_the_options_make_the_grid_and_a_study_file_keeps_it():
    options = {
        "noise": "0.2",
        "noise_seed": 3,
        "test_noise": "same",
        "test_noise_kind": "pairflip",
        "test_noise_seed": 5,
    }
    grid = grid_of(options)
    assert (grid.noise_seed, grid.test_noise, grid.test_noise_rate, grid.test_noise_seed) == (3, "pairflip", "same", 5)
    again = grid_of(study_of(grid))
    assert (again.noise_seed, again.test_noise, again.test_noise_rate, again.test_noise_seed) == (
        3,
        "pairflip",
        "same",
        5,
    )
    assert grid_of({"test_noise": "0.3"}).test_noise_rate == 0.3
    assert grid_of({"test_noise_kind": "human:a.npy"}).test_noise_rate == 1.0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--test-noise", "1.2"), "in [0, 1], got 1.2"),
        (("--test-noise", "often"), "--test-noise takes one rate in [0, 1], or same; got 'often'"),
        (("--test-noise", "0.1,0.2"), "takes one rate"),
        (("--test-noise-kind", "pairflip"), "no effect without a rate"),
        (("--test-noise-seed", "3"), "no effect without a rate"),
        (("--noise-seed", "3"), "noise seed 3 has no effect without wrong labels"),
        (("--noise-kind", "human:a.npy", "--test-noise", "same"), "a file of training labels; give one of test labels"),
        (("--test-noise", "0.2", "--test-noise-kind", "human"), "human noise is read from a file"),
        (("--test-noise", "0.2", "--test-noise-kind", "symetric"), "did you mean symmetric"),
        (("--test-noise-kind", "human:none.npy"), "no file none.npy"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_before_anything_is_trained(lsbench, options, said):
    np.save("a.npy", DATA.labels.numpy())
    code, out, err = lsbench("run", "--dataset", "blobs", "--model", "linear", *options)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_peoples_labels_of_the_test_set_are_the_test_labels(lsbench, tmp_path):
    labels = ((DATA.test_labels + (torch.arange(1000) < 100)) % 10).numpy()
    np.save("people.npy", labels)
    order = list(csv.DictReader(io.StringIO(lsbench("order", "blobs")[1])))
    assert order[-1]["part"] == "test"
    for row, label in zip(order[-1000:], labels.tolist(), strict=True):
        row["label"] = label
    with open("people.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, order[0])
        writer.writeheader()
        writer.writerows(order)
    run = (*("run", "--dataset", "blobs", "--model", "linear"), *("--epochs", "1", "--seeds", "1", "--loss", "ce"))
    ids = []
    for file in ("people.npy", "people.csv"):
        assert lsbench(*run, "--test-noise-kind", f"human:{file}", "--out", f"{file}-rows", "--jobs", "1")[0] == 0
        (path,) = (tmp_path / f"{file}-rows" / "cells").glob("*/*.json")
        row = json.loads(path.read_text())
        assert row["test_noise_record"]["realised"] == 0.1
        assert dict(row["cell"]["sources"]).keys() == {"test noise"}
        ids.append(dict(row["cell"]["sources"])["test noise"])
    assert len(set(ids)) == 1  # the same labels, however they are written
    code, _, err = lsbench(*run, "--noise-kind", "human:people.npy", "--out", "no")
    assert (code, "must hold 2000 labels" in err) == (2, True)


def test_noise_by_the_image_looks_at_the_test_images():
    (cell,) = cells_of(test_noise="instance", test_noise_rate=0.3, seeds=(0,), losses=("ce",))
    expected = flip_labels(DATA.test_labels, 0.3, 10, stream(0, "test noise"), "instance", images=DATA.test_images)
    assert torch.equal(given(cell), expected)


def test_a_grid_takes_a_rate_or_the_word_same():
    with pytest.raises(InputError, match="takes a rate in"):
        Grid(test_noise_rate="all")
