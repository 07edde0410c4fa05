import numpy as np
import pytest
from scipy.special import log_softmax

from lsbench.analysis.per_example import difference_over_examples, values_of
from lsbench.analysis.summary import arms_of
from lsbench.errors import InputError
from lsbench.rows.store import logits_path
from lsbench.statistics import two_level_bootstrap
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


@pytest.mark.parametrize("metric", ["accuracy", "error_rate", "nll", "brier"])
def test_each_example_has_the_value_of_the_definition(tmp_path, metric):
    log_probs, labels = predictions()
    path = tmp_path / "x.npz"
    np.savez_compressed(path, test=log_probs, test_labels=labels)
    wanted = plainly(log_probs, labels)[metric]
    assert values_of(path, metric, np.mean(wanted)) == pytest.approx(wanted)


def test_differences_are_those_of_the_arms_over_shared_seeds(tmp_path):
    rows = []
    for loss, eps in (("ce", None), ("lsr", 0.1)):
        for seed in range(3):
            log_probs, labels = predictions(seed + 10 * (loss == "ce"))
            labels = predictions()[1]
            row = a_row(loss, seed, np.mean(plainly(log_probs, labels)["accuracy"]), eps=eps)
            np.savez_compressed(logits_path(row.id, tmp_path), test=log_probs, test_labels=labels)
            rows.append(row)
    ce, lsr = arms_of(rows)
    found = difference_over_examples(ce, lsr, "accuracy", tmp_path)
    labels = predictions()[1]
    a, b = ([plainly(predictions(seed + shift)[0], labels)["accuracy"] for seed in range(3)] for shift in (10, 0))
    assert found == two_level_bootstrap(a, b)
    logits_path(rows[0].id, tmp_path).unlink()
    assert difference_over_examples(ce, lsr, "accuracy", tmp_path) is None
    assert difference_over_examples(ce, lsr, "ece", tmp_path) is None


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
    path = tmp_path / "x.npz"
    np.savez(path, **arrays)
    with pytest.raises(InputError, match=r"x\.npz"):
        values_of(path, "nll", np.mean(plainly(*predictions())["nll"]))


@pytest.mark.parametrize("content", [b"", b"torn", b"PK\x03\x04"])
def test_a_torn_file_is_refused_by_name(tmp_path, content):
    path = tmp_path / "x.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"x\.npz"):
        values_of(path, "nll", 1.0)


def test_an_array_in_place_of_an_archive_is_refused(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros(3))
    (tmp_path / "x.npy").rename(tmp_path / "x.npz")
    with pytest.raises(InputError, match=r"x\.npz"):
        values_of(tmp_path / "x.npz", "nll", 1.0)


def test_a_metric_that_is_no_mean_over_examples_is_refused(tmp_path):
    with pytest.raises(InputError, match="accuracy, nll"):
        values_of(tmp_path / "x.npz", "ece", 0.1)
