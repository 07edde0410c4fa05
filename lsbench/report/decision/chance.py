"""What a verdict by a calibration error says of chance."""

from lsbench.analysis.criteria import criterion_of
from lsbench.analysis.verdict import Verdict
from lsbench.report.decision.numbers import quantity_text

LEAST = 5e-5  # less is shown as 0


def chance_text(verdict: Verdict) -> str:
    """What the chance of the test examples adds to a calibration error: intervals reach as much further."""
    pairs = verdict.choice.pairs
    if pairs.excess is None or pairs.excess.max() < LEAST:
        return ""
    place = int(pairs.excess.argmax())
    name, most = verdict.arms[pairs.arms[place]].name, quantity_text(verdict, float(pairs.excess[place]))
    number = criterion_of(verdict.criterion).words
    return (
        f"The chance of the test examples alone may make {number} larger, by up to {most} of {name}: no difference is"
        " shown that this could make."
    )
