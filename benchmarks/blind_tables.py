"""The page of the blind study, out of the sets' outcomes: the bars first, then a line per set."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from blind_changes import sentences
from blind_temperatures import WAYS

GAP = 0.05  # of true accuracy: what a recommendation should not miss
CORRECTIONS = ("forward", "prune", "prune first=gce")

Outcome = dict[str, Any]


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


def bars(outcomes: Sequence[Outcome]) -> str:
    """What the study was made to find out, each with its bar."""
    lines = [*_claimed(outcomes), *_recommended(outcomes), *_counted(outcomes), *_corrected(outcomes)]
    return table(("question", "bar", "result", "met"), [[*line, MET[met]] for *line, met in lines])


MET = {True: "yes", False: "**no**", None: "–"}


def _claimed(outcomes: Sequence[Outcome]) -> list[tuple]:
    claims = [one for o in outcomes for one in _claims(o)]
    hard = [one for one in claims if one["criterion"] == "accuracy"]
    soft = [one for one in claims if one["criterion"] != "accuracy"]
    says = [o for o in outcomes if o["says"]]
    return [
        ("claims by ECE, NLL, Brier, AURC, signed error: reversed", "0", _of(soft), not _reversed(soft)),
        ("claims by accuracy: reversed (shown)", "–", _of(hard), None),
        (
            "sets with a word that nobody can vouch for: clean, oracle, ...",
            "0",
            share(len(says), len(outcomes)),
            not says,
        ),
    ]


def _of(claims: Sequence[dict[str, Any]]) -> str:
    return f"{_reversed(claims)} ({_shown(claims)}) of {len(claims)}"


def _recommended(outcomes: Sequence[Outcome]) -> list[tuple]:
    told = [o for o in outcomes if o["recommended"]]
    wide = [o for o in outcomes if gap(o) >= GAP]
    both = [o for o in wide if o["recommended"]]
    right = [o for o in told if o["true"][o["recommended"]] > o["true"]["ce"]]
    return [
        ("sets with a loss that is recommended by accuracy instead of ce", "–", share(len(told), len(outcomes)), None),
        ("of these: truly better than ce", "–", share(len(right), len(told)), None),
        (
            "recommended where the true gap is 5 points or more",
            "60 %",
            share(len(both), len(wide)),
            len(both) >= 0.6 * len(wide),
        ),
        (
            "sets in which nothing is said by ECE",
            "–",
            share(sum(not o["claims"]["ece"] for o in outcomes), len(outcomes)),
            None,
        ),
    ]


def _counted(outcomes: Sequence[Outcome]) -> list[tuple]:
    covered, ratios, refused = coverage(outcomes), noise_ratios(outcomes), [o for o in outcomes if not _rate(o)]
    middle = float(np.median(ratios)) if ratios else np.nan
    return [
        (
            "wrong labels below the upper end (symmetric, asymmetric)",
            "95 %",
            share(sum(covered), len(covered)),
            _at_least(covered, 0.95),
        ),
        ("median of the estimate / (wrong labels + the model's true error)", "2", f"{middle:.2f}", middle <= 2),
        ("sets in which no estimate is given", "–", share(len(refused), len(outcomes)), None),
    ]


def _at_least(told: Sequence[bool], bar: float) -> bool:
    return bool(told) and sum(told) >= bar * len(told)


def _rate(one: Outcome) -> float | None:
    return (one["noise"] or {}).get("rate")


def _corrected(outcomes: Sequence[Outcome]) -> list[tuple]:
    reached = [reaches(o, CORRECTIONS) for o in outcomes]
    alone = [(name, [reaches(o, [name]) for o in outcomes]) for name in CORRECTIONS]
    question = "forward or prune reach 95 % of what forward gains with the true matrix"
    return [
        (question, "80 %", share(sum(reached), len(reached)), _at_least(reached, 0.8)),
        *((f"of these: {name}", "–", share(sum(told), len(told)), None) for name, told in alone),
    ]


def gap(one: Outcome) -> float:
    """The true accuracy of the best loss minus that of ce."""
    return max(one["true"].values()) - one["true"]["ce"]


def reaches(one: Outcome, names: Iterable[str]) -> bool:
    """Whether one of these corrections gains 95 % of what the true matrix gains; of a loss, as much."""
    known = one["known"] - one["true"]["ce"]
    return max(gain(one, name) for name in names) >= (0.95 * known if known > 0 else known)


def gain(one: Outcome, name: str) -> float:
    """True accuracy minus that of ce; minus infinity where it was not trained."""
    return one["true"].get(name, -np.inf) - one["true"]["ce"]


def coverage(outcomes: Iterable[Outcome]) -> list[bool]:
    """Of the sets of symmetric and asymmetric noise with an estimate: whether the true rate is below its upper end."""
    return [o["wrong"]["train"] < o["noise"]["high"] for o in _estimated(outcomes)]


def noise_ratios(outcomes: Iterable[Outcome]) -> list[float]:
    """The estimate over the true rate and the model's true error."""
    return [o["noise"]["rate"] / (o["wrong"]["train"] + 1 - o["true"]["ce"]) for o in _estimated(outcomes)]


def _estimated(outcomes: Iterable[Outcome]) -> list[Outcome]:
    return [o for o in outcomes if o["kind"] in ("symmetric", "asymmetric") and _rate(o) is not None]


def _claims(one: Outcome) -> list[dict[str, Any]]:
    return [*(claim for claims in one["claims"].values() for claim in claims), *one["bold"]]


def _reversed(claims: Iterable[dict[str, Any]]) -> int:
    return sum(one["reversed"] for one in claims)


def _shown(claims: Iterable[dict[str, Any]]) -> int:
    return sum(one["shown_reversed"] for one in claims)


def by_criterion(outcomes: Sequence[Outcome]) -> str:
    """Claims by criterion: what the verdict says, and what a verdict that trusts the given test labels would say."""
    names = sorted({one["criterion"] for o in outcomes for one in [*_claims(o), *_trusting(o)]})
    lines = [
        [name, *_counts([_claims(o) for o in outcomes], name), *_counts([_trusting(o) for o in outcomes], name)]
        for name in names
    ]
    head = ("criterion", "claims", "reversed", "shown reversed", "if trusted: claims", "reversed", "shown reversed")
    note = "*If trusted*: the same rows with `--trust test`, so what a tool says that believes its test labels."
    return f"## Claims\n\n{table(head, lines)}\n\n{note}"


def _trusting(one: Outcome) -> list[dict[str, Any]]:
    return [claim for claims in one.get("if_trusted", {}).values() for claim in claims]


def _counts(claims: Iterable[list[dict[str, Any]]], name: str) -> list[str]:
    chosen = [one for some in claims for one in some if one["criterion"] == name]
    return [str(len(chosen)), str(_reversed(chosen)), str(_shown(chosen))]


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
    wrong = f"{one['wrong']['train']:.1%} / {one['wrong']['test']:.1%}".replace("%", "")
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


WEAK = """The estimated matrix counts what the two networks of the cross-fit get wrong as noise. So forward and prune
fall short where these are weak, above all on pixels, and where one class is mistaken for another (asymmetric)."""


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


def points(value: float) -> str:
    """A share in per cent."""
    return f"{100 * value:.1f}"


def share(count: int, whole: int) -> str:
    """`12 of 20 (60 %)`."""
    return f"{count} of {whole}" + (f" ({count / whole:.0%})".replace("%", " %") if whole else "")


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """As Markdown."""
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *lines))
