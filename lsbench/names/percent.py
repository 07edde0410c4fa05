"""How a share is written wherever people read it: 27.4 %, with a space before the sign."""


def percent(share: float, digits: int = 1) -> str:
    """A share of 1 as per cent, with so many decimals: `27.4 %`."""
    return f"{100 * share:.{digits}f} %"
