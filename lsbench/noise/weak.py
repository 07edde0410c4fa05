"""When a model is too weak for its held-out predictions to tell anything of the labels."""

import numpy as np
from numpy.typing import NDArray

from lsbench.names.percent import percent
from lsbench.noise.confident import Floats, Labels
from lsbench.statistics import wilson_interval

LEAST_SKILL = 0.25  # of the way from the majority's rate to 1
MOST_UNSURE = 0.2  # share of labels that may be contradicted only where the model is unsure
SUREST = 0.25  # of the predictions of each class


def weakness(accuracy: float, majority: float, surest: float | None, count: int) -> str:
    """Why a model is too weak, as a clause; nothing where it is not.

    Weak is: an accuracy against the given labels that, at the lower end of its 95 % interval (Wilson), is less than a
    quarter of the way from the majority's rate to 1; or a disagreement that is larger by 0.2 over all predictions than
    over the surest, as then much of it is the model's own. Noise that falls on hard images alone looks like that, too.

    Args:
        accuracy: of held-out predictions, against the given labels.
        majority: the share of the most frequent given class.
        surest: the disagreement of `surest_disagreement`; None where it is not known.
        count: how many examples were held out.
    """
    low = float(wilson_interval(accuracy * count, count)[0])
    if (low - majority) < LEAST_SKILL * (1 - majority):
        return (
            f"the lower end of its interval, {percent(low)}, is less than a quarter of the way from"
            f" {percent(majority)}, the accuracy of always answering the most frequent class, to 100 %"
        )
    if surest is not None and (1 - accuracy) - surest > MOST_UNSURE:
        return "most of the labels that they contradict are of examples that the model is unsure of"
    return ""


def surest_disagreement(probs: Floats, given: Labels, weights: Floats) -> float:
    """The share of given labels that differ from the likeliest class, where the model is surest: in [0, 1].

    Of each likeliest class the quarter with the largest probability, each class weighted by all its predictions. Where
    noise does not depend on how hard an image is, this is near its rate even for a model that errs often.
    """
    likeliest, confidence = probs.argmax(-1), probs.max(-1)
    shares = [
        (float(weights[group].sum()), _disagreement_of_first(label, given[group], weights[group]))
        for label in np.unique(likeliest)
        for group in [_by_confidence(likeliest == label, confidence)]
    ]
    total = sum(weight for weight, _ in shares)
    return sum(weight * share for weight, share in shares) / total


def _by_confidence(members: NDArray[np.bool_], confidence: Floats) -> NDArray[np.intp]:
    places = np.flatnonzero(members)
    return places[np.argsort(-confidence[places], kind="stable")]


def _disagreement_of_first(label: int, given: Labels, weights: Floats) -> float:
    first = max(1, round(SUREST * len(given)))
    return float(np.average(given[:first] != label, weights=weights[:first]))
