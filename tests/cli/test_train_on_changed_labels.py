"""Suspicious labels, written to a file and taken: trained on, and nothing is measured against them."""

import csv

import numpy as np
import pytest

from lsbench.rows import store
from lsbench.rows.log_probs import read_log_probs
from lsbench.rows.predictions import read_predictions

N = 90
ASK = ("--model", "linear", "--epochs", "8", "--lr", "0.1", "--loss")
FIXED = "./mine.npz:labels=fixes.csv"


@pytest.fixture
def mine(tmp_path):
    """Three classes of vectors; every tenth training label and one test label are of the next class."""
    draws = np.random.default_rng(0)
    classes = np.arange(N + 30) % 3
    x = np.eye(3)[classes] * 4 + draws.normal(size=(N + 30, 3))
    given = np.where(np.arange(N + 30) % 10 == 0, (classes + 1) % 3, classes)
    given[N + 10 :] = classes[N + 10 :]
    np.savez(tmp_path / "mine.npz", x_train=x[:N], y_train=given[:N], x_test=x[N:], y_test=given[N:])
    return given


def rows_of(folder):
    return {(row.cell.loss, row.cell.seed): row for row in store.read(folder)[0]}


def test_suggested_labels_are_trained_on_and_nothing_is_measured_against_them(lsbench, mine, tmp_path):
    assert lsbench("run", "--dataset", "./mine.npz", *ASK, "ce,prune", "--out", "given")[0] == 0
    code, _, err = lsbench("suspects", "given", "--write", "fixes.csv", "--take", "5")
    assert (code, "labels=fixes.csv" in err) == (0, True)
    lines = list(csv.DictReader((tmp_path / "fixes.csv").read_text().splitlines()))
    taken = {int(line["example"]): int(line["verdict"]) for line in lines if line["person"] == "predictions"}
    assert len(taken) == 5
    assert {line["verdict"] for line in lines if line["person"] != "predictions"} == {""}
    assert max(taken) < N
    assert lsbench("run", "--dataset", FIXED, *ASK, "ce,prune", "--seeds", "2", "--out", "fixed")[0] == 0
    arrays = dict(np.load("mine.npz"))
    arrays["y_train"][[*taken]] = [*taken.values()]
    np.savez("other.npz", **arrays)
    assert lsbench("run", "--dataset", "./other.npz", *ASK, "ce", "--seeds", "2", "--out", "other")[0] == 0
    given, fixed, other = (rows_of(tmp_path / name) for name in ("given", "fixed", "other"))
    for seed in range(2):
        ours, theirs, before = fixed["ce", seed], other["ce", seed], given["ce", seed]
        probs = [
            read_log_probs(row.id, tmp_path / name).log_probs for row, name in ((ours, "fixed"), (theirs, "other"))
        ]
        assert np.array_equal(*probs)  # as if these labels had been given, where they are trained on
        assert ours.metrics["nll"] != before.metrics["nll"]
        kept = read_predictions(store.predictions_path(ours.id, tmp_path / "fixed"))
        assert kept.held_out_given.tolist() == mine[kept.held_out].tolist()
        assert fixed["prune", seed].cleaning == given["prune", seed].cleaning
    assert "5 training labels are trained on as predictions suggest" in " ".join(fixed["ce", 0].data["notes"])
    assert "labels=fixes.csv+more.csv" in lsbench("suspects", "fixed", "--write", "more.csv")[2]


def test_a_file_of_verdicts_is_never_written_over_and_needs_one_data_set(lsbench, mine, tmp_path):
    np.savez(tmp_path / "b.npz", **np.load(tmp_path / "mine.npz"))
    lsbench(
        "run", "--dataset", "./mine.npz,./b.npz", "--model", "linear", "--loss", "ce", "--epochs", "1", "--seeds", "1"
    )
    assert lsbench("suspects", "--write", "fixes.csv")[0] == 2
    one = ("suspects", "--dataset", "./b.npz", "--write", "fixes.csv")
    assert lsbench(*one)[0] == 0
    code, _, err = lsbench(*one)
    assert (code, "may hold your verdicts" in err) == (2, True)
    assert lsbench("suspects", "--take", "5")[0] == 2
    assert lsbench("suspects", "--dataset", "./b.npz", "--write", "fixes.txt")[0] == 2
