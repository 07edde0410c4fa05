"""One JSON file per row: written whole or not at all, and checked when it is read."""

import json
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from errno import EIO
from itertools import count, islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

from lsbench.errors import InputError, StorageError
from lsbench.names.catalogue import temperature_of
from lsbench.rows.row import CHECKS, KEYS, SCHEMA, STATUSES, STORED, Row, as_json, without_files
from lsbench.rows.status import only_known
from lsbench.spec import Cell


def path_of(row_id: str, out: Path) -> Path:
    """The path of a row's file below the results folder, by its id."""
    return out / "cells" / row_id[:2] / f"{row_id}.json"


def model_path(row_id: str, folder: Path) -> Path:
    """The path of the weights of a cell below the models' folder, by its id."""
    return folder / f"{row_id}.safetensors"


def logits_path(row_id: str, folder: Path) -> Path:
    """The path of the predictions of a cell below the logits' folder, by its id."""
    return folder / f"{row_id}.npz"


def examples_path(row_id: str, out: Path) -> Path:
    """Where what each test example got lives below the results folder."""
    return out / "examples" / row_id[:2] / f"{row_id}.npz"


def predictions_path(row_id: str, out: Path) -> Path:
    """Where the log-probs of the held-out and the test examples live below the results folder."""
    return out / "predictions" / row_id[:2] / f"{row_id}.npz"


class UnreadableError(StorageError, ValueError):
    """A row that `read_row` would refuse; it was not written."""


def write(row: Row, out: Path) -> Path:
    """Write a row atomically: a reader, or a crash, sees the whole file or none.

    `UnreadableError`, and nothing is written, where `read_row` would refuse the file.
    """
    path = path_of(row.id, out)
    content = _readable(path, row)
    _keep_unreadable(path)
    for content_beside, path_beside in ((row.examples, examples_path), (row.predictions, predictions_path)):
        if content_beside is not None:  # first, so that a row that is there has its files, too
            write_atomically(path_beside(row.id, out), content_beside)
    write_atomically(path, content)
    return path


def write_or_fail(row: Row, out: Path) -> Row:
    """Write a row; one that could not be read back becomes a failed one that says why.

    The row that was written, without what is in files of its own.
    """
    try:
        write(row, out)
    except UnreadableError as error:
        row = Row(cell=row.cell, status="failed", error=str(error), stack=row.stack, provenance=row.provenance)
        write(row, out)
    return without_files(row)


def _readable(path: Path, row: Row) -> bytes:
    """The content of the row's file, which is checked as a reader would check it."""
    try:
        content = json.dumps({"id": row.id, **as_json(row)}, indent=1, allow_nan=False).encode()
        _parsed(path, content)
    except ValueError as error:
        raise UnreadableError(f"its row could not be read back: {error}") from error
    return content


def write_atomically(path: Path, content: bytes) -> None:
    """Write a temporary file beside the target, fsync, rename; after a `StorageError` the old file is unchanged."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content)
    except OSError as error:
        raise StorageError(f"can't write {path}: {error.strerror}; what was finished before is kept") from error


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if temporary.read_bytes() != content:
            raise OSError(EIO, "what was written reads back as something else")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _keep_unreadable(path: Path) -> None:
    """Rename a file at a row's path that this version cannot read, to keep it: a later version may have written it."""
    if not path.exists():
        return
    try:
        read_row(path)
    except InputError:
        free = next(p for i in count(1) if not (p := path.with_name(f"{path.name}.refused-{i}")).exists())
        os.replace(path, free)


def _sync_folder(folder: Path) -> None:
    """Make a rename outlast a power cut, where folders can be synced."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read_row(path: str | os.PathLike[str]) -> Row:
    """The row in one file; an `InputError` says why the file is no row."""
    try:
        with open(path, "rb", buffering=0) as file:  # half of what Path.read_bytes takes
            content = file.read()
    except OSError as error:
        raise InputError(f"{path}: not a whole JSON file ({error})") from error
    return _parsed(path, content)


def _parsed(path: str | os.PathLike[str], content: bytes) -> Row:
    try:
        value = _json(content)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not a whole JSON file ({error})") from error
    if not isinstance(value, dict) or "schema" not in value:
        raise InputError(f"{path}: not a row of lsbench")
    if value["schema"] != SCHEMA:
        raise InputError(f"{path}: schema {value['schema']!r}; this version of lsbench reads {SCHEMA}")
    row = _row(path, value)
    if not os.fspath(path).endswith(f"{os.sep}{row.id}.json") or value.get("id") != row.id:
        raise InputError(f"{path}: its cell hashes to {row.id}, not to its name; it was edited or misnamed")
    return row


def read_some(ids: Iterable[str], out: Path) -> tuple[list[Row], list[str]]:
    """The rows of those ids that have a file, in their order, and a warning for each file that is no row.

    No other file of the folder is opened or listed: the cost is that of the ids.
    """
    return _read_all(path for row_id in dict.fromkeys(ids) if (path := path_of(row_id, out)).is_file())


def sample(out: Path, most: int, without: Collection[str] = ()) -> Iterator[Row]:
    """At most `most` rows of a folder, as they come, without those of some ids; files that are no rows are passed over.

    Names are hashes, so these are rows taken at random; listing stops where reading does.
    """
    files = (file for folder in _entries(out / "cells") for file in _entries(folder))
    paths = (Path(file.path) for file in files if file.name.endswith(".json"))
    for path in islice((path for path in paths if path.stem not in without), most):
        with suppress(InputError):
            yield read_row(path)


def read(out: Path) -> tuple[list[Row], list[str]]:
    """All rows below a results folder, in order of their ids, and a warning for each file that is not one."""
    folders = (folder for folder in _entries(out / "cells") if folder.is_dir())
    files = (file for folder in folders for file in _entries(folder) if file.is_file() and file.name.endswith(".json"))
    return _read_all(sorted(file.path for file in files))


def _read_all(paths: Iterable[str | os.PathLike[str]]) -> tuple[list[Row], list[str]]:
    rows, warnings = [], []
    for path in paths:
        try:
            rows.append(read_row(path))
        except InputError as error:
            warnings.append(str(error))
    return rows, warnings


def _json(content: bytes) -> Any:
    """The value of JSON; orjson is three times as fast as json, and refuses the text of a path that is not UTF-8."""
    try:
        return orjson.loads(content)
    except ValueError:
        if b"\\ud" not in content:  # as `write` writes a lone surrogate
            raise
        return json.loads(content, parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")


def _entries(folder: str | os.PathLike[str]) -> Iterator[os.DirEntry[str]]:
    """What a folder holds, one by one; nothing of what is no folder."""
    with suppress(OSError), os.scandir(folder) as entries:
        yield from entries


def _row(path: str | os.PathLike[str], value: dict[str, Any]) -> Row:
    if value.get("status") not in STATUSES:
        raise InputError(f"{path}: status {value.get('status')!r}; allowed: {', '.join(STATUSES)}")
    try:
        parts = {name: value[key] for name, key in KEYS.items() if key in value or STORED[name].since_first}
        cell = Cell.from_json(parts.pop("cell"))
    except (KeyError, InputError) as error:
        raise InputError(f"{path}: not a row of lsbench ({error})") from error
    for name, is_valid in CHECKS.items():
        if name in parts and not is_valid(parts[name]):
            raise InputError(f"{path}: its {KEYS[name]} is not what a row holds")
    if "scaled" in parts:
        parts["scaled"] = {temperature_of(way): after for way, after in parts["scaled"].items()}
    row = Row(**parts, cell=cell)
    if row.status == "ok" and any(row.metrics.get(name) is None for name in ALWAYS_MEASURED):
        raise InputError(f"{path}: an ok row without {' and '.join(ALWAYS_MEASURED)}")
    return only_known(row)


ALWAYS_MEASURED = ("accuracy", "ece")  # in every ok row; what else there is may depend on the version
