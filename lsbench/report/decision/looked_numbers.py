"""Numbers by looked-at labels as texts."""

from lsbench.analysis.looked.reaches import Range, Reach, Reaches
from lsbench.analysis.looking.training import Share
from lsbench.analysis.summary.quantity import is_percentage
from lsbench.names.percent import percent
from lsbench.report.intervals import interval_text
from lsbench.report.tables import NOT_AVAILABLE

NOT_FINITE = "not finite"


def _unit(metric: str) -> tuple[float, int]:
    return (100, 2) if is_percentage(metric) else (1, 4)


def range_text(limits: Range | None, metric: str, *, signed: bool = True) -> str:
    """`[+1.20, +3.40]`, in points of per cent where the metric is a share."""
    if limits is None:
        return NOT_AVAILABLE
    scale, digits = _unit(metric)
    if signed:
        return interval_text(limits.low, limits.high, scale, digits, most=2 if metric == "signed_error" else 1)
    return f"[{_not_below_0(limits.low) * scale:.{digits}f}, {_not_below_0(limits.high) * scale:.{digits}f}]"


def _not_below_0(value: float) -> float:
    """Of a metric that can't be: rounding alone makes -1e-17 of a 0."""
    return max(value, 0.0)


def signed_text(value: float, metric: str) -> str:
    """`+2.30`."""
    scale, digits = _unit(metric)
    return f"{value * scale:+.{digits}f}"


def looks_text(n: int) -> str:
    """`1 looked-at label`, `100 looked-at labels`."""
    return f"{n:,} looked-at label{'s' * (n != 1)}"


def gap_text(gap: Reaches | None, metric: str) -> str:
    """The difference with the interval for these networks on this test set."""
    if gap is None:
        return NOT_AVAILABLE
    return f"{signed_text(gap.mean, metric)} {range_text(gap.ranges[Reach.NETWORKS], metric)}"


def number_text(number: Reaches | None, metric: str, *, is_finite: bool = True) -> str:
    """A metric with the interval for these networks on this test set."""
    if number is None:
        return NOT_AVAILABLE if is_finite else NOT_FINITE
    scale, digits = _unit(metric)
    signed = metric == "signed_error"
    mean = f"{number.mean * scale:+.{digits}f}" if signed else f"{_not_below_0(number.mean) * scale:.{digits}f}"
    return f"{mean} {range_text(number.ranges[Reach.NETWORKS], metric, signed=signed)}"


def share_text(share: Share) -> str:
    """`21.3 % [13.5, 30.2]`; an estimate beyond its interval, which ends at 0 and 100 %, is shown as its end."""
    estimate = min(max(share.share, share.low), share.high)
    return f"{percent(estimate)} [{share.low * 100:.1f}, {share.high * 100:.1f}]"


def half_of(untold: int) -> str:
    """How a share counts labels of which the answers don't tell whether they are right."""
    return ", half of those counted: the interval holds whichever of them are wrong" if untold else ""
