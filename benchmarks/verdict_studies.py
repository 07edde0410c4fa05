"""Smaller simulations of verdicts: a tolerance, several rules, ranks over settings, new test examples."""

import itertools
from collections.abc import Sequence

import numpy as np
from verdict_errors import GAP, holds, table

from lsbench.statistics import against_baseline, compare_under_rules, pairs_of, rank_over_settings, with_examples


def at_tolerance(settings: int, arms: int, seeds: int) -> tuple[int, int]:
    """Settings with a false "beyond the tolerance", and with a wrong interval: all arms lie at it or 1 % within it."""
    rng, means = np.random.default_rng([arms, seeds, 1]), np.where(np.arange(arms) > 0, 1.0, 0.0)
    wrong = [0, 0]
    for _ in range(settings):
        within = np.where(np.arange(arms) > 0, 0.99, 0.0)
        noise = rng.normal(size=(arms, seeds))
        claims = against_baseline(table(noise + means[:, None]), 0, tolerance=1.0)
        wrong[0] += any(claim.finding in ("worse", "better") for claim in claims)
        claims = against_baseline(table(noise + within[:, None]), 0, tolerance=1.0)
        wrong[1] += not all(holds(claim, within) for claim in claims)
    return wrong[0], wrong[1]


def under_rules(settings: int, arms: int, rules: int = 6) -> tuple[int, int]:
    """Settings with a false "better under every rule", and under some: 5 seeds, equal arms, rules share the runs."""
    rng, every, some = np.random.default_rng(arms), 0, 0
    for _ in range(settings):
        runs = rng.normal(size=(arms, 5))
        seen = [runs + rng.normal(0, 0.3, (arms, 5)) for _ in range(rules)]
        tables = {
            rule: {arm: dict(enumerate(one)) for arm, one in enumerate(losses)} for rule, losses in enumerate(seen)
        }
        claims = compare_under_rules(tables)
        every += any(one.better_under_every_rule for one in claims)
        some += any(one.better_under for one in claims)
    return every, some


def ranked(settings: int, arms: int, blocks: int, half_worse: bool) -> int:
    """Comparisons with a false pair of ranks: 3 seeds in each block, the arm-by-setting sd is that of one seed."""
    rng, false, middle = np.random.default_rng([arms, blocks]), 0, (arms + 1) // 2
    for _ in range(settings):
        losses = rng.normal(size=(arms, blocks, 1)) + rng.normal(size=(arms, blocks, 3))
        losses[middle:] += GAP * half_worse
        nested = {a: {b: dict(enumerate(one)) for b, one in enumerate(by_block)} for a, by_block in enumerate(losses)}
        ranks = rank_over_settings(nested)
        equal = [
            pair
            for pair in itertools.combinations(range(arms), 2)
            if not half_worse or sum(a < middle for a in pair) != 1
        ]
        false += ranks is not None and any(ranks.apart(*pair) for pair in equal)
    return false


ROUNDING = 1e-9  # an interval without width is off by the last bits
PARTS = {  # of the variance of the mean: from seeds, from test examples, from each run on each example
    "seeds": (1, 0, 0),
    "examples": (0, 1, 0),
    "examples, hardly seeds": (0.001, 1, 0),
    "runs on examples": (0, 0, 1),
    "seeds and examples": (1, 1, 0),
    "all three": (1, 1, 1),
}


def over_examples(settings: int, parts: Sequence[float], seeds: int, examples: int) -> tuple[list[int], list[int]]:
    """Settings with a 95 % interval, and those in which it holds the truth: on this test set, and on new examples."""
    rng, made, held = np.random.default_rng([seeds, examples]), [0, 0], [0, 0]
    by_seed, by_example, rest = (part**0.5 for part in parts)
    for _ in range(settings):
        of_example = rng.normal(0, by_example * examples**0.5, examples)
        values = rng.normal(0, by_seed * seeds**0.5, (seeds, 1)) + of_example
        values = values + rng.normal(0, rest * (seeds * examples) ** 0.5, (seeds, examples))
        runs = {"arm": dict(enumerate(values)), "other": dict(enumerate(np.zeros((seeds, examples))))}
        pairs = pairs_of({arm: {s: float(run.mean()) for s, run in by_run.items()} for arm, by_run in runs.items()})
        for place, (one, truth) in enumerate(((pairs, of_example.mean()), (with_examples(pairs, runs), 0.0))):
            low, high = one.bounds(0.05)
            made[place] += not np.isnan(low[0, 1])
            held[place] += bool(low[0, 1] - ROUNDING <= truth <= high[0, 1] + ROUNDING)
    return made, held
