"""Whether two lists of numbers put things into the same order."""

import numpy as np
from numpy.typing import ArrayLike

from lsbench.errors import InputError
from lsbench.statistics.checks import finite


def kendall_tau(a: ArrayLike, b: ArrayLike) -> float | None:
    """Kendall's tau-b: (concordant - discordant) / sqrt(pairs not tied in a × pairs not tied in b), in [-1, 1].

    a and b, (n,); time and memory O(n²). None where fewer than two things are given or one list ties them all.
    `InputError` where lengths differ or a number is not finite. (Kendall, 1945)
    """
    first, second = finite("a", a, 1), finite("b", b, 1)
    if len(first) != len(second):
        raise InputError(f"a and b must have one length, got {len(first)} and {len(second)}")
    x = np.sign(first[:, None] - first)  # (n, n), each pair twice
    y = np.sign(second[:, None] - second)
    untied = float(np.sqrt(np.square(x).sum()) * np.sqrt(np.square(y).sum()))
    return float(np.clip((x * y).sum() / untied, -1, 1)) if untied else None
