"""How a share is written wherever people read it: 27.4 %, with a space before the sign."""


def percent(share: float, digits: int = 1) -> str:
    """A share of 1 as per cent, with so many decimals: `27.4 %`."""
    return f"{100 * share:.{digits}f} %"


def points(size: float) -> str:
    """A difference of two shares in points of per cent, as somebody gave it: `1 point`, `0.5 points`."""
    number = f"{100 * size:.3g}"
    return f"{number} point{'s' * (number != '1')}"
