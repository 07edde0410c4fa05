"""A verdict in words."""

from collections.abc import Hashable, Iterable

from lsbench.analysis.criteria import CRITERIA
from lsbench.analysis.decide import Verdict
from lsbench.analysis.summary.quantity import is_percentage
from lsbench.report.decision.numbers import after_text, at_majority, deciding, delta_text, number_text, place_text
from lsbench.report.fields import seeds_text
from lsbench.report.lost import lost_text, why_apart
from lsbench.report.sizes import majority_text
from lsbench.report.text import printable
from lsbench.statistics import Comparison

STATUSES = ("equivalent", "undecided", "worse")
NAMED = 3  # arms with their intervals in a sentence; the table has them all


def paragraph(verdict: Verdict) -> str:
    """One paragraph: what to take, what is tied with it, what it costs elsewhere, how sure."""
    lost = lost_text(list(verdict.arms.values()))
    sentences = (_winner(verdict), _majority(verdict), _tied(verdict), lost, _elsewhere(verdict), _labels(verdict))
    return printable(" ".join(sentence for sentence in sentences if sentence))


def _winner(verdict: Verdict) -> str:
    choice, suggested = verdict.choice, verdict.suggested
    if suggested is None:
        return f"{place_text(verdict)}: no verdict by {verdict.criterion}, as every loss lost seeds."
    mean = deciding(verdict, suggested)
    number = number_text(mean, verdict.metric) + (" %" if is_percentage(verdict.metric) else "") + after_text(verdict)
    numbers = f"{CRITERIA[verdict.criterion].words} {number}, {seeds_text(mean.n if mean else 0)}"
    if choice.winner is not None:
        beyond = "" if not verdict.tolerance else f" by more than {_amount(verdict)}"
        return f"{place_text(verdict)}: {suggested.name} wins by {verdict.criterion}{beyond} ({numbers})."
    return (
        f"{place_text(verdict)}: no winner by {verdict.criterion}. Take {suggested.name}, {_why(verdict)} ({numbers})."
    )


def _why(verdict: Verdict) -> str:
    """Why the suggested arm is suggested, where nothing wins."""
    choice, suggested = verdict.choice, verdict.suggested
    if suggested is not None and suggested.key != choice.leader:
        return "the plainest of those that are tied"
    compared = [one for one in choice.comparisons if one.status != "lost"]
    if not compared:
        return "the only one that lost no seed"
    if len(compared) < len(choice.comparisons) and all(one.status == "worse" for one in compared):
        return "shown to be better than every other that lost no seed"
    return "which leads so far"


def _majority(verdict: Verdict) -> str:
    """What is not shown to be more accurate than one answer; balanced accuracy shows by itself what that is worth."""
    if verdict.sizes is None or not verdict.no_better or CRITERIA[verdict.criterion].only_unbalanced:
        return ""
    text = majority_text(verdict.sizes, verdict.no_better)
    return f"{text[0].upper()}{text[1:]}."


def _tied(verdict: Verdict) -> str:
    choice = verdict.choice
    if choice.leader is None or choice.winner is not None:
        return ""
    leader = verdict.arms[choice.leader].name
    equal, open_, worse = ([one for one in choice.comparisons if one.status == s] for s in STATUSES)
    equal = [one for one in equal if not at_majority(verdict, verdict.arms[one.arm])]  # named before, as that
    sentences = [f"Equal to the leader {leader}: {_names(verdict, equal)}."] if equal else []
    if open_:
        parts = [f"{verdict.arms[one.arm].name} ({_how_sure(verdict, one.arm)})" for one in open_[:NAMED]]
        more = f" and {len(open_) - NAMED} more" if len(open_) > NAMED else ""
        sentences.append(f"Tied with the leader {leader}, not decided: {', '.join(parts)}{more}.")
    if worse:
        sentences.append(f"Shown to be worse than {leader}: {_names(verdict, worse)}.")
    return " ".join(sentences)


def _names(verdict: Verdict, comparisons: Iterable[Comparison]) -> str:
    return ", ".join(verdict.arms[one.arm].name for one in comparisons)


def _how_sure(verdict: Verdict, key: Hashable) -> str:
    comparison = verdict.comparisons[key]
    if comparison.difference is None:
        return why_apart(verdict.arms[key], verdict.metric)
    needed = f"; about {comparison.seeds_needed:,} seeds would tell" if comparison.seeds_needed else ""
    return f"Δ {delta_text(comparison.difference, verdict.metric)}{needed}"


def _elsewhere(verdict: Verdict) -> str:
    """What the suggestion gives away by the other criteria, where that is shown."""
    parts = [
        f"{CRITERIA[cost.criterion].words} {delta_text(cost.difference, cost.metric)} against {cost.best.name}"
        for cost in verdict.costs
        if cost.best is not None
    ]
    if parts:
        return f"What it costs elsewhere: {'; '.join(parts)}."
    others = ", ".join(CRITERIA[cost.criterion].words for cost in verdict.costs)
    return f"No other line is shown to be better by {others}." if others else ""


def _labels(verdict: Verdict) -> str:
    guess, injected = verdict.noise_guess, verdict.noise_known
    if guess is None:
        return ""
    share = f"{guess.rate.mean:.1%}, the model's own mistakes included"
    estimate = f"held-out predictions put the share of wrong labels at {share}"
    return (
        f"Known: {injected:.1%} of the labels are wrong; {estimate}."
        if injected is not None
        else f"{estimate.capitalize()}."
    )


def _amount(verdict: Verdict) -> str:
    return f"{verdict.tolerance * 100:g} points" if is_percentage(verdict.metric) else f"{verdict.tolerance:g}"
