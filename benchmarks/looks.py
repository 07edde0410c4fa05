"""Whether intervals from a few looked-at labels hold, and how wide they are: only the draw of looks is repeated.

    python benchmarks/features.py DATA/cifar10.npz DATA/lite0 DATA/features.npz
    python benchmarks/looks.py DATA FOLDER [--draws 400] > results/looks.md

DATA holds features.npz, cifar10n.npz and cifar10h.npz. FOLDER keeps the trained rows. Scenarios: looks_scenarios.py,
looks_made.py. Labels and networks: looks_people.py. What is counted: looks_draws.py. A section is printed once made.
"""

import argparse
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import looks_made
import numpy as np
from blind_bars import table
from looks_draws import Contrast, Draws, Intervals, expect, numbers, uniform_width
from looks_people import SETS, train
from looks_scenarios import SCENARIOS, Made, Scenario, make

BARS = {"accuracy": 0.45, "nll": 1.05, "brier": 1.05}
LEVEL = 0.05


def main() -> None:
    """Train what is not trained yet, draw, and print the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--only", default="", help="scenarios whose name starts so; made: those of looks_made.py")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    some = [scenario for scenario in SCENARIOS if scenario.name.startswith(options.only)]
    for name in SETS:
        if name in {scenario.people for scenario in some}:
            train(name, options.data, options.folder)
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    print(HEAD.format(draws=options.draws), flush=True)
    with ProcessPoolExecutor(options.processes, get_context("spawn")) as pool:
        waiting = [pool.submit(section, one, options.data, options.folder, options.draws) for one in some]
        drawn = [pool.submit(looks_made.section, options.draws)] * "made".startswith(options.only)
        for made in (*waiting, *drawn):
            print(made.result(), flush=True)
    print(TRIED)


def section(scenario: Scenario, data: Path, folder: Path, draws: int) -> str:
    """One scenario, as Markdown."""
    made = make(scenario, data, folder)
    return f"\n## {scenario.title}\n\n{scenario.says} {made.says()}\n\n{counted(scenario, made, draws)}"


def counted(scenario: Scenario, made: Made, draws: int) -> str:
    """The tables of a scenario."""
    pairs, alone = made.contrasts(scenario.criteria), made.contrasts((), scenario.alone)
    against, leader = made.family() if scenario.extend else ([], [])
    shown = intervals([*pairs, *alone, *against, *leader], scenario, made, draws)
    lines = [_line(shown[one.name], n) for one in (*pairs, *alone) for n in scenario.at]
    parts = [table(COLUMNS, lines), _bars(lines, scenario)]
    if scenario.extend:
        ever = [[one.name, *(_ever(shown[one.name], first) for first in (50, 100))] for one in pairs]
        parts += ["\n" + table(("difference", "ever missed, 50 announced", "ever missed, 100 announced"), ever)]
        parts += ["\n" + _family([shown[one.name] for one in against], [shown[one.name] for one in leader])]
    return "\n".join(parts)


def intervals(contrasts: Sequence[Contrast], scenario: Scenario, made: Made, draws: int) -> dict[str, Intervals]:
    """Of each contrast, with what is expected after each number of looks that is asked for."""
    asked = numbers(scenario.at, len(made.given), extend=scenario.extend)
    some = Draws(made.sizes, draws, max(asked), made.given, made.may_be)
    some.believe(made.probabilities)
    shown = {one.name: Intervals(one, some) for one in contrasts}
    expect(list(shown.values()), some, asked)
    return shown


COLUMNS = ("difference", "looks", "true", "missed %", "exact %", "width")


def _line(one: Intervals, n: int) -> list[str]:
    side = LEVEL / 2
    width = np.median(one.widths(n))
    width = width / uniform_width(one.contrast.right, n) if width > 0 else 0.0  # what no label can change is known
    missed, exact = one.missed(n, n, side).mean(), one.shown(n, n, side).exact.mean()
    return [
        one.contrast.name,
        str(n),
        f"{one.contrast.true:+.4f}",
        f"{100 * missed:.1f}",
        f"{100 * exact:.0f}",
        f"{width:.2f}",
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


def _ever(one: Intervals, announced: int) -> str:
    return _percent(one.ever_missed(announced, LEVEL / 2).any(1).mean())


def _family(against: Sequence[Intervals], leader: Sequence[Intervals]) -> str:
    worse, best = family_errors(against, leader)
    return (
        f"Some arm falsely better or worse than ce, 50 to 500 looks: {_percent(worse)}; the leader falsely best: "
        f"{_percent(best)}."
    )


def family_errors(
    against: Sequence[Intervals], leader: Sequence[Intervals], announced: int = 50
) -> tuple[float, float]:
    """The share of draws with any false claim against ce; with the leader falsely above every other at one number."""
    side = LEVEL / len(against) / 2
    worse = np.any([one.ever_missed(announced, side) for one in against], axis=0).any(1)
    best = np.all([one.ever_missed(announced, LEVEL, below_only=True) for one in leader], axis=0).any(1)
    return float(worse.mean()), float(best.mean())


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


HEAD = """# Looking at some of the test labels: do the intervals hold?

Made by `benchmarks/looks.py`. CIFAR-10 as vectors that an ImageNet network (EfficientNet-Lite0) makes of it; linear
layers trained on 3,000 of them with the labels of one person each (CIFAR-10N, 17 % wrong), 5 seeds; test labels as each
section says. The networks and the test set stay the same; what is repeated, {draws} times, is the draw of the examples
whose label a person gives, here CIFAR-10's own label. *True* is the difference of two arms by those labels on all
test examples; *alone*: the number of one arm. How it works: [docs/looks.md](../docs/looks.md).

*Missed* is the share of draws whose interval has not the true difference in it; nominal at most 5 %. *Exact* is the
share of draws with fewer than 7 corrections, for which the exact interval is shown. *Width* is the median width
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

if __name__ == "__main__":
    main()
