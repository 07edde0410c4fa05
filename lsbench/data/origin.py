"""What the name of a data set refers to: one of the catalogue, a file, a folder, or the user's own function."""

from pathlib import Path
from typing import Any, NamedTuple

from lsbench.data.division_options import WITH_ALIKE, division_options, keeps_alike
from lsbench.data.group_file import GroupFile, without_groups
from lsbench.data.published_files import find_files
from lsbench.data.relabelled.option import LABELS, require_only_changes, without_changes
from lsbench.data.table.options import SUFFIXES, is_table, table_options
from lsbench.errors import InputError
from lsbench.names.catalogue import DATASETS, FEATURES, IMAGES
from lsbench.names.catalogue import TABLE as ROWS
from lsbench.names.dataset_name import features_of, without_features
from lsbench.names.reference import Reference, Value, is_own, parse, plugin, plugins
from lsbench.names.registry import lookup

CATALOGUE, NPZ, TABLE, FOLDER, OWN = "catalogue", "npz", "table", "folder", "own"


class Origin(NamedTuple):
    """Where a data set comes from; another one once its files are."""

    kind: str
    text: str  # the name and its options, written in one way
    target: str  # the name in the catalogue, the path, or the user's object
    options: tuple[tuple[str, Value], ...] = ()
    files: tuple[Path, ...] = ()
    stamp: tuple[Any, ...] = ()  # sizes and times of the files
    groups: GroupFile | None = None  # where the group of each example is written
    network: str = ""  # whose features of the images are meant, as `--features` takes it; "" for the images themselves
    changes: tuple[Path, ...] = ()  # files that change labels, in their order


def require_known(text: str) -> None:
    """Raise an `InputError` for a name that is none, a path where nothing is, or an option that can't be.

    Of files of labels the first line is read; nothing of the user's is imported.
    """
    reference, network = without_features(parse(text))
    reference, groups = without_groups(reference)
    kind = kind_of(reference.name)
    reference, _ = _without_changes(reference, kind)
    if network:
        _require_network(network, reference, kind)
    if groups:
        _require_groups(reference.name, kind, groups)
    if kind == CATALOGUE and LABELS in reference.options:
        raise InputError(
            f"labels of {reference.name!r}, which is published, are not changed by a file; train on others with"
            " --noise-kind human:FILE.csv, or write it into a folder or an .npz of your own"
        )
    if kind == CATALOGUE and reference.options:
        raise InputError(f"data set {reference.name!r} takes no option, got {next(iter(reference.options))!r}")
    if kind == NPZ:
        _require_npz(reference)
    if kind == FOLDER:
        from lsbench.data.folder.options import folder_options

        folder_options(_require_folder(reference.name), reference.options)
    if kind == TABLE:
        _require_table(reference)


def find_origin(text: str, data_dir: Path | None = None) -> Origin:
    """What a name refers to, with its files found; `InputError` where they are not there."""
    require_known(text)
    written = str(parse(text))
    reference, network = without_features(parse(text))
    reference, groups = without_groups(reference)
    reference, changes = _without_changes(reference, kind_of(reference.name))
    origin = _find(reference, kind_of(reference.name), data_dir)
    if groups is None and not network and not changes:
        return origin
    files = (*((_require_file(groups.path),) if groups and groups.path else ()), *changes)
    stamp = (*origin.stamp, *_stamp(files))
    return origin._replace(text=written, groups=groups, network=network, changes=changes, stamp=stamp)


def _without_changes(reference: Reference, kind: str) -> tuple[Reference, tuple[Path, ...]]:
    """The name without the files that change labels, of kinds of data that take some: all of the user's own."""
    if kind == CATALOGUE:
        return reference, ()
    rest, changes = without_changes(reference, Path(reference.name).expanduser() if kind == FOLDER else None)
    if kind == TABLE or (kind == NPZ and reference.name.lower().endswith(".npz")):
        require_only_changes(rest)
    return rest, changes


def _find(reference: Reference, kind: str, data_dir: Path | None) -> Origin:
    name, options = reference.name, tuple(sorted(reference.options.items()))
    if kind == CATALOGUE:
        files = find_files(name, data_dir) if DATASETS[name].files else ()
        return Origin(kind, name, name, (), files, _stamp(files))
    if kind == NPZ:
        files = _require_npz(reference)
        return Origin(kind, str(reference), str(files[0]), options, files, _stamp(files))
    if kind == TABLE:
        files = _require_table(reference)
        return Origin(kind, str(reference), str(files[0]), options, files, _stamp(files))
    if kind == FOLDER:
        from lsbench.data.folder.label_file import label_source
        from lsbench.data.folder.listing import stamp_of

        path = _require_folder(name)
        source = label_source(path, reference.options)
        return Origin(
            kind, str(reference), str(path), options, (), (*stamp_of(path), *_stamp(source.files if source else ()))
        )
    published = None if is_own(name) else plugin("data set", name)
    return Origin(kind, str(reference), published.value if published else name, options)


def kind_of(name: str) -> str:
    """CATALOGUE, NPZ, TABLE, FOLDER or OWN, by how a name without options is written.

    An `InputError` suggests near ones.
    """
    if name in DATASETS:
        return CATALOGUE
    if name.lower().endswith((".npz", ".npy")):
        return NPZ
    if is_table(name):
        return TABLE
    if is_own(name):
        return OWN
    if name.startswith((".", "~")) or "/" in name or "\\" in name:
        return FOLDER
    if not plugin("data set", name) and Path(name).is_dir():
        return FOLDER
    try:
        lookup({**DATASETS, **plugins("data set")}, "data set", name)
    except InputError as error:
        raise InputError(
            f"{error}; your own is written ./folder, file.npz, file.csv, package.module:function or ./file.py:function"
        ) from None
    return OWN


def data_kind(text: str) -> str | None:
    """What its examples are, `lsbench.names.catalogue.KINDS`; None where only reading it tells."""
    if features_of(text):
        return FEATURES
    return {CATALOGUE: IMAGES, FOLDER: IMAGES, TABLE: ROWS}.get(kind_of(parse(text).name))


def _require_network(network: str, reference: Reference, kind: str) -> None:
    """Raise an `InputError` for what can't be a network, as it is written, or an option that has no effect on it."""
    from lsbench.data.features.network import require_network

    require_network(network)
    if kind == TABLE:
        raise InputError(
            f"features are of images, and the examples of {reference.name!r} are vectors already; leave out --features"
        )
    if kind == FOLDER and "size" in reference.options:
        raise InputError(
            f"{reference.name}: the option size is of images that are trained on themselves; a network's own is"
            f" --features {network}:size=128"
        )


def _require_npz(reference: Reference) -> tuple[Path, ...]:
    """The file, and that of the labels of a .npy; an `InputError` where one is not there, or for an unknown option."""
    path = _require_file(reference.name)
    labels = _require_labels(reference) if path.suffix.lower() == ".npy" else ()
    if reference.options:
        from lsbench.data.votes import FORMS, read_choice

        allowed = (*FORMS, *WITH_ALIKE, *(("labels",) if labels else ()))
        for option in reference.options:
            lookup({word: word for word in allowed}, f"option of {reference.name}", option)
        read_choice(reference.options)
        division_options(reference.options)
        keeps_alike(reference.options, default=True)
    return (path, *labels)


def _require_labels(reference: Reference) -> tuple[Path]:
    labels = str(reference.options.get("labels", ""))
    if not labels.lower().endswith(".npy"):
        got = f"got labels={labels}" if labels else "its labels are not named"
        raise InputError(f"{reference.name} is one array, of examples; write {reference.name}:labels=y.npy; {got}")
    return (_require_file(labels),)


def _require_table(reference: Reference) -> tuple[Path, ...]:
    """The files of a table; an `InputError` where one is not there, or for an option that it does not take."""
    path = _require_file(reference.name)
    asked = table_options(reference.name, reference.options)
    return (path, *([_require_file(asked.test_file)] if asked.test_file else []))


def _require_groups(name: str, kind: str, groups: GroupFile) -> None:
    """Raise an `InputError` for groups of a data set that has none, or that are in no file."""
    if kind == CATALOGUE:
        raise InputError(f"groups are of data of your own; {name!r} is a data set of the catalogue")
    if groups.path and kind == TABLE:
        raise InputError(f"groups of {name} are a column of it; write --groups COLUMN, got {groups.path!r}")
    if groups.path:
        _require_file(groups.path)
    elif kind == FOLDER:
        raise InputError(
            f"groups of {name!r}: no file {groups.column!r}; give a file of groups, FILE.csv or FILE.csv:COLUMN"
        )


def _require_file(name: str) -> Path:
    path = Path(name).expanduser()
    if path.is_dir():
        raise InputError(f"{path} is a folder; a name that ends in {path.suffix} is that of a file")
    if not path.is_file():
        raise InputError(f"no file {path}; it is looked for from the current folder, {Path.cwd()}")
    return path.resolve()


def _require_folder(name: str) -> Path:
    path = Path(name).expanduser()
    if path.is_file():
        raise InputError(f"{path} is neither a folder of images, nor an .npz file, nor a table ({', '.join(SUFFIXES)})")
    if not path.is_dir():
        raise InputError(f"no folder {path}; it is looked for from the current folder, {Path.cwd()}")
    return path.resolve()


def _stamp(files: tuple[Path, ...]) -> tuple:
    return tuple((status.st_size, status.st_mtime_ns) for status in (path.stat() for path in files))
