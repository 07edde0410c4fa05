"""Seeds where they are needed: a group-sequential rule, fixed in advance and kept beside the rows."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lsbench.errors import InputError
from lsbench.spec import Cell
from lsbench.statistics import SequentialResult, sequential_levels, sequential_test
from lsbench.store import Row, write_atomically
from lsbench.summary import BASELINE, Setting

LOOKS = (3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500, 1000)
ALPHA = 0.05
FOLDER = "adaptive"
Key = tuple[str, tuple[tuple[str, float], ...]]  # an arm: loss, hyperparameters


@dataclass(frozen=True)
class Rule:
    """When a comparison with cross-entropy stops: fixed before the first cell is trained."""

    looks: tuple[int, ...]  # numbers of seeds
    levels: tuple[float, ...]  # of the two-sided paired t-test at each look
    seeds: tuple[int, ...]  # in the order they are added
    comparisons: int  # per setting, that share the 5 % (Bonferroni)
    margin: float | None = None  # accuracy; an interval within ±margin stops as equivalent
    metric: str = "accuracy"
    spending: str = "obrien-fleming"


@dataclass(frozen=True)
class Progress:
    """How far one comparison has come."""

    setting: Setting
    arm: Key
    result: SequentialResult


def make_rule(cells: Sequence[Cell], margin: float | None = None) -> Rule:
    """The rule for a grid whose seeds are the most that may be used; `InputError` where it can't be made."""
    seeds = tuple(dict.fromkeys(cell.seed for cell in cells))
    arms = {_key(cell) for cell in cells}
    if not any(loss == BASELINE for loss, _ in arms) or len(arms) < 2:
        raise InputError(f"--adaptive compares losses with {BASELINE}: give --loss {BASELINE} and at least one other")
    if len(seeds) < LOOKS[0]:
        raise InputError(
            f"--adaptive takes the most seeds to use, at least {LOOKS[0]}, such as --seeds 20; got {len(seeds)}"
        )
    looks = (*(look for look in LOOKS if look < len(seeds)), len(seeds))
    comparisons = len(arms) - 1
    return Rule(looks, sequential_levels(looks, ALPHA / comparisons), seeds, comparisons, margin)


def next_cells(rule: Rule, cells: Sequence[Cell], rows: Iterable[Row]) -> list[Cell]:
    """What to train before the next look: the open comparisons' cells, and those of cross-entropy beside them."""
    rows = list(rows)
    known = {row.id for row in rows}
    wanted: set[tuple[Setting, Key, int]] = set()
    for progress in survey(rule, cells, rows):
        look = progress.result.look
        if progress.result.status == "undecided" and look < len(rule.looks):
            seeds = rule.seeds[: rule.looks[look]]
            arms = (progress.arm, *(_key(cell) for cell in cells if cell.loss == BASELINE))
            wanted |= {(progress.setting, arm, seed) for arm in arms for seed in seeds}
    return [c for c in cells if c.id not in known and (Setting.of(c), _key(c), c.seed) in wanted]


def survey(rule: Rule, cells: Sequence[Cell], rows: Iterable[Row]) -> list[Progress]:
    """Every comparison of the grid, at the looks that its rows are there for."""
    found: dict[tuple[Setting, Key], dict[int, float]] = {}
    for row in rows:
        if row.status == "ok" and (value := row.metrics.get(rule.metric)) is not None:
            found.setdefault((Setting.of(row.cell), _key(row.cell)), {})[row.cell.seed] = value
    asked = dict.fromkeys((Setting.of(cell), _key(cell)) for cell in cells)
    plain = {setting: arm for setting, arm in asked if arm[0] == BASELINE}
    return [
        Progress(setting, arm, _test(rule, found.get((setting, arm), {}), found.get((setting, plain[setting]), {})))
        for setting, arm in asked
        if arm[0] != BASELINE
    ]


def _test(rule: Rule, arm: Mapping[int, float], plain: Mapping[int, float]) -> SequentialResult:
    """The sequential test of the seeds up to the first that one of the two lacks."""
    differences = []
    for seed in rule.seeds:
        if seed not in arm or seed not in plain:
            break
        differences.append(arm[seed] - plain[seed])
    return sequential_test(differences, rule.looks, rule.levels, rule.margin)


def keep(rule: Rule, cells: Sequence[Cell], progress: Sequence[Progress], out: Path) -> None:
    """Store the rule, before anything is trained, and how its comparisons stand; `InputError` if it was another."""
    path = out / FOLDER / f"{_name(cells)}.json"
    kept = _plain(asdict(rule))
    if path.exists() and (before := _read(path)) and before.get("rule") != kept:
        raise InputError(
            f"this grid was begun with another adaptive rule, kept in {path}: looks {before['rule'].get('looks')}, "
            f"margin {before['rule'].get('margin')}; a rule is fixed in advance: use it again, or another --out"
        )
    text = json.dumps({"rule": kept, "comparisons": [_record(one) for one in progress]}, indent=1)
    write_atomically(path, text.encode())


def read(out: Path) -> list[dict[str, Any]]:
    """The rules kept in a results folder, with their comparisons; what can't be read is left out."""
    return [kept for path in sorted((out / FOLDER).glob("*.json")) if (kept := _read(path))]


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    whole = (
        isinstance(value, dict) and isinstance(value.get("rule"), dict) and isinstance(value.get("comparisons"), list)
    )
    return value if whole and all(isinstance(one, dict) for one in value["comparisons"]) else {}


def _record(progress: Progress) -> dict[str, Any]:
    s, (loss, hyper) = progress.setting, progress.arm
    place = {"dataset": s.dataset, "model": s.model, "noise": s.noise, "noise_rate": s.noise_rate}
    return _plain({**place, "loss": loss, "hyper": dict(hyper), **asdict(progress.result)})


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """As its file would give it back: JSON has no tuples."""
    return json.loads(json.dumps(value))


def _name(cells: Sequence[Cell]) -> str:
    """Of a grid, whatever its seeds."""
    grid = sorted({repr((Setting.of(cell), _key(cell))) for cell in cells})
    return hashlib.sha256("\n".join(grid).encode()).hexdigest()[:12]


def _key(cell: Cell) -> Key:
    return cell.loss, cell.hyper
