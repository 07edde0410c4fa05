"""What is said of given test labels, as plain values."""

from typing import Any

from lsbench.analysis.verdict import Verdict
from lsbench.analysis.would_change import MOST, RATES, PairChange
from lsbench.report.decision.given import class_name, first_shown, meaning, no_recommendation, what_would_change


def given_json(verdict: Verdict) -> dict[str, Any] | None:
    """Whether losses are compared on them, and what that means or why they are not; None where somebody vouches."""
    if not verdict.setting.tests_on_given:
        return None
    return {
        "compared": verdict.may_claim,
        "text": meaning(verdict) if verdict.may_claim else no_recommendation(verdict),
    }


def would_change_json(verdict: Verdict) -> dict[str, Any] | None:
    """What wrong labels could do; the examples on which two arms differ are those of the pair in the text."""
    change = verdict.would_change
    if change is None:
        return None
    listed = first_shown(verdict) or (change.pairs[0] if change.pairs else None)
    return {
        "rate": MOST,
        "pairs": [_pair(verdict, one, with_examples=one is listed) for one in change.pairs],
        "if_symmetric": [
            {"arm": verdict.arms[key].name, "numbers": dict(zip(map(str, RATES), numbers, strict=True))}
            for key, numbers in change.if_symmetric.items()
        ],
        "text": what_would_change(verdict),
    }


def _pair(verdict: Verdict, one: PairChange, *, with_examples: bool) -> dict[str, Any]:
    """An order of two arms; null: it can't be said. `by_class` is null, too, where no such noise reverses the order."""
    return {
        "leads": one.leads.name,
        "other": one.other.name,
        "finding": one.finding,
        "lead": one.lead,
        "answers_kept": one.answers,
        "symmetric": one.symmetric and dict(vars(one.symmetric)),
        "estimated": one.estimated and dict(vars(one.estimated)),
        "by_class": _by_class(verdict, one),
        "wrong_labels": _wrong_labels(one, with_examples=with_examples),
    }


def _by_class(verdict: Verdict, one: PairChange) -> dict[str, Any] | None:
    if one.by_class is None:
        return None
    true, given = one.by_class.main_move
    return {
        "rate": one.by_class.rate,
        "true": class_name(verdict, true),
        "given": class_name(verdict, given),
        "share": float(one.by_class.matrix[true, given]),
        "matrix": one.by_class.matrix.tolist(),
    }


def _wrong_labels(one: PairChange, *, with_examples: bool) -> dict[str, Any] | None:
    counted = one.disagreement
    if counted is None:
        return None
    return {
        "fewest": counted.fewest_wrong,
        "differ": counted.differ,
        "test": counted.examples,
        "share": counted.share,
        **({"examples": list(counted.where)} if with_examples else {}),
    }
