"""The stopping rule: when a comparison with cross-entropy stops, and what is trained before its next test."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lsbench.analysis.summary import BASELINE, Setting, stand_ins
from lsbench.errors import InputError
from lsbench.rows.row import Row
from lsbench.spec import Arm, Cell
from lsbench.statistics import SequentialResult, gaps_of, sequential_levels, sequential_test

LOOKS = (3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500, 1000)
ALPHA = 0.05


@dataclass(frozen=True)
class StoppingRule:
    """When a comparison with cross-entropy stops: fixed before the first cell is trained."""

    looks: tuple[int, ...]  # numbers of seeds at which it is tested
    levels: tuple[float, ...]  # of the two-sided paired t-test at each of them
    seeds: tuple[int, ...]  # in the order they are added
    comparisons: int  # the most of a setting; they share the 5 % (Bonferroni)
    margin: float | None = None  # accuracy; an interval within ±margin stops as equivalent
    metric: str = "accuracy"
    spending: str = "obrien-fleming"


@dataclass(frozen=True)
class ComparisonProgress:
    """How far one comparison has come."""

    setting: Setting
    arm: Arm
    result: SequentialResult
    stopped_by: str | None = None  # a seed that gave no number: the test can't go on


def make_rule(cells: Sequence[Cell], margin: float | None = None) -> StoppingRule:
    """The rule for a grid whose seeds are the most that may be used; `InputError` where it can't be made.

    Losses that are one function are one comparison: the loss that stands for them is compared, the others are trained
    beside it.
    """
    seeds = tuple(dict.fromkeys(cell.seed for cell in cells))
    arms = {cell.arm for cell in cells}
    comparisons = max((len(set(stands.values())) - 1 for stands in _stands(cells).values()), default=0)
    if not any(arm.loss == BASELINE for arm in arms) or not comparisons:
        raise InputError(
            f"--adaptive compares losses with {BASELINE}: give --loss {BASELINE} and at least one other "
            "that is another function"
        )
    if len(seeds) < LOOKS[0]:
        raise InputError(
            f"--adaptive takes the most seeds to use, at least {LOOKS[0]}, such as --seeds 20; got {len(seeds)}"
        )
    looks = (*(look for look in LOOKS if look < len(seeds)), len(seeds))
    return StoppingRule(looks, sequential_levels(looks, ALPHA / comparisons), seeds, comparisons, margin)


def next_cells(rule: StoppingRule, cells: Sequence[Cell], rows: Iterable[Row]) -> list[Cell]:
    """The cells to train before the next test: those of the open comparisons, and of cross-entropy beside them.

    Losses that are the same function as one of these get its seeds. A setting with cross-entropy alone, where nothing
    is compared, gets the seeds of the first test.
    """
    rows = list(rows)
    trained = {row.id for row in rows}
    wanted: set[tuple[Setting, Arm, int]] = set()
    stands = _stands(cells)
    comparisons = progress_of(rule, cells, rows)
    for progress in comparisons:
        look = progress.result.look
        if progress.result.status == "undecided" and look < len(rule.looks):
            seeds = rule.seeds[: rule.looks[look]]
            compared = (progress.arm, Arm(BASELINE))
            arms = [arm for arm, standing in stands[progress.setting].items() if standing in compared]
            wanted |= {(progress.setting, arm, seed) for arm in arms for seed in seeds}
    settings = {progress.setting for progress in comparisons}
    return [
        cell
        for cell in cells
        if cell.id not in trained
        and (
            (Setting.of(cell), cell.arm, cell.seed) in wanted
            or (Setting.of(cell) not in settings and cell.seed in rule.seeds[: rule.looks[0]])
        )
    ]


def progress_of(rule: StoppingRule, cells: Sequence[Cell], rows: Iterable[Row]) -> list[ComparisonProgress]:
    """Every comparison of the grid, at the last test for which there are enough rows; one per function."""
    values: dict[tuple[Setting, Arm], dict[int, float | None]] = {}
    nlls: dict[tuple[Setting, Arm], dict[int, float | None]] = {}
    for row in rows:
        place = (Setting.of(row.cell), row.cell.arm)
        number = row.metrics.get(rule.metric) if row.status == "ok" else None
        values.setdefault(place, {})[row.cell.seed] = number
        nlls.setdefault(place, {})[row.cell.seed] = row.metrics.get("nll")
    return [
        _progress(
            rule,
            setting,
            arm,
            values.get((setting, arm), {}),
            values.get((setting, Arm(BASELINE)), {}),
            differ=_differ(nlls.get((setting, arm), {}), nlls.get((setting, Arm(BASELINE)), {})),
        )
        for setting, stands in _stands(cells).items()
        for arm, standing in stands.items()
        if arm == standing and arm.loss != BASELINE
    ]


def _stands(cells: Sequence[Cell]) -> dict[Setting, dict[Arm, Arm]]:
    """By setting and arm, the arm that stands for its function."""
    arms: dict[Setting, dict[Arm, None]] = {}
    for cell in cells:
        arms.setdefault(Setting.of(cell), {})[cell.arm] = None
    return {setting: stand_ins(of_setting, clean=not setting.noise_rate) for setting, of_setting in arms.items()}


def _progress(
    rule: StoppingRule,
    setting: Setting,
    arm: Arm,
    values: Mapping[int, float | None],
    plain: Mapping[int, float | None],
    *,
    differ: bool,
) -> ComparisonProgress:
    """The sequential test over the seeds, up to the first seed that one of the two arms lacks.

    differ: whether the runs are not the same, so that equal numbers at every seed are no proof: no margin stops them.
    """
    ours: list[float] = []
    theirs: list[float] = []
    failed = None
    for seed in rule.seeds:
        one, other = values.get(seed), plain.get(seed)
        if one is None or other is None:
            both = ((arm.loss, values), (BASELINE, plain))
            losses = [loss for loss, by_seed in both if seed in by_seed and by_seed[seed] is None]
            failed = f"seed {seed} of {' and '.join(losses)} failed" if losses else None
            break
        ours.append(one)
        theirs.append(other)
    differences = gaps_of(ours, theirs).tolist()
    margin = None if differ and not any(differences) else rule.margin
    return ComparisonProgress(setting, arm, sequential_test(differences, rule.looks, rule.levels, margin), failed)


def _differ(nlls: Mapping[int, float | None], plain: Mapping[int, float | None]) -> bool:
    """Whether two arms have another NLL at some seed, which every other prediction changes."""
    both = [(one, other) for seed, one in nlls.items() if one is not None and (other := plain.get(seed)) is not None]
    return bool(both) and bool(gaps_of(*map(list, zip(*both, strict=True))).any())
