"""Which losses are one and the same function under two names, and what else is known of how they hang together."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lsbench.names.catalogue import LOSSES

Terms = dict[tuple[Any, ...], float]  # a loss as a sum: the coefficient of each of its terms
DIGITS = 12  # of a coefficient: what differs by less is rounding
REVERSE = -math.log(1e-4)  # 9.2103, of reverse cross-entropy
CE, MISSED, UNIFORM, ENTROPY, NORMALISED = ("-log p_y",), ("1 - p_y",), ("mean -log p",), ("entropy",), ("nce",)


@dataclass(frozen=True)
class Identity:
    """A known relation of two losses, in words."""

    left: str
    right: str
    when: str  # the condition, or "always"
    tested: str  # how far it holds, and so what the tests compare


EXACT = "value and gradient"
IN_EXPECTATION = "value and gradient, averaged over the noise"
IN_THE_LIMIT = "value and gradient, in the limit"

IDENTITIES = (
    Identity("linear, reid, fused, keras-cce, nls", "lsr", "at one eps", EXACT),
    Identity("lsr, linear, reid, fused, keras-cce", "ce", "eps = 0", EXACT),
    Identity("focal", "ce", "gamma = 0, with any detach", EXACT),
    Identity("poly1", "ce", "poly = 0", EXACT),
    Identity("gce", "ce", "q = 0", EXACT),
    Identity("gce", "ce", "q -> 0", IN_THE_LIMIT),
    Identity("gce", "1 - p_y", "q = 1", EXACT),
    Identity("mae", "2 * gce", "q = 1", EXACT),
    Identity("rce", "9.2103 * (1 - p_y)", "log 0 is taken to be log 1e-4", EXACT),
    Identity("rce", "4.6052 * mae", "always", EXACT),
    Identity("sce", "ce", "alpha = 1, beta = 0", EXACT),
    Identity("sce", "rce", "alpha = 0, beta = 1", EXACT),
    Identity("sce", "poly1", "alpha = 1, poly = 9.2103 beta", EXACT),
    Identity("nce", "l_y / sum_c l_c", "l = -log p", EXACT),
    Identity("nce-rce, nce-mae", "nce", "alpha = 1, beta = 0", EXACT),
    Identity("nce-rce", "rce", "alpha = 0, beta = 1", EXACT),
    Identity("nce-mae", "mae", "alpha = 0, beta = 1", EXACT),
    Identity("nce-mae", "nce-rce", "beta of nce-mae = 4.6052 beta of nce-rce", EXACT),
    Identity("confidence-penalty", "ce", "beta = 0", EXACT),
    Identity("bootstrap-soft, bootstrap-hard", "ce", "beta = 1", EXACT),
    Identity("mbls", "ce", "alpha = 0", EXACT),
    Identity("elr", "ce", "lam = 0, or beta = 1, or nothing remembered yet", EXACT),
    Identity("logit-adjust", "ce", "tau = 0, or all classes are equally frequent", EXACT),
    Identity("forward, backward", "ce", "the noise matrix is the identity", EXACT),
    Identity("backward", "nls", "symmetric noise of rate rho, own class included: eps = -rho / (1 - rho)", EXACT),
    Identity("ce", "lsr", "symmetric noise of rate eps, own class included", IN_EXPECTATION),
    Identity("lsr", "lsr", "noise of rate rho joins eps: 1 - eps' = (1 - eps)(1 - rho)", IN_EXPECTATION),
    Identity("backward", "ce", "the noise has the matrix that is corrected for", IN_EXPECTATION),
)


def function_of(loss: str, hyper: Mapping[str, float | str], *, clean: bool = False) -> tuple[Any, ...]:
    """A key that two losses share exactly when they are one function of logits and labels, in value and gradient.

    What is not in hyper has its default. Forward and backward correction without options are functions of the known
    noise matrix, too, which both are taken to share, and to be the identity only where labels are said to be clean. A
    loss that is not in the catalogue equals itself alone. Coefficients count to 12 digits.
    """
    words = {name: value for name, value in hyper.items() if isinstance(value, str)}
    numbers = {name: value for name, value in hyper.items() if not isinstance(value, str)}
    if words:  # a matrix that is estimated, a loss that comes first: no sum of terms
        return ("by words", loss, *sorted(words.items()), *sorted((name, _plain(x)) for name, x in numbers.items()))
    if clean and loss in LOSSES and "matrix" in LOSSES[loss].given:
        loss, numbers = "ce", {}
    if loss not in LOSSES:
        return ("unknown", loss, *sorted((name, _plain(value)) for name, value in numbers.items()))
    terms = _TERMS[loss]({**LOSSES[loss].hyper, **numbers}) if loss in _TERMS else _own(loss, numbers)
    counted = ((*term, _plain(coefficient)) for term, coefficient in terms.items() if coefficient)
    return tuple(sorted(counted, key=repr))


def _plain(value: float) -> float:
    """The number without its last digits; 0.0 for -0.0."""
    return float(f"{value:.{DIGITS}g}") + 0.0


def _own(loss: str, hyper: Mapping[str, float]) -> Terms:
    """A function that no other loss is."""
    resolved = {**LOSSES[loss].hyper, **hyper}
    return {(loss, *(_plain(resolved[name]) for name in sorted(resolved))): 1.0}


def _smoothed(h: Mapping[str, float]) -> Terms:
    return {CE: 1 - h["eps"], UNIFORM: h["eps"]}


def _focal(h: Mapping[str, float]) -> Terms:
    return _own("focal", h) if h["gamma"] else {CE: 1}


def _gce(h: Mapping[str, float]) -> Terms:
    if h["q"] == 0:
        return {CE: 1}
    return {MISSED: 1} if h["q"] == 1 else _own("gce", h)


def _logit_adjust(h: Mapping[str, float]) -> Terms:
    """The classes are taken to be unbalanced: a random part of a balanced set is, a little."""
    return _own("logit-adjust", h) if h["tau"] else {CE: 1}


def _elr(h: Mapping[str, float]) -> Terms:
    """With beta 1 the targets stay 0."""
    return {CE: 1, ("elr", _plain(h["beta"])): h["lam"] if h["beta"] != 1 else 0}


_TERMS: dict[str, Callable[[Mapping[str, float]], Terms]] = {
    "ce": lambda _: {CE: 1},
    **dict.fromkeys(("lsr", "linear", "reid", "fused", "keras-cce", "nls"), _smoothed),
    "focal": _focal,
    "gce": _gce,
    "poly1": lambda h: {CE: 1, MISSED: h["poly"]},
    "mae": lambda _: {MISSED: 2},
    "rce": lambda _: {MISSED: REVERSE},
    "sce": lambda h: {CE: h["alpha"], MISSED: REVERSE * h["beta"]},
    "nce": lambda _: {NORMALISED: 1},
    "nce-rce": lambda h: {NORMALISED: h["alpha"], MISSED: REVERSE * h["beta"]},
    "nce-mae": lambda h: {NORMALISED: h["alpha"], MISSED: 2 * h["beta"]},
    "confidence-penalty": lambda h: {CE: 1, ENTROPY: -h["beta"]},
    "bootstrap-soft": lambda h: {CE: h["beta"], ENTROPY: 1 - h["beta"]},
    "bootstrap-hard": lambda h: {CE: h["beta"], ("likeliest",): 1 - h["beta"]},
    "mbls": lambda h: {CE: 1, ("margin", _plain(h["margin"])): h["alpha"]},
    "elr": _elr,
    "logit-adjust": _logit_adjust,
}
