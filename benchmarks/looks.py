"""Whether intervals from a few looked-at labels hold, and how wide they are: only the draw of looks is repeated.

    python benchmarks/features.py DATA/cifar10.npz DATA/lite0 DATA/features.npz
    python benchmarks/looks.py DATA FOLDER [--draws 300] > results/looks.md

DATA holds features.npz, cifar10n.npz and cifar10h.npz. FOLDER keeps the trained rows. Scenarios: looks_scenarios.py.
What is counted: looks_draws.py. About 40 minutes on one core.
"""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from blind_bars import table
from looks_draws import Contrast, Counts, Family, extended, family_errors, repeat
from looks_scenarios import SCENARIOS, Scenario, make

BARS = {"accuracy": 0.45, "nll": 1.05, "brier": 1.05}


def main() -> None:
    """Train what is not trained yet, draw, and print the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--only", default="", help="scenarios whose name starts so")
    options = parser.parse_args()
    print(HEAD.format(draws=options.draws), flush=True)
    for scenario in SCENARIOS:
        if scenario.name.startswith(options.only):
            print(section(scenario, options.data, options.folder, options.draws), flush=True)
    print(TRIED)


HEAD = """# Looking at some of the test labels: do the intervals hold?

Made by `benchmarks/looks.py`. CIFAR-10 as vectors that an ImageNet network (EfficientNet-Lite0) makes of it; linear
layers trained on 3,000 of them with the labels of one person each (CIFAR-10N, 17 % wrong), 5 seeds; test labels as each
section says. The networks and the test set stay the same; what is repeated, {draws} times, is the draw of the examples
whose label a person gives, here CIFAR-10's own label. *True* is the difference of two arms by those labels on all
test examples. How it works: [docs/looks.md](../docs/looks.md).

*Missed* is the share of draws whose interval has not the true difference in it; nominal at most 5 %. *Exact* is the
share of draws with fewer than 10 corrections, for which the exact interval is shown. *Width* is the median width
against the 95 % t interval of as many labels looked at uniformly, and nothing else used. *Ever missed* is the share of
draws whose interval misses at any of 50, 75, 100, 150, ..., 500 looks: what one would claim wrongly by going on until
it is decided, were the difference 0. *Some arm falsely better or worse than ce* is the same among all arms at once
(Bonferroni), *falsely best*: the arm that leads by the given labels shown to be better than every other, were all
differences 0."""

TRIED = """
## What was tried and lost

On the first section's set, width against uniform at 100 looks, before the price of looking more than once:

- A belief from the mean of all arms: .40 for accuracy; from the arm that leads by the given labels .38. Half the
  prediction and half the given label, in place of Bayes' rule: .41.
- No belief, sizes by effect alone, or a floor of .3 and no share for the Brier score: NLL 1.25 times as wide, and
  its interval missed in 8 to 15 %.
- The belief's mean as control for accuracy, weight fitted: as narrow; but it hides how many labels were corrected.
- The given label as control for NLL: 5 to 7 times as wide. No control: 1.1 times, missed in 7 %.
- Intervals at every 25 looks for ever: the critical value at 500 is 3.3, in place of 3.1."""


def section(scenario: Scenario, data: Path, folder: Path, draws: int) -> str:
    """One scenario, as Markdown."""
    made = make(scenario, data, folder)
    contrasts = made.contrasts(scenario.criteria)
    lines = [_line(contrast, n, repeat(contrast, made.sizes, n, draws)) for contrast in contrasts for n in scenario.at]
    ever = [
        [one.name, *(_percent(extended(one, made.sizes, first, draws)) for first in (50, 100))]
        for one in contrasts
        if scenario.extend
    ]
    parts = [f"\n## {scenario.title}\n\n{scenario.says} {made.says()}\n", table(COLUMNS, lines), _bars(lines, scenario)]
    if ever:
        parts += ["\n" + table(("difference", "ever missed, 50 announced", "ever missed, 100 announced"), ever)]
        parts += ["\n" + _family(family_errors(Family(*made.family()), made.sizes, draws))]
    return "\n".join(parts)


COLUMNS = ("difference", "looks", "true", "missed %", "exact %", "width")


def _line(contrast: Contrast, n: int, counts: Counts) -> list[str]:
    return [
        contrast.name,
        str(n),
        f"{contrast.true:+.4f}",
        f"{100 * counts.missed:.1f}",
        f"{100 * counts.exact:.0f}",
        f"{counts.width:.2f}",
    ]


def _bars(lines: Sequence[Sequence[str]], scenario: Scenario) -> str:
    """The medians over the differences at 100 looks, beside what was asked for."""
    if not scenario.bars:
        return ""
    said = []
    for criterion, most in BARS.items():
        widths = [float(line[-1]) for line in lines if line[0].startswith(criterion) and line[1] == "100"]
        if widths:
            said.append(f"{criterion} {np.median(widths):.2f} (asked for: at most {most:g})")
    return f"\nMedian width of the differences at 100 looks: {', '.join(said)}."


def _family(errors: Iterable[float]) -> str:
    worse, best = errors
    return (
        f"Some arm falsely better or worse than ce, 50 to 500 looks: {_percent(worse)}; the leader falsely best: "
        f"{_percent(best)}."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


if __name__ == "__main__":
    main()
