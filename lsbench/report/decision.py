"""A verdict in words and as a table."""

from collections.abc import Hashable, Iterable

from lsbench.analysis.criteria import CRITERIA, UNSCALED
from lsbench.analysis.decide import Verdict
from lsbench.analysis.summary import ArmResults, majority_p, of_unbalanced, size_warnings
from lsbench.analysis.summary.quantity import is_percentage
from lsbench.analysis.summary.setting_text import head_text, recipe_text, titled
from lsbench.names.catalogue import METRICS
from lsbench.report.columns import line_of
from lsbench.report.fields import NAMES, difference_text, optional, p_text, seeds_text, spread_text
from lsbench.report.lost import lost_text, why_apart
from lsbench.report.sizes import HEADING_OF, RULE, majority_text, size_lines, warning_lines
from lsbench.report.tables import Entry, Table
from lsbench.report.text import printable
from lsbench.statistics import Comparison, Difference, Spread, spread

EXAMPLES = "over seeds × examples [95 %]"
FOOTNOTES = (
    "Δ to the leader, which has the best mean: paired by seed, Student's 95 % interval; p of its t-test, adjusted by "
    "Holm; † marks p < 0.05. worse: p is at most 0.05 and the whole interval lies beyond the tolerance; equal: within; "
    "undecided: neither; lost: seeds failed or diverged, so that it is not compared. Sign flips: the exact test, which "
    "assumes no normal distribution and needs 6 seeds to reach 0.05; d_z: mean over standard deviation of the "
    "differences, – where they show no spread.",
    "A winner is declared only where every other line is worse.",
)
OVER_EXAMPLES = (
    "over seeds × examples: the same mean with a bootstrap over seeds and test examples: what another test set of this "
    "size might have shown, too."
)
STATUSES = ("equivalent", "undecided", "worse")
NAMED = 3  # arms with their intervals in a sentence; the table has them all


def paragraph(verdict: Verdict) -> str:
    """One paragraph: what to take, what is tied with it, what it costs elsewhere, how sure."""
    lost = lost_text(list(verdict.arms.values()))
    sentences = (_winner(verdict), _majority(verdict), _tied(verdict), lost, _elsewhere(verdict), _labels(verdict))
    return printable(" ".join(sentence for sentence in sentences if sentence))


def decision_table(verdict: Verdict) -> Table:
    """One line per arm: the number that decides, its distance from the leader, and the other numbers."""
    delta = f"Δ {CRITERIA[verdict.criterion].words} to the leader [95 %]"
    return Table(
        title=f"by {verdict.criterion}{_after(verdict)}: {_place(verdict)}",
        header=(
            *("loss", "eps", "n"),
            delta,
            *([EXAMPLES] * bool(verdict.over_examples)),
            *("p (Holm)", "p (sign flips)", "effect d_z", "verdict", "seeds to decide"),
            *(_headings()[name] for name in _shown(verdict)),
        ),
        lines=tuple(_line(verdict, arm) for arm in verdict.arms.values()),
        notes=(),
        footnotes=(*FOOTNOTES, *([OVER_EXAMPLES] * bool(verdict.over_examples)), *([RULE] * bool(verdict.no_better))),
        above=(*warning_lines(verdict.doubts), *size_lines(verdict.sizes, verdict.no_better)),
        named_by=(0, 1),
        first=(delta, "verdict", _headings()["accuracy"]),
    )


def as_json(verdict: Verdict) -> dict:
    """All of it as plain values, in the metrics' own units (an accuracy of 0.98, not 98 %)."""
    setting, choice = verdict.setting, verdict.choice
    return {
        "dataset": setting.dataset,
        "model": setting.model,
        "noise": None if verdict.unknown_noise else setting.noise,
        "noise_rate": None if verdict.unknown_noise else setting.noise_rate,
        "recipe": recipe_text(setting, verdict.differs),
        **{name: getattr(verdict, name) for name in ("criterion", "metric", "temperature", "tolerance")},
        "winner": None if choice.winner is None else verdict.arms[choice.winner].name,
        "leader": None if choice.leader is None else verdict.arms[choice.leader].name,
        "acceptable": [verdict.arms[key].name for key in choice.acceptable],
        "suggested": verdict.suggested and verdict.suggested.name,
        "arms": [_arm_json(verdict, arm) for arm in verdict.arms.values()],
        "costs": [
            {"criterion": cost.criterion, "better": cost.best.name, "difference": _difference_json(cost.difference)}
            for cost in verdict.costs
            if cost.best is not None
        ],
        "warnings": list(verdict.doubts),
        "examples": _examples_json(verdict),
        "noise_known": verdict.noise_known,
        "noise_estimated": verdict.noise_guess
        and {
            "rate": verdict.noise_guess.rate.mean,
            "sd": verdict.noise_guess.rate.sd,
            "seeds": verdict.noise_guess.rate.n,
            "matrix": verdict.noise_guess.matrix,
        },
        "text": paragraph(verdict),
    }


def _examples_json(verdict: Verdict) -> dict | None:
    sizes = verdict.sizes
    return sizes and {
        **sizes.total,
        "majority": {"class": sizes.classes[sizes.majority], "rate": sizes.majority_rate},
        "warnings": size_warnings(sizes),
    }


def _arm_json(verdict: Verdict, arm: ArmResults) -> dict:
    comparison = verdict.comparisons.get(arm.key)
    mean = _deciding(verdict, arm)
    return {
        "name": arm.name,
        "loss": arm.key.tagged_loss,
        "hyper": dict(arm.key.hyper),
        "n": arm.n,
        "lost": len(arm.lost),
        "source": arm.key.source or None,
        "mean": mean and mean.mean,
        "sd": mean and mean.sd,
        "status": comparison.status if comparison else "leader",
        "p_against_majority": majority_p(arm, verdict.sizes) if verdict.sizes and arm.comparable else None,
        "difference": _difference_json(comparison.difference if comparison else None),
        "difference_over_examples": _difference_json(verdict.over_examples.get(arm.key)),
        "p_holm": comparison.p_holm if comparison else None,
        "p_sign_flip": comparison.p_sign_flip if comparison else None,
        "effect_size": comparison.effect_size if comparison else None,
        "seeds_needed": comparison.seeds_needed if comparison else None,
    }


def _difference_json(difference: Difference | None) -> dict | None:
    return None if difference is None else dict(vars(difference))


def _line(verdict: Verdict, arm: ArmResults) -> tuple[Entry, ...]:
    found = verdict.comparisons.get(arm.key)
    won = verdict.choice.winner == arm.key
    return (
        *line_of(NAMES, arm),
        Entry(_delta(found.difference if found else None, verdict.metric)),
        *([Entry(_delta(verdict.over_examples.get(arm.key), verdict.metric))] * bool(verdict.over_examples)),
        Entry(p_text(found.p_holm if found else None)),
        Entry(optional(found.p_sign_flip if found else None, ".2g")),
        Entry(optional(found.effect_size if found else None, "+.2f")),
        Entry(_status(verdict, arm), best=won),
        Entry(optional(found.seeds_needed if found else None, ",d")),
        *(Entry(_number(arm.spread(_as_shown(verdict, name)), name)) for name in _shown(verdict)),
    )


def _status(verdict: Verdict, arm: ArmResults) -> str:
    """What the comparison shows; to be equal is nothing where both may answer the majority class alone."""
    found = verdict.comparisons.get(arm.key)
    if found is None:
        return "winner" if verdict.choice.winner == arm.key else "leader"
    if found.status != "equivalent":
        return found.status
    return "majority rate" if _at_majority(verdict, arm) else "equal"


def _at_majority(verdict: Verdict, arm: ArmResults) -> bool:
    return verdict.criterion == "accuracy" and arm in verdict.no_better


def _shown(verdict: Verdict) -> list[str]:
    """The numbers beside the verdict; those of unbalanced classes where they are unbalanced, or decide."""
    also = {*of_unbalanced(verdict.sizes), verdict.metric}
    return [name for name in _headings() if name not in HEADING_OF or name in also]


def _headings() -> dict[str, str]:
    """Of the numbers beside the verdict: those of the criteria, and what else is shown of unbalanced classes."""
    by_metric: dict[str, str] = {}
    for criterion in CRITERIA.values():
        by_metric |= {criterion.metric: criterion.heading} | (HEADING_OF if criterion.only_unbalanced else {})
    return by_metric


def _deciding(verdict: Verdict, arm: ArmResults) -> Spread | None:
    """The number that decides; its size, where nearness to 0 counts."""
    values = list(arm.by_seed(verdict.metric).values())
    return spread([abs(value) for value in values] if verdict.better == "zero" else values)


def _as_shown(verdict: Verdict, name: str) -> str:
    return f"{verdict.temperature}.{name}" if METRICS[name].moved and verdict.temperature != UNSCALED else name


def _number(value: Spread | None, name: str) -> str:
    return spread_text(value, *((100, 2) if is_percentage(name) else (1, 4)))


def _delta(difference: Difference | None, metric: str) -> str:
    return difference_text(difference, *((100, 2) if is_percentage(metric) else (1, 4)))


def _place(verdict: Verdict) -> str:
    s = verdict.setting
    noise = "noise taken for unknown" if verdict.unknown_noise else "" if s.noise_rate else "labels as given"
    return titled(head_text(s, noise), verdict.differs)


def _after(verdict: Verdict) -> str:
    return "" if verdict.temperature == UNSCALED else f" after {verdict.temperature} temperature scaling"


def _winner(verdict: Verdict) -> str:
    choice, suggested = verdict.choice, verdict.suggested
    if suggested is None:
        return f"{_place(verdict)}: no verdict by {verdict.criterion}, as every loss lost seeds."
    found = _deciding(verdict, suggested)
    number = _number(found, verdict.metric) + (" %" if is_percentage(verdict.metric) else "") + _after(verdict)
    of = f"{CRITERIA[verdict.criterion].words} {number}, {seeds_text(found.n if found else 0)}"
    if choice.winner is not None:
        beyond = "" if not verdict.tolerance else f" by more than {_amount(verdict)}"
        return f"{_place(verdict)}: {suggested.name} wins by {verdict.criterion}{beyond} ({of})."
    return f"{_place(verdict)}: no winner by {verdict.criterion}. Take {suggested.name}, {_why(verdict)} ({of})."


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
    equal = [one for one in equal if not _at_majority(verdict, verdict.arms[one.arm])]  # named before, as that
    sentences = [f"Equal to the leader {leader}: {_names(verdict, equal)}."] if equal else []
    if open_:
        parts = [f"{verdict.arms[one.arm].name} ({_how_sure(verdict, one.arm)})" for one in open_[:NAMED]]
        more = f" and {len(open_) - NAMED} more" if len(open_) > NAMED else ""
        sentences.append(f"Tied with the leader {leader}, not decided: {', '.join(parts)}{more}.")
    if worse:
        sentences.append(f"Shown to be worse than {leader}: {_names(verdict, worse)}.")
    return " ".join(sentences)


def _names(verdict: Verdict, found: Iterable[Comparison]) -> str:
    return ", ".join(verdict.arms[one.arm].name for one in found)


def _how_sure(verdict: Verdict, key: Hashable) -> str:
    found = verdict.comparisons[key]
    if found.difference is None:
        return why_apart(verdict.arms[key], verdict.metric)
    needed = f"; about {found.seeds_needed:,} seeds would tell" if found.seeds_needed else ""
    return f"Δ {_delta(found.difference, verdict.metric)}{needed}"


def _elsewhere(verdict: Verdict) -> str:
    """What the suggestion gives away by the other criteria, where that is shown."""
    parts = [
        f"{CRITERIA[cost.criterion].words} {_delta(cost.difference, cost.metric)} against {cost.best.name}"
        for cost in verdict.costs
        if cost.best is not None
    ]
    if parts:
        return f"What it costs elsewhere: {'; '.join(parts)}."
    others = ", ".join(CRITERIA[cost.criterion].words for cost in verdict.costs)
    return f"No other line is shown to be better by {others}." if others else ""


def _labels(verdict: Verdict) -> str:
    guess, known = verdict.noise_guess, verdict.noise_known
    if guess is None:
        return ""
    share = f"{guess.rate.mean:.1%}, the model's own mistakes included"
    estimate = f"held-out predictions put the share of wrong labels at {share}"
    return (
        f"Known: {known:.1%} of the labels are wrong; {estimate}." if known is not None else f"{estimate.capitalize()}."
    )


def _amount(verdict: Verdict) -> str:
    return f"{verdict.tolerance * 100:g} points" if is_percentage(verdict.metric) else f"{verdict.tolerance:g}"
