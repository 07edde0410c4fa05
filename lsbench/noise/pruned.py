"""Which examples confident learning leaves out, without torch: a report reckons with it, too."""

import numpy as np
from numpy.typing import NDArray

from lsbench.errors import require_choice
from lsbench.noise.confident import Floats, Labels, confident_joint

WAYS = ("class", "rate", "both")


def left_out(probs: Floats, given: Labels, by: str = "rate") -> NDArray[np.bool_]:
    """(n,) whether an example is left out, see `lsbench.noise.prune`.

    Args:
        probs: (n, K), in [0, 1], out of sample.
        given: (n,), in [0, K).
        by: class, rate or both.
    """
    require_choice("by", by, WAYS)
    joint = confident_joint(probs, given)
    by_class, by_rate = _wrong_by_class(probs, given, joint), _wrong_by_rate(probs, given, joint)
    return {"class": by_class, "rate": by_rate, "both": by_class & by_rate}[by]


def _wrong_by_class(probs: Floats, given: Labels, joint: Floats) -> NDArray[np.bool_]:
    """(n,) whether an example is among the least confident of its given class."""
    wrong = np.zeros(len(given), bool)
    for cls, row in enumerate(joint):
        wrong[_largest(-probs[:, cls], given == cls, row.sum() - row[cls])] = True
    return wrong


def _wrong_by_rate(probs: Floats, given: Labels, joint: Floats) -> NDArray[np.bool_]:
    """(n,) whether an example is among those of its given class that are the surest of another."""
    wrong = np.zeros(len(given), bool)
    for cls, believed in np.argwhere(np.rint(joint) > 0).tolist():
        if cls != believed:
            margin = probs[:, believed] - probs[:, cls]
            wrong[_largest(margin, given == cls, joint[cls, believed])] = True
    return wrong


def _largest(score: Floats, among: NDArray[np.bool_], count: float) -> NDArray[np.intp]:
    """The places of the `count` largest scores, rounded, among some examples; of ties the first."""
    places = np.flatnonzero(among)
    return places[np.argsort(-score[places], kind="stable")[: int(np.rint(count))]]
