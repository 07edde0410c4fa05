"""How often a verdict errs among 2 to 25 losses: simulated settings, and settings dealt from real trainings.

    lsbench run --loss ce --model linear --noise 0.2 --train-size 1000 --epochs 2 --seeds 1000 --out DIR
    python benchmarks/verdicts.py --results DIR > results/aa.md

Without --results there are no real trainings in the tables. In each setting, the arms are equal, or half of them are
1.5 sds worse. The functions are those that a verdict uses; what they say is compared with the truth. 20 minutes on one
core.
"""

import argparse
import itertools
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from verdict_errors import BEYOND, KINDS, Draw, Errors, Point, dealt, errors_at, has_flips
from verdict_studies import PARTS, at_tolerance, over_examples, ranked, under_rules

from lsbench.rows import store
from lsbench.statistics import wilson_interval

ARMS, SEEDS = (2, 3, 6, 12, 19, 25), (3, 5, 10)

TABLES = {
    "pairs": 'All pairs, so also "worse than the leader": settings with a false claim, %',
    "baseline": "Against a baseline named beforehand: settings with a false claim, %",
    "winner": "A false winner, %",
    "left_out": "The best arm is not in the set that may be best, %",
    "pair_intervals": "Joint intervals of all pairs: settings with a wrong one, %",
    "baseline_intervals": "Joint intervals against the baseline: settings with a wrong one, %",
    "best_intervals": "Joint intervals of the gaps to the best: settings with a wrong one, %",
    "flips": "Sign flips beside all pairs, from 6 seeds and up to 12 arms: settings with a false claim, %",
    "power_baseline": "Power: arms that are 1.5 sds worse and shown to be worse than the baseline, %",
    "power_pairs": "Power: such arms that are shown to be worse than the leader, %",
    "power_set": "Power: such arms that are not in the set that may be best, %",
    "power_flips": "Power: such arms that sign flips show to be worse than the leader, %",
}
BARS = {name: 0.07 if name.endswith("intervals") else 0.05 for name in TABLES if not name.startswith("power")}


def main() -> None:
    """Print the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, help="a folder of trainings of one loss at many seeds")
    parser.add_argument("--settings", type=int, default=500, help="settings for each point")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    options = parser.parse_args()
    kinds = KINDS | (real_kinds(options.results) if options.results else {})
    with ProcessPoolExecutor(options.workers) as pool:
        results = {point: pool.submit(errors_at, point, options.settings) for point in points(kinds | BEYOND)}
        errors = {point: future.result() for point, future in results.items()}
    low, high = (100 * float(end) for end in wilson_interval(round(0.05 * options.settings), options.settings))
    print(HEAD.format(settings=options.settings, real=real_words(options.results), low=low, high=high))
    print(summary({point: one for point, one in errors.items() if point.kind in kinds}, options.settings))
    for name, title in TABLES.items():
        print(f"\n## {title}\n\n{by_arms(errors, name)}")
    print(others(options.settings))


HEAD = """# How often a verdict errs

<!-- made by: python benchmarks/verdicts.py --results ROWS -->

Settings of 2 to 25 losses whose true means are known, {settings} for each number of a table. "All equal": no claim is
true. "Half equal": the second half of the arms is 1.5 sds of one run worse. Losses of a seed share a random part of one
sd. "Picked of 3": what `--select` compares, per arm and seed the one of three combinations that is best on held-out
examples. Three numbers are for 3, 5 and 10 seeds. With {settings} settings, a true 5 % is seen as {low:.1f} to
{high:.1f} %.

In the last kind, arms have equal means and fail differently: every second one collapses at a tenth of its runs and is
better at the others. No test of means holds its level there with few seeds, as most settings show no such run; sign
flips err more often than Student's test. It is not counted in the first table. A run far from the others is a warning.

{real}
"""


def real_kinds(folder: Path) -> dict[str, Draw]:
    """Standardised numbers of real trainings."""
    rows = [row for row in store.read(folder)[0] if row.status == "ok"]
    if len({row.cell.loss for row in rows}) != 1 or len(rows) < 2 * max(ARMS) * max(SEEDS):
        raise SystemExit(f"{folder}: trainings of one loss are needed, {2 * max(ARMS) * max(SEEDS)} at least")
    pools = {"error rate": [1 - (row.metrics["accuracy"] or 0) for row in rows]}
    pools |= {name: [row.metrics[name] or 0.0 for row in rows] for name in ("nll", "ece")}
    numbers = {name: np.array(values) for name, values in pools.items()}
    return {f"real: {name}": partial(dealt, (x - x.mean()) / x.std()) for name, x in numbers.items()}


def real_words(folder: Path | None) -> str:
    """Where the real trainings come from."""
    if folder is None:
        return ""
    row, *others = [row for row in store.read(folder)[0] if row.status == "ok"]
    return (
        f'"Real" settings are dealt from {1 + len(others):,} trainings of cross-entropy ({row.cell.dataset}, '
        f"{row.cell.model}, {row.cell.noise} noise {row.cell.noise_rate:g}, {row.cell.train_size:,} training examples, "
        f"{row.cell.recipe.epochs} epochs), each in one place of a setting at most."
    )


def points(kinds: dict[str, Draw]) -> list[Point]:
    """All kinds, nulls, numbers of arms and of seeds."""
    product = itertools.product(kinds.items(), (False, True), ARMS, SEEDS)
    return [Point(kind, draw, half, arms, seeds) for (kind, draw), half, arms, seeds in product]


def summary(errors: dict[Point, Errors], settings: int) -> str:
    """How many points lie above their bar by more than chance."""
    lines = [
        "| | bar | points | mean | largest | above the bar by more than chance |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, bar in BARS.items():
        rates = [getattr(one, name) for point, one in errors.items() if name != "flips" or has_flips(point)]
        above = sum(float(wilson_interval(round(rate * settings), settings)[0]) > bar for rate in rates)
        shown = f"{100 * bar:.0f} % | {len(rates)} | {100 * np.mean(rates):.1f} % | {100 * max(rates):.1f} % | {above}"
        lines.append(f"| {TABLES[name].removesuffix(', %')} | {shown} |")
    return "\n".join(lines)


def by_arms(errors: dict[Point, Errors], name: str) -> str:
    """One table: kinds and nulls by numbers of arms."""
    power = name.startswith("power")
    lines = [f"| | | {' | '.join(f'{arms} arms' for arms in ARMS)} |", "| --- | --- |" + " ---: |" * len(ARMS)]
    places = dict.fromkeys((point.kind, point.half_worse) for point in errors if point.half_worse or not power)
    for kind, half in places:
        cells = [cell(errors, name, kind, half, arms) for arms in ARMS]
        lines.append(f"| {kind} | {'half equal' if half else 'all equal'} | {' | '.join(cells)} |")
    return "\n".join(lines)


def cell(errors: dict[Point, Errors], name: str, kind: str, half: bool, arms: int) -> str:
    """Numbers for 3, 5 and 10 seeds, in per cent; a dash where nothing was made."""
    chosen = [(p, e) for p, e in errors.items() if (p.kind, p.half_worse, p.arms) == (kind, half, arms)]
    lacking = [name.endswith("flips") and not has_flips(point) for point, _ in chosen]
    shown = ["–" if no else f"{100 * getattr(e, name):.1f}" for (_, e), no in zip(chosen, lacking, strict=True)]
    return " / ".join(shown)


def others(settings: int) -> str:
    """The tables of tolerance, rules, ranks and examples."""
    parts = [
        "\n## Beyond a tolerance, against a baseline\n\nTolerance: one sd. All arms lie at it, or 1 % within it.\n"
    ]
    parts += [
        "| arms | seeds | false claims at it, % | wrong joint intervals just within it, % |",
        "| ---: | ---: | ---: | ---: |",
    ]
    for arms, seeds in itertools.product(ARMS, SEEDS):
        false, wrong = at_tolerance(settings, arms, seeds)
        parts.append(f"| {arms} | {seeds} | {100 * false / settings:.1f} | {100 * wrong / settings:.1f} |")
    parts += ["\n## Six rules of analysis, equal arms, 5 seeds\n"]
    parts += [
        '| arms | false "better under every rule", % | false "better under some rule", % |',
        "| ---: | ---: | ---: |",
    ]
    for arms in ARMS:
        every, some = under_rules(settings, arms)
        parts.append(f"| {arms} | {100 * every / settings:.1f} | {100 * some / settings:.1f} |")
    parts += ["\n## Ranks over settings: comparisons with a false pair, %\n"]
    parts += ["3 seeds; the sd of an arm by a setting is that of one seed. All equal / half equal.\n"]
    blocks = (5, 8, 12, 24)
    parts += [f"| arms | {' | '.join(f'{n} settings' for n in blocks)} |", "| ---: |" + " ---: |" * len(blocks)]
    for arms in ARMS:
        rates = [[ranked(settings, arms, n, half) / settings for half in (False, True)] for n in blocks]
        parts.append(f"| {arms} | {' | '.join(f'{100 * a:.1f} / {100 * b:.1f}' for a, b in rates)} |")
    parts += [
        "\n## Intervals of one difference on this test set and on new examples: how often they hold the truth, %\n"
    ]
    parts += [
        "Of each two numbers the first is for this test set, the second for new examples. A dash: seeds that all give "
        "the same difference have an interval from 6 seeds on.\n"
    ]
    parts += [
        "| what varies | seeds | 100 examples | 1,000 examples | 10,000 examples |",
        "| --- | ---: |" + " ---: |" * 3,
    ]
    for (name, shares), seeds in itertools.product(PARTS.items(), SEEDS):
        held = [over_examples(settings, shares, seeds, n) for n in (100, 1_000, 10_000)]
        cells = [[f"{100 * h / m:.1f}" if m else "–" for m, h in zip(*two, strict=True)] for two in held]
        parts.append(f"| {name} | {seeds} | {' | '.join(map(' / '.join, cells))} |")
    return "\n".join(parts)


if __name__ == "__main__":
    main()
