"""The files of the cache: written whole or not at all, and never believed when they are damaged."""

import io
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import numpy as np

from lsbench.errors import StorageError

HINT = "point LSBENCH_DATA at a folder with room that can be written; what is finished is kept"


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write beside the target, fsync, rename: a reader, or a crash, sees the whole file or none. `StorageError`."""
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with beside.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        raise StorageError(f"can't write features into {path.parent} ({error.strerror or error}); {HINT}") from error
    finally:
        with suppress(OSError):
            beside.unlink()


def require_room(folder: Path, size: int) -> None:
    """Make the folder; `StorageError` where it can't be written, or that many bytes don't fit."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".{uuid4().hex}"
        probe.touch()
        probe.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise StorageError(f"can't write features into {folder} ({error.strerror or error}); {HINT}") from error
    if free < size:
        raise StorageError(
            f"features need {size / 2**20:,.0f} MiB in {folder}, and {free / 2**20:,.0f} MiB are free; {HINT}"
        )


def as_npz(**arrays: np.ndarray) -> Callable[[BinaryIO], object]:
    """What writes these arrays: made in memory first, as numpy seeks in a file."""

    def write(file: BinaryIO) -> None:
        content = io.BytesIO()
        np.savez(content, **arrays)  # pyright: ignore[reportArgumentType]
        file.write(content.getbuffer())

    return write
