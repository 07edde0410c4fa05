"""What the blind study was made to find out, each question with its bar, out of the sets' outcomes."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

GAP = 0.05  # of true accuracy: what a recommendation should not miss
CORRECTIONS = ("forward", "prune", "prune first=gce")

Outcome = dict[str, Any]


def bars(outcomes: Sequence[Outcome]) -> str:
    """What the study was made to find out, each with its bar."""
    lines = [*_claimed(outcomes), *_recommended(outcomes), *_counted(outcomes), *_corrected(outcomes)]
    return table(("question", "bar", "result", "met"), [[*line, MET[met]] for *line, met in lines])


MET = {True: "yes", False: "**no**", None: "–"}


def _claimed(outcomes: Sequence[Outcome]) -> list[tuple]:
    claims = [one for o in outcomes for one in claims_in(o)]
    hard = [one for one in claims if one["criterion"] == "accuracy"]
    soft = [one for one in claims if one["criterion"] != "accuracy"]
    says = [o for o in outcomes if o["says"]]
    return [
        ("claims by ECE, NLL, Brier, AURC, signed error: reversed", "0", _of(soft), not reversed_of(soft)),
        ("claims by accuracy: reversed (shown)", "–", _of(hard), None),
        (
            "sets with a word that nobody can vouch for: clean, oracle, ...",
            "0",
            share(len(says), len(outcomes)),
            not says,
        ),
    ]


def _of(claims: Sequence[dict[str, Any]]) -> str:
    return f"{reversed_of(claims)} ({shown_of(claims)}) of {len(claims)}"


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
    covered, ratios, refused = coverage(outcomes), noise_ratios(outcomes), [o for o in outcomes if not rate_of(o)]
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


def rate_of(one: Outcome) -> float | None:
    """The estimate of wrong training labels; None where none is given."""
    return (one["noise"] or {}).get("rate")


def _corrected(outcomes: Sequence[Outcome]) -> list[tuple]:
    reached = [reaches(o, CORRECTIONS) for o in outcomes]
    alone = [(name, [reaches(o, [name]) for o in outcomes]) for name in CORRECTIONS]
    sources = {"features": "on features of the large network", "": "on pixels"}
    by_source = [
        (words, [reaches(o, CORRECTIONS) for o in outcomes if _source(o) == name]) for name, words in sources.items()
    ]
    question = "forward or prune reach 95 % of what forward gains with the true matrix"
    return [
        (question, "80 %", share(sum(reached), len(reached)), _at_least(reached, 0.8)),
        *((f"the same, {words}", "–", share(sum(told), len(told)), None) for words, told in by_source),
        *((f"{name} alone", "–", share(sum(told), len(told)), None) for name, told in alone),
    ]


def _source(one: Outcome) -> str:
    return "features" if one["name"].startswith("features") else ""


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
    return [o for o in outcomes if o["kind"] in ("symmetric", "asymmetric") and rate_of(o) is not None]


def claims_in(one: Outcome) -> list[dict[str, Any]]:
    """All claims of a set, by any criterion, and what is bold."""
    return [*(claim for claims in one["claims"].values() for claim in claims), *one["bold"]]


def reversed_of(claims: Iterable[dict[str, Any]]) -> int:
    """How many of them the truth reverses."""
    return sum(one["reversed"] for one in claims)


def shown_of(claims: Iterable[dict[str, Any]]) -> int:
    """How many of them the truth is shown to reverse."""
    return sum(one["shown_reversed"] for one in claims)


def points(value: float) -> str:
    """A share in per cent."""
    return f"{100 * value:.1f}"


def share(count: int, whole: int) -> str:
    """`12 of 20 (60 %)`."""
    return f"{count} of {whole}" + (f" ({100 * count / whole:.0f} %)" if whole else "")


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """As Markdown."""
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *lines))
