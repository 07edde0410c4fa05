"""Locks between processes that end with the process that holds them, however it ends."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

NETWORKS = threading.RLock()  # who makes or runs networks: torch.fx and seeds are of the whole process


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Whether this thread has the lock of that name until it leaves; another thread or process may have it.

    Where the file system knows no locks, everybody has it: work may then be done twice, and is never wrong.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        yield _taken(descriptor)
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        _lock(descriptor)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # no locks here
        pass
    return True


def _lock(descriptor: int) -> None:
    """Take the lock at once, or raise what the system raises where it is taken."""
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    elif os.name == "nt":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # pyright: ignore[reportAttributeAccessIssue]
