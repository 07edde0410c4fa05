"""Arms ranked over settings: each setting is one block, whatever its number of seeds."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsbench.statistics.alike import is_above
from lsbench.statistics.checks import require_level, require_named
from lsbench.statistics.ranks import average_ranks, critical_difference, friedman

FEWEST_SETTINGS = 5  # with fewer, ranks show next to nothing


@dataclass(frozen=True)
class SettingRanks:
    """Average ranks over settings, 1 for the best, and by how much two must differ to be told apart."""

    arms: tuple[Hashable, ...]
    settings: tuple[Hashable, ...]  # those in which every arm has a number
    left_out: tuple[Hashable, ...]  # the other settings
    ranks: tuple[float, ...]  # (k,), in the order of the arms
    critical_difference: float  # Nemenyi's: of the ranks of two arms
    p: float  # that all arms rank alike: Friedman's; of two arms the exact sign test's
    level: float

    def apart(self, arm: Hashable, other: Hashable) -> bool:
        """Whether the two are shown to rank differently: beyond the critical difference, and Friedman's test agrees."""
        ranks = dict(zip(self.arms, self.ranks, strict=True))
        return self.p <= 1 - self.level and abs(ranks[arm] - ranks[other]) > self.critical_difference


def rank_over_settings(
    losses: Mapping[Hashable, Mapping[Hashable, Mapping[int, float | None]]], *, level: float = 0.95
) -> SettingRanks | None:
    """Rank arms over settings by their means over seeds within each setting.

    The seeds of one setting share what the setting does to the arms, so that they are no blocks of their own: taken as
    such, where the effect of a setting on an arm varies as much as one seed, 45 % of comparisons of equal arms had a
    false pair. Friedman's test and Nemenyi's critical difference are taken over the settings. Two arms are compared by
    the exact sign test: Friedman's is false in 6 to 7 % with 5 to 8 settings. (Demšar, 2006)

    Args:
        losses: arm -> setting -> seed -> loss, lower is better; None or NaN where missing.
        level: 1 - the chance of any false pair.

    Returns:
        The ranks over the settings that all arms have; None for fewer than 5 of them or fewer than two arms.

    Raises:
        InputError: a level outside (0, 1), or what is no dict.

    Example:
        >>> errors = {"ce": {s: {0: 0.2, 1: 0.3} for s in "abcdef"}, "lsr": {s: {0: 0.1, 1: 0.2} for s in "abcdef"}}
        >>> ranks = rank_over_settings(errors)
        >>> ranks.ranks, round(ranks.critical_difference, 2), ranks.apart("ce", "lsr")
        ((2.0, 1.0), 0.8, True)
    """
    require_level("level", level)
    require_named("losses", losses, "arm -> setting -> seed -> number")
    settings = list(dict.fromkeys(setting for by_setting in losses.values() for setting in by_setting))
    means = {arm: {s: _mean(by_setting.get(s, {})) for s in settings} for arm, by_setting in losses.items()}
    kept = [s for s in settings if all(by_setting[s] is not None for by_setting in means.values())]
    if len(losses) < 2 or len(kept) < FEWEST_SETTINGS:
        return None
    scores = np.array([[by_setting[s] for by_setting in means.values()] for s in kept], np.float64)
    return SettingRanks(
        tuple(losses),
        tuple(kept),
        tuple(s for s in settings if s not in kept),
        tuple(average_ranks(scores, "lower").tolist()),
        critical_difference(len(losses), len(kept), level),
        friedman(scores) if len(losses) > 2 else _sign_test(scores),
        level,
    )


def _sign_test(scores: NDArray[np.float64]) -> float:
    """min(1, 2 P(B >= the more frequent side)), B binomial over the settings that do not tie; 1 without one."""
    from scipy.special import bdtrc

    first, second = (int(is_above(scores[:, i], scores[:, 1 - i]).sum()) for i in (0, 1))
    return min(1.0, 2 * float(bdtrc(max(first, second) - 1, first + second, 0.5))) if first + second else 1.0


def _mean(by_seed: Mapping[int, float | None]) -> float | None:
    present = [value for value in by_seed.values() if value is not None and not np.isnan(value)]
    return float(np.mean(present)) if present else None
