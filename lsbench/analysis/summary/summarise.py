"""One table: a setting, its arms, how each compares with the baseline, and who wins."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lsbench.analysis.summary.arms import ALPHA, BASELINE, ArmResults, arms_by_setting, compare, gaps
from lsbench.analysis.summary.code_versions import edited, superseded
from lsbench.analysis.summary.majority import no_better
from lsbench.analysis.summary.provenance import warnings_of
from lsbench.analysis.summary.setting import Setting
from lsbench.analysis.summary.setting_text import distinguishing_words
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
    seeds_to_decide: int | None = None  # that show a difference of this size 4 times in 5; None if it is shown already


@dataclass(frozen=True)
class Summary:
    """One table: a setting, its arms in the catalogue's order, those without any result too."""

    setting: Setting
    arms: tuple[ArmResults, ...]
    comparisons: Mapping[Arm, BaselineComparison]  # by the arm's key; none for the baseline
    best: Mapping[str, ArmResults | None]  # of each compared column, the arm that beats every other beyond the interval
    superseded: tuple[Row, ...]  # failures of code or data that was edited since; they are in no arm
    edited: tuple[str, ...]  # the names of that code and data
    noise_realised: float | None
    num_classes: int | None  # None where no row says it
    origins: tuple[str, ...]  # versions and devices its rows were made with; more than one is worth a warning
    sizes: Sizes | None = None  # None where no row says it
    no_better: tuple[ArmResults, ...] = ()  # not shown to be more accurate than always answering the majority class
    differs: tuple[str, ...] = ()  # the words that tell its setting from others of the same data set, model and noise

    @property
    def lost(self) -> tuple[Row, ...]:
        """The cells that gave no number."""
        return tuple(row for arm in self.arms for row in arm.lost)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The problems that were noticed before training and make its numbers doubtful."""
        return warnings_of(row for arm in self.arms for row in (*arm.rows, *arm.lost))


def summarise(rows: Iterable[Row], *, survivors: bool = False) -> list[Summary]:
    """One summary per setting, in their order; `survivors` compares arms that lost seeds by the seeds that are left."""
    rows = list(rows)
    return summaries_of(arms_by_setting(rows, survivors=survivors), rows)


def summaries_of(by_setting: Mapping[Setting, Sequence[ArmResults]], rows: Sequence[Row]) -> list[Summary]:
    """The same of rows that are grouped already; `rows` are all of them, superseded ones included."""
    differs, old = distinguishing_words(by_setting), _superseded_by_setting(superseded(rows), list(by_setting))
    made = (_summary(setting, arms, old.get(setting, []), differs[setting]) for setting, arms in by_setting.items())
    return [replace(one, edited=tuple(edited(one.superseded, rows))) if one.superseded else one for one in made]


def _superseded_by_setting(rows: Iterable[Row], settings: Sequence[Setting]) -> dict[Setting, list[Row]]:
    """Superseded rows, by the setting in which they are told: their own, or the one that differs in the code only."""
    by_setting: dict[Setting, list[Row]] = {}
    for row in rows:
        own = Setting.of(row.cell)
        place = own if own in settings else next((s for s in settings if s.name == own.name), settings[0])
        by_setting.setdefault(place, []).append(row)
    return by_setting


def _summary(setting: Setting, arms: Sequence[ArmResults], old: Sequence[Row], differs: tuple[str, ...]) -> Summary:
    rows = [row for arm in arms for row in (*arm.rows, *arm.lost)]
    sizes = sizes_of(rows)
    compared = (*COMPARED, *of_unbalanced(sizes))
    realised = spread([r for row in rows if (r := row.noise_record.get("realised")) is not None])
    return Summary(
        setting,
        tuple(arms),
        _comparisons(arms),
        {name: winner(name, arms) for name in compared},
        tuple(old),
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
    versions = ", ".join(f"{name} {row.provenance.get(name)}" for name in ("lsbench", "torch", "python"))
    return f"{versions}, {row.provenance.get('device', 'unknown device')}"


def _comparisons(arms: Sequence[ArmResults], name: str = "accuracy") -> dict[Arm, BaselineComparison]:
    """Every arm against the baseline; an arm that lost seeds has no difference, and counts with p = 1 for Holm."""
    baseline = next((arm for arm in arms if arm.key.loss == BASELINE), None)
    if baseline is None:
        return {}
    others = [arm for arm in arms if arm is not baseline]
    p_values = {arm.key: p for arm in others if (p := p_of(arm, baseline, name)) is not None}
    adjusted = dict(zip(p_values, holm(list(p_values.values())), strict=True))
    return {arm.key: _comparison(arm, baseline, name, adjusted.get(arm.key)) for arm in others}


def p_of(arm: ArmResults, other: ArmResults, name: str) -> float | None:
    """The p-value of the paired test; 1 where one of the two lost seeds, as then nothing is shown."""
    return cautious_p(gaps(arm, other, name)) if arm.comparable and other.comparable else 1.0


def _comparison(arm: ArmResults, baseline: ArmResults, name: str, p_holm: float | None) -> BaselineComparison:
    difference = compare(arm, baseline, name)
    if difference is None:
        return BaselineComparison(None)
    by_seed = gaps(arm, baseline, name)
    needed = None if difference.decided else seeds_to_decide(by_seed, ALPHA)
    return BaselineComparison(difference, p_holm, effect_size(by_seed.tolist(), [0.0] * len(by_seed)), needed)


def winner(name: str, arms: Sequence[ArmResults]) -> ArmResults | None:
    """The arm that is better than each other arm, by its paired interval, if there is one.

    There is none beside an arm that lost seeds, as that is compared with no other.
    """
    sign = 1 if METRICS[name].better == "higher" else -1
    for arm in arms:
        against = (compare(arm, rival, name) for rival in arms if rival is not arm)
        if len(arms) > 1 and all(gap and gap.decided and gap.mean * sign > 0 for gap in against):
            return arm
    return None
