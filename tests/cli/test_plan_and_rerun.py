"""Looking ahead with `plan`, and back with `rerun`."""

import json
from dataclasses import replace
from functools import partial
from hashlib import sha256

import pytest

from lsbench.cli import rerun
from lsbench.names.catalogue import LOSSES
from lsbench.planning import plan
from lsbench.planning.estimate import examples_bytes_of
from lsbench.rows import store
from lsbench.rows.compare import compare_rows
from lsbench.rows.examples import read_examples
from lsbench.spec import Grid
from lsbench.workers.claims import Claims
from tests import one_process
from tests.workers.faults import row_of

TINY = ("--dataset", "blobs", "--model", "linear", "--epochs", "1", "--train-size", "200")


def test_a_plan_counts_measures_and_saves_what_was_asked(lsbench, tmp_path):
    line = (*TINY, "--seeds", "2", "--noise", "0.2")
    code, out, _ = lsbench("plan", *line, "--write", "study.toml")
    assert code == 0
    assert out.splitlines()[0] == "6 cells: 0 done, 0 failed, 6 to do in 1 stack"
    assert "not known" in out
    assert "disk: about 0.04 MB for the predictions that are kept of test examples" in out
    assert "per test example" not in lsbench("plan", *line, "--no-per-example")[1]
    _, out, _ = lsbench("plan", "study.toml", "--measure")
    assert "time: about" in out
    assert not list(tmp_path.rglob("cells/*/*.json"))
    code, _, err = lsbench("run", "study.toml")
    assert (code, "6 of 6 cells ok" in err) == (0, True)
    (kept,) = (tmp_path / "results/studies").iterdir()
    assert "0 to train" in lsbench("run", kept)[2]
    require_examples_beside_rows(tmp_path / "results")
    assert "per_example" not in kept.read_text()
    _, out, _ = lsbench("run", "study.toml", "--seeds", "4", "--dry-run")
    assert out.startswith("12 cells: 6 done, 0 failed, 6 to do")
    assert json.loads(lsbench("plan", "study.toml", "--json")[1])["done"] == 6


def require_examples_beside_rows(folder):
    rows, _ = store.read(folder)
    for row in rows:
        path = store.examples_path(row.id, folder)
        examples = read_examples(path)
        assert examples is not None
        assert examples.values("accuracy").mean() == row.metrics["accuracy"]
        assert examples.values("nll").mean() == pytest.approx(row.metrics["nll"], rel=1e-3)
        assert 0.4 < path.stat().st_size / examples_bytes_of([row.cell]) < 1.2  # what a plan states


def test_a_row_without_what_each_test_example_got_is_finished_all_the_same(lsbench, tmp_path):
    line = ("run", *TINY, "--loss", "ce", "--seeds", "1")
    lsbench(*line, "--no-per-example")
    (row,), _ = store.read(tmp_path / "results")
    assert not (tmp_path / "results/examples").exists()
    assert "0 to train" in lsbench(*line)[2]
    lsbench(*line, "--rerun", "all")
    assert store.read(tmp_path / "results")[0][0].metrics == row.metrics
    require_examples_beside_rows(tmp_path / "results")


def test_a_stored_row_trains_again_to_the_same_bits(lsbench, tmp_path):
    lsbench("run", *TINY, "--seeds", "2")
    path = next(iter((tmp_path / "results/cells").rglob("*.json")))
    before = path.read_bytes()
    code, out, _ = lsbench("rerun", path.stem[:8], "--verify")
    assert (code, out) == (0, f"{path.stem}: equal, bit for bit\n")
    assert path.read_bytes() == before
    document = json.loads(before)
    document["metrics"]["accuracy"] = 0.001
    path.write_text(json.dumps(document))
    code, out, _ = lsbench("rerun", path.stem, "--verify")
    assert (code, "NOT reproduced" in out) == (3, True)
    assert lsbench("rerun", path.stem)[0] == 0
    assert json.loads(path.read_text())["metrics"] == json.loads(before)["metrics"]


def test_a_row_is_reproduced_in_its_own_stack_whatever_was_trained_beside_it(lsbench, tmp_path):
    """What the README promises: the bits of a stack, and of a cell in another stack all but the last."""
    lsbench("run", *TINY, "--seeds", "1", "--loss", "lsr", "--out", "mixed")
    lsbench("run", *TINY, "--seeds", "2", "--out", "mixed")
    lsbench("run", *TINY, "--seeds", "2", "--out", "at-once")
    mixed, at_once = ({row.id: row for row in store.read(tmp_path / out)[0]} for out in ("mixed", "at-once"))
    assert sorted(len(row.stack) for row in mixed.values()) == [1, 5, 5, 5, 5, 5]
    assert {len(row.stack) for row in at_once.values()} == {6}
    for row_id, row in mixed.items():
        assert lsbench("rerun", row_id, "--verify", "--out", "mixed")[1] == f"{row_id}: equal, bit for bit\n"
        assert compare_rows(row, at_once[row_id]).close


def test_rerun_names_what_of_the_users_code_has_changed(lsbench, tmp_path):
    (tmp_path / "mine_r.py").write_text("from helper_r import f\nimport other_r\n")
    (tmp_path / "other_r.py").write_text("x = 1\n")
    loss = "def f(z, y):\n    return -z.log_softmax(-1).gather(-1, y.unsqueeze(-1)).squeeze(-1)"
    (tmp_path / "helper_r.py").write_text(f"{loss}\n")
    line = ("run", *TINY, "--seeds", "1", "--loss", "./mine_r.py:f")
    assert lsbench(*line)[0] == 0
    (path,) = (tmp_path / "results/cells").rglob("*.json")
    assert lsbench("rerun", path.stem, "--verify")[:2] == (0, f"{path.stem}: equal, bit for bit\n")
    (tmp_path / "helper_r.py").write_text(f"{loss} * 2\n")
    code, _, err = lsbench("rerun", path.stem, "--verify")
    assert (code, "another version of the loss ./mine_r.py:f; changed since: helper_r\n" in err) == (2, True), err
    assert "1 cells ok" in lsbench(*line)[2]
    assert len(list((tmp_path / "results/cells").rglob("*.json"))) == 2


def test_rerun_knows_a_row_of_a_version_that_did_not_look_at_imports(lsbench, tmp_path):
    (tmp_path / "mine_v.py").write_text("import helper_v\nf = helper_v.f\ndef g(z, y):\n    return helper_v.f(z, y)\n")
    (tmp_path / "helper_v.py").write_text(
        "def f(z, y):\n    return -z.log_softmax(-1).gather(-1, y.unsqueeze(-1)).squeeze(-1)\n"
    )
    (cell,) = plan.expand(Grid(datasets=("blobs",), models=("linear",), losses=("./mine_v.py:g",), seeds=(0,)))
    own = sha256((tmp_path / "mine_v.py").read_bytes()).hexdigest()[:16]
    old = replace(cell, sources=(("loss", own),))
    store.write(row_of(old, [old]), tmp_path / "results")
    code, _, err = lsbench("rerun", old.id, "--verify")
    assert (code, "the row does not say which version of helper_v it imported" in err) == (2, True), err


def test_a_good_row_is_not_given_up_for_a_failed_one(lsbench, tmp_path, monkeypatch):
    lsbench("run", *TINY, "--seeds", "1", "--loss", "ce")
    (path,) = (tmp_path / "results/cells").rglob("*.json")
    before = path.read_bytes()
    monkeypatch.setattr(rerun, "run_all", partial(one_process.run_all, trainer="tests.workers.faults:fail"))
    for options in ((), ("--verify",)):
        code, out, err = lsbench("rerun", path.stem, *options)
        assert (code, out, "could not be trained again" in err) == (3, "", True)
        assert path.read_bytes() == before


def test_other_files_under_the_same_name_do_not_pass_for_a_rows_data(lsbench, tmp_path, monkeypatch):
    lsbench("run", *TINY, "--seeds", "1", "--loss", "ce")
    (path,) = (tmp_path / "results/cells").rglob("*.json")
    monkeypatch.setattr(rerun, "fingerprint_of", lambda *_: "another")
    code, _, err = lsbench("rerun", path.stem)
    assert (code, "fingerprint blobs-1, the files here another" in err) == (2, True)


def test_a_row_that_another_run_is_training_is_left_to_it(lsbench, tmp_path):
    lsbench("run", *TINY, "--seeds", "1", "--loss", "ce")
    (path,) = (tmp_path / "results/cells").rglob("*.json")
    with Claims(tmp_path / "results") as other:
        other.take([path.stem])
        code, _, err = lsbench("rerun", path.stem)
    assert (code, "another run is training" in err) == (2, True)


def test_a_dry_run_checks_what_a_run_checks(lsbench):
    assert lsbench("run", *TINY, "--dry-run", "--timeout", "-5")[0] == 2
    code, out, _ = lsbench("run", "--smoke", "--dry-run")
    assert (code, out.startswith(f"{len(LOSSES)} cells:")) == (0, True)
    assert lsbench("plan", *TINY, "--timeout", "5", "--save-models", "--jobs", "1")[0] == 0


def test_a_row_that_is_not_there_cannot_be_trained_again(lsbench):
    code, _, err = lsbench("rerun", "abc")
    assert (code, "0 rows in results begin with 'abc'" in err) == (2, True)
