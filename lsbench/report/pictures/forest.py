"""Forest plot: differences from the baseline, paired by seed, with their intervals."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from lsbench.analysis.summary import BASELINE, choice_of
from lsbench.report.family import family_text
from lsbench.report.pictures.groups import Group, choose
from lsbench.report.pictures.picture import left_out_text
from lsbench.spec import Arm
from lsbench.statistics import Claim, Difference, FamilySize

METRICS = ("accuracy", "ece")
DECIDED = "accuracy"  # the one that is marked where nobody knows which test labels are wrong
MOST_ARMS = 30
UNMARKED = ", in accuracy alone: ECE is against given labels, which decides nothing"


@dataclass(frozen=True)
class ForestLine:
    """One arm against the baseline, per metric; None where no seed has both."""

    arm: Arm
    claims: tuple[Claim | None, ...]

    @cached_property
    def differences(self) -> tuple[Difference | None, ...]:
        """Per metric; the intervals of one metric hold together."""
        return tuple(claim and claim.difference for claim in self.claims)

    def shown(self, place: int) -> bool:
        """Whether the arm is shown to be better or worse by that metric."""
        claim = self.claims[place]
        return claim is not None and claim.finding in ("better", "worse")


@dataclass(frozen=True)
class Forest:
    """One line per arm, the same metrics in each."""

    metrics: tuple[str, ...]
    lines: tuple[ForestLine, ...]
    left_out: int  # arms
    comparisons: FamilySize  # with the baseline, of accuracy: those that are left out included
    given: bool = False  # whether nobody knows which test labels are wrong


def prepare(group: Group) -> Forest | None:
    """The differences of at most 30 arms; None without a baseline, or without any other arm, that lost no seed."""
    baseline = Arm(BASELINE)
    there = {arm: rows for arm, rows in group.arms.items() if arm not in group.not_compared}
    arms = [arm for arm in choose(there, MOST_ARMS + 1) if arm != baseline]
    if baseline not in there or not arms:
        return None
    choices = {name: choice_of(group.folded.arms, name) for name in METRICS}
    given = group.setting.tests_on_given
    claims = [
        _undecided(by_arm) if given and name != DECIDED else by_arm
        for name, choice in choices.items()
        for by_arm in [choice.against_baseline if choice else {}]
    ]
    lines = (ForestLine(arm, tuple(by_arm.get(arm) for by_arm in claims)) for arm in arms)
    shown = tuple(line for line in lines if any(line.differences))
    left_out, decided = len(there) - 1 - len(arms), choices[DECIDED]
    comparisons = decided.baseline_size if decided else FamilySize(0, 0)
    return Forest(METRICS, shown, left_out, comparisons, given) if shown else None


def _undecided(claims: Mapping[Hashable, Claim]) -> dict[Hashable, Claim]:
    """The same differences, of which none is marked."""
    return {arm: replace(claim, finding="undecided") for arm, claim in claims.items()}


def caption(data: Forest) -> str:
    """What is shown."""
    shown = [difference for line in data.lines for difference in line.differences if difference]
    low, high = min(difference.n for difference in shown), max(difference.n for difference in shown)
    what = f"Difference from {BASELINE} at the same seeds, in percentage points of the test set"
    if high == 1:
        return f"{what}; one seed, so no interval.{left_out_text(data.left_out)}"
    return (
        f"{what}: mean of {low if low == high else f'{low} to {high}'} paired seeds; the intervals of a metric hold "
        "together with 95 %. Filled and coloured where a difference is shown: p is at most 0.05, adjusted by Holm "
        f"({family_text(data.comparisons, 'comparison')}){UNMARKED * data.given}.{left_out_text(data.left_out)}"
    )
