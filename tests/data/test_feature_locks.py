"""Two runs never work on one block at once where the file system knows locks, and both go on where it does not."""

import errno

import pytest

from lsbench.data.features import lock
from lsbench.data.features.progress import progress


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


def test_an_interruption_says_what_is_kept_and_an_error_does_not(capsys):
    def end_by(reason):
        with progress("features of photos", 300) as tell:
            tell(64)
            raise reason

    with pytest.raises(KeyboardInterrupt):
        end_by(KeyboardInterrupt)
    assert "64 of 300 images are done, and are kept; the same line goes on" in capsys.readouterr().err
    with pytest.raises(ValueError, match="broken"):
        end_by(ValueError("broken"))
    assert not capsys.readouterr().err
