"""What a verdict by a calibration error says of chance."""

from lsbench.analysis.criteria import criterion_of
from lsbench.analysis.verdict import Verdict
from lsbench.report.decision.numbers import quantity_text


def chance_text(verdict: Verdict) -> str:
    """What the chance of the test examples adds to a calibration error: intervals reach as much further."""
    pairs = verdict.choice.pairs
    if pairs.excess is None:
        return ""
    place = int(pairs.excess.argmax())
    size, name = float(pairs.excess[place]), verdict.arms[pairs.arms[place]].name
    number, most = criterion_of(verdict.criterion).words, quantity_text(verdict, size)
    return (
        f"Of a calibrated network, too, {number} is above 0 by the chance of the test examples, here by up to {most}"
        f" (of {name}). No difference is shown that this could make."
    )
