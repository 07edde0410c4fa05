"""`lsbench suspects`: the list of suspicious labels, as tables and files."""

import csv
import json
from io import StringIO

import numpy as np
import pytest

from lsbench import compare

N, SWAPPED = 120, 5  # an example whose label is that of another class


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    """Three classes of vectors, far from each other; a training and a test label swapped; a pair of equal rows."""
    draws = np.random.default_rng(0)
    labels = np.arange(N) % 3
    x = np.eye(3)[labels] * 4 + draws.normal(size=(N, 3))
    test = np.eye(3)[np.arange(30) % 3] * 4 + draws.normal(size=(30, 3))
    test[4] = x[7]
    given, test_given = labels.copy(), np.arange(30) % 3
    given[SWAPPED], test_given[9] = (given[SWAPPED] + 1) % 3, 1
    test_given[4] = 2
    folder = tmp_path_factory.mktemp("suspects")
    names = np.array(["cat", "dog", "owl"])
    np.savez(folder / "mine.npz", x_train=x, y_train=names[given], x_test=test, y_test=names[test_given])
    return folder


ASK = ("--dataset", "./mine.npz", "--model", "linear", "--loss", "ce,gce", "--epochs", "15", "--lr", "0.1")


@pytest.fixture
def trained(lsbench, mine, monkeypatch):
    monkeypatch.chdir(mine)
    if not any((mine / "results").glob("cells/*/*.json")):
        assert lsbench("run", *ASK, "--noise", "0,0.1")[0] == 0
    return mine


def test_swapped_labels_stand_first_and_nothing_is_called_wrong(lsbench, trained):
    code, out, _ = lsbench("suspects", "--top", "1")
    assert code == 0
    first = next(line for line in map(str.split, out.splitlines()) if line[:1] == [f"{SWAPPED}"])
    assert (first[1:3], first[-1]) == (["cat", "owl"], "1")
    assert "Suspicious is not wrong" in out
    assert "near-duplicates with different labels: 1 set" in out
    assert "recall of random flips that the run planted" in out
    assert "Real mistakes are harder" in out
    assert "precision" not in out.replace("No precision", "")


def test_csv_and_json_have_every_example_by_the_number_that_order_prints(lsbench, trained):
    lines = list(csv.DictReader(StringIO(lsbench("suspects", "--format", "csv")[1])))
    order = {line["number"]: line for line in csv.DictReader(StringIO(lsbench("order", "./mine.npz")[1]))}
    assert len(lines) == N + 30
    assert all(order[line["example"]]["label"] == line["given"] for line in lines)
    assert all(order[line["example"]]["part"] == line["part"] for line in lines)
    assert [line["example"] for line in lines if line["rank"] == "1"] == [str(SWAPPED), str(N + 9)]
    (told,) = json.loads(lsbench("suspects", "--format", "json", "--part", "test")[1])
    assert [one["example"] for one in told["examples"]][:1] == [N + 9]
    assert {one["part"] for one in told["examples"]} == {"test"}
    assert [{twin["example"] for twin in unit} for unit in told["near_duplicates"]] == [{7, N + 4}]
    assert told["recall_of_random_flips"][0]["planted"] > 0
    code, _, err = lsbench("suspects", "--out", "list")
    assert (trained / "list" / "suspects.csv").read_text() == lsbench("suspects", "--format", "csv")[1]
    assert (code, "wrote suspects.html into list" in err) == (0, True)
    gallery = (trained / "list" / "suspects.html").read_text()
    suggesting = [line for line in lines if line["suggested"] != line["given"]]
    assert gallery.count('<th scope="row">') == len(suggesting) + 2  # two near-duplicates
    assert "given <bdi>cat</bdi> → suggested <bdi>owl</bdi>" in gallery
    assert "lsbench verify results --part train --n 100" in gallery
    assert f">{SWAPPED}</td>" in "".join(gallery.split())


def test_what_can_not_be_ranked_is_said_in_one_sentence(lsbench, trained):
    assert lsbench("suspects", "--dataset", "./other.npz")[0] == 2
    assert lsbench("suspects", "--part", "val")[0] == 2
    assert lsbench("suspects", "nowhere")[0] == 4
    lsbench(
        "run", "--dataset", "blobs", "--model", "linear", "--loss", "ce", "--epochs", "1", "--seeds", "1", "--out", "b"
    )
    code, _, err = lsbench("suspects", "b")
    assert (code, "--save-logits" in err) == (4, True)
    lsbench("run", *ASK, "--noise", "0.2", "--seeds", "1", "--out", "noisy")
    code, _, err = lsbench("suspects", "noisy")
    assert (code, "train with --noise 0, too" in err) == (4, True)


def test_rows_of_files_that_have_changed_are_refused(lsbench, trained):
    content = (trained / "mine.npz").read_bytes()
    arrays = dict(np.load(trained / "mine.npz"))
    try:
        np.savez(trained / "mine.npz", **{**arrays, "y_train": np.roll(arrays["y_train"], 1)})
        code, _, err = lsbench("suspects")
    finally:
        (trained / "mine.npz").write_bytes(content)
    assert (code, "have changed since the rows were trained" in err) == (2, True)


def answer(asked, answered, label_of):
    """Fill in the spreadsheet that `verify` wrote."""
    with asked.open(newline="") as file:
        lines = list(csv.DictReader(file))
    with answered.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(line | {"label": label_of(int(line["item"]))} for line in lines)


def test_looks_at_training_labels_say_what_share_of_the_list_is_wrong(lsbench, trained):
    assert lsbench("verify", "--part", "train", "--n", "30")[0] == 0
    answer(trained / "results/verify/verify-train.csv", trained / "looked.csv", lambda i: ["cat", "dog", "owl"][i % 3])
    _, out, _ = lsbench("suspects", "--verified", "looked.csv", "--top", "1")
    assert "30 of 120 were looked at" in out
    assert "the 25 most suspicious" in out
    assert "is not known" not in out
    (data,) = json.loads(lsbench("suspects", "--verified", "looked.csv", "--format", "json")[1])
    assert data["looked_at"]["noise"]["looked"] == 30
    assert lsbench("verify", "--n", "5", "--test-noise", "0")[0] == 0
    answer(trained / "results/verify/verify.csv", trained / "of_test.csv", lambda _: "cat")
    code, _, err = lsbench("suspects", "--verified", "of_test.csv")
    assert (code, "no looks at training labels" in err) == (2, True), err


def test_compare_has_what_looks_show_in_its_attributes(lsbench, trained):
    assert lsbench("verify", "--n", "30", "--test-noise", "0")[0] == 0
    answer(trained / "results/verify/verify.csv", trained / "seen.csv", lambda i: ["cat", "dog", "owl"][i % 3])
    recipe = {"epochs": 15, "lr": 0.1}
    asked = {"data": "./mine.npz", "model": "linear", "losses": ["ce", "gce"], "recipe": recipe}
    table = compare(**asked, out="results", verified="seen.csv")
    (looked,) = table.attrs["looked"]
    assert looked["looks"]["n"] == 30
    (told,) = json.loads(lsbench("decide", "--verified", "seen.csv", "--json")[1])[:1]
    assert looked["claims"] == told["looked"]["claims"]
