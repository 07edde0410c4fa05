"""A set whose wrong test labels, more frequent in one class, reverse the order of two losses: made, trained, told.

Two normal classes, two sds apart; 40 % of the class 0 are labelled 1, in training and in testing. Cross-entropy learns
the given labels, wrong ones included, and answers 1 too often; a loss that is given the noise matrix learns the true
ones. (Natarajan et al., 2013)
"""

import json
from pathlib import Path

import numpy as np

from lsbench.rows import store
from lsbench.rows.examples import read_examples

FLIPPED = 0.4  # of class 0
CORRECTED = "forward matrix=m.csv"
TRAINED = ("--model", "linear", "--loss", "ce,forward:matrix=m.csv", "--seeds", "3", "--val", "0.1", "--epochs", "20")
RECIPE = ("--lr", "0.5", "--momentum", "0.9", "--batch-size", "400", "--out", "o")


def drawn(rng, n):
    """Examples (n, 2), their true labels and the given ones."""
    true = np.arange(n) % 2
    x = rng.normal(size=(n, 2)) + np.stack([2 * true - 1, 0 * true], 1)
    return x.astype(np.float32), true, np.where((true == 0) & (rng.random(n) < FLIPPED), 1, true)


def test_wrong_labels_by_class_reverse_an_order_and_decide_said_that_they_can(lsbench, tmp_path):
    rng = np.random.default_rng(0)
    (x, _, given), (x_test, true, given_test) = drawn(rng, 4000), drawn(rng, 4000)
    np.savez(tmp_path / "data.npz", x_train=x, y_train=given, x_test=x_test, y_test=given_test)
    np.savetxt(tmp_path / "m.csv", [[1 - FLIPPED, FLIPPED], [0, 1]], delimiter=",")
    assert lsbench("run", "--dataset", "./data.npz", *TRAINED, *RECIPE)[0] == 0
    said, (verdict,) = lsbench("decide", "o")[1], json.loads(lsbench("decide", "o", "--json")[1])
    claim = verdict["claims"][0]
    assert (claim["arm"], claim["finding"], verdict["labels"]) == (CORRECTED, "worse", "given")
    assert "take plain cross-entropy" in said
    assert "others can change the order" in said
    by_class = verdict["would_change"]["pairs"][0]["by_class"]
    assert (by_class["true"], by_class["given"]) == ("0", "1")
    assert f"{100 * by_class['rate']:.3g} % of wrong labels can be enough to reverse it" in said
    assert "of 0 labelled 1" in said
    assert by_class["rate"] < np.mean(true != given_test)  # so many are wrong, and in this way
    gains = true_accuracy(CORRECTED, true) - true_accuracy("ce", true)
    assert gains.min() > 0.1  # against the true labels the order is the other one, at every seed


def true_accuracy(arm, true):
    """Of each seed's network, against the labels that nobody was shown."""
    rows = [row for row in store.read(Path("o"))[0] if row.cell.arm.name == arm]
    kept = (read_examples(store.examples_path(row.id, Path("o"))) for row in rows)
    return np.array([(one.predicted == true).mean() for one in kept])
