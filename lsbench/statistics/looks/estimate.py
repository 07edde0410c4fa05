"""The mean over all examples from those that were looked at, and its variance over the draw of looks."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError
from lsbench.statistics.looks.design import Design
from lsbench.statistics.looks.effects import Control

Numbers = NDArray[np.float64]
MOST_DF = 1e6  # as good as normal; not every version of scipy has the quantile of infinite ones
FEWEST_DF = 4.0  # of a fitted control, where one square is nearly all of the variance


class Estimate(NamedTuple):
    """A mean over N examples, and its design-based variance: only the draw of looks is random."""

    mean: Numbers  # (...)
    variance: Numbers  # (...), NaN with fewer than 2 looks (3 for a fitted control), 0 where all were looked at
    df: Numbers  # (...), degrees of freedom of the variance


def estimate(design: Design, values: ArrayLike, control: Control) -> Estimate:
    """The mean of v over all N examples from v of the first n of the order.

    theta = mean(a + b c) + (1 / N) sum_{first n} (v_i - a - b c_i) / pi_i, c the control; a = 0 and b = 1, or both
    fitted by least squares with weights 1 / sqrt(pi_i) (difference and regression estimator; Särndal, Swensson and
    Wretman, 1992; PPI++: Angelopoulos, Duchi and Zrnic, 2023). With x_i = (v_i - a - b c_i) / pi_i its variance is
    Hájek's for a fixed number of looks, n / (n - p) (1 / N²) sum (1 - pi_i) (x_i - B)², B the mean of x weighted by
    1 - pi_i, p = 1, or 2 if fitted (Rosén, 1997), but no less than (1 / N²) sum_i (1 / pi_i - 1) E (d_i - a - b c_i)²,
    where the control has an expectation E. For equal sizes and no control: the mean, and (1 - n / N) s² / n.

    Degrees of freedom: of a control that is not fitted, the number of looks that differ from it, less 1; else 2 / (the
    relative variance of the squares), less 2 but no fewer than 4, or a million where what is expected decides.

    Args:
        design: whose first n were looked at.
        values: (..., n), v of design.order[:n]; leading axes may be seeds or arms.
        control: its values (..., N).

    Returns:
        Mean, variance and degrees of freedom of the leading axes.

    Raises:
        InputError: more looks than examples, no look, or a control of another size.
    """
    v, c = np.asarray(values, float), np.asarray(control.values, float)
    total = len(design.sizes)
    if c.shape[-1:] != (total,) or not 1 <= v.shape[-1] <= total:
        raise InputError(f"{total} examples take 1 to {total} looks and as many controls, got {v.shape} and {c.shape}")
    first, pi = design.first(v.shape[-1]), design.probabilities(v.shape[-1])
    one, level, slope = _unguarded(v, c[..., first], c.mean(-1), pi[first], total, fitted=control.fitted)
    if control.expected is None:
        return one
    squares = control.expected.away(level[..., None] + slope[..., None] * c)
    return _at_least(one, (squares * (1 / pi - 1)).sum(-1) / total**2, fitted=control.fitted)


def _unguarded(
    values: Numbers, control: Numbers, middle: ArrayLike, chances: Numbers, total: int, *, fitted: bool
) -> tuple[Estimate, Numbers, Numbers]:
    """The same of looked-at examples (..., n) of one or of many draws, whatever is expected; then level and slope.

    middle: the mean of the control over all `total` examples. chances: (..., n), of each to be looked at.
    """
    level, slope = _fit(values, control, chances) if fitted else (np.zeros(()), np.ones(()))
    x = (values - level[..., None] - slope[..., None] * control) / chances
    mean = level + slope * np.asarray(middle) + x.sum(-1) / total
    variance, df = _variance(x, chances, total, 2 if fitted else 1)
    if not fitted:
        df = np.maximum((x != 0).sum(-1) - 1.0, 1)
    return Estimate(mean, variance, df), level, slope


def _at_least(one: Estimate, variance: Numbers, *, fitted: bool) -> Estimate:
    """The same with no less than a variance that is expected, which no squares of a sample made uncertain."""
    larger = variance > one.variance
    df = np.where(larger & fitted, MOST_DF, one.df)
    return Estimate(one.mean, np.where(larger, variance, one.variance), df)


def _fit(v: Numbers, c: Numbers, pi: Numbers) -> tuple[Numbers, Numbers]:
    """Level and slope of v on c by weighted least squares; slope 0 where c has no spread."""
    w = 1 / np.sqrt(pi)
    w /= w.sum(-1, keepdims=True)
    middle_v, middle_c = (w * v).sum(-1), (w * c).sum(-1)
    away = c - middle_c[..., None]
    spread = (w * np.square(away)).sum(-1)
    joint = (w * away * (v - middle_v[..., None])).sum(-1)
    slope = np.where(spread > 0, joint / np.where(spread > 0, spread, 1), 0.0)
    return middle_v - slope * middle_c, slope


def _variance(x: Numbers, pi: Numbers, total: int, fitted: int) -> tuple[Numbers, Numbers]:
    """Hájek's variance, and the degrees of freedom that its spread leaves: 2 / (relative variance of the squares)."""
    n, w = pi.shape[-1], 1 - pi
    if not w.any():
        return np.zeros(x.shape[:-1]), np.full(x.shape[:-1], np.inf)
    if n <= fitted:
        return np.full(x.shape[:-1], np.nan), np.full(x.shape[:-1], np.nan)
    middle = (w * x).sum(-1) / w.sum(-1)
    squares = w * np.square(x - middle[..., None])
    sums, fourth = squares.sum(-1), np.square(squares).sum(-1)
    spread = fourth - np.square(sums) / n
    df = np.where(spread > 0, 2 * np.square(sums) / np.where(spread > 0, spread, 1), np.inf)
    return sums * n / (n - fitted) / total**2, np.minimum(np.maximum(df - fitted, FEWEST_DF), n - fitted)
