"""What an object of the user's is, by what it takes: a loss, a model or a data set; classes and factories too."""

import inspect
import re
from collections.abc import Sequence
from typing import Any

from torch import nn

from lsbench.errors import InputError
from lsbench.names.reference import parameters_of

KINDS = LOSS, MODEL, DATASET = "loss", "model", "data set"
TYPED = {"dataset": DATASET, "data": DATASET}  # what --kind may say too, beside - and _ for the space
OF_MODEL = re.compile(r"shape|class|size|channels")
OF_LOSS = re.compile(r"logit|label|target|truth|pred|input|output|^y|^[xyz]$")
SMALL = (1, 16, 16), 3  # what an unknown function is called with, to see whether it makes a model


def kind_typed(text: str) -> str:
    """The kind that somebody means; `InputError` where there is none."""
    word = re.sub(r"[-_\s]+", " ", text.strip().lower())
    word = TYPED.get(word, word)
    if word not in KINDS:
        raise InputError(f"--kind must be loss, model or dataset; got {text!r}")
    return word


def kind_of(name: str, thing: Any) -> str:
    """The kind of the object of that name; `InputError` where it can't be told."""
    if isinstance(thing, nn.Module) or (isinstance(thing, type) and issubclass(thing, nn.Module)):
        return _of_module(thing)
    if not callable(thing) or (hasattr(thing, "__getitem__") and hasattr(thing, "__len__")):
        return DATASET
    needed = [p for p in parameters_of(thing, name) if _is_positional(p)]
    if all(p.default is not p.empty for p in needed):
        return DATASET
    return _of_function(name, thing, [p.name for p in needed if p.default is p.empty])


def _of_module(thing: Any) -> str:
    """A module that takes logits and labels is a loss; one that takes images a model."""
    taken = [p for p in inspect.signature(thing.forward).parameters.values() if _is_positional(p)]
    taken = taken[1:] if isinstance(thing, type) else taken  # self
    return LOSS if sum(p.default is p.empty for p in taken) >= 2 else MODEL


def _of_function(name: str, thing: Any, needed: Sequence[str]) -> str:
    words = [word.lower() for word in needed]
    if any(OF_MODEL.search(word) for word in words) and not any("label" in word for word in words):
        return MODEL
    if "probs" in words:
        raise InputError(f"{name!r} looks like a metric, f(probs, labels); `run --metric` tries it before it trains")
    if len(needed) != 2:
        listed = ", ".join(needed)
        raise InputError(f"can't tell what {name!r} is: it takes {listed}; say --kind loss, model or dataset")
    return LOSS if any(OF_LOSS.search(word) for word in words) or not _makes_a_model(thing) else MODEL


def _makes_a_model(thing: Any) -> bool:
    try:
        return isinstance(thing(*SMALL), nn.Module)
    except Exception:  # noqa: BLE001 - whatever it is, it is no factory
        return False


def _is_positional(parameter: inspect.Parameter) -> bool:
    return parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
