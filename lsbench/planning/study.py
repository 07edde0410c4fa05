"""Study files: what was asked for, as TOML with the names of `run`'s options."""

import json
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from lsbench.errors import InputError
from lsbench.names import resolve
from lsbench.names.registry import lookup
from lsbench.spec import Grid

Value = str | float | list
FLAGS = ("no_dedupe",)


def read_study(path: Path, allowed: Collection[str]) -> dict[str, Value]:
    """The options in a study file, `-` in their names written `_`; an `InputError` names what makes no sense."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig", errors="surrogateescape"))
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"study {path}: {reason}") from error
    study = {name.replace("-", "_"): value for name, value in values.items()}
    if len(study) < len(values):
        raise InputError(f"study {path}: an option is given twice, with - and with _")
    for name, value in study.items():
        try:
            lookup({word: word for word in allowed}, "option", name)
            _check(name, value)
        except InputError as error:
            raise InputError(f"study {path}: {error}") from error
    return study


def write_study(study: Mapping[str, Value]) -> str:
    """TOML that `read_study` reads back; a path that is not UTF-8 stands there as its own bytes, see `to_bytes`."""
    return "".join(f"{name} = {_toml(value)}\n" for name, value in study.items())


def study_of(grid: Grid) -> dict[str, Value]:
    """A valid grid as a study, nothing left to defaults but what is the model's own."""
    study: dict[str, Value | None] = {
        "dataset": list(grid.datasets),
        "model": list(grid.models),
        "loss": list(grid.losses),
        "eps": list(grid.eps) if any("eps" in resolve.hyper(text)[1] for text in grid.losses) else None,
        "noise_kind": list(grid.noises),
        "noise": list(grid.noise_rates),
        "seeds": list(grid.seeds),
        "val": grid.val,
        "train_size": grid.train_size,
        "no_dedupe": None if grid.dedupe else True,
        **dict(grid.recipe),
    }
    return {name: value for name, value in study.items() if value is not None}


def _check(name: str, value: Any) -> None:
    if name in FLAGS:
        if not isinstance(value, bool):
            raise InputError(f"{name} takes true or false; got {value!r}")
        return
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str | int | float) and not isinstance(item, bool) for item in items):
        raise InputError(f"{name} takes text, a number, or a list of them; got {value!r}")


def _toml(value: Value) -> str:
    """A JSON string, number or list is a TOML one too, but for the character DEL and JSON's surrogate pairs."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).replace("\x7f", "\\u007f")
