"""The stopping rule in its file: written before the first cell is trained, then with the state of the comparisons."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from lsbench.analysis.sequential.rule import ComparisonProgress, StoppingRule
from lsbench.analysis.summary import Setting
from lsbench.analysis.summary.setting_text import distinguishing_words, recipe_text
from lsbench.errors import InputError
from lsbench.names.cross_fit import WORDS
from lsbench.rows.store import write_atomically
from lsbench.spec import LARGEST, LATER, RECIPE_SETTINGS, Arm, Cell, Recipe

FOLDER = "adaptive"
NEWER = ("class_weights", "sampler")  # fields of a recipe that 0.2.0 did not have


def stored_rule(rule: StoppingRule, cells: Sequence[Cell], out: Path) -> tuple[StoppingRule, bool]:
    """The rule to use, and whether the grid was begun before; `InputError` if it was begun with another rule.

    The stored levels are used: those of another machine may differ in their last bits, and version 0.2.0 counted losses
    that are one function as several comparisons, which holds the 5 %, too.
    """
    path = _path(cells, out)
    if not path.exists():
        return rule, False
    before = _read(path)
    if not before:
        raise InputError(
            f"{path} should hold this grid's adaptive rule and can't be read; mend it, or use another --out"
        )
    stored: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in before["rule"].items()}
    kept = StoppingRule(**stored)
    if replace(kept, levels=rule.levels, comparisons=rule.comparisons) != rule or kept.comparisons < rule.comparisons:
        raise InputError(
            f"this grid was begun with another adaptive rule, stored in {path}: seeds {list(kept.seeds)}, margin "
            f"{kept.margin}; a rule is fixed in advance: use it again, or another --out"
        )
    return kept, True


def write(rule: StoppingRule, cells: Sequence[Cell], progress: Sequence[ComparisonProgress], out: Path) -> None:
    """Store the rule, and the state of its comparisons."""
    differs = distinguishing_words(one.setting for one in progress)
    record = {"rule": asdict(rule), "comparisons": [_record(one, differs[one.setting]) for one in progress]}
    write_atomically(_path(cells, out), json.dumps(record, indent=1).encode())


def read(out: Path) -> list[dict[str, Any]]:
    """The rules stored in a results folder, with their comparisons; a file that can't be read is left out."""
    return [kept for path in sorted((out / FOLDER).glob("*.json")) if (kept := _read(path))]


def _path(cells: Sequence[Cell], out: Path) -> Path:
    """The file of a grid, the same whatever its seeds."""
    grid = sorted({f"({_setting_text(Setting.of(cell))}, {_named(cell.arm)!r})" for cell in cells})
    return out / FOLDER / f"{hashlib.sha256(repr(grid).encode()).hexdigest()[:12]}.json"


def _setting_text(setting: Setting) -> str:
    """The setting as 0.2.0 wrote it, so that its rules are found: what is newer only where it has not its default."""
    values = {f.name: getattr(setting, f.name) for f in fields(Setting) if f.compare}
    usual = {name: Cell.__dataclass_fields__[name].default for name in LATER}
    written = (
        f"{name}={_written(value)}" for name, value in values.items() if name not in usual or value != usual[name]
    )
    return f"Setting({', '.join(written)})"


def _written(value: Any) -> str:
    """The value as 0.2.0 wrote it: a recipe without the fields that it did not have, where they have their default."""
    if not isinstance(value, Recipe):
        return repr(value)
    names = [name for name in RECIPE_SETTINGS if name not in NEWER or getattr(value, name) != getattr(Recipe, name)]
    return f"Recipe({', '.join(f'{name}={getattr(value, name)!r}' for name in names)})"


def _named(arm: Arm) -> tuple:
    """What is hashed into a rule's file name. An arm of the catalogue has no source there, as in 0.2.0's names."""
    return (arm.loss, arm.hyper, arm.source) if arm.source else (arm.loss, arm.hyper)


def _record(progress: ComparisonProgress, differs: Collection[str]) -> dict[str, Any]:
    s, arm = progress.setting, progress.arm
    return {
        "dataset": s.dataset,
        "model": s.model,
        "noise": s.noise,
        "noise_rate": s.noise_rate,
        "recipe": recipe_text(s, differs),
        "loss": f"{arm.loss}@{arm.source[:6]}" if arm.source else arm.loss,
        "hyper": dict(arm.hyper),
        "stopped_by": progress.stopped_by,
        **asdict(progress.result),
    }


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    whole = isinstance(value, dict) and isinstance(value.get("comparisons"), list) and _fits(value.get("rule"), RULE)
    return value if whole and all(_fits(one, COMPARISON) for one in value["comparisons"]) else {}


def _fits(value: Any, shape: Mapping[str, Callable[[Any], bool]]) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == shape.keys()
        and all(holds(value[name]) for name, holds in shape.items())
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST


def _is_number_or_none(value: Any) -> bool:
    return value is None or _is_number(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _are_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_number, value))


RULE: dict[str, Callable[[Any], bool]] = {  # what a file must hold to be used
    "looks": _are_numbers,
    "levels": _are_numbers,
    "seeds": _are_numbers,
    "comparisons": _is_number,
    "margin": _is_number_or_none,
    "metric": _is_text,
    "spending": _is_text,
}
COMPARISON: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("dataset", "model", "noise", "recipe", "loss", "status"), _is_text),
    **dict.fromkeys(("noise_rate", "look", "n"), _is_number),
    **dict.fromkeys(("p", "mean", "low", "high"), _is_number_or_none),
    "hyper": lambda value: (
        isinstance(value, dict)
        and all(_is_text(one) if name in WORDS else _is_number(one) for name, one in value.items())
    ),
    "stopped_by": lambda value: value is None or isinstance(value, str),
}
