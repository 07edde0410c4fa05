"""Where a named data set's files are, and what they hash to. No torch here: `plan` needs both."""

import hashlib
import os
from functools import lru_cache
from importlib.resources import files as package_files
from pathlib import Path
from typing import TYPE_CHECKING

from lsbench.data.idx_file import read_idx_file
from lsbench.errors import InputError
from lsbench.names.catalogue import DATASETS, DatasetEntry
from lsbench.names.dataset_name import is_of_catalogue
from lsbench.names.reference import parse
from lsbench.names.registry import load, lookup

if TYPE_CHECKING:
    from lsbench.data.splits import Splits


def default_data_dir() -> Path:
    """`LSBENCH_DATA`, or `lsbench` in the user's cache folder."""
    if folder := os.environ.get("LSBENCH_DATA"):
        return Path(folder)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lsbench"


def find_files(name: str, data_dir: Path | None = None) -> tuple[Path, ...]:
    """A data set's files in the order its reader takes them, gzipped or not; an `InputError` where one is missing."""
    entry = lookup(DATASETS, "data set", name)
    folders = _folders(entry, data_dir or default_data_dir())
    for folder in folders:
        paths = [_plain_or_gzipped(folder / file) for file in entry.files]
        if all(paths):
            return tuple(path for path in paths if path)
    npz = (data_dir or default_data_dir()) / entry.npz
    if entry.npz and npz.is_file():
        return (npz,)
    raise InputError(
        f"data set {name!r} is not in {' or '.join(map(str, folders))}; add --download to fetch it, point --data-dir"
        f" (or LSBENCH_DATA) at the folder that holds {entry.folder or entry.files[0]}"
        + (f" or {entry.npz}" if entry.npz else "")
        + (f", or install Debian's package {entry.system_package}" if entry.system_package else "")
    )


def fingerprint(name: str, data_dir: Path | None = None) -> str:
    """16 hex digits that change when the data does: the start of sha256 over the decompressed files' sha256s.

    Of a set that comes in several kinds of files, over its images and labels.
    """
    entry = lookup(DATASETS, "data set", name)
    if entry.fingerprint:
        return entry.fingerprint
    paths = find_files(name, data_dir)
    if entry.hash_arrays:
        return _arrays_hash(name, paths, tuple(path.stat().st_mtime_ns for path in paths))
    return hashlib.sha256(b"".join(_content_hash(path, path.stat().st_mtime_ns) for path in paths)).hexdigest()[:16]


def read_files(entry: DatasetEntry, paths: tuple[Path, ...]) -> "Splits":
    """What those files of a named data set hold."""
    if paths and paths[0].suffix == ".npz":
        from lsbench.data.npz import read_npz

        return _require_class_numbers(paths[0], read_npz(paths[0]))
    return load(entry.ref)(paths)


def download(name: str, data_dir: Path | None = None) -> None:
    """Fetch a named data set through torchvision unless its files are there already; needs the network.

    Nothing is fetched of a path or of the user's own function.
    """
    if not is_of_catalogue(name):
        return
    name = parse(name).name
    entry = DATASETS[name]
    try:
        find_files(name, data_dir)
    except InputError:
        _download(name, entry, data_dir or default_data_dir())


def _folders(entry: DatasetEntry, data_dir: Path) -> list[Path]:
    if entry.embedded:
        return [Path(str(package_files("lsbench.data"))) / entry.embedded]
    return [data_dir / entry.folder, *([Path(entry.system_folder)] if entry.system_folder else [])]


def _require_class_numbers(path: Path, splits: "Splits") -> "Splits":
    """The same, or an `InputError`: a named data set's classes have their published numbers, or it is another set."""
    for labels in (splits.train_labels, splits.test_labels):
        if str(labels.dtype) != "int64":
            raise InputError(f"{path} must hold class numbers 0..K-1, got {labels.dtype}")
    return splits


def _plain_or_gzipped(path: Path) -> Path | None:
    return next((p for p in (path, path.with_name(path.name + ".gz")) if p.is_file()), None)


@lru_cache
def _content_hash(path: Path, _modified: int) -> bytes:
    return hashlib.sha256(read_idx_file(path).content).digest()


@lru_cache
def _arrays_hash(name: str, paths: tuple[Path, ...], _modified: tuple[int, ...]) -> str:
    from lsbench.data.splits import hash_splits

    return hash_splits(read_files(DATASETS[name], paths))


def _download(name: str, entry: DatasetEntry, data_dir: Path) -> None:
    from torchvision import datasets

    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        for options in [{"split": part} for part in entry.torchvision_parts] or [{}]:
            getattr(datasets, entry.torchvision_class)(root=str(data_dir), download=True, **options)
    except (OSError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError(f"could not download {name!r} into {data_dir}: {reason}") from error
