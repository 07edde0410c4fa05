from dataclasses import replace

import numpy as np
import pytest
from scipy.special import log_softmax

from lsbench.analysis.per_example import examples_of
from lsbench.analysis.summary import arms_of
from lsbench.errors import InputError
from lsbench.rows.examples import ExamplePredictions, pack_examples
from lsbench.rows.store import examples_path, logits_path
from tests.analysis.summary.handmade import a_row


def predictions(seed=0, n=300, classes=4):
    generator = np.random.default_rng(seed)
    log_probs = log_softmax(2 * generator.normal(size=(n, classes)), axis=1)
    labels = np.where(generator.random(n) < 0.7, log_probs.argmax(1), generator.integers(classes, size=n))
    return log_probs, labels


def plainly(log_probs, labels):
    """Example by example, from the definitions."""
    found = {"accuracy": [], "error_rate": [], "nll": [], "brier": []}
    for log_p, label in zip(log_probs, labels, strict=True):
        p = np.exp(log_p)
        found["accuracy"].append(float(np.argmax(p) == label))
        found["error_rate"].append(float(np.argmax(p) != label))
        found["nll"].append(-log_p[label])
        found["brier"].append(sum((p[c] - (c == label)) ** 2 for c in range(len(p))))
    return found


def read(folder, metric, mean, arrays=None):
    """What each test example of a row got, whose log-probs are `arrays`, or the file x.npz."""
    row = replace(a_row("ce", 0, 0.5), metrics={metric: mean})
    path = logits_path(row.id, folder / "logits")
    path.parent.mkdir(exist_ok=True)
    if arrays is None:
        (folder / "x.npz").rename(path)
    else:
        np.savez_compressed(path, **arrays)
    (arm,) = arms_of([row])
    return examples_of(arm, metric, folder)[0]


@pytest.mark.parametrize("metric", ["accuracy", "error_rate", "nll", "brier"])
def test_each_example_has_the_value_of_the_definition(tmp_path, metric):
    log_probs, labels = predictions()
    wanted = plainly(log_probs, labels)[metric]
    assert read(tmp_path, metric, np.mean(wanted), {"test": log_probs, "test_labels": labels}) == pytest.approx(wanted)


def rows_with_files(folder, name):
    """Three rows of ce with the file of that kind each, and the accuracy of each example."""
    rows, right = [], {}
    for seed in range(3):
        log_probs, labels = predictions(seed)[0], predictions()[1]
        right[seed] = plainly(log_probs, labels)["accuracy"]
        row = a_row("ce", seed, np.mean(right[seed]))
        if name == "logits":
            path = logits_path(row.id, folder / "logits")
            path.parent.mkdir(exist_ok=True)
            np.savez_compressed(path, test=log_probs, test_labels=labels)
        else:
            path = examples_path(row.id, folder)
            path.parent.mkdir(parents=True, exist_ok=True)
            of_label = log_probs[np.arange(len(labels)), labels]
            examples = ExamplePredictions(labels, log_probs.argmax(1), of_label, np.exp(log_probs.max(1)))
            path.write_bytes(pack_examples(examples))
        rows.append(row)
    return rows, right, path


@pytest.mark.parametrize("name", ["logits", "examples"])
def test_what_each_example_got_is_read_from_either_file_and_only_if_every_seed_has_one(tmp_path, name):
    rows, right, last = rows_with_files(tmp_path, name)
    (ce,) = arms_of(rows)
    read = examples_of(ce, "accuracy", tmp_path)
    assert {seed: values.tolist() for seed, values in read.items()} == right
    assert examples_of(ce, "ece", tmp_path) is None
    last.unlink()
    assert examples_of(ce, "accuracy", tmp_path) is None


def test_a_file_of_another_row_is_refused(tmp_path):
    rows, _, _ = rows_with_files(tmp_path, "examples")
    (ce,) = arms_of([replace(row, metrics={**row.metrics, "accuracy": 0.5}) for row in rows])
    with pytest.raises(InputError, match="not this row's file"):
        examples_of(ce, "accuracy", tmp_path)


@pytest.mark.parametrize(
    "arrays",
    [
        {"test": predictions()[0]},
        {"test": predictions()[0], "test_labels": predictions()[1][:5]},
        {"test": predictions()[0], "test_labels": -1 - predictions()[1]},
        {"test": predictions()[0], "test_labels": predictions()[1] + 99},
        {"test": predictions()[0], "test_labels": np.array(3)},
        {"test": predictions()[0] * np.nan, "test_labels": predictions()[1]},
        {"test": predictions()[0][None], "test_labels": predictions()[1]},
        {"test": predictions()[0][:0], "test_labels": predictions()[1][:0]},
        {"test": np.array(["a"]), "test_labels": predictions()[1]},
        {"test": predictions(seed=5)[0], "test_labels": predictions()[1]},
    ],
    ids=["no labels", "few", "negative", "large", "scalar", "nan", "3-d", "empty", "text", "of another row"],
)
def test_what_is_not_the_rows_log_probs_is_refused_by_name(tmp_path, arrays):
    with pytest.raises(InputError, match=r"logits.*\.npz"):
        read(tmp_path, "nll", np.mean(plainly(*predictions())["nll"]), arrays)


@pytest.mark.parametrize("content", [b"", b"torn", b"PK\x03\x04"])
def test_a_torn_file_is_refused_by_name(tmp_path, content):
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"logits.*\.npz"):
        read(tmp_path, "nll", 1.0)


def test_an_array_in_place_of_an_archive_is_refused(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros(3))
    (tmp_path / "x.npy").rename(tmp_path / "x.npz")
    with pytest.raises(InputError, match=r"logits.*\.npz"):
        read(tmp_path, "nll", 1.0)
