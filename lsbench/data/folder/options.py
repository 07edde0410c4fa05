"""What may stand behind a folder's name: `./photos:size=64:broken=skip:test=0.2:split=1`."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from lsbench.data.division_options import WITH_ALIKE, Division, division_options, keeps_alike
from lsbench.data.folder.label_file import LabelSource, label_source
from lsbench.errors import require_choice, require_whole
from lsbench.names.reference import Value
from lsbench.names.registry import lookup

NAMES = {name: name for name in ("size", "broken", *WITH_ALIKE, "labels", "label", "unmatched")}


class FolderOptions(NamedTuple):
    """The options of a folder, checked."""

    size: int | None = None  # side of the square images; None: as they are, or 64 if they differ
    skip: bool = False  # whether broken images are left out
    division: Division | None = None  # of a folder without a test set; None: the usual one
    labels: LabelSource | None = None  # where the labels are in a file
    together: bool = False  # whether near-duplicates stay on one side and in one fold


def folder_options(root: Path, options: Mapping[str, Value]) -> FolderOptions:
    """Those that were given; an `InputError` says which one can't be."""
    for name in options:
        lookup(NAMES, f"option of {root}", name)
    size = options.get("size")
    if size is not None:
        require_whole("size", size, 1, 4096)  # pyright: ignore[reportArgumentType] - that is the check
    broken = str(options.get("broken", "error"))
    require_choice("broken", broken, ("error", "skip"))
    labels = label_source(root, options)
    return FolderOptions(
        size,  # pyright: ignore[reportArgumentType]
        broken == "skip",
        division_options(options),
        labels,
        keeps_alike(options, default=labels is not None),
    )
