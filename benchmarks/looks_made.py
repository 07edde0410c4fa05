"""Networks and labels that are drawn: sizes, classes and wrong labels that the trained ones do not have.

    python benchmarks/looks.py DATA FOLDER --only made --draws 80    # neither DATA nor FOLDER is read

A network's scores are normal, and higher for the true class; it has 3 seeds.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from blind_bars import table
from looks_draws import Contrast, Draws, Intervals, expect, numbers
from looks_people import Labels, Numbers, People, log_softmax
from looks_scenarios import ALL, Made, Scenario, made_of

from lsbench.statistics.looks import believed_control

TITLE = "Networks and labels that are drawn"
LOOKS = (30, 100, 300)
SEEDS, SIDE = 3, 0.025
SURE, SHARE = -100.0, 0.003  # the log-prob of the true class, and on what share of the examples
Wrong = Callable[[Labels, Mapping[str, Numbers], int, np.random.Generator], Labels]


class Drawn(NamedTuple):
    """One set: how many examples and classes, and which labels are wrong."""

    name: str
    examples: int
    classes: int
    wrong: Wrong


def symmetric(rate: float) -> Wrong:
    """Each label is, with that chance, one of the other classes."""

    def given(true: Labels, _: Mapping[str, Numbers], k: int, rng: np.random.Generator) -> Labels:
        other = (true + rng.integers(1, k, len(true))) % k
        return np.where(rng.random(len(true)) < rate, other, true)

    return given


def by_class(true: Labels, _: Mapping[str, Numbers], k: int, rng: np.random.Generator) -> Labels:
    """Six of ten examples of every second class have the label of the next one."""
    return np.where((true % 2 == 0) & (rng.random(len(true)) < 0.6), (true + 1) % k, true)


def copied(true: Labels, networks: Mapping[str, Numbers], _: int, rng: np.random.Generator) -> Labels:
    """Where the better network is wrong the label is what it says, in 4 of 5 cases."""
    said = networks["better"][0].argmax(-1)
    return np.where((said != true) & (rng.random(len(true)) < 0.8), said, true)


SETS = (
    Drawn("20 % wrong", 100, 2, symmetric(0.2)),
    Drawn("72 % wrong", 1_000, 10, symmetric(0.72)),
    Drawn("30 % wrong, by class", 1_000, 10, by_class),
    Drawn("copied from a network", 3_000, 10, copied),
    Drawn("none wrong", 1_000, 3, symmetric(0.0)),
    Drawn("20 % wrong", 1_000, 100, symmetric(0.2)),
    Drawn("10 % wrong", 10_000, 2, symmetric(0.1)),
)


def drawn(one: Drawn, seed: int = 0) -> People:
    """The set: ce, a better network, a milder one, and one that says one class always."""
    rng = np.random.default_rng(seed)
    n, k = one.examples, one.classes
    true = rng.integers(0, k, n)
    class_score = np.eye(k)[true] * (1.5 + 0.5 * np.log(k))
    shared = rng.normal(size=(n, k))  # what makes an example hard is hard for every network

    def scores(strength: float) -> Numbers:
        return 2 * (strength * class_score + shared + 0.5 * rng.normal(size=(SEEDS, n, k)))

    ce = scores(1.0)
    stuck = np.broadcast_to(10.0 * np.eye(k)[0], ce.shape)
    networks = {"ce": ce, "better": scores(1.2), "mild": ce / 2, "stuck": stuck}
    log_probs = {name: log_softmax(z) for name, z in networks.items()}
    return People(np.zeros((n, 0)), true, one.wrong(true, log_probs, k, rng), log_probs)


def sure(*, imitated: bool) -> People:
    """3,000 examples of 10 classes, 20 % wrong; beside ce the better network, which gives e^-100 to some true classes.

    imitated: the given label is there what it says; else it is the true one.
    """
    one = drawn(Drawn("sure", 3_000, 10, symmetric(0.2)))
    some = np.random.default_rng(1).random(len(one.true)) < SHARE
    said = (one.true + 1) % 10
    scores = np.zeros((len(one.true), 10)) + SURE
    scores[np.arange(len(scores)), said] = 0.0
    networks = {**one.log_probs, "sure": np.where(some[:, None], log_softmax(scores), one.log_probs["better"])}
    given = np.where(some, said if imitated else one.true, one.given)
    return People(one.vectors, one.true, given, {name: networks[name] for name in ("ce", "sure")})


def section(draws: int) -> str:
    """All sets, as Markdown."""
    lines = [line(one, draws) for one in SETS]
    very_sure = [sure_line(how, imitated, draws) for how, imitated in (("what it says", True), ("right", False))]
    return "\n".join(
        (f"\n## {TITLE}\n", SAYS.format(draws=draws), table(COLUMNS, lines), *SURE_SAYS, _table(very_sure))
    )


COLUMNS = ("wrong labels", "test examples", "classes", "accuracy", "NLL", "Brier", "signed error", "share of wrong")
SAYS = """Drawn networks, of 3 seeds: ce, a better one, one with half its logits, and one that says one class always.
{draws} draws of the looks. The largest share of them that missed, in %, of the differences to ce at 30, 100 and 300
looks (of fewer examples: at the numbers below); *share of wrong*: of the interval of how many labels are wrong.
"""
SURE_SAYS = (
    "\nThe better network gives the true class a log-prob of −100 on .3 % of 3,000 examples of 10 classes; the given"
    " label is there what the network says, or right; of the others 20 % are wrong. Missed of its difference to ce, in"
    " %:\n",
)


def _table(lines: list[list[str]]) -> str:
    heads = [f"{name}, {n} looks" for name in ("NLL", "signed error") for n in LOOKS]
    return table(("the given label", *heads), lines)


def line(one: Drawn, draws: int) -> list[str]:
    """A set: the most that was missed by each number."""
    missed = missed_in(drawn(one), draws)
    most = [f"{100 * max(missed[name].values()):.0f}" for name in (*ALL, SHARE_OF_WRONG)]
    return [one.name, f"{one.examples:,}", str(one.classes), *most]


def sure_line(how: str, imitated: bool, draws: int) -> list[str]:
    """A very sure network: what was missed at each number of looks."""
    missed = missed_in(sure(imitated=imitated), draws)
    return [how, *(f"{100 * missed[name][n]:.0f}" for name in ("nll", "signed error") for n in LOOKS)]


SHARE_OF_WRONG = "share of wrong labels"


def missed_in(people: People, draws: int) -> dict[str, dict[int, float]]:
    """By number and looks the largest share of draws, over the differences to ce, whose interval misses."""
    made = made_of(Scenario("made", "", "", arms=(), extend=False), people)
    contrasts = [*made.contrasts(ALL), _share_of_wrong(made)]
    at = [n for n in LOOKS if n < len(made.given)]
    asked = numbers(at, len(made.given), extend=False)
    looks = Draws(made.sizes, draws, max(asked), made.given, made.may_be)
    looks.believe(made.probabilities)
    shown = [Intervals(one, looks) for one in contrasts]
    expect(shown, looks, asked)
    missed: dict[str, dict[int, float]] = {}
    for one in shown:
        of_number = missed.setdefault(one.contrast.name.split(":")[0], {})
        for n in at:
            of_number[n] = max(of_number.get(n, 0.0), float(one.missed(n, n, SIDE).mean()))
    return missed


def _share_of_wrong(made: Made) -> Contrast:
    effect = 1.0 - np.eye(made.belief.shape[1])[made.given]
    right = (made.given != made.true).astype(float)
    return Contrast(SHARE_OF_WRONG, effect, right, believed_control(effect, made.belief), made.may_be)
