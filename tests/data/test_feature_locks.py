"""Two runs never work on one block at once where the file system knows locks, and both go on where it does not."""

import errno

import pytest

from lsbench.data.features import lock


def test_a_lock_is_held_by_one_and_is_free_again_afterwards(tmp_path):
    with lock.held(tmp_path / "a.lock") as first, lock.held(tmp_path / "a.lock") as second:
        assert (first, second) == (True, False)
        with lock.held(tmp_path / "b.lock") as other:
            assert other
    with pytest.raises(RuntimeError), lock.held(tmp_path / "a.lock"):
        raise RuntimeError
    with lock.held(tmp_path / "a.lock") as again:
        assert again


def test_where_there_are_no_locks_everybody_has_them(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock, "_lock", refuse)
    with lock.held(tmp_path / "a.lock") as first, lock.held(tmp_path / "a.lock") as second:
        assert first
        assert second
    monkeypatch.undo()
    monkeypatch.setattr(lock, "fcntl", None)
    with lock.held(tmp_path / "a.lock") as first, lock.held(tmp_path / "a.lock") as second:
        assert first
        assert second
