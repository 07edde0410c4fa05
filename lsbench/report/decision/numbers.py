"""What the words and the table of a verdict share: its setting, its numbers, and how they are written."""

from lsbench.analysis.criteria import UNSCALED
from lsbench.analysis.summary import ArmResults
from lsbench.analysis.summary.quantity import is_percentage
from lsbench.analysis.summary.setting_text import head_text, titled
from lsbench.analysis.verdict import Verdict
from lsbench.names.percent import points
from lsbench.report.fields import difference_text, spread_text
from lsbench.statistics import Claim, Difference, Spread, spread


def place_text(verdict: Verdict) -> str:
    """The setting: data set, model, noise, and what else tells it from the others."""
    return titled(head_text(verdict.setting), verdict.differs)


def after_text(verdict: Verdict) -> str:
    """After which temperature scaling the numbers are, to follow other words; nothing after none."""
    return "" if verdict.temperature == UNSCALED else f" after {verdict.temperature} temperature scaling"


def against_text(verdict: Verdict) -> str:
    """Against which labels the numbers are, where nobody vouches for them, to follow other words."""
    return ", against given labels" * verdict.setting.tests_on_given


def deciding(verdict: Verdict, arm: ArmResults) -> Spread | None:
    """The number that decides; its size, where nearness to 0 counts."""
    values = list(arm.by_seed(verdict.metric).values())
    return spread([abs(value) for value in values] if verdict.better == "zero" else values)


def number_text(value: Spread | None, name: str) -> str:
    """A metric's mean ± sd, in percent where it is a share."""
    return spread_text(value, *((100, 2) if is_percentage(name) else (1, 4)))


def delta_text(difference: Difference | None, metric: str) -> str:
    """A difference in a metric with its interval, in points of percent where it is a share."""
    return difference_text(difference, *((100, 2) if is_percentage(metric) else (1, 4)))


def at_majority(verdict: Verdict, arm: ArmResults) -> bool:
    """Whether accuracy decides, and the arm is not shown to do better than always answering the majority class."""
    return verdict.criterion == "accuracy" and arm in verdict.no_better


def is_tie(claim: Claim) -> bool:
    """Whether runs that differ have equal numbers at every seed, as few test examples make them: no claim."""
    gap = claim.difference
    return gap is not None and gap.n > 1 and gap.mean == 0 and gap.low is None


def quantity_text(verdict: Verdict, size: float) -> str:
    """A size in the criterion's unit: points of per cent, nats, or a number."""
    nats = " nats" * (verdict.criterion == "nll")
    return points(size) if is_percentage(verdict.metric) else f"{size:.3g}{nats}"
