"""Whether two arms are shown to differ by less than a margin."""

import math
from collections.abc import Sequence

from lsbench.errors import InputError, require_number
from lsbench.statistics.checks import finite, paired_differences


def equivalence_p(a: Sequence[float], b: Sequence[float], margin: float) -> float | None:
    """p-value of the paired two one-sided tests of |mean of a - b| >= margin; None for fewer than two pairs.

    p = max(P(T >= (mean + margin) / se), P(T <= (mean - margin) / se)), T Student's with n - 1 degrees. p <= alpha
    exactly where the 1 - 2 alpha interval lies within ±margin. Differences all alike give 0 or 1. `InputError` unless
    margin > 0 and the numbers are finite. (Schuirmann, 1987)
    """
    from scipy.special import stdtr

    require_number("margin", margin, 0)
    if margin == 0:
        raise InputError("margin must be above 0, got 0: no two arms can be shown to be exactly equal")
    differences = finite("paired differences", paired_differences(a, b), 1)
    n = len(differences)
    if n < 2:
        return None
    mean, sd = float(differences.mean()), float(differences.std(ddof=1))
    if sd == 0:
        return 0.0 if abs(mean) < margin else 1.0
    return float(stdtr(n - 1, (abs(mean) - margin) * math.sqrt(n) / sd))  # the nearer bound has the larger p
