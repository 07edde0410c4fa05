"""The page of the blind study, out of the sets' outcomes: the bars first, then a line per set."""

from collections.abc import Iterable, Sequence
from typing import Any

from blind_bars import (
    CORRECTIONS,
    Outcome,
    bars,
    claims_in,
    gain,
    gap,
    points,
    reaches,
    reversed_of,
    share,
    shown_of,
    table,
)  # fmt: skip
from blind_changes import sentences
from blind_temperatures import WAYS


def page(outcomes: Sequence[Outcome]) -> str:
    """All tables."""
    parts = (bars, by_criterion, would_change, per_set, noise, corrections, temperatures)
    return "\n\n".join((HEAD.format(sets=len(outcomes)), *(part(outcomes) for part in parts), TRUTH)) + "\n"


HEAD = """# What is said without the truth, and what was true

Made by `benchmarks/blind.py`. {sets} data sets have wrong labels in training and in testing, as a user's may have.
`lsbench run` and `lsbench decide` see the given labels alone; only the script knows the true ones. A script compares
the claims in the JSON of `decide`, and what is bold in the tables of `report`, with the truth. Models are small:
linear and one-hidden-layer heads on what an ImageNet network (EfficientNet-Lite0, 19 MB) makes of CIFAR-10's images,
and on pixels; 2,000 or 4,000 training images, 5 seeds. The large network was never trained on CIFAR-10."""

TRUTH = """## What counts as true

A claim says that a loss is better than another by a criterion. Its truth is the mean difference over seeds and test
images, of the same networks and the same images, against the true labels. *Reversed*: the true difference has the
other sign, or is 0. *Shown reversed*: the 95 % interval of the true difference, over seeds and images, lies on the
other side of 0. The true gap of a set is the true accuracy of the best loss minus that of ce. Claims of one set share
networks and images, so that their number overstates how much was tried."""


def by_criterion(outcomes: Sequence[Outcome]) -> str:
    """Claims by criterion: what the verdict says, and what a verdict that trusts the given test labels would say."""
    names = sorted({one["criterion"] for o in outcomes for one in [*claims_in(o), *_trusting(o)]})
    lines = [
        [name, *_counts([claims_in(o) for o in outcomes], name), *_counts([_trusting(o) for o in outcomes], name)]
        for name in names
    ]
    head = ("criterion", "claims", "reversed", "shown reversed", "if trusted: claims", "reversed", "shown reversed")
    note = "*If trusted*: the same rows with `--trust test`, so what a tool says that believes its test labels."
    return f"## Claims\n\n{table(head, lines)}\n\n{note}"


def _trusting(one: Outcome) -> list[dict[str, Any]]:
    return [claim for claims in one.get("if_trusted", {}).values() for claim in claims]


def _counts(claims: Iterable[list[dict[str, Any]]], name: str) -> list[str]:
    chosen = [one for some in claims for one in some if one["criterion"] == name]
    return [str(len(chosen)), str(reversed_of(chosen)), str(shown_of(chosen))]


def would_change(outcomes: Sequence[Outcome]) -> str:
    """The sentences of the second layer, where their condition holds."""
    head = ("sentence of `would_change`", "its condition holds", "the truth is another")
    return f"## What would change it\n\n{table(head, sentences(list(outcomes)))}"


def per_set(outcomes: Sequence[Outcome]) -> str:
    """A line per set: what was said by accuracy, and what was true."""
    head = (
        "set",
        "wrong labels, train / test %",
        "true accuracy of ce %",
        "best by the truth",
        "true gap",
        "recommended",
        "its true gain",
        "right",
    )
    return f"## By accuracy, set by set\n\n{table(head, [_line(o) for o in outcomes])}"


def _line(one: Outcome) -> list[str]:
    true, told = one["true"], one["recommended"]
    gain = true[told] - true["ce"] if told else 0.0
    wrong = f"{100 * one['wrong']['train']:.1f} / {100 * one['wrong']['test']:.1f}"
    verdict = "–" if not told else "yes" if gain > 0 else "**no**"
    best = max(true, key=lambda name: true[name])
    return [
        one["name"],
        wrong,
        points(true["ce"]),
        best,
        f"{100 * gap(one):+.1f}",
        told or "none",
        f"{100 * gain:+.1f}" if told else "–",
        verdict,
    ]


def noise(outcomes: Sequence[Outcome]) -> str:
    """What held-out predictions contradict, beside what is wrong."""
    head = (
        "set",
        "wrong training labels %",
        "contradicted by held-out predictions % [95 %]",
        "the model's true error %",
        "below the upper end",
    )
    return f"## How many labels are wrong\n\n{table(head, [_noise_line(o) for o in outcomes])}"


def _noise_line(one: Outcome) -> list[str]:
    told, wrong = one["noise"] or {}, one["wrong"]["train"]
    low, high, rate = (told.get(name) for name in ("low", "high", "rate"))
    text = "none given" if rate is None else f"{points(rate)} [{points(low)}, {points(high)}]"
    below = "–" if rate is None else "yes" if wrong < high else "no"
    return [one["name"], points(wrong), text, points(1 - one["true"]["ce"]), below]


WEAK = """The estimated matrix counts what the two networks of the cross-fit confuse as noise: its diagonal is too
small, on pixels of Fashion-MNIST by 0.04 to 0.11, on those of CIFAR-10 by 0.3 to 0.5. So forward falls short
where these networks are weak, and where one class is mistaken for another (asymmetric).

What was tried, as the mean gain of forward (ce first, 2 folds) on seven of the sets, five of them on pixels
(the true matrix: +6.3). The given labels of the surest half of each believed class, each class by itself:
+4.0; of the 10 % or 30 % that are the most probable, as anchors: +2.3, +3.9; these shares are of 20 to 100
examples, and what they are off by chance costs more than what the networks confuse. Drawn to what all classes
have in common: half +5.1, quarter +6.2 (what lsbench does), the most probable 20 % +6.2; quarter with 5 folds
+5.7, with gce first and 5 folds +3.8. The likeliest matrix given the predictions (EM) +4.8; dual T (Yao et
al., 2020), 5 folds -0.5. On the 32 sets that took no part in this choice: each class by itself +6.4, quarter
+6.7, half +7.0, the true matrix +7.5; people's wrong labels are those of hard examples, of which the quarter
has few."""


def corrections(outcomes: Sequence[Outcome]) -> str:
    """True gains over ce, of what a user can have and of the true matrix."""
    head = ("set", "forward, true matrix", *(f"{name}" for name in CORRECTIONS), "reached 95 %")
    lines = [
        [
            o["name"],
            f"{100 * (o['known'] - o['true']['ce']):+.1f}",
            *(f"{100 * gain(o, name):+.1f}" for name in CORRECTIONS),
            "yes" if reaches(o, CORRECTIONS) else "**no**",
        ]
        for o in outcomes
    ]
    return f"## What corrections gain over ce, points of true accuracy\n\n{WEAK}\n\n{table(head, lines)}"


FITTED = (
    "`noisy` is fitted on held-out given labels; `estimated` and `known` through a noise matrix, estimated or true."
)


def temperatures(outcomes: Sequence[Outcome]) -> str:
    """The true ECE of ce after each way of temperature scaling."""
    head = ("set", *(f"true ECE %, {way}" for way in WAYS))
    lines = [[o["name"], *(points(o["temperatures"][way]) for way in WAYS)] for o in outcomes]
    told = [o["temperatures"] for o in outcomes]
    better = [share(sum(one["estimated"] < one[way] for one in told), len(told)) for way in ("none", "noisy")]
    than = f"than no temperature in {better[0]} sets, than `noisy` in {better[1]}"
    words = f"{FITTED} `estimated` has a lower true ECE {than}."
    return f"## Temperatures of ce\n\n{words}\n\n{table(head, lines)}"
