"""What holds whatever the rule of analysis: claims about two arms, tested under several rules at once."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from lsbench.errors import InputError, require_whole
from lsbench.statistics.checks import require_level, require_named
from lsbench.statistics.multiplicity import holm, under_every_rule
from lsbench.statistics.pairs import Pairs, pairs_of


@dataclass(frozen=True)
class RobustClaim:
    """What is shown of one arm against another under several rules."""

    arm: Hashable
    other: Hashable
    better_under_every_rule: bool  # of `arm`: with all such claims, an error in at most alpha
    p_every_rule: float  # the largest p over rules, adjusted by Holm over all pairs; 1 where the sign changes
    better_under: tuple[Hashable, ...]  # rules for which it is shown, adjusted over all pairs and all rules
    worse_under: tuple[Hashable, ...]
    rules: int  # how many there are


def compare_under_rules(
    values: Mapping[Hashable, Mapping[Hashable, Mapping[int, float | None]]],
    *,
    alpha: float = 0.05,
    chosen_from: int = 0,
) -> list[RobustClaim]:
    """Each arm against each other one, under every rule and under how many.

    "Better under every rule" is an intersection: all rules must show it, so the largest p counts, without adjustment
    over rules, and Holm adjusts over the pairs, of which the data chose one (Berger, 1982; Holm, 1979). "Better under
    these rules" is a list of claims: Holm adjusts over pairs and rules together, so that the list has no false entry
    with a chance of 1 - alpha. Rules may depend on each other in any way.

    Args:
        values: rule -> arm -> seed -> a number of which less is better. All rules have the same arms.
        alpha: the chance of any false claim, for each of the two kinds.
        chosen_from: of how many arms these were chosen by numbers that may go with these: Holm then counts the pairs of
            all of them, those that are not here with p = 1; 0: none is counted but these.

    Returns:
        One claim per ordered pair of arms: (a, b) and (b, a), in the order of the arms.

    Raises:
        InputError: rules with different arms, an infinite number, or an alpha outside (0, 1).

    Example:
        >>> last = {"ce": {0: 0.10, 1: 0.11, 2: 0.12}, "lsr": {0: 0.20, 1: 0.22, 2: 0.21}}
        >>> best = {"ce": {0: 0.09, 1: 0.10, 2: 0.11}, "lsr": {0: 0.09, 1: 0.12, 2: 0.11}}
        >>> first, _ = compare_under_rules({"last epoch": last, "best epoch": best})
        >>> first.arm, first.better_under_every_rule, first.better_under
        ('ce', False, ('last epoch',))
    """
    require_level("alpha", alpha)
    require_whole("chosen_from", chosen_from, 0, 10**6)
    require_named("values", values, "rule -> arm -> seed -> number")
    of_rules = {rule: pairs_of(table) for rule, table in values.items()}
    arms = _common_arms(of_rules)
    places = list(combinations(range(len(arms)), 2))
    if not places:
        return []
    upper = tuple(np.array(places).T)  # the places of all pairs in a (k, k) table
    p = np.nan_to_num([pairs.p_beyond()[upper] for pairs in of_rules.values()], nan=1.0)  # (rules, m)
    signs = np.sign([pairs.mean[upper] for pairs in of_rules.values()])
    same = (signs == signs[0]).all(0) & (signs[0] != 0)
    not_compared = np.ones((len(p), comb(max(len(arms), chosen_from), 2) - len(places)))
    every = under_every_rule(np.hstack([np.where(same, p, 1.0), not_compared]))
    p = np.hstack([p, not_compared])
    listed = np.array(holm(p.ravel().tolist())).reshape(p.shape) <= alpha
    claims = {}
    for m, (i, j) in enumerate(places):
        for (a, b), side in (((i, j), -1), ((j, i), 1)):  # the first of two is better where the mean is below 0
            claims[a, b] = RobustClaim(
                arms[a],
                arms[b],
                bool(every[m] <= alpha and signs[0, m] == side),
                every[m] if signs[0, m] == side else 1.0,
                _rules(of_rules, listed[:, m] & (signs[:, m] == side)),
                _rules(of_rules, listed[:, m] & (signs[:, m] == -side)),
                len(of_rules),
            )
    return [claims[place] for place in sorted(claims)]


def _common_arms(of_rules: Mapping[Hashable, Pairs]) -> tuple[Hashable, ...]:
    arms = {pairs.arms for pairs in of_rules.values()}
    if len(arms) != 1:
        raise InputError(f"there must be rules that all have the same arms, got {sorted(map(list, arms), key=str)}")
    return arms.pop()


def _rules(of_rules: Mapping[Hashable, Pairs], shown: np.ndarray) -> tuple[Hashable, ...]:
    return tuple(rule for rule, one in zip(of_rules, shown, strict=True) if one)
