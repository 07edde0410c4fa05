"""What every output says of data whose labels nobody vouches for, and of published ones."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from lsbench.api import compare
from lsbench.data.blobs import make_splits
from lsbench.rows import store
from tests.analysis.summary.handmade import rows_of

NEEDS_TRUTH = (  # words for what only somebody has who knows which labels are wrong
    "clean", "oracle", "known noise", "noise matrix known", "no noise", "optimum", "price of", "if separable",
    "separable.", "known noise matrix", "memorised", "wrong labels fitted", "published",
)  # fmt: skip
OUTPUTS = {
    "table": ("report", "{}"),
    "tables": ("report", "{}", "--tables", "all", "--select", "eps"),
    "markdown": ("report", "{}", "--tables", "all", "--format", "markdown"),
    "latex": ("report", "{}", "--tables", "all", "--format", "latex"),
    "csv": ("report", "{}", "--format", "csv"),
    "wide csv": ("report", "{}", "--format", "csv", "--wide"),
    "json": ("report", "{}", "--format", "json", "--wide"),
    "page": ("report", "{}", "--tables", "all", "--format", "html"),
    "decide": ("decide", "{}"),
    "decide json": ("decide", "{}", "--json"),
    "decide by nll": ("decide", "{}", "--by", "nll"),
    "decide picks": ("decide", "{}", "--select", "eps"),
    "decide picks json": ("decide", "{}", "--select", "eps", "--by", "ece", "--json"),
    "baseline": ("report", "{}", "--baseline", "{}"),
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Results on data of one's own, with names of classes, and on published data: the same images."""
    place = tmp_path_factory.mktemp("given")
    splits = make_splits()
    names = np.array(["ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen", "ibis", "jay"])
    parts = {"train": (splits.train_images, splits.train_labels), "test": (splits.test_images, splits.test_labels)}
    arrays = {f"x_{part}": np.asarray(images)[:400] for part, (images, _) in parts.items()}
    np.savez(place / "own.npz", **arrays, **{f"y_{part}": names[labels[:400]] for part, (_, labels) in parts.items()})
    for data, out in ((str(place / "own.npz"), "own"), ("blobs", "published")):
        compare(
            data=data,
            model="linear",
            losses=["ce", "lsr:eps=0.05", "lsr:eps=0.1", "gce"],
            noise=[0.0, 0.2],
            seeds=3,
            train_size=300,
            recipe={"epochs": 2, "batch_size": 50},
            out=place / out,
        )
    return place


def texts_of(lsbench, folder, names=tuple(OUTPUTS)):
    """What each command prints of a results folder; of a page what a reader sees, of pictures their words, too."""
    printed = {}
    for name in names:
        code, out, err = lsbench(*(word.format(folder) for word in OUTPUTS[name]))
        assert code == 0, (name, err)
        printed[name] = seen(out) if name == "page" else out
    return printed


def seen(page):
    """The words of an HTML page, those of its drawings included."""
    shown = re.sub(r"<(style|script)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]*>", " ", shown))


@pytest.fixture(scope="module")
def kept():
    return {}


@pytest.fixture
def own(lsbench, folders, kept, figures_as_words):
    """What is printed of one's own data, made once."""
    return kept or kept.update(texts_of(lsbench, folders / "own")) or kept


def test_of_given_labels_no_output_says_what_only_right_ones_would_tell(own):
    said = {name: [word for word in NEEDS_TRUTH if word in text.lower()] for name, text in own.items()}
    assert not any(said.values()), said


def test_every_output_says_that_labels_are_as_given(own):
    for name, text in own.items():
        assert ("given" if name in ("csv", "wide csv", "json") else "labels as given") in text, name
    assert "labels as given, symmetric noise 0.2 added" in own["table"]


def test_numbers_that_wrong_test_labels_reorder_stand_under_their_own_heading_and_are_never_marked(own):
    head = next(line for line in own["markdown"].splitlines() if line.startswith("| loss"))
    assert "ECE % against given labels" in head
    assert "NLL against given labels" in head
    assert "Brier against given labels" in head
    assert "noise that differs by class can reverse it" in own["table"]
    of_main = own["markdown"].split("\n### ")[0].splitlines()
    marked = {i for line in of_main if line.startswith("|") for i, cell in enumerate(line.split("|")) if "**" in cell}
    columns = [cell.strip() for cell in head.split("|")]
    assert {columns[i] for i in marked} <= {"accuracy %"}


def test_a_row_of_given_labels_holds_no_record_of_noise_that_nobody_knows(folders):
    rows, _ = store.read(folders / "own")
    assert {row.noise_record.get("realised") for row in rows} == {None}
    assert all(row.noise_record == {} for row in rows if not row.cell.noise_rate)
    assert all(0.1 < row.noise_record["changed"] < 0.3 for row in rows if row.cell.noise_rate)
    assert {tuple(row.labels.items()) for row in rows} == {(("train", "given"), ("test", "given"))}


def test_of_published_labels_the_same_outputs_keep_their_words(lsbench, folders, figures_as_words):
    told = {
        "table": ("no noise", "ECE if separable %", "wrong labels fitted %", "(realised 0."),
        "tables": ("best clean val (oracle)", "price of having no clean labels", "oracle"),
        "wide csv": ("val_clean_accuracy", "train_accuracy_wrong", "separable.ece"),
        "page": ("wrong labels memorised", "on right labels", "chosen or fitted with clean labels"),
    }
    published = texts_of(lsbench, folders / "published", told)
    assert "as given" not in published["table"]
    assert [(name, word) for name, words in told.items() for word in words if word not in published[name]] == []


def test_trust_gives_test_labels_their_words_back_and_changes_no_number(lsbench, folders):
    folder = folders / "own"
    trusted = lsbench("report", folder, "--trust", "test")[1]
    assert "training labels as given, test labels trusted" in trusted
    assert "against given labels" not in trusted
    numbers = [re.findall(r"\d\d\.\d\d ± \d\.\d\d", text) for text in (trusted, lsbench("report", folder)[1])]
    assert numbers[0] == numbers[1] != []
    code, _, err = lsbench("decide", folder, "--trust", "val")
    assert code == 2
    assert "trust must be one of train, test; got 'val'" in err


def test_neither_run_nor_what_it_adds_seed_by_seed_says_it(lsbench, folders):
    ask = ("--dataset", folders / "own.npz", "--model", "linear", "--loss", "ce,lsr", "--epochs", "1", "--out", "o")
    code, _, err = lsbench("run", *ask, "--adaptive", "--seeds", "3")
    assert code == 0, err
    texts = {"run": err, "adaptive": lsbench("report", "o")[1], "plan": "".join(lsbench("plan", *ask)[1:])}
    assert [(name, word) for name, text in texts.items() for word in NEEDS_TRUTH if word in text.lower()] == []
    assert "linear, labels as given, ce, seed 0: accuracy" in err
    assert "labels as given" in texts["adaptive"].split("adaptive comparisons with ce")[1]


def test_wrong_test_labels_of_published_data_are_called_given(lsbench):
    ask = ("--dataset", "blobs", "--model", "linear", "--loss", "ce,gce", "--seeds", "2", "--epochs", "1", "--out", "o")
    assert lsbench("run", *ask, "--noise", "0,0.2", "--test-noise", "0.2")[0] == 0
    table = lsbench("report", "o")[1]
    assert "blobs, linear, no noise in training, test labels as given: " in table
    assert "symmetric noise 0.2 (realised " in table
    assert "), test labels as given: " in table
    assert "ECE % against given labels" in table
    assert "separable" not in table
    assert "wrong labels fitted %" in table


def test_run_records_trust_and_refuses_it_for_published_labels(lsbench, folders):
    ask = ("--model", "linear", "--loss", "ce", "--seeds", "1", "--epochs", "1", "--out", "o", "--trust", "test")
    code, _, err = lsbench("run", "--dataset", folders / "own.npz", *ask)
    assert code == 0, err
    (row,) = store.read(Path("o"))[0]
    assert row.labels == {"train": "given", "test": "trusted"}
    assert "training labels as given, test labels trusted, ce, seed 0: accuracy" in err
    code, _, err = lsbench("run", "--dataset", "blobs", *ask)
    assert code == 2
    assert "--trust has no effect: the labels of blobs are published" in err


def test_an_arm_that_was_handed_a_noise_matrix_of_given_labels_is_left_out_and_named(lsbench, tmp_path):
    rows = [*rows_of("ce", [0.9, 0.91]), *rows_of("gce", [0.8, 0.82]), *rows_of("forward", [0.95, 0.96])]
    for row in rows:
        store.write(replace(row, cell=replace(row.cell, dataset="./photos")), tmp_path / "old")
    code, table, err = lsbench("report", "old")
    assert code == 0, err
    assert "left out: forward matrix=known, as nobody knows the noise matrix of labels as given" in err
    assert "forward" not in table
    code, _, err = lsbench("report", "old", "--fail-if", "val_clean_accuracy(ce) > 5")
    assert code == 2
    assert "nobody knows val_clean_accuracy, as the training labels are as given" in err
    assert "forward matrix=known" in lsbench("decide", "old")[1]
