import json
import os
from dataclasses import replace

import pytest

from lsbench.errors import InputError, StorageError
from lsbench.rows import store
from lsbench.rows.row import STORED, Row
from lsbench.spec import Cell


def a_row(seed=0, **changes):
    cell = Cell(dataset="blobs", fingerprint="f", model="linear", loss="lsr", hyper=(("eps", 0.1),), seed=seed)
    return Row(**{"cell": cell, "status": "ok", "metrics": {"accuracy": 0.5, "ece": 0.1, "nll": None}, **changes})


def edit(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_row_reads_back_as_it_was_written(tmp_path):
    data = {"classes": ["cat", "dog"], "train": [5, 4], "held_out": [0, 1], "test": [2, 2]}
    row = a_row(curves={"accuracy": [0.25, 0.5]}, seconds=1.5, stack=["a"], provenance={"torch": "2"}, data=data)
    path = store.write(row, tmp_path)
    assert path == tmp_path / "cells" / row.id[:2] / f"{row.id}.json"
    assert store.read(tmp_path) == ([row], [])


def test_nothing_but_rows_is_left_behind(tmp_path):
    for seed in range(5):
        store.write(a_row(seed), tmp_path)
    store.write(a_row(0), tmp_path)
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 5


def test_a_write_that_fails_leaves_the_old_row_and_no_temporary_file(tmp_path, monkeypatch):
    path = store.write(a_row(), tmp_path)
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.os, "fsync", full)
    with pytest.raises(StorageError, match="No space left on device; what was finished before is kept"):
        store.write(a_row(seconds=9.0), tmp_path)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == before


def test_a_number_that_json_has_not_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        store.write(a_row(metrics={"nll": float("nan")}), tmp_path)
    assert not list(tmp_path.rglob("*.json"))


def test_a_temperature_of_an_older_row_has_its_name_of_today(tmp_path):
    after = {"temperature": 1.5, "status": "ok", "metrics": {"ece": 0.1}, "bins": {}}
    path = store.write(a_row(scaled={"noisy": after, "forward": after}), tmp_path)
    assert '"forward"' in path.read_text()
    assert list(store.read_row(path).scaled) == ["noisy", "known"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a whole JSON file"),
        (b'{"id": "ab', "not a whole JSON file"),
        (b"\xff\xfe", "not a whole JSON file"),
        (b"[" * 100_000, "not a whole JSON file"),
        (b"[1, 2]", "not a row"),
        (b'{"a": 1}', "not a row"),
        (b'{"schema": 1, "status": "ok"}', "not a row"),
    ],
)
def test_a_file_that_is_no_row_is_named_and_skipped(tmp_path, content, reason):
    good = store.write(a_row(), tmp_path)
    (good.parent / "zz.json").write_bytes(content)
    rows, (warning,) = store.read(tmp_path)
    assert rows == [a_row()]
    assert reason in warning
    assert "zz.json" in warning


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"schema": 99}, "schema 99"),
        ({"status": "great"}, "status 'great'"),
        ({"id": "0" * 16}, "edited or misnamed"),
        ({"metrics": {"accuracy": "high"}}, "metrics is not"),
        ({"metrics": [1]}, "metrics is not"),
        ({"metrics": {}}, "without accuracy and ece"),
        ({"metrics": {"accuracy": 10**400}}, "not a whole JSON file"),
        ({"curves": {"accuracy": 1}}, "curves is not"),
        ({"passport": None}, "passport is not"),
        ({"stack": [1]}, "stack is not"),
        ({"data": {"classes": [], "train": [5], "held_out": [0]}}, "data is not"),
        ({"data": {"classes": [], "train": [5], "held_out": [0], "test": [1, 2]}}, "data is not"),
        ({"data": {"classes": [7], "train": [5], "held_out": [0], "test": [1]}}, "data is not"),
        ({"data": {"classes": [], "train": ["5"], "held_out": [0], "test": [1]}}, "data is not"),
        ({"cell": {}}, "not a cell"),
    ],
    ids=str,
)
def test_a_row_edited_by_hand_is_refused(tmp_path, changes, reason):
    path = store.write(a_row(), tmp_path)
    edit(path, **changes)
    with pytest.raises(InputError, match=reason):
        store.read_row(path)


def test_a_cell_edited_by_hand_no_longer_fits_its_name(tmp_path):
    path = store.write(a_row(), tmp_path)
    edit(path, cell={**json.loads(path.read_text())["cell"], "seed": 5})
    with pytest.raises(InputError, match="edited or misnamed"):
        store.read_row(path)


def test_two_folders_merge_by_copying(tmp_path):
    for seed, folder in ((0, "a"), (1, "b")):
        store.write(a_row(seed), tmp_path / folder)
    for path in (tmp_path / "b").rglob("*.json"):
        target = tmp_path / "a" / path.relative_to(tmp_path / "b")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    rows, _ = store.read(tmp_path / "a")
    assert {row.cell.seed for row in rows} == {0, 1}


def test_an_id_is_the_cells(tmp_path):
    assert a_row().id == a_row().cell.id != replace(a_row().cell, seed=1).id


def test_an_unreadable_file_at_a_rows_path_is_kept_under_another_name(tmp_path):
    path = store.write(a_row(), tmp_path)
    for number, content in enumerate((b'{"schema": 2, "future": "precious"}', b"torn"), 1):
        path.write_bytes(content)
        store.write(a_row(), tmp_path)
        assert path.with_name(f"{path.name}.refused-{number}").read_bytes() == content
    assert store.read(tmp_path) == ([a_row()], [])


def test_a_row_has_the_rights_that_the_users_umask_gives(tmp_path):
    before = os.umask(0o027)
    try:
        assert store.write(a_row(), tmp_path).stat().st_mode & 0o777 == 0o640
    finally:
        os.umask(before)


def test_what_is_no_regular_file_is_not_opened(tmp_path):
    path = store.write(a_row(), tmp_path)
    os.mkfifo(path.with_name("pipe.json"))
    assert store.read(tmp_path) == ([a_row()], [])


def test_every_value_of_a_row_says_what_it_is_and_all_but_the_cell_and_its_status_have_a_default():
    assert all(stored.meaning for stored in STORED.values())
    assert Row(cell=a_row().cell, status="failed").metrics == {}


@pytest.mark.parametrize("name", [name for name, stored in STORED.items() if not stored.since_first])
def test_a_row_of_a_version_that_did_not_store_a_value_is_read_with_its_default(tmp_path, name):
    path = store.write(a_row(), tmp_path)
    values = json.loads(path.read_text())
    del values[name]
    path.write_text(json.dumps(values))
    assert store.read_row(path) == a_row()
