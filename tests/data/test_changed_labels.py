"""Labels that a file changes: people change given labels, predictions change what is trained on and nothing else."""

import numpy as np
import pytest

from lsbench.data.dataset import load
from lsbench.data.describe import describe, read
from lsbench.data.items import digests
from lsbench.data.order import examples
from lsbench.errors import InputError
from tests.data.folder_cases import tree
from tests.in_turn import in_turn

pytestmark = pytest.mark.usefixtures("cache")
HEADER = "example,path,given,suggested,score,verdict,person,time"
LOOKED = "item,path,sha256,label,person,design,probability,time"
X = np.random.default_rng(0).normal(size=(24, 3))
Y = np.array(["cat", "dog", "owl"])[np.arange(24) % 3]


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """mine.npz: examples 0 to 19 to train on, 20 to 23 for testing; cat, dog, owl, cat, ..."""
    monkeypatch.chdir(tmp_path)
    np.savez("mine.npz", x_train=X[:20], y_train=Y[:20], x_test=X[20:], y_test=Y[20:])
    return tmp_path


def write(path, *lines, header=HEADER):
    path.write_text("\n".join([header, *lines]) + "\n")


def fix(example, given, verdict, person, path=""):
    return f"{example},{path},{given},,,{verdict},{person},"


def named(data, labels):
    return [data.class_names[label] for label in labels.tolist()]


def test_people_change_given_labels_and_predictions_what_is_trained_on(mine):
    lines = [fix(0, "cat", "dog", "Ada"), fix(23, "owl", "cat", ""), fix(4, "dog", "owl", "predictions")]
    write(mine / "fixes.csv", *lines, fix(7, "dog", "", ""), fix(8, "owl", "keep", "Ada"))
    data, before = load("./mine.npz:labels=fixes.csv"), load("./mine.npz")
    assert named(data, data.labels) == ["dog", *Y[1:20]]
    assert named(data, data.test_labels) == [*Y[20:23], "cat"]
    assert named(data, data.trained_labels) == ["dog", *Y[1:4], "owl", *Y[5:20]]
    assert before.trained_labels is None
    assert (data.images == before.images).all()
    noisy = (data.labels + 2) % 3
    assert (data.trained_on(noisy) != noisy).nonzero().flatten().tolist() == [4]
    assert data.test_part.trained_labels is None
    description = describe("./mine.npz:labels=fixes.csv")
    assert description.fingerprint != describe("./mine.npz").fingerprint
    assert description.counts["train"] == (6, 8, 6)
    told = " ".join(description.notes)
    assert "people looked at 3 examples, fixes.csv, and changed 1 training labels, 1 test labels" in told
    assert "1 training labels are trained on as predictions suggest" in told
    assert "of chosen examples, which may favour the losses" in told


def test_verdicts_that_change_nothing_are_the_same_data(mine):
    write(mine / "fixes.csv", fix(0, "cat", "cat", "Ada"), fix(1, "dog", "?can't tell", "Ada"))
    description = describe("./mine.npz:labels=fixes.csv")
    assert description.fingerprint == describe("./mine.npz").fingerprint
    assert "1 of these have no one class" in " ".join(description.notes)


def test_only_predictions_make_other_data_too(mine):
    write(mine / "fixes.csv", fix(4, "dog", "owl", "predictions"))
    first = describe("./mine.npz:labels=fixes.csv").fingerprint
    assert first != describe("./mine.npz").fingerprint
    write(mine / "fixes.csv", fix(4, "dog", "cat", "predictions"), header=HEADER.upper())
    assert describe("./mine.npz:labels=fixes.csv").fingerprint not in (first, describe("./mine.npz").fingerprint)


def test_of_several_files_later_ones_count_and_a_person_counts_before_predictions(mine):
    write(mine / "a.csv", fix(0, "cat", "dog", "predictions"), fix(1, "dog", "cat", "Ada"), fix(2, "owl", "cat", "Ada"))
    write(mine / "b.csv", fix(0, "cat", "keep", "Ada"), fix(1, "cat", "owl", "Ada"), fix(2, "cat", "dog", "Bob"))
    data = load("./mine.npz:labels=a.csv+b.csv")
    assert named(data, data.labels[:3]) == ["cat", "owl", "cat"]  # of 2 Ada and Bob differ: as the first file left it
    assert data.trained_labels is None


def test_looked_at_labels_are_taken_where_the_digest_is_that_of_the_example(mine):
    test, train = (digests("./mine.npz", part, [1, 2, 3]) for part in ("test", "train"))
    told = [
        *zip((1, 2, 3), test, ("dog", "owl", "cat"), strict=True),
        (2, train[1], "cat"),
        (3, train[2], "?none of these"),
    ]
    seen = [f"{i},,{digest},{label},Ada,{'d1' if digest in test else 'd2'},," for i, digest, label in told]
    write(mine / "verified.csv", *seen, header=LOOKED)
    data = load("./mine.npz:labels=verified.csv")
    assert named(data, data.test_labels) == [Y[20], "dog", "owl", "cat"]
    assert named(data, data.labels) == ["cat", "dog", "cat", *Y[3:20]]
    write(mine / "verified.csv", f"1,,{train[2]},cat,Ada,d2,,", header=LOOKED)
    with pytest.raises(InputError, match="is not the one that was looked at"):
        load("./mine.npz:labels=verified.csv")


def test_a_folder_keeps_its_division_whatever_labels_are_changed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tree(tmp_path / "photos")
    before = list(examples("./photos"))
    changed = [(one, {"cat": "dog", "dog": "cat"}[one.label]) for one in before if one.number % 3 == 0]
    write(tmp_path / "fixes.csv", *(fix(999, one.label, label, "Ada", one.path) for one, label in changed))
    after = list(examples("./photos:labels=fixes.csv"))
    assert [(one.part, one.path) for one in after] == [(one.part, one.path) for one in before]
    labels = {one.path: label for one, label in changed}
    assert [one.label for one in after] == [labels.get(one.path, one.label) for one in before]
    assert describe("./photos:labels=fixes.csv").fingerprint != describe("./photos").fingerprint
    (one, digest), *_ = zip(before, digests("./photos", "train", [0]), strict=False)
    write(tmp_path / "verified.csv", f"0,{one.path},{digest},dog,Ada,d1,,", header=LOOKED)
    assert next(examples("./photos:labels=verified.csv")).label == "dog"


def test_labels_of_a_folder_in_a_file_go_with_a_file_that_changes_some(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tree(tmp_path / "photos")
    paths = [one.path for one in examples("./photos")]
    (tmp_path / "labels.csv").write_text("\n".join(["path,label", *(f"{path},{path[:3]}" for path in paths)]))
    write(tmp_path / "fixes.csv", fix(0, "cat", "dog", "Ada", "cat/003.png"))
    labels = {one.path: one.label for one in examples("./photos:labels=labels.csv+fixes.csv")}
    assert labels == {path: "dog" if path == "cat/003.png" else path[:3] for path in paths}


def test_rows_of_a_table_are_called_by_their_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"{a:.3f},{b:.3f},{label}" for (a, b, _), label in zip(X, Y, strict=True)]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,kind", *rows]))
    write(tmp_path / "fixes.csv", fix(0, "cat", "owl", "Ada", "t.csv:2"))
    labels = {one.path: one.label for one in examples("./t.csv:label=kind:labels=fixes.csv")}
    assert (labels["t.csv:2"], labels["t.csv:3"], labels["t.csv:5"]) == ("owl", "dog", "cat")
    splits, _ = read("./t.csv:label=kind:labels=fixes.csv")
    assert splits.trained_labels is None


REFUSED = {
    fix(99, "cat", "dog", "Ada"): "there is no example 99",
    fix("x", "cat", "dog", "Ada"): "example must be a whole number",
    fix(0, "dog", "cat", "Ada"): "has the label 'cat', and had 'dog' when the file was written",
    fix(0, "cow", "cat", "Ada"): "'cow' is no class",
    fix(0, "cat", "cow", "Ada"): "'cow' is no class",
    fix(20, "owl", "cat", "predictions"): "such labels are changed by people alone",
    fix(20, "owl", "cat", " Predictions "): "such labels are changed by people alone",
    fix(0, "cat", "?can't tell", "predictions"): "a verdict by predictions is one class",
    f"{fix(0, 'cat', 'dog', 'Ada')}\n{fix(0, 'cat', 'owl', 'Ada')}": "Ada said 'dog' of this example before",
    "0,,cat": "is the file cut off?",
}


@in_turn("line", REFUSED)
def test_a_verdict_that_can_not_be_taken_is_refused_in_one_sentence(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("mine.npz", x_train=X[:20], y_train=Y[:20], x_test=X[20:], y_test=Y[20:])
    write(tmp_path / "fixes.csv", line)
    with pytest.raises(InputError, match=REFUSED[line].replace("?", r"\?")) as error:
        describe("./mine.npz:labels=fixes.csv")
    assert "\n" not in str(error.value)


def test_other_files_of_labels_are_refused_where_data_have_their_labels(mine):
    (mine / "labels.csv").write_text("path,label\na,b\n")
    for name in ("labels.csv", "nowhere.csv", "3"):
        with pytest.raises(InputError, match="are changed by a file of `lsbench suspects --write`"):
            describe(f"./mine.npz:labels={name}")
    with pytest.raises(InputError, match="are not changed by a file"):
        describe("mnist:labels=labels.csv")


MODULE = """
import numpy as np, pandas as pd
a = np.load("mine.npz")
def arrays(): return a["x_train"], a["y_train"], a["x_test"], a["y_test"]
def frame(): return pd.DataFrame(a["x_train"], columns=list("abc")).assign(kind=a["y_train"]), "kind"
"""


def test_labels_that_a_function_returns_are_changed_too(mine):
    (mine / "own_data.py").write_text(MODULE)
    for name in ("./own_data.py:arrays", "./own_data.py:frame"):
        first = next(iter(examples(name)))
        write(mine / "fixes.csv", fix(first.number, first.label, "owl", "Ada", first.path))
        data = load(f"{name}:labels=fixes.csv")
        assert named(data, data.labels)[0] == "owl" != first.label
        assert describe(f"{name}:labels=fixes.csv").fingerprint != describe(name).fingerprint
        with pytest.raises(InputError, match="are changed by a file of `lsbench suspects --write`"):
            describe(f"{name}:labels=nowhere.csv")
