"""How many comparisons a family of claims has made, and for how many it is corrected."""

from lsbench.statistics import FamilySize


def family_text(size: FamilySize, what: str) -> str:
    """`15 comparisons, corrected for 18, jointly`: what makes it more than was compared has lost seeds, or is not here.

    Args:
        size: the family's.
        what: `comparison` or `pair`.
    """
    made, counted = size
    corrected = f", corrected for {counted}" * (made != counted)
    return f"{made} {what}{'s' * (made != 1)}{corrected}{', jointly' * (counted > 1)}"
