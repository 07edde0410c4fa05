"""Whether two arms are shown to differ by less than a margin."""

import math
from collections.abc import Sequence

from lsbench.errors import InputError, require_number
from lsbench.statistics.alike import all_alike
from lsbench.statistics.checks import finite, paired_differences


def equivalence_p(a: Sequence[float], b: Sequence[float], margin: float) -> float | None:
    """p-value of the paired two one-sided tests of |mean of a - b| >= margin; None for fewer than two pairs.

    p = max(P(T >= (mean + margin) / se), P(T <= (mean - margin) / se)), T Student's with n - 1 degrees. p <= alpha
    exactly where the 1 - 2 alpha interval lies within ±margin. Pairs that are equal throughout give 0. Differences that
    are alike and not 0 show no spread: within the margin their signs count, 2^-n, else 1. `InputError` unless
    margin > 0 and the numbers are finite. (Schuirmann, 1987; Fisher, 1935)
    """
    from scipy.special import stdtr

    require_number("margin", margin, 0)
    if margin == 0:
        raise InputError("margin must be above 0, got 0: no two arms can be shown to be exactly equal")
    differences = finite("paired differences", paired_differences(a, b), 1)
    n = len(differences)
    if n < 2:
        return None
    mean = float(differences.mean())
    if all_alike(differences):
        return 1.0 if abs(mean) >= margin else 2.0**-n if differences.any() else 0.0
    sd = float(differences.std(ddof=1))
    return float(stdtr(n - 1, (abs(mean) - margin) * math.sqrt(n) / sd))  # the nearer bound has the larger p
