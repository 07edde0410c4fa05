"""Claims let any number of runs share a results folder, each cell trained once.

A claim is a file `claims/<id>.<generation>` that only one process can create (O_EXCL), touched while its owner lives.
Where the newest generation is stale, its owner gone, whoever creates the next one has taken over: creating a file is
the only step that decides, so there is no race to lose. A finished row outranks every claim.
"""

import contextlib
import json
import os
import socket
import tempfile
import threading
from collections.abc import Collection, Iterable
from pathlib import Path
from time import time
from typing import Self

from lsbench.errors import StorageError

LONGEST_CLAIM = 4096  # bytes that are read
HEARTBEAT = 5.0  # seconds between two touches
STALE = 60.0  # seconds without one after which an owner on another host counts as gone


class Claims:
    """The claims that this process holds below one results folder; a context manager that keeps them alive."""

    def __init__(self, out: Path, heartbeat: float = HEARTBEAT, stale: float = STALE) -> None:
        self.folder: Path = out / "claims"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.heartbeat: float = heartbeat
        self.stale: float = stale
        self.clock_ahead: float = self._measure_clock()
        self.held: dict[str, Path] = {}
        self.owner: str = json.dumps({"host": this_host(), "pid": os.getpid(), "born": start_of_process(os.getpid())})
        self.stopping: threading.Event = threading.Event()
        self.keeper: threading.Thread = threading.Thread(target=self._keep_alive, daemon=True)

    def __enter__(self) -> Self:
        self.keeper.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.keeper.join()
        self.release(list(self.held))

    def take(self, ids: Collection[str]) -> bool:
        """Claim all of the cells or none; False where a living process holds one of them."""
        for cell_id in ids:
            if not self._take_one(cell_id):
                self.release(ids)
                return False
        return True

    def release(self, ids: Iterable[str]) -> None:
        """Give up the claims of these cells that are held, and older, stale ones, oldest first; never a newer one."""
        for cell_id in ids:
            if mine := self.held.pop(cell_id, None):
                for path in self._generations(cell_id):
                    if _generation(path) <= _generation(mine):
                        path.unlink(missing_ok=True)

    def clear(self, finished: Collection[str]) -> None:
        """Remove the claims of finished cells that a run left when it was killed; never those of a living one."""
        for cell_id in {path.stem for path in self.folder.iterdir()} & set(finished):
            if self._take_one(cell_id):
                self.release([cell_id])

    def _take_one(self, cell_id: str) -> bool:
        generations = self._generations(cell_id)
        if generations and not self._is_stale(generations[-1]):
            return False
        following = _generation(generations[-1]) + 1 if generations else 0
        path = self.folder / f"{cell_id}.{following}"
        try:
            path.touch(exist_ok=False)
            self.held[cell_id] = path
            path.write_text(self.owner)
        except FileExistsError:
            return False
        except OSError as error:
            self.release([cell_id])
            raise StorageError(
                f"can't claim a cell in {self.folder}: {error.strerror}; the rows so far are safe"
            ) from error
        return True

    def _generations(self, cell_id: str) -> list[Path]:
        """The claim files of a cell, oldest first."""
        paths = [path for path in self.folder.glob(f"{cell_id}.*") if path.suffix[1:].isdecimal()]
        return sorted(paths, key=_generation)

    def _is_stale(self, path: Path) -> bool:
        try:
            silent = time() + self.clock_ahead - path.stat().st_mtime
            return silent > self.stale or _is_gone(path.read_bytes()[:LONGEST_CLAIM])
        except OSError:
            return False  # released just now: look again later

    def _measure_clock(self) -> float:
        """Seconds by which the clock that stamps the claims, perhaps a file server's, is ahead of this machine's."""
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".clock-") as file:
            return os.fstat(file.fileno()).st_mtime - time()

    def _keep_alive(self) -> None:
        while not self.stopping.wait(self.heartbeat):
            for path in list(self.held.values()):
                with contextlib.suppress(OSError):
                    os.utime(path)


def _generation(path: Path) -> int:
    return int(path.suffix[1:])


def _is_gone(claim: bytes) -> bool:
    """Whether the process that owns the claim ran on this host and has ended; False where the file is still empty."""
    try:
        owner = json.loads(claim)
        return owner["host"] == this_host() and start_of_process(owner["pid"]) != owner["born"]
    except (ValueError, KeyError, TypeError, OSError, RecursionError):
        return False


def this_host() -> str:
    """The host by name and boot, and the container's process namespace: within these a process number is unique."""
    name = socket.gethostname()
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{name} {boot} {os.readlink('/proc/self/ns/pid')}"
    return name


def start_of_process(pid: int) -> str | None:
    """When a process started, which tells it from a later one with the same number; None where there is no process."""
    try:
        with open(f"/proc/{int(pid)}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return None if fields[0] == "Z" else fields[19]  # state, start time: fields 3 and 22 of proc(5)
    except FileNotFoundError:
        return _birth_without_proc(int(pid))


def _birth_without_proc(pid: int) -> str | None:
    if Path("/proc/self").exists() or os.name != "posix":
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return "alive"
