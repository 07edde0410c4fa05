"""The labels of a folder's images from a file: `./photos:labels=labels.csv`, or a metadata.csv in the folder itself."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from lsbench.data.csv_file import columns_of
from lsbench.data.folder.suffixes import is_hidden, is_image
from lsbench.data.named_table import SUFFIXES, NamedTable, listed, read_named
from lsbench.data.pickled import refuse_pickled
from lsbench.errors import InputError, require_choice
from lsbench.names.reference import Value

KEYS = ("path", "file_name")  # the columns that may say which image a row is of
LABEL = "label"  # the column of the labels, where none is named
METADATA = "metadata.csv"  # as Hugging Face's imagefolder has it
PARTS = ("train", "training", "test", "testing", "val", "valid", "validation")
EXAMPLE = "such as path,label; another column of labels is read with :label=COLUMN"
EMPTY = "fill it in, or leave out what has none with unmatched=skip"


class LabelSource(NamedTuple):
    """Where the labels are."""

    files: tuple[Path, ...]
    column: str = LABEL
    skip: bool = False  # whether images without a label, and labels without an image, are left out


def label_source(root: Path, options: Mapping[str, Value]) -> LabelSource | None:
    """The file of the option `labels`, or the folder's metadata.csv where it has no folders of classes; else None.

    A file is looked for from the current folder, then in the folder of the images. No file is read but the first line
    of a metadata.csv. `InputError`: no such file, a suffix that is none of a table, or options without a file.
    """
    column, unmatched = str(options.get("label", LABEL)), str(options.get("unmatched", "error"))
    require_choice("unmatched", unmatched, ("error", "skip"))
    if "labels" in options:
        return LabelSource((_found(root, str(options["labels"])),), column, unmatched == "skip")
    if files := _metadata(root, column):
        return LabelSource(files, column, unmatched == "skip")
    for name in ("label", "unmatched"):
        if name in options:
            raise InputError(f"option {name} of {root} is about a file of labels; give one, labels=FILE.csv")
    return None


def _found(root: Path, name: str) -> Path:
    refuse_pickled(name)
    if not name.lower().endswith(SUFFIXES):
        raise InputError(
            f"labels of a folder's images come from a .csv or .tsv with columns path and label; got {name!r}"
        )
    for path in (Path(name).expanduser(), root / name):
        if path.is_file():
            return path.resolve()
    raise InputError(f"no file {name}; it is looked for from the current folder, {Path.cwd()}, and in {root}")


def _metadata(root: Path, column: str) -> tuple[Path, ...]:
    """The metadata files of a folder whose images lie in no folder of a class."""
    if not root.is_dir():
        return ()
    inner = [path for path in sorted(root.iterdir()) if path.is_dir() and not is_hidden(path.name)]
    parts = [path for path in inner if path.name.lower() in PARTS]
    places = [root, *parts] if len(parts) == len(inner) else [root] if _is_flat(root) else []
    if not all(_is_flat(place) for place in (parts or [root])):
        return ()
    return tuple(path for place in places if _has_columns(path := place / METADATA, column))


def _is_flat(folder: Path) -> bool:
    """Whether images lie in the folder itself."""
    return any(path.is_file() and is_image(path.name) for path in folder.iterdir())


def _has_columns(path: Path, column: str) -> bool:
    try:
        names = [name.lower() for name in columns_of(str(path))]
    except InputError:
        return False
    return column.lower() in names and bool({*KEYS} & {*names})


def read_label_files(root: Path, source: LabelSource, names: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The label of each image that has one, by its name below the folder, and a sentence on what was not read.

    names: of all images. A path in the file is one below the folder, or from the file's own place. `InputError`: an
    image without a label or a label without an image, unless these are left out; as `read_named`.
    """
    image_names, labels, notes = set(names), dict[str, str](), []
    for file in source.files:
        table = read_named(str(file), KEYS, source.column, EXAMPLE, source.skip, EMPTY)
        labels.update(_below(root, file, table, image_names))
        if table.others:
            notes.append(f"columns of {file.name} that are not read: {', '.join(table.others)}")
    labels = {name: label for name, label in labels.items() if label}
    without = [name for name in names if name not in labels]
    unknown = [name for name in labels if name not in image_names]
    said = "; ".join(text for text in (_without_label(without), _without_image(unknown)) if text)
    if said and not source.skip:
        files = " and ".join(file.name for file in source.files)
        raise InputError(f"{files} does not go with {root}: {said}; {_remedy(unknown, names)}")
    notes += [f"left out: {said}"] if said else []
    return {name: label for name, label in labels.items() if name in image_names}, tuple(notes)


def _without_label(names: Sequence[str]) -> str:
    what = "1 image has" if len(names) == 1 else f"{len(names):,} images have"
    return f"{what} no label ({listed(names)})" if names else ""


def _without_image(names: Sequence[str]) -> str:
    what = "1 label is" if len(names) == 1 else f"{len(names):,} labels are"
    return f"{what} of no image ({listed(names)})" if names else ""


def _remedy(unknown: Sequence[str], names: Sequence[str]) -> str:
    """What to do; where the file leaves out the ends of the images' names, that."""
    full = {name.rpartition(".")[0]: name for name in names}
    if unknown and unknown[0] in full:
        return f"write the end of a name, too: {full[unknown[0]]!r}"
    return "mend it, or leave them out with unmatched=skip"


def _below(root: Path, file: Path, table: NamedTable, image_names: set[str]) -> dict[str, str]:
    """The same with names below the folder."""
    return {_name_below(root, file, name, image_names): value for name, value in table.values.items()}


def _name_below(root: Path, file: Path, name: str, image_names: set[str]) -> str:
    beside = file.parent / name
    for place in (beside, beside.resolve()):
        if place.is_relative_to(root) and (inner := place.relative_to(root).as_posix()) in image_names:
            return inner
    return name
