"""One table: a setting, its arms, how each compares with the baseline, and who wins."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lsbench.analysis.summary.arms import ArmResults, arms_by_setting, gaps
from lsbench.analysis.summary.baseline import choice_of
from lsbench.analysis.summary.code_versions import edited, superseded
from lsbench.analysis.summary.majority import no_better
from lsbench.analysis.summary.provenance import warnings_of
from lsbench.analysis.summary.same_function import Folded, fold
from lsbench.analysis.summary.setting import Setting
from lsbench.analysis.summary.setting_text import distinguishing_words
from lsbench.analysis.summary.sizes import Sizes, of_unbalanced, sizes_of
from lsbench.rows.row import Row
from lsbench.statistics import Choice, Claim, Difference, SeedsNeeded, cautious_p, spread

COMPARED = ("accuracy", "ece", "nll", "brier")  # the columns in which a winner may be marked
AGAINST_GIVEN = ("accuracy",)  # those of them where nobody knows which test labels are wrong


@dataclass(frozen=True)
class BaselineComparison:
    """An arm's accuracy minus that of the baseline at the same seeds, on this test set; see `against_baseline`."""

    difference: Difference | None  # its interval is joint: all of the table hold together with 95 %
    p_holm: float | None = None  # by the paired t-test, adjusted by Holm for all comparisons of the table
    finding: str = "undecided"  # better, worse, equivalent (no difference at all) or undecided
    effect: float | None = None  # Cohen's d_z; None where the differences show no spread
    seeds_needed: SeedsNeeded | None = None  # that find such a difference 4 times in 5; None where it is decided


@dataclass(frozen=True)
class Summary:
    """One table: a setting, its arms in the catalogue's order, those without any result too."""

    setting: Setting
    arms: tuple[ArmResults, ...]
    folded: Folded  # the arms that are compared, one per function, and the others
    comparisons: Mapping[Hashable, BaselineComparison]  # by the key of a compared arm; none for the baseline
    best: Mapping[str, ArmResults | None]  # of each compared column, the arm that is shown to beat every other
    superseded: tuple[Row, ...]  # failures of code or data that was edited since; they are in no arm
    edited: tuple[str, ...]  # the names of that code and data
    noise_realised: float | None
    num_classes: int | None  # None where no row says it
    origins: tuple[str, ...]  # versions and devices its rows were made with; more than one is worth a warning
    sizes: Sizes | None = None  # None where no row says it
    no_better: tuple[ArmResults, ...] = ()  # not shown to be more accurate than always answering the majority class
    counted: int = 0  # arms that the column's claims count: those compared, and those that they were chosen from
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
    names, folded = (*COMPARED, *of_unbalanced(sizes)), fold(arms, clean=not setting.noise_rate)
    if setting.tests_on_given:
        names = AGAINST_GIVEN
    choices = {name: choice_of(folded.arms, name) for name in names}
    realised = spread([r for row in rows if (r := row.noise_record.get("realised")) is not None])
    return Summary(
        setting,
        tuple(arms),
        folded,
        _comparisons(choices["accuracy"]),
        {name: _winner(choice, folded.arms) for name, choice in choices.items()},
        tuple(old),
        (),
        realised and realised.mean,
        len(sizes.classes) if sizes else _classes_of_noise(rows),
        tuple(sorted({origin_of(row) for row in rows if row.status == "ok"})),
        sizes,
        tuple(no_better(arms, sizes)),
        choices["accuracy"].counted if choices["accuracy"] else len(folded.arms),
        differs,
    )


def _classes_of_noise(rows: Sequence[Row]) -> int | None:
    return next((len(matrix) for row in rows if (matrix := row.noise_record.get("matrix"))), None)


def origin_of(row: Row) -> str:
    """The versions and the device that a row was made with."""
    versions = ", ".join(f"{name} {row.provenance.get(name)}" for name in ("lsbench", "torch", "python"))
    return f"{versions}, {row.provenance.get('device', 'unknown device')}"


def _comparisons(choice: Choice | None) -> dict[Hashable, BaselineComparison]:
    """Every arm against the baseline; one that lost seeds has no difference, and counts with p = 1 for Holm."""
    return {claim.arm: _comparison(choice, claim) for claim in choice.baseline_claims} if choice else {}


def _comparison(choice: Choice, claim: Claim) -> BaselineComparison:
    if claim.difference is None:
        return BaselineComparison(None)
    p = None if claim.p is None else claim.p_adjusted
    needed = choice.evidence[claim.arm].seeds_needed if claim.finding == "undecided" else None
    return BaselineComparison(claim.difference, p, claim.finding, claim.effect, needed)


def _winner(choice: Choice | None, arms: Sequence[ArmResults]) -> ArmResults | None:
    """The arm that is shown to be better than each other; none beside an arm that is not compared."""
    return next((arm for arm in arms if choice and choice.winner == arm.key), None)


def p_of(arm: ArmResults, other: ArmResults, name: str) -> float | None:
    """The p-value of the paired test; 1 where one of the two lost seeds, as then nothing is shown."""
    return cautious_p(gaps(arm, other, name)) if arm.comparable and other.comparable else 1.0
