"""What may stand behind a folder's name: `./photos:size=64:broken=skip:test=0.2:split=1`."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from lsbench.errors import require_choice, require_number, require_whole
from lsbench.names.reference import Value
from lsbench.names.registry import lookup

NAMES = {name: name for name in ("size", "broken", "test", "split")}


class FolderOptions(NamedTuple):
    """The options of a folder, checked."""

    size: int | None = None  # side of the square images; None: as they are, or 64 if they differ
    skip: bool = False  # whether broken images are left out
    test: float | None = None  # share of each class that is for testing, of a folder without a test set; None: 0.2
    split: int | None = None  # picks which ones; None: 0


def folder_options(root: Path, options: Mapping[str, Value]) -> FolderOptions:
    """Those that were given; an `InputError` says which one can't be."""
    for name in options:
        lookup(NAMES, f"option of {root}", name)
    size, test, split = (options.get(name) for name in ("size", "test", "split"))
    if size is not None:
        require_whole("size", size, 1, 4096)  # pyright: ignore[reportArgumentType] - that is the check
    if test is not None:
        require_number("test", test, 0.001, 0.9)  # pyright: ignore[reportArgumentType]
    if split is not None:
        require_whole("split", split, 0, 2**32 - 1)  # pyright: ignore[reportArgumentType]
    broken = str(options.get("broken", "error"))
    require_choice("broken", broken, ("error", "skip"))
    return FolderOptions(size, broken == "skip", test, split)  # pyright: ignore[reportArgumentType]
