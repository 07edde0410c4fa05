"""Data sets by their names: described and read, each once per process. No torch, unless the user's code needs it."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lsbench.data.class_names import class_name_doubts
from lsbench.data.description import Description
from lsbench.data.division_options import alike_remedy
from lsbench.data.make_description import hash_of, of_catalogue, of_folder, of_splits
from lsbench.data.origin import CATALOGUE, FOLDER, OWN, TABLE, Origin, find_origin, require_known
from lsbench.data.published_files import default_data_dir, fingerprint, read_files
from lsbench.errors import InputError
from lsbench.names.catalogue import DATASETS
from lsbench.names.dataset_name import is_of_catalogue, of_images

if TYPE_CHECKING:  # numpy and Pillow are for those who read
    from lsbench.data.folder.read import FolderSet
    from lsbench.data.groups import Groups
    from lsbench.data.relabelled.change import Changed
    from lsbench.data.splits import Splits
    from lsbench.data.units import Units

__all__ = ["Description", "describe", "of_catalogue", "read", "require_known"]


_known: dict[Origin, Description] = {}
_given_descriptions: dict[str, Description] = {}
_doubts: dict[tuple[str, str], tuple[str, ...]] = {}  # by fingerprint and digest of the groups
_units: "dict[tuple[str, str], Units]" = {}  # likewise
_changed: "dict[Origin, Changed]" = {}


def describe(name: str, data_dir: Path | None = None) -> Description:
    """What a name refers to: one of the catalogue, `PATH.npz`, a folder, `package.module:function`, or a plugin.

    Of the catalogue's nothing is read but what their fingerprints are made of; the others are read, once per process
    and change of their files. `InputError`: an unknown name, missing or broken files, what `read` refuses.
    """
    if name in _given_descriptions:
        return _given_descriptions[name]
    origin = find_origin(name, data_dir)
    if origin not in _known:
        _known[origin] = _described(origin, data_dir)
    return _known[origin]


def fingerprint_of(name: str, data_dir: Path | None = None) -> str:
    """The fingerprint that `describe` gives, without any feature being computed for it; `InputError` as `describe`."""
    origin = find_origin(name, data_dir)
    if name in _given_descriptions or origin in _known or not origin.network:
        return describe(name, data_dir).fingerprint
    if origin.kind == FOLDER:
        folder = _folder(origin, computed=False)
        return of_folder(origin, folder, _folder_splits(origin, folder)).fingerprint
    from lsbench.data.of_network import fingerprint_in

    return fingerprint_in(origin.network, describe(of_images(name), data_dir).fingerprint)


def doubts(name: str, data_dir: Path | None = None) -> tuple[str, ...]:
    """What makes numbers on the user's own data doubtful: test examples that equal a training example, missing values.

    Of features it is as of their images. () for those of the catalogue: published results include such copies.
    `InputError` where all training images are the same, and as `read`. The images are read once per process.
    """
    name = of_images(name)
    origin = find_origin(name, data_dir)
    if origin.kind == CATALOGUE:
        return ()
    description = describe(name, data_dir)
    if (key := (description.fingerprint, description.groups)) not in _doubts:
        _doubts[key] = _doubts_of(description, read(name, data_dir)[0], groups_of(name, data_dir), origin)
    return _doubts[key]


def _doubts_of(description: Description, splits: "Splits", groups: "Groups | None", origin: Origin) -> tuple[str, ...]:
    from lsbench.data.doubts import doubts_of, require_varied

    require_varied(description.name, splits)
    overlap = groups.overlap() if groups else ""
    remedy = alike_remedy(dict(origin.options)) if origin.kind == FOLDER else ""
    names = class_name_doubts(description.class_names)
    return *names, *splits.doubts, *doubts_of(splits, remedy), *([overlap] if overlap else [])


def units_of(name: str, data_dir: Path | None = None) -> "Units | None":
    """Which training examples of own data share a fold; None for the catalogue's, whose examples each stand alone.

    Of features it is as of their images, which are read once per process.
    """
    name = of_images(name)
    if is_of_catalogue(name):
        return None
    description = describe(name, data_dir)
    if (key := (description.fingerprint, description.groups)) not in _units:
        from lsbench.data.units import units_in

        _units[key] = units_in(read(name, data_dir)[0], groups_of(name, data_dir))
    return _units[key]


def groups_of(name: str, data_dir: Path | None = None) -> "Groups | None":
    """The groups of a data set's examples, where some are given with its name."""
    origin = find_origin(name, data_dir)
    if origin.groups is None:
        return None
    return _folder(origin).groups() if origin.kind == FOLDER else _groups_in(origin, read(name, data_dir)[0])


def use_description(description: Description) -> None:
    """Make `describe` return this from now on, without looking at files: a worker on another machine may have none."""
    _given_descriptions.clear()
    _given_descriptions[description.name] = description


def read(name: str, data_dir: Path | None = None) -> "tuple[Splits, Description]":
    """A data set's images and labels, and its description, made of the same reading."""
    origin = find_origin(name, data_dir)
    if origin.kind == FOLDER:
        return _folder_splits(origin, _folder(origin)), describe(name, data_dir)
    if origin.network:
        return _features(origin, data_dir)
    splits = _read(origin)
    if origin not in _known:
        _known[origin] = of_splits(origin, splits, _groups_in(origin, splits), data_dir)
    elif origin.kind == OWN and (now := hash_of(splits)) != _known[origin].fingerprint:
        first = _known[origin].fingerprint
        raise InputError(f"data set {name!r} gives other data each time: {first}, then {now}; seed what it draws")
    return splits, _known[origin]


def _features(origin: Origin, data_dir: Path | None) -> "tuple[Splits, Description]":
    """Of a data set that is no folder."""
    from lsbench.data.of_network import features_in

    splits, description = features_in(origin.network, origin.text, *read(of_images(origin.text), data_dir))
    return splits, _known.setdefault(origin, description)


def _described(origin: Origin, data_dir: Path | None) -> Description:
    if origin.network and origin.kind != FOLDER:
        return _features(origin, data_dir)[1]
    if origin.kind == CATALOGUE:
        return of_catalogue(origin.target, fingerprint(origin.target, data_dir))
    if origin.kind == FOLDER:
        folder = _folder(origin)
        return of_folder(origin, folder, _folder_splits(origin, folder))
    splits = _read(origin)
    return of_splits(origin, splits, _groups_in(origin, splits), data_dir)


def _groups_in(origin: Origin, splits: "Splits") -> "Groups | None":
    """The groups of a data set that is no folder."""
    if origin.groups is None or splits.groups is not None:
        return splits.groups
    from lsbench.data.groups import groups_of_arrays

    sizes = [0 if labels is None else len(labels) for labels in (splits[1], splits[5], splits[3])]
    return groups_of_arrays(origin.groups, origin.files, sizes)


def _read(origin: Origin) -> "Splits":
    splits = _as_given(origin)
    return _relabelled(origin, splits, splits.names)


def _folder_splits(origin: Origin, folder: "FolderSet") -> "Splits":
    return _relabelled(origin, folder.splits(), folder.paths())


def _relabelled(origin: Origin, splits: "Splits", paths: tuple[str, ...]) -> "Splits":
    """With the labels that files in the name change."""
    if not origin.changes:
        return splits
    if origin not in _changed:
        from lsbench.data.relabelled.change import changed_labels

        _changed[origin] = changed_labels(origin.changes, origin, splits, paths)
    return _changed[origin].put_into(splits)


def _as_given(origin: Origin) -> "Splits":
    if origin.kind == CATALOGUE:
        return _published(origin)
    if origin.kind == TABLE:
        return _table(origin)
    if origin.files:
        from lsbench.data.npz import read_npz

        return _with_classes(origin, read_npz(origin.files[0], dict(origin.options), origin.files[1:]))
    from lsbench.data.own import read_own

    return _with_classes(origin, read_own(origin.target, dict(origin.options), _own_column(origin)))


@lru_cache(maxsize=2)
def _table(origin: Origin) -> "Splits":
    """The rows of a table; read once, as text takes long."""
    from lsbench.data.table.options import table_options
    from lsbench.data.table.read import read_table

    asked = table_options(origin.target, dict(origin.options))
    return _with_classes(origin, read_table(Path(origin.target), asked, _own_column(origin)))


def _own_column(origin: Origin) -> str:
    """The column of the data set itself that holds the groups, "" where there is none."""
    return origin.groups.column if origin.groups and not origin.groups.path else ""


def _published(origin: Origin) -> "Splits":
    """A named data set, which has no validation examples of its own, whatever file it is in."""
    splits = read_files(DATASETS[origin.target], origin.files)
    if splits.val_images is not None:
        raise InputError(
            f"{origin.files[0]} has {len(splits.val_images):,} validation examples of its own, which {origin.target}"
            " has not; give it by its path instead"
        )
    return splits


def _with_classes(origin: Origin, splits: "Splits") -> "Splits":
    """With missing values filled in, and labels 0..K-1."""
    from lsbench.data.labels import map_labels
    from lsbench.data.table.impute import imputed

    return map_labels(repr(origin.text), imputed(splits))


def _folder(origin: Origin, *, computed: bool = True) -> "FolderSet":
    from lsbench.data.folder.read import read_folder

    cache = default_data_dir() / "folders"
    options = dict(origin.options)
    return read_folder(Path(origin.target), options, cache, origin.groups, origin.network, computed=computed)
