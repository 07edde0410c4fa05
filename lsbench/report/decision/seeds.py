"""How many seeds would decide what is undecided, as a text."""

from lsbench.statistics import Choice, Claim


def needed_text(choice: Choice, claim: Claim | None) -> str:
    """`12 (7 to 60)`, of a claim against ce: see `SeedsNeeded`; nothing where it is decided, or shows too little."""
    if claim is None or claim.finding != "undecided":
        return ""
    needed = choice.evidence[claim.arm].seeds_needed
    return "" if needed is None else str(needed)
