"""Intervals as text, so that one can see whether they leave 0 out."""


def interval_text(low: float, high: float, scale: float = 100, digits: int = 2) -> str:
    """`[+1.20, +3.40]`; an end that leaves 0 out by less than is shown is >0 or <0.

    Example:
        >>> interval_text(5e-324, 0.08), interval_text(-0.08, -1e-9), interval_text(0.0, 0.08), interval_text(-1e-9, 0)
        ('[>0, +8.00]', '[-8.00, <0]', '[+0.00, +8.00]', '[-0.00, +0.00]')
    """
    most = "<0" if high < 0 and _is_0(high, scale, digits) else _number(high, scale, digits)
    return f"[{least_text(low, scale, digits)}, {most}]"


def least_text(low: float, scale: float = 100, digits: int = 2) -> str:
    """A lower bound: `+1.20`, or >0 where it is above 0 by less than is shown."""
    return ">0" if low > 0 and _is_0(low, scale, digits) else _number(low, scale, digits)


def _is_0(value: float, scale: float, digits: int) -> bool:
    return float(f"{value * scale:.{digits}f}") == 0


def _number(value: float, scale: float, digits: int) -> str:
    return f"{value * scale:+.{digits}f}"
