"""Whether two arms are shown to differ by less than a margin."""

import math
from collections.abc import Sequence

from lsbench.errors import InputError, require_number
from lsbench.statistics.alike import all_alike
from lsbench.statistics.checks import paired_differences


def equivalence_p(a: Sequence[float], b: Sequence[float], margin: float) -> float | None:
    """p-value that two arms differ by at least a margin: the paired two one-sided tests.

    p = max(P(T >= (mean + margin) / se), P(T <= (mean - margin) / se)), T Student's with n - 1 degrees. p <= alpha
    exactly where the 1 - 2 alpha interval lies within ±margin. Differences that are alike and not 0 show no spread:
    within the margin their signs count, 2^-n, else p is 1. (Schuirmann, 1987; Fisher, 1935)

    Args:
        a: one value per seed.
        b: the values that are subtracted, in the same order of seeds.
        margin: above 0, in the unit of the values.

    Returns:
        The p-value: small where the two are shown to be equivalent; 0 where all pairs are equal; None for fewer than
        two.

    Raises:
        InputError: a margin that is not above 0, lengths that differ, or a number that is not finite.

    Example:
        >>> round(equivalence_p([0.90, 0.92, 0.91], [0.88, 0.89, 0.90], margin=0.1), 4)
        0.0026
    """
    from scipy.special import stdtr

    require_number("margin", margin, 0)
    if margin == 0:
        raise InputError("margin must be above 0, got 0: no two arms can be shown to be exactly equal")
    differences = paired_differences(a, b)
    n = len(differences)
    if n < 2:
        return None
    mean = float(differences.mean())
    if all_alike(differences):
        return 1.0 if abs(mean) >= margin else 2.0**-n if differences.any() else 0.0
    sd = float(differences.std(ddof=1))
    return float(stdtr(n - 1, (abs(mean) - margin) * math.sqrt(n) / sd))  # the nearer bound has the larger p
