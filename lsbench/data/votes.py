"""Several people's labels of each example, and the one label that is made of them. No torch here.

`annotators=HOW`: an array (n, A) of labels, a column per person; -1, NaN or an empty text where somebody gave none.
`counts=HOW`: an array (n, K), how many people chose each class. HOW is one of `HOW`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from lsbench.errors import InputError, require_choice
from lsbench.names.percent import percent

ANNOTATORS, COUNTS = FORMS = ("annotators", "counts")
MAJORITY, DRAW, SOFT = HOW = ("majority", "draw", "soft")


class Choice(NamedTuple):
    """What an array of several people's labels is, and which label is given to training."""

    form: str  # of FORMS
    how: str  # of HOW

    @property
    def of_test(self) -> "Choice":
        """The same for examples that are not trained on, which need one label each: the majority for soft targets."""
        return Choice(self.form, MAJORITY if self.how == SOFT else self.how)


@dataclass(frozen=True)
class Votes:
    """What people said of each of n examples: `values[i, c]`, said `weights[i, c]` times."""

    values: np.ndarray  # (n, C): labels
    weights: np.ndarray  # (n, C) float64; 0 where nobody said so
    how: str = MAJORITY  # which label is made of them

    @property
    def agreeing(self) -> np.ndarray:
        """How many people gave the label of each column, (n, C)."""
        columns = range(self.values.shape[1])
        same = [(self.weights * (self.values == self.values[:, c : c + 1])).sum(1) for c in columns]
        return np.stack(same, 1)

    @property
    def told(self) -> np.ndarray:
        """All that people said as one array (n, 2 C): labels, -1 where nobody said so, and how many did."""
        return np.concatenate([np.where(self.weights > 0, self.values, -1), self.weights], 1)

    def labels(self, chances: np.ndarray) -> np.ndarray:
        """One label for each example, (n,), by a number in [0, 1) for each.

        draw: one of the labels that people gave, each of them equally likely. majority and soft: the label that most
        gave; among labels that equally many gave one is drawn, all equally likely.
        """
        weights = self.weights
        if self.how != DRAW:
            agreeing = np.where(weights > 0, self.agreeing, 0.0)
            most = agreeing == agreeing.max(1, keepdims=True)
            weights = np.where(most, weights, 0.0)
        steps = weights.cumsum(1)
        picked = (steps <= chances[:, None] * steps[:, -1:]).sum(1)
        return self.values[np.arange(len(picked)), picked]

    @property
    def shares(self) -> np.ndarray:
        """The share of people who said so, (n, C); each row sums to 1."""
        return self.weights / self.weights.sum(1, keepdims=True)


def read_choice(options: Mapping[str, Any]) -> Choice | None:
    """Which label is made of several people's, by the options of a data set; `InputError` for a word that is none."""
    given = [form for form in FORMS if form in options]
    if len(given) > 1:
        raise InputError(f"labels are a column per person, {ANNOTATORS}=, or counts of each class, {COUNTS}=; not both")
    for form in given:
        require_choice(form, str(options[form]), HOW)
    return Choice(given[0], str(options[given[0]])) if given else None


def disagreement_of(votes: Votes) -> dict[str, Any]:
    """How far people disagree; `disagree` and `pairs` are None where nobody labelled what somebody else did.

    examples: n; several: examples that two or more people labelled; labels_each: people per example, on average;
    disagree: share of these examples on which not all agree; pairs: chance that two people who labelled one of these
    examples differ, on average: 1 - sum_k c_k (c_k - 1) / (c (c - 1)) of the c_k people who said k.
    """
    people = votes.weights.sum(1)
    several = people > 1
    pairs = 1 - ((votes.weights * votes.agreeing).sum(1) - people)[several] / (people * (people - 1))[several]
    return {
        "examples": len(people),
        "several": int(several.sum()),
        "labels_each": float(people.mean()),
        "disagree": float((pairs > 1e-12).mean()) if several.any() else None,
        "pairs": float(pairs.mean()) if several.any() else None,
    }


def disagreement_text(what: str, how: str, numbers: Mapping[str, Any]) -> str:
    """The disagreement in a sentence."""
    said = {
        MAJORITY: "are what most people said, and drawn where equally many said something else",
        DRAW: "are one person's each, drawn",
        SOFT: "are the shares of people who gave each class",
    }[how]
    if numbers["disagree"] is None:
        return f"the labels of {what} {said}; no example was labelled by two people"
    return (
        f"the labels of {what} {said}; people disagree on {percent(numbers['disagree'])} of the {numbers['several']:,}"
        f" examples that several labelled, two of them on {percent(numbers['pairs'])}"
    )
