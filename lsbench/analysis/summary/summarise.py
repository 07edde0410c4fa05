"""One table: a setting, its arms, how each compares with the baseline, and who wins."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lsbench.analysis.summary.arms import ALPHA, BASELINE, ArmResults, arms_by_setting, compare, gaps
from lsbench.analysis.summary.code_versions import edited, superseded
from lsbench.analysis.summary.majority import no_better
from lsbench.analysis.summary.provenance import warnings_of
from lsbench.analysis.summary.setting import Setting
from lsbench.analysis.summary.setting_text import differences
from lsbench.analysis.summary.sizes import Sizes, of_unbalanced, sizes_of
from lsbench.names.catalogue import METRICS
from lsbench.rows.row import Row
from lsbench.spec import Arm
from lsbench.statistics import Difference, cautious_p, effect_size, holm, seeds_to_decide, spread

COMPARED = ("accuracy", "ece", "nll", "brier")  # the columns in which a winner may be marked


@dataclass(frozen=True)
class BaselineComparison:
    """An arm's accuracy minus that of the baseline at the same seeds."""

    difference: Difference | None
    p_holm: float | None = None  # by the paired t-test, adjusted for all comparisons of the table
    effect: float | None = None  # Cohen's d_z; None where the differences show no spread
    seeds_to_decide: int | None = None  # with which a difference of this size is found 4 times in 5; None if decided


@dataclass(frozen=True)
class Summary:
    """One table: a setting, its arms in the catalogue's order, those without any result too."""

    setting: Setting
    arms: tuple[ArmResults, ...]
    comparisons: Mapping[Arm, BaselineComparison]  # by the arm's key; none for the baseline
    best: Mapping[str, ArmResults | None]  # of each compared column, the arm that beats every other beyond the interval
    superseded: tuple[Row, ...]  # failures of code or data that was edited since: in no arm
    edited: tuple[str, ...]  # what these are called
    noise_realised: float | None
    num_classes: int | None  # None where no row tells
    origins: tuple[str, ...]  # versions and devices its rows were made with; more than one is worth a warning
    sizes: Sizes | None = None  # None where no row tells
    no_better: tuple[ArmResults, ...] = ()  # not shown to be more accurate than always answering the majority class
    differs: tuple[str, ...] = ()  # the words that tell its setting from others of the same data set, model and noise

    @property
    def lost(self) -> tuple[Row, ...]:
        """The cells that gave no number."""
        return tuple(row for arm in self.arms for row in arm.lost)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was found before training that makes its numbers doubtful."""
        return warnings_of(row for arm in self.arms for row in (*arm.rows, *arm.lost))


def summarise(rows: Iterable[Row], *, survivors: bool = False) -> list[Summary]:
    """One summary per setting, in the settings' order; `survivors` compares what lost seeds by those that are left."""
    rows = list(rows)
    found = arms_by_setting(rows, survivors=survivors)
    differs, gone = differences(found), _placed(superseded(rows), list(found))
    made = (_summary(setting, arms, gone.get(setting, []), differs[setting]) for setting, arms in found.items())
    return [replace(one, edited=tuple(edited(one.superseded, rows))) if one.superseded else one for one in made]


def _placed(rows: Iterable[Row], settings: Sequence[Setting]) -> dict[Setting, list[Row]]:
    """Superseded rows by the setting of what took their place: their own, or the one that is like it but for code."""
    placed: dict[Setting, list[Row]] = {}
    for row in rows:
        own = Setting.of(row.cell)
        place = own if own in settings else next((s for s in settings if s.name == own.name), settings[0])
        placed.setdefault(place, []).append(row)
    return placed


def _summary(setting: Setting, arms: Sequence[ArmResults], gone: Sequence[Row], differs: tuple[str, ...]) -> Summary:
    rows = [row for arm in arms for row in (*arm.rows, *arm.lost)]
    sizes = sizes_of(rows)
    compared = (*COMPARED, *of_unbalanced(sizes))
    realised = spread([r for row in rows if (r := row.noise_record.get("realised")) is not None])
    return Summary(
        setting,
        tuple(arms),
        _comparisons(arms),
        {name: winner(name, arms) for name in compared},
        tuple(gone),
        (),
        realised and realised.mean,
        next((len(matrix) for row in rows if (matrix := row.noise_record.get("matrix"))), None),
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


def _comparisons(arms: Sequence[ArmResults], name: str = "accuracy") -> dict[Arm, BaselineComparison]:
    """Of every arm with the baseline; what lost seeds has none, and p = 1 in the family of Holm's adjustment."""
    baseline = next((arm for arm in arms if arm.key.loss == BASELINE), None)
    if baseline is None:
        return {}
    others = [arm for arm in arms if arm is not baseline]
    p_values = {arm.key: p for arm in others if (p := p_of(arm, baseline, name)) is not None}
    adjusted = dict(zip(p_values, holm(list(p_values.values())), strict=True))
    return {arm.key: _comparison(arm, baseline, name, adjusted.get(arm.key)) for arm in others}


def p_of(arm: ArmResults, other: ArmResults, name: str) -> float | None:
    """The paired test's p; 1 where one of the two lost seeds: it was to be compared, and nothing is shown."""
    return cautious_p(gaps(arm, other, name)) if arm.comparable and other.comparable else 1.0


def _comparison(arm: ArmResults, baseline: ArmResults, name: str, p_holm: float | None) -> BaselineComparison:
    difference = compare(arm, baseline, name)
    if difference is None:
        return BaselineComparison(None)
    found = gaps(arm, baseline, name)
    needed = None if difference.decided else seeds_to_decide(found, ALPHA)
    return BaselineComparison(difference, p_holm, effect_size(found.tolist(), [0.0] * len(found)), needed)


def winner(name: str, arms: Sequence[ArmResults]) -> ArmResults | None:
    """The arm whose paired interval against each of the others is on its side of 0, if there is one.

    Nothing wins beside an arm that lost seeds: it is compared with none.
    """
    sign = 1 if METRICS[name].better == "higher" else -1
    for arm in arms:
        against = (compare(arm, rival, name) for rival in arms if rival is not arm)
        if len(arms) > 1 and all(gap and gap.decided and gap.mean * sign > 0 for gap in against):
            return arm
    return None
