"""Intervals as text, so that one can see whether they leave 0 out."""

SHARE = 100.0  # the scale of shares, which are shown in percent


def interval_text(low: float, high: float, scale: float = SHARE, digits: int = 2, *, most: float = 1) -> str:
    """`[+1.20, +3.40]` of a difference; an end that leaves 0 out by less than is shown is >0 or <0.

    most: how far two shares can differ. An end beyond that, as few seeds give it, is shown as that, ±100 points.

    Example:
        >>> interval_text(5e-324, 0.08), interval_text(-0.08, -1e-9), interval_text(0.0, 0.08), interval_text(-1e-9, 0)
        ('[>0, +8.00]', '[-8.00, <0]', '[+0.00, +8.00]', '[-0.00, +0.00]')
        >>> interval_text(-1.2473, 1.0806), interval_text(-1.7081, 2.1601, 1, 4)
        ('[-100.00, +100.00]', '[-1.7081, +2.1601]')
    """
    high = _possible(high, scale, most)
    above = "<0" if high < 0 and _is_0(high, scale, digits) else _number(high, scale, digits)
    return f"[{least_text(low, scale, digits, most=most)}, {above}]"


def least_text(low: float, scale: float = SHARE, digits: int = 2, *, most: float = 1) -> str:
    """A lower bound: `+1.20`, or >0 where it is above 0 by less than is shown."""
    low = _possible(low, scale, most)
    return ">0" if low > 0 and _is_0(low, scale, digits) else _number(low, scale, digits)


def _possible(end: float, scale: float, most: float) -> float:
    return min(max(end, -most), most) if scale == SHARE else end


def _is_0(value: float, scale: float, digits: int) -> bool:
    return float(f"{value * scale:.{digits}f}") == 0


def _number(value: float, scale: float, digits: int) -> str:
    return f"{value * scale:+.{digits}f}"
