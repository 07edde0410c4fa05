"""The page of the blind study, out of the sets' outcomes: the bars first, then a line per set."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from blind_changes import sentences

GAP = 0.05  # of true accuracy: what a recommendation should not miss
CORRECTIONS = ("forward", "prune", "prune first=gce")

Outcome = dict[str, Any]


def page(outcomes: Sequence[Outcome]) -> str:
    """All tables."""
    parts = (
        HEAD.format(sets=len(outcomes)),
        bars(outcomes),
        by_criterion(outcomes),
        per_set(outcomes),
        noise(outcomes),
    )
    return "\n\n".join((*parts, corrections(outcomes), TRUTH)) + "\n"


HEAD = """# What is said without the truth, and what was true

Made by `benchmarks/blind.py`. {sets} data sets have wrong labels in training and in testing, as a user's may have.
`lsbench run` and `lsbench decide` see the given labels alone; only the script knows the true ones. A script compares
the claims in the JSON of `decide`, and what is bold in the tables of `report`, with the truth. Models are small:
linear and one-hidden-layer heads on what an ImageNet network (EfficientNet-Lite0, 19 MB) makes of CIFAR-10's images,
and on pixels; 1,500 to 3,000 training images, 5 seeds. The network was never trained on CIFAR-10."""

TRUTH = """## What counts as true

A claim says that a loss is better than another by a criterion. Its truth is the mean difference over seeds and test
images, of the same networks and the same images, against the true labels. *Reversed*: the true difference has the
other sign, or is 0. *Shown reversed*: the 95 % interval of the true difference, over seeds and images, lies on the
other side of 0. The true gap of a set is the true accuracy of the best loss minus that of ce."""


def bars(outcomes: Sequence[Outcome]) -> str:
    """What the study was made to find out, each with its bar."""
    return table(
        ("question", "bar", "result", "met"), [[*line, "yes" if met else "**no**"] for *line, met in _bars(outcomes)]
    )


def _bars(outcomes: Sequence[Outcome]) -> list[tuple]:
    soft = [one for o in outcomes for one in _claims(o) if one["criterion"] != "accuracy"]
    hard = [one for o in outcomes for one in _claims(o) if one["criterion"] == "accuracy"]
    wide = [o for o in outcomes if gap(o) >= GAP]
    told = [o for o in wide if o["recommended"]]
    covered, ratios = coverage(outcomes), noise_ratios(outcomes)
    reached = [o for o in outcomes if reaches(o)]
    says = [o for o in outcomes if o["says"]]
    return [
        (
            "claims by ECE, NLL, Brier, AURC or signed error that the truth reverses",
            "0",
            f"{_reversed(soft)} of {len(soft)}",
            not _reversed(soft),
        ),
        (
            "claims by accuracy that the truth reverses (shown reversed)",
            "–",
            f"{_reversed(hard)} ({_shown(hard)}) of {len(hard)}",
            not _shown(hard),
        ),
        ("sets with words that nobody can vouch for", "0", f"{len(says)} of {len(outcomes)}", not says),
        (
            "a recommendation by accuracy where the true gap is 5 points or more",
            "60 %",
            share(len(told), len(wide)),
            len(told) >= 0.6 * len(wide),
        ),
        (
            "share of wrong labels below the estimate's upper end (symmetric, asymmetric)",
            "95 %",
            share(sum(covered), len(covered)),
            sum(covered) >= 0.95 * len(covered),
        ),
        (
            "median of estimate / (wrong labels + the model's true error)",
            "at most 2",
            f"{np.median(ratios):.2f}" if ratios else "–",
            bool(ratios) and np.median(ratios) <= 2,
        ),
        (
            "forward or prune reach 95 % of the gain of forward with the true matrix",
            "80 %",
            share(len(reached), len(outcomes)),
            len(reached) >= 0.8 * len(outcomes),
        ),
    ]


def gap(one: Outcome) -> float:
    """The true accuracy of the best loss minus that of ce."""
    return max(one["true"].values()) - one["true"]["ce"]


def reaches(one: Outcome) -> bool:
    """Whether a correction that a user can have gains 95 % of what the true matrix gains."""
    return max(gain(one, name) for name in CORRECTIONS) >= 0.95 * (one["known"] - one["true"]["ce"])


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
    told = [o for o in outcomes if o["kind"] in ("symmetric", "asymmetric") and o["noise"]]
    return [o for o in told if o["noise"].get("rate") is not None and o["noise"].get("high") is not None]


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
    text = (
        "refused"
        if rate is None
        else points(rate)
        if high is None
        else f"{points(rate)} [{points(low)}, {points(high)}]"
    )
    return [
        one["name"],
        points(wrong),
        text,
        points(1 - one["true"]["ce"]),
        "–" if high is None else "yes" if wrong < high else "no",
    ]


def corrections(outcomes: Sequence[Outcome]) -> str:
    """True gains over ce, of what a user can have and of the true matrix."""
    head = ("set", "forward, true matrix", *(f"{name}" for name in CORRECTIONS), "reached 95 %")
    lines = [
        [
            o["name"],
            f"{100 * (o['known'] - o['true']['ce']):+.1f}",
            *(f"{100 * gain(o, name):+.1f}" for name in CORRECTIONS),
            "yes" if reaches(o) else "**no**",
        ]
        for o in outcomes
    ]
    return f"## What corrections gain over ce, points of true accuracy\n\n{table(head, lines)}"


def points(value: float) -> str:
    """A share in per cent."""
    return f"{100 * value:.1f}"


def share(count: int, whole: int) -> str:
    """`12 of 20 (60 %)`."""
    return f"{count} of {whole}" + (f" ({count / whole:.0%})".replace("%", " %") if whole else "")


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """As Markdown."""
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *lines))
