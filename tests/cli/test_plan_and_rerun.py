"""Looking ahead with `plan`, and back with `rerun`."""

import json
from functools import partial
from types import SimpleNamespace

import one_process

from lsbench.catalogue import LOSSES
from lsbench.cli import rerun
from lsbench.workers.claims import Claims

TINY = ("--dataset", "blobs", "--model", "linear", "--epochs", "1", "--train-size", "200")


def test_a_plan_counts_measures_and_saves_what_was_asked(lsbench, tmp_path):
    line = (*TINY, "--seeds", "2", "--noise", "0.2")
    code, out, _ = lsbench("plan", *line, "--write", "study.toml")
    assert code == 0
    assert out.splitlines()[0] == "6 cells: 0 done, 0 failed, 6 to do in 1 stacks"
    assert "not known" in out
    _, out, _ = lsbench("plan", "study.toml", "--measure")
    assert "time: about" in out
    assert not list(tmp_path.rglob("cells/*/*.json"))
    code, _, err = lsbench("run", "study.toml")
    assert (code, "6 of 6 cells ok" in err) == (0, True)
    (kept,) = (tmp_path / "results/studies").iterdir()
    assert "0 to train" in lsbench("run", kept)[2]
    _, out, _ = lsbench("run", "study.toml", "--seeds", "4", "--dry-run")
    assert out.startswith("12 cells: 6 done, 0 failed, 6 to do")
    assert json.loads(lsbench("plan", "study.toml", "--json")[1])["done"] == 6


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


def test_a_good_row_is_not_given_up_for_a_failed_one(lsbench, tmp_path, monkeypatch):
    lsbench("run", *TINY, "--seeds", "1", "--loss", "ce")
    (path,) = (tmp_path / "results/cells").rglob("*.json")
    before = path.read_bytes()
    monkeypatch.setattr(rerun, "run_all", partial(one_process.run_all, trainer="faults:fail"))
    for options in ((), ("--verify",)):
        code, out, err = lsbench("rerun", path.stem, *options)
        assert (code, out, "could not be trained again" in err) == (3, "", True)
        assert path.read_bytes() == before


def test_other_files_under_the_same_name_do_not_pass_for_a_rows_data(lsbench, tmp_path, monkeypatch):
    lsbench("run", *TINY, "--seeds", "1", "--loss", "ce")
    (path,) = (tmp_path / "results/cells").rglob("*.json")
    monkeypatch.setattr(rerun, "describe", lambda *_: SimpleNamespace(fingerprint="another"))
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
