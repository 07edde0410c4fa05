"""Designs as files: `verify/<id>.npz` has what never changes, `verify/<id>.json` the rest, replaced as a whole."""

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from lsbench.data.archive import ODD
from lsbench.errors import InputError
from lsbench.rows.looks.design import ID_DIGITS, DesignArm, StoredDesign
from lsbench.rows.store import write_atomically

SCHEMA = 1
ARRAYS = ("numbers", "given", "sizes", "order")
TEXTS = ("dataset", "fingerprint", "part", "test_noise", "version")
IDS = re.compile(f"d[0-9a-f]{{{ID_DIGITS}}}")


def design_folder(results: Path) -> Path:
    """Where the designs of a results folder are, and the pages."""
    return results / "verify"


def write_design(design: StoredDesign, folder: Path) -> Path:
    """Write a design, or what has changed of it: the looks that are announced, and the items asked about.

    The path of its JSON file, which is written last: a design without it is none. `StorageError` as for a row.
    """
    arrays, path = folder / f"{design.id}.npz", folder / f"{design.id}.json"
    if not path.is_file():
        content = BytesIO()
        np.savez_compressed(content, **{name: getattr(design, name) for name in ARRAYS})
        write_atomically(arrays, content.getvalue())
    write_atomically(path, json.dumps(_as_json(design), indent=1).encode())
    return path


def read_design(design_id: str, folder: Path) -> StoredDesign | None:
    """The design of that id in a folder, None where there is none; `InputError` for files that are damaged."""
    path = folder / f"{design_id}.json"
    if not IDS.fullmatch(design_id) or not path.is_file():
        return None
    try:
        value = json.loads(path.read_bytes())
        if value["schema"] != SCHEMA:
            raise InputError(f"{path}: schema {value['schema']!r}; this version of lsbench reads {SCHEMA}")
        with (folder / f"{design_id}.npz").open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            design = _design(value, arrays)
    except InputError:
        raise
    except (*ODD, AttributeError, RecursionError) as error:
        raise InputError(f"{path}: not a design that `lsbench verify` writes ({error})") from error
    if design.id != design_id:
        raise InputError(f"{path}: its content hashes to {design.id}, not to its name; it was edited or damaged")
    return design


def read_designs(folder: Path) -> tuple[list[StoredDesign], list[str]]:
    """All designs of a folder, in order of their ids, and a sentence for each file that is damaged."""
    designs, warnings = [], []
    for path in sorted(folder.glob("d*.json")) if folder.is_dir() else []:
        try:
            design = read_design(path.stem, folder)
        except InputError as error:
            warnings.append(str(error))
        else:
            designs += [design] if design else []
    return designs, warnings


def _as_json(design: StoredDesign) -> dict[str, Any]:
    """All but the arrays; lone surrogates are escaped as JSON has them, so that they are read back."""
    return {
        "schema": SCHEMA,
        "id": design.id,
        **{name: getattr(design, name) for name in TEXTS},
        "seed": design.seed,
        "classes": list(design.classes),
        "announced": list(design.announced),
        "arms": [{"name": arm.name, "rows": list(arm.rows)} for arm in design.arms],
        "digests": list(design.digests),
    }


def _design(value: dict[str, Any], arrays: Any) -> StoredDesign:
    """Arrays of another dtype or shape, and texts that are none, are a ValueError."""
    texts = {name: value[name] for name in TEXTS}
    lists = {name: tuple(value[name]) for name in ("classes", "announced", "digests")}
    design = StoredDesign(
        **texts,
        **lists,
        seed=int(value["seed"]),
        arms=tuple(DesignArm(str(arm["name"]), tuple(map(str, arm["rows"]))) for arm in value["arms"]),
        **{name: arrays[name].astype(np.float64 if name == "sizes" else np.int64) for name in ARRAYS},
    )
    all_texts = (*texts.values(), *design.classes, *design.digests)
    if not all(isinstance(text, str) for text in all_texts) or not all(isinstance(n, int) for n in design.announced):
        raise ValueError("a text or a number of looks is something else")
    _require_arrays(design)
    return design


def _require_arrays(design: StoredDesign) -> None:
    count = design.count
    if any(getattr(design, name).shape != (count,) for name in ARRAYS) or not count:
        raise ValueError("arrays of several lengths")
    if not np.array_equal(np.sort(design.order), np.arange(count)) or not (design.sizes > 0).all():
        raise ValueError("an order that is none, or a size that is not positive")
    if design.given.min() < 0 or design.given.max() >= design.num_classes or len(design.digests) > count:
        raise ValueError("a label that is no class")
