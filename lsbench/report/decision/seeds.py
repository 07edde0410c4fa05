"""How many seeds would decide what is undecided, as a text."""

from lsbench.statistics import Choice, Claim


def needed_text(choice: Choice, claim: Claim | None) -> str:
    """`12 (7 to 60)`, of a claim against ce: see `SeedsNeeded`; nothing where it is decided or shows too little."""
    if claim is None or claim.finding != "undecided":
        return ""
    beside = choice.evidence.get(claim.arm)
    return "" if beside is None or beside.seeds_needed is None else str(beside.seeds_needed)
