"""One table: a setting, its arms, how each compares with the baseline, and who wins."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lsbench.catalogue import METRICS
from lsbench.statistics import Difference, cautious_p, effect_size, holm, seeds_needed, spread
from lsbench.store import Row
from lsbench.summary.arms import BASELINE, Arm, arms_of, compare, gaps, pairs
from lsbench.summary.majority import no_better
from lsbench.summary.setting import Setting, by_setting
from lsbench.summary.sizes import Sizes, of_unbalanced, sizes_of
from lsbench.summary.words import differences

COMPARED = ("accuracy", "ece", "nll", "brier")  # the columns in which a winner may be marked


@dataclass(frozen=True)
class Comparison:
    """An arm's accuracy minus that of the baseline at the same seeds."""

    difference: Difference | None
    p_holm: float | None = None  # by the paired t-test, adjusted for all comparisons of the table
    effect: float | None = None  # Cohen's d_z
    seeds_to_decide: int | None = None  # with which a difference of this size is found 4 times in 5; None if decided


@dataclass(frozen=True)
class Summary:
    """One table: a setting, its arms in the catalogue's order, and the cells that gave no number."""

    setting: Setting
    arms: tuple[Arm, ...]
    comparisons: Mapping[tuple, Comparison]  # by the arm's key; none for the baseline
    best: Mapping[str, Arm | None]  # of each compared column, the arm that beats every other beyond the interval
    lost: tuple[Row, ...]
    noise_realised: float | None
    num_classes: int | None  # None where no row tells
    origins: tuple[str, ...]  # versions and devices its rows were made with; more than one is worth a warning
    sizes: Sizes | None = None  # None where no row tells
    no_better: tuple[Arm, ...] = ()  # not shown to be more accurate than always answering the majority class
    differs: tuple[str, ...] = ()  # the words that tell its setting from others of the same data set, model and noise


def summarise(rows: Iterable[Row]) -> list[Summary]:
    """One summary per setting, in the settings' order."""
    settings = by_setting(rows)
    differs = differences(settings)
    return [_summary(setting, of, differs[setting]) for setting, of in settings.items()]


def _summary(setting: Setting, rows: Sequence[Row], differs: tuple[str, ...]) -> Summary:
    arms, sizes = arms_of(rows), sizes_of(rows)
    compared = (*COMPARED, *of_unbalanced(sizes))
    realised = spread([r for row in rows if (r := row.passport.get("realised")) is not None])
    return Summary(
        setting,
        tuple(arms),
        _comparisons(arms),
        {name: winner(name, arms) for name in compared},
        tuple(row for row in rows if row.status != "ok"),
        realised and realised.mean,
        next((len(matrix) for row in rows if (matrix := row.passport.get("matrix"))), None),
        tuple(sorted({origin_of(row) for row in rows if row.status == "ok"})),
        sizes,
        tuple(no_better(arms, sizes)),
        differs,
    )


def origin_of(row: Row) -> str:
    """The versions and the device that a row was made with."""
    of = row.provenance
    versions = ", ".join(f"{name} {of.get(name)}" for name in ("lsbench", "torch", "python"))
    return f"{versions}, {of.get('device', 'unknown device')}"


def _comparisons(arms: Sequence[Arm], name: str = "accuracy") -> dict[tuple, Comparison]:
    baseline = next((arm for arm in arms if arm.loss == BASELINE), None)
    if baseline is None:
        return {}
    others = [arm for arm in arms if arm is not baseline]
    p_values = {arm.key: p for arm in others if (p := cautious_p(gaps(arm, baseline, name))) is not None}
    adjusted = dict(zip(p_values, holm(list(p_values.values())), strict=True))
    return {arm.key: _comparison(arm, baseline, name, adjusted.get(arm.key)) for arm in others}


def _comparison(arm: Arm, baseline: Arm, name: str, p_holm: float | None) -> Comparison:
    difference = compare(arm, baseline, name)
    effect = effect_size(*pairs(arm.by_seed(name), baseline.by_seed(name)))
    undecided = difference is not None and not difference.decided and effect is not None
    return Comparison(difference, p_holm, effect, seeds_needed(effect) if undecided and effect is not None else None)


def winner(name: str, arms: Sequence[Arm]) -> Arm | None:
    """The arm whose paired interval against each of the others is on its side of 0, if there is one."""
    sign = 1 if METRICS[name].better == "higher" else -1
    for arm in arms:
        against = (compare(arm, rival, name) for rival in arms if rival is not arm)
        if len(arms) > 1 and all(gap and gap.decided and gap.mean * sign > 0 for gap in against):
            return arm
    return None
