"""`lsbench verify`: from rows to a page and a CSV, and on from the answers."""

import csv
import json
import shutil

import numpy as np
import pytest

from lsbench.analysis.looking.ready import _notes_on_number
from lsbench.rows.looks import read_designs, read_verified

NAMES = ("cat", "dog", "?bird")
RUN = ("run", "--dataset", "./a.npz", "--model", "linear", "--epochs", "2", "--seeds", "2", "--folds", "2")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder with a small data set of images, a fifth of the labels wrong."""
    folder, rng = tmp_path_factory.mktemp("verify"), np.random.default_rng(0)
    arrays = {}
    for part, count in (("train", 60), ("test", 50)):
        labels = rng.integers(0, 3, count)
        brightness = rng.integers(0, 90, (count, 8, 8, 3)) + 60 * labels[:, None, None, None]
        arrays[f"x_{part}"] = brightness.astype(np.uint8)
        arrays[f"y_{part}"] = np.array(NAMES)[np.where(rng.random(count) < 0.2, (labels + 1) % 3, labels)]
    np.savez(folder / "a.npz", **arrays)
    return folder


@pytest.fixture
def mine(data, lsbench, tmp_path):
    """The data set and the rows of two losses, copied into the folder where `lsbench` runs."""
    shutil.copytree(data, tmp_path, dirs_exist_ok=True)
    if not (data / "results").exists():
        assert lsbench(*RUN, "--loss", "ce,mae")[0] == 0
        shutil.copytree(tmp_path / "results", data / "results")
    return tmp_path


def lines(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def answered(source, target, person="anna", label=None):
    """Fill in a spreadsheet: with `label`, or class after class."""
    rows = lines(source)
    rows = [{**row, "label": label or ("cat", "dog", "\\?bird")[i % 3], "person": person} for i, row in enumerate(rows)]
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return str(target)


def the_design(mine):
    (design,), damaged = read_designs(mine / "results/verify")
    assert not damaged
    return design


def test_a_page_a_csv_and_pictures_are_written_for_a_design_that_is_kept(lsbench, mine):
    code, out, err = lsbench("verify", "--n", "30")
    assert (code, out) == (0, "")
    design = the_design(mine)
    assert f"design {design.id}: 30 of 50 test examples of './a.npz'" in err
    assert "then: lsbench decide results --verified verified.csv" in err
    assert (design.count, design.classes, design.announced, len(design.digests)) == (
        50,
        tuple(sorted(NAMES)),
        (30,),
        30,
    )
    assert [arm.name for arm in design.arms] == ["ce", "mae"]
    assert all(len(arm.rows) == 2 for arm in design.arms)
    folder = mine / "results/verify"
    page, table = (folder / "verify.html").read_text(), lines(folder / "verify.csv")
    assert sorted(int(row["item"]) for row in table) == sorted(design.numbers[design.order[:30]].tolist())
    assert not any(row["label"] or row["path"] or row["person"] for row in table)
    assert all((folder / row["picture"]).read_bytes().startswith(b"\xff\xd8") for row in table)  # a JPEG
    assert all(row["sha256"] in page and row["design"] == design.id for row in table)


def test_the_same_line_goes_on_and_a_larger_n_reads_on(lsbench, mine):
    lsbench("verify", "--n", "25")
    first = the_design(mine)
    assert "made before: 25 of 50" in lsbench("verify")[2]
    assert "made before: 40 of 50" in lsbench("verify", "--n", "40")[2]
    again = the_design(mine)
    assert (again.id, again.announced, again.digests[:25]) == (first.id, (40,), first.digests)


def test_the_number_of_looks_can_be_taken_back_until_a_verdict_is_made_of_answers(lsbench, mine):
    err = lsbench("verify", "--n", "9999")[2]
    assert "there are 50 examples: all of them" in err
    assert "25 looks are announced now in place of 50" in lsbench("verify", "--n", "25")[2]
    assert the_design(mine).announced == (25,)
    file = answered(mine / "results/verify/verify.csv", mine / "results/verify/anna.csv")
    assert lsbench("decide", "results", "--verified", str(file))[0] == 0
    assert "25 looks were announced before a verdict" in lsbench("verify", "--n", "20")[2]
    assert "there are 50 examples: all of them" in lsbench("verify", "--n", "500", "--verified", str(file))[2]
    assert the_design(mine).announced == (25, 50)
    shutil.copytree(mine / "results/cells", mine / "other/results/cells")  # another folder, whose looks are these
    assert lsbench("verify", "other/results", "--n", "30", "--verified", str(file))[0] == 0
    assert the_design(mine / "other").announced == (25, 50)


def test_a_number_of_looks_that_nobody_may_mean_is_said_to_be_one():
    (note,) = _notes_on_number(9_999, 0, 9_999, stays=False)
    assert note.startswith("9,999 looks take about 17 hours at 6 seconds each")
    assert note.endswith("To announce fewer: --n 100")
    assert _notes_on_number(100, 0, 100, stays=False) == []


def test_a_run_that_was_killed_while_it_wrote_leaves_nothing_that_hinders(lsbench, mine):
    lsbench("verify", "--n", "25")
    design, folder = the_design(mine), mine / "results/verify"
    (folder / f"{design.id}.json").unlink()
    (folder / f"{design.id}.npz").write_bytes(b"cut off")
    assert lsbench("verify", "--n", "25")[0] == 0
    assert the_design(mine).id == design.id


def test_answers_are_read_on_from_and_a_second_person_is_asked(lsbench, mine):
    lsbench("verify", "--n", "25")
    folder = mine / "results/verify"
    anna = answered(folder / "verify.csv", mine / "anna.csv")
    assert "all of them have an answer; to look at more: --n 37" in lsbench("verify", "--verified", anna)[2]
    err = lsbench("verify", "--verified", anna, "--n", "37")[2]
    assert "25 of them have an answer, by anna" in err
    assert f"--verified {anna} --verified verified-37.csv" in err
    assert len(lines(folder / "verify.csv")) == 12
    code, _, err = lsbench("verify", "--verified", anna, "--second", "0.2")
    assert code == 0
    asked = {int(row["item"]) for row in lines(folder / "verify-second.csv")}
    (by_anna,) = read_verified([anna], [folder])
    assert set(by_anna.numbers[by_anna.changed].tolist()) <= asked
    ben = answered(folder / "verify-second.csv", mine / "ben.csv", "ben", "cat")
    (both,) = read_verified([anna, ben], [folder])
    assert (both.people, both.agreement_n, both.n) == (("anna", "ben"), len(asked), 25)


def test_answers_in_the_csv_are_never_written_over(lsbench, mine):
    lsbench("verify", "--n", "25")
    table = mine / "results/verify/verify.csv"
    answered(table, table)
    before = table.read_bytes()
    for more in ((), ("--n", "37"), ("--n", "37", "--verified", str(table))):
        code, _, err = lsbench("verify", *more)
        assert (code, table.read_bytes()) == (2, before)
        assert "verify.csv holds answers, and would be written again; rename it" in err
    table.write_bytes(b"item;label\n3;cat\n")  # nobody knows what is in it
    assert lsbench("verify", "--n", "37")[0] == 2
    table.unlink()
    assert lsbench("verify", "--n", "37")[0] == 0


def test_each_page_saves_its_answers_by_a_name_that_is_not_taken(lsbench, mine):
    lsbench("verify", "--n", "25")
    folder = mine / "results/verify"
    anna = answered(folder / "verify.csv", mine / "anna.csv")
    lsbench("verify", "--verified", anna, "--second", "0.5")
    answered(folder / "verify-second.csv", mine / "verified-second.csv", "ben")
    third = lsbench("verify", "--verified", f"{anna},verified-second.csv", "--second", "0.5")[2]
    assert third.strip().endswith("--verified verified-second.csv --verified verified-second-2.csv")


def test_what_to_do_next_is_to_answer_what_was_left_out(lsbench, mine):
    lsbench("verify", "--n", "30")
    rows = lines(mine / "results/verify/verify.csv")
    answered(mine / "results/verify/verify.csv", mine / "anna.csv")
    last = read_verified([mine / "anna.csv"], [mine / "results/verify"])[0].numbers[20]
    text = (mine / "anna.csv").read_text().splitlines()
    kept = [line for line in text if not line.startswith(f"{last},")]
    assert len(kept) == len(rows)
    (mine / "anna.csv").write_text("\n".join(kept))
    out = lsbench("decide", "--verified", "anna.csv")[1]
    assert "9 more answers are not used, as an example before them in the order has none." in out
    assert "What to do next: Answer what has no answer yet" in out
    assert "the 9 answers that are not used count, too: lsbench verify results --verified anna.csv." in out


def test_answers_of_another_folder_say_where_they_can_be_used(lsbench, mine):
    lsbench("verify", "--n", "25")
    anna = answered(mine / "results/verify/verify.csv", mine / "anna.csv")
    shutil.copytree(mine / "results", mine / "other", ignore=shutil.ignore_patterns("verify"))
    code, _, err = lsbench("decide", "other", "--verified", anna)
    assert (code, len(err.strip().splitlines())) == (2, 1)
    assert "copy the answers into the folder verify of the one that they belong to" in err
    shutil.move(anna, mine / "results/verify/anna.csv")
    assert lsbench("decide", "other", "--verified", "results/verify/anna.csv")[0] == 0


def test_rows_of_one_loss_leave_nothing_to_decide_and_that_is_said(lsbench, mine):
    assert lsbench(*RUN, "--loss", "ce", "--out", "one")[0] == 0
    assert "there are rows of ce alone: train another loss first" in lsbench("verify", "one", "--n", "25")[2]
    assert "alone" not in lsbench("verify", "--n", "25")[2]


def test_training_examples_are_those_that_were_held_out(lsbench, mine):
    code, _, err = lsbench("verify", "--part", "train", "--n", "25", "--out", "pages")
    assert code == 0
    assert "25 of 60 held-out training examples" in err
    assert "lsbench decide results --verified verified-train.csv" in err
    design = the_design(mine)
    assert (design.part, design.numbers.tolist()) == ("train", list(range(60)))
    assert len(lines(mine / "pages/verify-train.csv")) == 25
    assert (mine / "pages/verify-train.html").is_file()


def test_another_seed_is_another_order(lsbench, mine):
    lsbench("verify", "--n", "25")
    lsbench("verify", "--n", "25", "--seed", "1")
    (one, other), _ = read_designs(mine / "results/verify")
    assert np.array_equal(one.sizes, other.sizes)
    assert one.order.tolist() != other.order.tolist()


def test_arms_that_were_trained_since_are_named(lsbench, mine):
    lsbench("verify", "--n", "25")
    assert "trained since" not in lsbench("verify")[2]
    assert lsbench(*RUN, "--loss", "gce,lsr")[0] == 0
    code, _, err = lsbench("verify")
    assert code == 0
    assert "trained since: lsr 0.1, gce q=0.7; what" in err


def test_bad_input_is_exit_code_2_and_one_sentence(lsbench, mine):
    lsbench("verify", "--n", "25")
    anna = answered(mine / "results/verify/verify.csv", mine / "anna.csv")
    cases = {
        "--n must be": ["--n", "1"],
        "--part must be one of": ["--part", "val"],
        "--second is for what somebody has looked at": ["--second", "0.2"],
        "--second must be": ["--second", "2", "--verified", anna],
        "say which with --dataset": ["--dataset", "mnist"],
        "no file none.csv": ["--verified", "none.csv"],
        "say which is meant": ["--verified", anna, "--part", "train"],
        "is empty": ["--verified", ""],
    }
    for said, words in cases.items():
        code, out, err = lsbench("verify", *words)
        assert (code, out) == (2, ""), said
        assert said in err
        assert len(err.strip().splitlines()) == 1
    assert lsbench("verify", "nothing")[0] == 4


def test_data_that_changed_since_the_rows_were_trained_are_refused(lsbench, mine):
    lsbench("verify", "--n", "25")
    with np.load("a.npz") as arrays:
        changed = dict(arrays)
    changed["y_test"] = changed["y_test"][::-1]
    np.savez("a.npz", **changed)
    code, _, err = lsbench("verify")
    assert code == 2
    assert "is not what it was when its rows were trained" in err


def test_rows_without_predictions_per_example_say_what_to_do(lsbench, mine):
    shutil.rmtree(mine / "results/examples")
    assert "train without --no-per-example" in lsbench("verify")[2]
    shutil.rmtree(mine / "results/predictions")
    assert "train with folds" in lsbench("verify", "--part", "train")[2]


def test_a_design_that_is_damaged_is_named_and_a_new_one_is_made(lsbench, mine):
    lsbench("verify", "--n", "25")
    path = mine / f"results/verify/{the_design(mine).id}.json"
    value = json.loads(path.read_text())
    path.write_text(json.dumps({**value, "seed": 7}))
    code, _, err = lsbench("verify", "--n", "25")
    assert code == 0
    assert f"{path.name}: its content hashes to" in err
    assert the_design(mine).seed == 0
