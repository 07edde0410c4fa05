"""Forest plot: differences from the baseline, paired by seed, with their intervals."""

from dataclasses import dataclass

from lsbench.analysis.summary.arms import ALPHA, BASELINE, pairs
from lsbench.report.pictures.groups import Group, by_seed, choose
from lsbench.report.pictures.picture import left_out_text
from lsbench.spec import Arm
from lsbench.statistics import Difference, cautious_difference, gaps_of

METRICS = ("accuracy", "ece")
MOST_ARMS = 30


@dataclass(frozen=True)
class ForestLine:
    """One arm against the baseline, per metric; None where no seed has both."""

    arm: Arm
    differences: tuple[Difference | None, ...]


@dataclass(frozen=True)
class Forest:
    """One line per arm, the same metrics in each."""

    metrics: tuple[str, ...]
    lines: tuple[ForestLine, ...]
    left_out: int  # arms


def prepare(group: Group) -> Forest | None:
    """The differences of at most 30 arms; None without a baseline, or without any other arm, that lost no seed."""
    baseline = Arm(BASELINE)
    there = group.comparable
    arms = [arm for arm in choose(there, MOST_ARMS + 1) if arm != baseline]
    if baseline not in there or not arms:
        return None
    lines = (ForestLine(arm, tuple(_difference(group, arm, baseline, name) for name in METRICS)) for arm in arms)
    shown = tuple(line for line in lines if any(line.differences))
    return Forest(METRICS, shown, len(there) - 1 - len(arms)) if shown else None


def _difference(group: Group, arm: Arm, baseline: Arm, name: str) -> Difference | None:
    ours, theirs = by_seed(group.arms[arm], name), by_seed(group.arms[baseline], name)
    return cautious_difference(gaps_of(*pairs(ours, theirs)), ALPHA)


def caption(data: Forest) -> str:
    """What is shown."""
    shown = [difference for line in data.lines for difference in line.differences if difference]
    low, high = min(difference.n for difference in shown), max(difference.n for difference in shown)
    what = f"Difference from {BASELINE} at the same seeds, in percentage points of the test set"
    if high == 1:
        return f"{what}; one seed, so no interval.{left_out_text(data.left_out)}"
    return (
        f"{what}: mean of {low if low == high else f'{low} to {high}'} paired seeds with Student's 95 % interval, each "
        f"by itself; filled and coloured where it leaves 0 out.{left_out_text(data.left_out)}"
    )
