"""What `plan` and `run` open grows with the cells that were asked for, not with the folder."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from lsbench.planning import estimate
from lsbench.rows import store

TINY = ("--dataset", "blobs", "--model", "linear", "--epochs", "1", "--train-size", "200")
OTHERS = 60


@pytest.fixture
def large(lsbench, tmp_path, monkeypatch):
    """A folder of 3 cells that were asked for, one of them an unreadable file, and many others; opened files."""
    lsbench("run", *TINY, "--seeds", "1", "--out", "o")
    rows, _ = store.read(Path("o"))
    monkeypatch.setattr(os, "fsync", lambda _: None)
    for seed in range(OTHERS):
        store.write(replace(rows[0], cell=replace(rows[0].cell, seed=100 + seed)), Path("o"))
    (tmp_path / "o/cells/00").mkdir(exist_ok=True)
    (tmp_path / "o/cells/00/broken.json").write_text("{")
    opened, read_row = [], store.read_row
    monkeypatch.setattr(store, "read_row", lambda path: (opened.append(path.stem), read_row(path))[1])
    return [row.id for row in rows], opened


def test_run_opens_the_rows_of_its_cells_and_no_other(lsbench, large):
    ids, opened = large
    code, _, err = lsbench("run", *TINY, "--seeds", "1", "--out", "o")
    assert (code, "3 of 3 cells are in o already" in err) == (0, True)
    assert sorted(opened) == sorted(ids)
    opened.clear()
    lsbench("run", *TINY, "--seeds", "2", "--out", "o")
    assert len(set(opened)) <= 6
    assert set(ids) <= set(opened)


def test_plan_opens_the_rows_of_its_cells_and_no_other_where_these_were_measured(lsbench, large):
    ids, opened = large
    code, out, err = lsbench("plan", *TINY, "--seeds", "2", "--out", "o")
    assert (code, err) == (0, "")
    assert out.startswith("6 cells: 3 done")
    assert "time: about" in out
    assert sorted(opened) == sorted(ids)


def test_plan_estimates_from_a_few_other_rows_of_the_shape_where_its_own_were_not_measured(lsbench, large, monkeypatch):
    _, opened = large
    monkeypatch.setattr(estimate, "MOST_LOOKED_AT", 20)
    _, out, err = lsbench("plan", *TINY, "--seeds", "7,8", "--noise", "0.3", "--out", "o")
    assert "time: about" in out
    assert err == ""
    assert estimate.ENOUGH <= len(opened) <= 20
    opened.clear()
    _, out, _ = lsbench("plan", *TINY, "--seeds", "1", "--batch-size", "7", "--out", "o")
    assert "not known" in out
    assert len(opened) == 20


def test_an_unreadable_row_of_a_cell_that_was_asked_for_is_named(lsbench, large):
    ids, _ = large
    store.path_of(ids[0], Path("o")).write_text("{")
    _, _, err = lsbench("plan", *TINY, "--seeds", "1", "--out", "o")
    assert err.count("skipped") == 1
    assert ids[0] in err
    code, _, err = lsbench("run", *TINY, "--seeds", "1", "--out", "o")
    assert (code, "this file is kept under another name" in err) == (0, True)


def test_adaptive_opens_the_rows_of_its_cells_and_no_other(lsbench, large):
    _, opened = large
    code, _, _ = lsbench("run", *TINY, "--loss", "ce,lsr", "--seeds", "3", "--adaptive", "--out", "o")
    assert code == 0
    assert len(set(opened)) <= 6


def test_a_sample_of_rows_is_no_larger_than_asked_and_passes_over_what_is_no_row(large):
    ids, opened = large
    assert len(list(store.sample(Path("o"), 10))) <= 10
    opened.clear()
    everything = list(store.sample(Path("o"), 10_000, without=ids))
    assert len(everything) == OTHERS
    assert not {row.id for row in everything} & set(ids)
    assert list(store.sample(Path("nowhere"), 5)) == []
