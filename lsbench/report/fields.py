"""Numbers as the texts of a table's fields."""

from lsbench.analysis.summary import ArmResults, Summary
from lsbench.analysis.summary.setting_text import head_text, labels_text, recipe_text, titled
from lsbench.names.encoding import exact
from lsbench.noise.convention import symmetric_rate
from lsbench.report.columns import Column
from lsbench.report.intervals import interval_text
from lsbench.report.tables import NOT_AVAILABLE
from lsbench.statistics import Difference, Spread

SIGNIFICANT = "†"


def title_of(summary: Summary) -> str:
    """The setting: data set, model, noise and recipe, and whatever else tells it from the others."""
    return f"{_head_of(summary)}: {recipe_text(summary.setting, summary.differs)}"


def short_title_of(summary: Summary) -> str:
    """Data set, model and noise, and in brackets what tells it from the others."""
    return titled(_head_of(summary), summary.differs)


def _head_of(summary: Summary) -> str:
    return head_text(summary.setting, _noise_text(summary))


def _noise_text(summary: Summary) -> str:
    """The noise by its own convention and, where that counts otherwise, by the symmetric one; what came of it."""
    s, said = summary.setting, []
    if not s.noise_rate:
        return labels_text(s)
    converted = symmetric_rate(s.noise, s.noise_rate, summary.num_classes) if summary.num_classes else None
    if converted is not None and abs(converted - s.noise_rate) > 1e-9:
        said.append(f"symmetric {converted:g}")
    if summary.noise_realised is not None:
        said.append(f"realised {summary.noise_realised:.4f}")
    return labels_text(s, f" ({'; '.join(said)})" if said else "")


def _eps_text(arm: ArmResults) -> str:
    return NOT_AVAILABLE if arm.key.eps is None else exact(arm.key.eps)


def _seeds_text(arm: ArmResults) -> str:
    return f"{arm.n} ({arm.lost_text})" if arm.lost else str(arm.n)


NAMES = (  # how every line about an arm begins
    Column[ArmResults]("loss", lambda arm: arm.key.without_eps.name, names_line=True),
    Column[ArmResults]("eps", _eps_text, names_line=True),
    Column[ArmResults]("n", _seeds_text),  # with the seeds that were lost
)


def spread_text(value: Spread | None, scale: float = 1, digits: int = 4) -> str:
    """Mean ± standard deviation of one seed."""
    if value is None:
        return NOT_AVAILABLE
    mean = f"{value.mean * scale:.{digits}f}"
    return mean if value.sd is None else f"{mean} ± {value.sd * scale:.{digits}f}"


def difference_text(value: Difference | None, scale: float = 100, digits: int = 2) -> str:
    """Mean difference [95 % interval]."""
    if value is None:
        return NOT_AVAILABLE
    mean = f"{value.mean * scale:+.{digits}f}"
    if value.low is None or value.high is None:
        return mean
    return f"{mean} {interval_text(value.low, value.high, scale, digits)}"


def p_text(p: float | None) -> str:
    """A p-value of two digits, with the sign of significance; below 0.05 none is written as 0.05."""
    if p is None:
        return NOT_AVAILABLE
    if p >= 0.05:
        return f"{p:.2g}"
    text = next(text for least, text in ((0.0495, "<0.05"), (0.001, f"{p:.2g}"), (-1, "<0.001")) if p >= least)
    return text + SIGNIFICANT


def seeds_text(n: int) -> str:
    """How many seeds."""
    return "1 seed" if n == 1 else f"{n} seeds"


def optional(value: float | None, form: str) -> str:
    """A number in that format, or the sign of what is not available."""
    return NOT_AVAILABLE if value is None else format(value, form)
