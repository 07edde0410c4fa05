"""What a verdict says that wrong labels could change (`would_change` in its JSON), beside what the truth did.

Each sentence states its own condition, so it can be false only where the condition holds:

- "if up to 20 % are wrong, symmetric and independent of the predictions, that order holds, and the lead is ...": where
  the test labels' noise is symmetric and not above that rate. The lead by the true labels should lie in the range, up
  to the 95 % interval of the true lead.
- "by the noise that held-out predictions tell of, it would stay (be reversed)": its own matrix is uncertain, so it is
  counted how often the truth agrees.
- "N wrong ones among the M examples that the two answer differently can reverse it, fewer can't": where the true order
  is another, at least N of the labels of these M are wrong.
"""

from typing import Any

import numpy as np
from blind_truth import Network, Networks, true_difference


def changes(
    verdict: dict[str, Any], networks: Networks, given: np.ndarray, *, kind: str, rate: float
) -> list[dict[str, Any]]:
    """Of each pair that is spoken of: what is said, what is true, and whether a sentence is false (None: not said)."""
    pairs = (verdict.get("would_change") or {}).get("pairs", [])
    return [_of_pair(pair, networks, given, kind=kind, rate=rate) for pair in pairs]


def _of_pair(pair: dict[str, Any], networks: Networks, given: np.ndarray, *, kind: str, rate: float) -> dict[str, Any]:
    ours, theirs = networks[pair["leads"]], networks[pair["other"]]
    true = true_difference(ours, theirs, "accuracy")
    seeds = sorted(ours.keys() & theirs.keys())
    wrong = _wrong_where_they_differ([ours[s] for s in seeds], [theirs[s] for s in seeds], given)
    return {
        "leads": pair["leads"],
        "other": pair["other"],
        "lead": pair["lead"],
        "true": true,
        "symmetric": _symmetric(pair, true) if kind == "symmetric" else None,
        "within": rate <= (pair["symmetric"] or {}).get("holds_up_to", -1),
        "estimated": _agrees(pair["estimated"], true),
        "fewest": (pair["wrong_labels"] or {}).get("fewest"),
        "wrong": wrong,
        "false_fewest": true["mean"] < 0 and (pair["wrong_labels"] or {}).get("fewest", 0) > wrong,
    }


def _symmetric(pair: dict[str, Any], true: dict[str, float]) -> dict[str, bool] | None:
    """Whether the order is the same, and whether the range meets the interval of the true lead."""
    if (told := pair["symmetric"]) is None:
        return None
    low, high = sorted((pair["lead"], told["lead"]))
    return {
        "reversed": true["mean"] <= 0,
        "shown_reversed": true["high"] < 0,
        "in_range": true["low"] <= high and true["high"] >= low,
    }


def _agrees(told: dict[str, Any] | None, true: dict[str, float]) -> bool | None:
    return None if told is None else told["reverses"] == (true["mean"] < 0)


def _wrong_where_they_differ(ours: list[Network], theirs: list[Network], given: np.ndarray) -> int:
    """How many given labels are wrong of the examples that the two answer differently, at one seed or more."""
    a, b = (np.sort([one.log_probs.argmax(1) for one in arm], axis=0) for arm in (ours, theirs))
    return int(((a != b).any(axis=0) & (ours[0].labels != given)).sum())


def sentences(outcomes: list[dict[str, Any]]) -> list[list[str]]:
    """A line per kind of sentence: how often it was said, and how often it was false."""
    pairs = [pair for one in outcomes for pair in one["changes"]]
    symmetric = [pair["symmetric"] for pair in pairs if pair["symmetric"] and pair["within"]]
    estimated = [pair["estimated"] for pair in pairs if pair["estimated"] is not None]
    fewest = [pair for pair in pairs if pair["fewest"] is not None]
    order, shown = (sum(one[name] for one in symmetric) for name in ("reversed", "shown_reversed"))
    outside = sum(not one["in_range"] for one in symmetric)
    return [
        ["symmetric labels up to a rate: the order holds", str(len(symmetric)), f"{order} ({shown} shown)"],
        ["symmetric labels up to 20 %: the lead is in a range", str(len(symmetric)), str(outside)],
        ["by the estimated matrix the order stays, or not", str(len(estimated)), str(estimated.count(False))],
        [
            "fewer than N wrong ones can't reverse it",
            str(len(fewest)),
            str(sum(pair["false_fewest"] for pair in fewest)),
        ],
    ]
