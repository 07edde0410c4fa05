"""Whether a mean of ours is shown to be a published one, within a margin, and how many seeds it takes to show it.

Unlike arms of one's own, the two share no seeds, so nothing is paired: Welch's interval where the published spread is
known. Where it is not, it may be anything from half to twice ours. What would be answered otherwise within that range
is undecided: so it is the answer at twice ours, where the interval is widest.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lsbench.errors import InputError, require_number, require_whole
from lsbench.statistics.alike import all_alike
from lsbench.statistics.checks import require_level
from lsbench.statistics.paired import Difference, t_quantile
from lsbench.statistics.spreads import Spread

MOST_SEEDS = 1000
RATIO = 2.0  # of a published sd that is not known to ours, at most
ONE_BY_ONE, GROWTH = 64, 1.1  # seeds looked at one by one, then in steps that grow so
NODES, WEIGHTS = np.polynomial.legendre.leggauss(128)
COARSE_NODES, COARSE_WEIGHTS = np.polynomial.legendre.leggauss(32)  # of each axis where there are two
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Equivalence:
    """Our mean against a published one."""

    difference: Difference  # ours - published; no interval of one seed, or of seeds that all gave the same
    p: float | None  # of the two one-sided tests of |difference| >= margin; None without an interval
    status: Literal["equivalent", "different", "undecided"]


def published_equivalence(ours: Spread, published: Spread, margin: float, alpha: float = 0.05) -> Equivalence:
    """Two one-sided tests of ours - published against ±margin, with the 1 - 2 alpha interval.

    se² = s₁²/n₁ + s₂²/n₂ with Welch's degrees of freedom se⁴ / Σ (s_i²/n_i)²/(n_i - 1). (Schuirmann, 1987; Welch, 1947)

    Args:
        ours: mean, sd and number of our runs.
        published: the same of the published number, in one unit with ours. An sd of None is not known and counts as
            twice ours, with n - 1 degrees of freedom; an sd of 0 takes the mean as exact.
        margin: a difference that does not matter, above 0.
        alpha: the level of each one-sided test, in (0, 0.5).

    Returns:
        "equivalent" where the interval lies within ±margin, that is p <= alpha; "different" where all of it lies beyond
        the margin; else "undecided", and always so for one seed or for seeds without spread, as no spread is no proof.

    Raises:
        InputError: a margin or an alpha out of range, numbers that are not finite, a published sd of fewer than two
            runs, or no published run.

    Example:
        >>> published_equivalence(Spread(90.1, 0.3, 5), Spread(90.0, 0.2, 5), margin=1.0).status
        'equivalent'
    """
    from scipy.special import stdtr

    _check(margin, alpha)
    for name, value in (("our mean", ours.mean), ("the published mean", published.mean)):
        require_number(name, value)
    gap = ours.mean - published.mean
    has_spread = ours.sd is not None and ours.n > 1
    own = _variance(ours.sd or 0.0, ours.n, ours.mean) if has_spread else 0.0
    theirs = _of_published(published, own * ours.n) if has_spread else 0.0
    if not own + theirs:
        return Equivalence(Difference(gap, None, None, ours.n), None, "undecided")
    se, degrees = math.sqrt(own + theirs), _degrees(own, theirs, ours.n, published)
    half = t_quantile(1 - alpha, degrees) * se
    difference = Difference(gap, gap - half, gap + half, ours.n)
    return Equivalence(difference, float(stdtr(degrees, (abs(gap) - margin) / se)), _status(difference, margin))


def equivalence_power(margin: float, sd: float, n: int, published: Spread, alpha: float = 0.05) -> float:
    """Chance that n seeds of that sd show equivalence within ±margin if the true difference is 0.

    E over S of max(0, 2 Φ((margin - t_{1-alpha,df} S) / σ) - 1), where σ² = sd²/n + s₂²/n₂ and S² and df are what
    Welch's test would estimate from samples of these two sds, integrated over both χ². (Phillips, 1990)

    Args:
        margin: a difference that does not matter, above 0.
        sd: of one of our runs.
        n: how many runs of ours, at least 2.
        published: mean, sd and number of runs of the published number, as `published_equivalence` takes it.
        alpha: the level of each one-sided test, in (0, 0.5).

    Returns:
        A chance in [0, 1].

    Raises:
        InputError: a number out of range.

    Example:
        >>> round(equivalence_power(margin=1.0, sd=0.5, n=5, published=Spread(90, 0.5, 5)), 2)
        0.76
    """
    from scipy.special import ndtr

    _check(margin, alpha)
    require_whole("n", n, 2, MOST_SEEDS)
    ours = _variance(sd, n)
    theirs = _of_published(published, ours * n)
    if not ours + theirs:
        return 1.0
    if not ours or not theirs or published.sd is None:
        errors, quantiles, weights = _known_degrees(margin, ours + theirs, (n if ours else published.n) - 1, alpha)
    else:
        errors, quantiles, weights = _unknown_degrees((ours, n - 1), (theirs, published.n - 1), alpha)
    chances = 2 * ndtr((margin - quantiles * errors) / math.sqrt(ours + theirs)) - 1
    return float((weights * np.maximum(0, chances)).sum())


def equivalence_seeds(
    margin: float, sd: float, published: Spread, chance: float = 0.8, alpha: float = 0.05
) -> int | None:
    """The fewest seeds that show equivalence with a given chance if the true difference is 0.

    More seeds are not always better: the uncertainty of the published mean stays, and Welch's degrees of freedom fall
    again when ours outgrow the published runs. So the chance may be out of reach.

    Args:
        margin: a difference that does not matter, above 0.
        sd: of one of our runs.
        published: mean, sd and number of runs of the published number, as `published_equivalence` takes it.
        chance: of showing it.
        alpha: the level of each one-sided test, in (0, 0.5).

    Returns:
        The number of seeds; None where no number up to 1,000 reaches the chance.

    Raises:
        InputError: a number out of range.

    Example:
        >>> equivalence_seeds(margin=1.0, sd=0.5, published=Spread(90, 0.5, 5))
        6
    """
    require_level("chance", chance)
    n = before = 2
    while equivalence_power(margin, sd, n, published, alpha) < chance:
        if n >= MOST_SEEDS:
            return None
        before, n = n, min(MOST_SEEDS, max(n + 1, int(n * GROWTH)) if n >= ONE_BY_ONE else n + 1)
    return next(k for k in range(before, n + 1) if equivalence_power(margin, sd, k, published, alpha) >= chance)


def _known_degrees(margin: float, variance: float, degrees: float, alpha: float) -> tuple[Array, Array, Array]:
    """Standard errors, t quantiles and weights of a test with one variance, as far as anything can be shown."""
    from scipy.special import chdtr

    quantile = np.asarray(t_quantile(1 - alpha, degrees))
    most = float(chdtr(degrees, degrees * (margin / quantile) ** 2 / variance))
    return np.sqrt(_quantiles(variance, degrees, most * (NODES + 1) / 2)), quantile, most * WEIGHTS / 2


def _unknown_degrees(
    ours: tuple[float, float], theirs: tuple[float, float], alpha: float
) -> tuple[Array, Array, Array]:
    """Standard errors, t quantiles and weights over both estimated variances; each comes as (variance, degrees)."""
    from scipy.special import stdtrit

    shares = (COARSE_NODES + 1) / 2
    first, second = _quantiles(*ours, shares)[:, None], _quantiles(*theirs, shares)
    degrees = (first + second) ** 2 / (first**2 / ours[1] + second**2 / theirs[1])
    weights = COARSE_WEIGHTS[:, None] * COARSE_WEIGHTS / 4
    return np.sqrt(first + second), stdtrit(degrees, 1 - alpha), weights


def _quantiles(variance: float, degrees: float, shares: Array) -> Array:
    """Where the distribution of an estimated variance, v χ²_df / df, reaches the shares."""
    from scipy.special import gammaincinv

    return variance * 2 * gammaincinv(degrees / 2, shares) / degrees


def _check(margin: float, alpha: float) -> None:
    require_number("margin", margin, 0)
    if margin == 0:
        raise InputError("margin must be above 0, got 0: no two means can be shown to be exactly equal")
    require_number("alpha", alpha, 0, 0.5)
    if alpha in (0, 0.5):
        raise InputError(f"alpha must lie strictly between 0 and 0.5, got {alpha}")


def _variance(sd: float, n: int, mean: float = 0.0) -> float:
    """Of a mean; 0 where one sd from it is alike the mean itself, which is rounding and no spread."""
    require_number("sd", sd, 0)
    return 0.0 if all_alike(np.array([mean, mean + sd])) else sd**2 / n


def _of_published(published: Spread, ours: float) -> float:
    """The variance of the published mean, 0 where it is exact; by that of one run of ours where its sd is not known."""
    if published.sd is None:
        require_whole("the published number of runs", published.n, 1, MOST_SEEDS)
        return RATIO**2 * ours / published.n
    require_whole("the published number of runs", published.n, 2, MOST_SEEDS)
    return _variance(published.sd, published.n, published.mean)


def _degrees(ours: float, theirs: float, n: int, published: Spread) -> float:
    """Welch's degrees of freedom of two variances of means; those of ours where it alone was estimated."""
    if not theirs or published.sd is None:
        return n - 1.0
    return (ours + theirs) ** 2 / (ours**2 / (n - 1) + theirs**2 / (published.n - 1))


def _status(difference: Difference, margin: float) -> Literal["equivalent", "different", "undecided"]:
    low, high = difference.low, difference.high
    if difference.within(margin):
        return "equivalent"
    apart = low is not None and high is not None and (low > margin or high < -margin)
    return "different" if apart else "undecided"
