"""What there is to know of a data set before anything is trained on it. No torch, unless the user's own needs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lsbench.catalogue import DATASETS
from lsbench.data.origin import CATALOGUE, FOLDER, OWN, Origin, find_origin, require_known
from lsbench.data.sources import default_data_dir, fingerprint, read_files
from lsbench.errors import InputError

if TYPE_CHECKING:  # numpy and Pillow are for those who read
    from lsbench.data.folder.read import FolderSet
    from lsbench.data.splits import Splits

__all__ = ["Description", "describe", "read", "require_known"]


@dataclass(frozen=True, kw_only=True)
class Description:
    """A data set without its images."""

    name: str  # with its options, written in one way
    num_classes: int
    train_examples: int  # that may be trained on or held out; without the set's own validation examples
    val_examples: int  # of its own validation split, 0 where it has none
    fingerprint: str  # 16 hex digits of the content, or a name that stands for it
    asymmetric: Mapping[int, int] = field(default_factory=dict)  # class -> the class it is mistaken for
    classes: tuple[str, ...] = ()  # their names, or () where they have none


_known: dict[Origin, Description] = {}
_told: dict[str, Description] = {}


def describe(name: str, data_dir: Path | None = None) -> Description:
    """What a name refers to: one of the catalogue, `PATH.npz`, a folder, `package.module:function`, or a plugin.

    Of the catalogue's nothing is read but what their fingerprints are made of; the others are read, once per process
    and change of their files. `InputError`: an unknown name, missing or broken files, what `read` refuses.
    """
    if name in _told:
        return _told[name]
    origin = find_origin(name, data_dir)
    if origin not in _known:
        _known[origin] = _described(origin, data_dir)
    return _known[origin]


def tell(description: Description) -> None:
    """Let `describe` answer so from now on, whatever files are here."""
    _told.clear()
    _told[description.name] = description


def read(name: str, data_dir: Path | None = None) -> "tuple[Splits, Description]":
    """A data set's images and labels, and its description, made of the same reading."""
    origin = find_origin(name, data_dir)
    if origin.kind == FOLDER:
        return _folder(origin).splits(), describe(name, data_dir)
    splits = _read(origin)
    if origin not in _known:
        _known[origin] = _of_splits(origin, splits, data_dir)
    elif origin.kind == OWN and (now := _hash(splits)) != _known[origin].fingerprint:
        first = _known[origin].fingerprint
        raise InputError(f"data set {name!r} gives other data each time: {first}, then {now}; seed what it draws")
    return splits, _known[origin]


def _described(origin: Origin, data_dir: Path | None) -> Description:
    if origin.kind == CATALOGUE:
        return _of_catalogue(origin, fingerprint(origin.target, data_dir))
    if origin.kind == FOLDER:
        return _of_folder(origin)
    return _of_splits(origin, _read(origin), data_dir)


def _of_catalogue(origin: Origin, found: str) -> Description:
    entry = DATASETS[origin.target]
    return Description(
        name=origin.text,
        num_classes=entry.num_classes,
        train_examples=entry.train_examples,
        val_examples=0,
        fingerprint=found,
        asymmetric=entry.asymmetric,
        classes=entry.classes,
    )


def _of_folder(origin: Origin) -> Description:
    from lsbench.data.folder.listing import TRAIN, VAL

    folder = _folder(origin)
    return Description(
        name=origin.text,
        num_classes=len(folder.images.classes),
        train_examples=folder.count(TRAIN),
        val_examples=folder.count(VAL),
        fingerprint=folder.fingerprint,
        classes=folder.images.classes,
    )


def _of_splits(origin: Origin, splits: "Splits", data_dir: Path | None) -> Description:
    if origin.kind == CATALOGUE:
        hashed = DATASETS[origin.target].hash_arrays
        return _of_catalogue(origin, _hash(splits) if hashed else fingerprint(origin.target, data_dir))
    return Description(
        name=origin.text,
        num_classes=int(splits.train_labels.max()) + 1,
        train_examples=len(splits.train_labels),
        val_examples=0 if splits.val_labels is None else len(splits.val_labels),
        fingerprint=_hash(splits),
        classes=splits.classes,
    )


def _hash(splits: "Splits") -> str:
    from lsbench.data.splits import hash_splits

    return hash_splits(splits)


def _read(origin: Origin) -> "Splits":
    if origin.kind == CATALOGUE:
        return _published(origin)
    if origin.files:
        from lsbench.data.npz import read_npz

        return _with_all_classes(origin, read_npz(origin.files[0]))
    from lsbench.data.own import read_own

    return _with_all_classes(origin, read_own(origin.target, dict(origin.options)))


def _published(origin: Origin) -> "Splits":
    """A named data set, which has no validation examples of its own, whatever file it is in."""
    splits = read_files(DATASETS[origin.target], origin.files)
    if splits.val_images is not None:
        raise InputError(
            f"{origin.files[0]} has {len(splits.val_images):,} validation examples of its own, which {origin.target}"
            " has not; give it by its path instead"
        )
    return splits


def _with_all_classes(origin: Origin, splits: "Splits") -> "Splits":
    from lsbench.data.tidy import check_classes

    return check_classes(repr(origin.text), splits)


def _folder(origin: Origin) -> "FolderSet":
    from lsbench.data.folder.read import read_folder

    return read_folder(Path(origin.target), dict(origin.options), default_data_dir() / "folders")
