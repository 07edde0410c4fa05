"""From a name to its entry and its object: the catalogue's, a published plugin's, or the user's. It trains nothing.

`package.module:object` and `./file.py:object` are looked for from the current folder too. No torch here, but what the
user's own files import.
"""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lsbench.errors import InputError
from lsbench.names.catalogue import LOSSES, METRICS, MODELS, NOISES, LossEntry, MetricEntry, ModelEntry, NoiseEntry
from lsbench.names.catalogue.allowed import Range, Switch
from lsbench.names.catalogue.torchvision_names import torchvision_names
from lsbench.names.cross_fit import cross_fit_options
from lsbench.names.reference import (
    hyper_of,
    is_own,
    load_own,
    load_plugin,
    parse,
    plugin,
    plugin_hash,
    plugins,
    source_hash,
    sources_behind,
    summary_of,
)
from lsbench.names.registry import load, lookup

TABLES: Mapping[str, Mapping[str, Any]] = {"loss": LOSSES, "model": MODELS, "noise": NOISES, "metric": METRICS}
OWN_RECIPE: Mapping[str, Any] = {"lr": 0.01, "momentum": 0.9, "batch_size": 64, "epochs": 10, "schedule": "one-cycle"}
TAKES: Mapping[str, tuple[str, ...]] = {  # what each kind of the user's objects is called with, one by one
    "loss": ("logits", "labels"),
    "model": ("shape", "num_classes"),
    "noise": ("labels", "rate", "num_classes", "generator"),
    "metric": ("probs", "labels"),
}
TORCHVISION = "torchvision:"  # the prefix of its classification models
TORCHVISION_REF = "lsbench.models.torchvision_models:build_torchvision"


def loss(name: str) -> LossEntry:
    """What is known of a loss, by its name without options."""
    if name in LOSSES:
        return LOSSES[name]
    function = _own("loss", name, LOSSES)
    return LossEntry(ref=name, summary=summary_of(function), source="yours", hyper=hyper_of(function, name))


def model(name: str) -> ModelEntry:
    """What is known of a model, by its name without options."""
    if name in MODELS:
        return MODELS[name]
    fields: dict[str, Any] = {"recipe": OWN_RECIPE, "stack_cpu": 1, "stack_cuda": 1}
    if name.startswith(TORCHVISION):
        words = {TORCHVISION + word: word for word in torchvision_names()}
        lookup(words, "model", name)
        fields["options"] = {"pretrained": False, "dropout": None}
        fields["allowed"] = {"pretrained": Switch(), "dropout": Range(0.0, 1.0)}
        return ModelEntry(ref=TORCHVISION_REF, summary=name, source="torchvision", **fields)
    factory = _own("model", name, MODELS)
    return ModelEntry(ref=name, summary=summary_of(factory), source="yours", vector_recipe=OWN_RECIPE, **fields)


def noise(name: str) -> NoiseEntry:
    """What is known of a kind of noise, by the name without its file."""
    if name in NOISES:
        return NOISES[name]
    return NoiseEntry(ref=name, summary=summary_of(_own("noise", name, NOISES)), source="yours")


def metric(name: str) -> MetricEntry:
    """What is known of a metric."""
    if name in METRICS:
        return METRICS[name]
    return MetricEntry(ref=name, summary=summary_of(_own("metric", name, METRICS)), source="yours", better="none")


def hyper(text: str) -> tuple[str, dict[str, float | str]]:
    """A loss as it was written, `gce:q=0.5`: its name and all hyperparameters, those that were given and its own.

    One that is newer than the first ids is left out at its default, so that the ids stay as they were. `InputError` for
    one that the loss does not take, or that is outside the range in the catalogue.
    """
    reference = parse(text)
    entry = loss(reference.name)
    if entry.cross_fit:
        return reference.name, cross_fit_options(reference.name, reference.options)
    for name, value in reference.options.items():
        lookup(entry.hyper, f"hyperparameter of {reference.name}", name) if entry.hyper else _none(reference.name, name)
        entry.require(reference.name, name, value)
    values = {**entry.hyper, **{name: float(value) for name, value in reference.options.items()}}
    usual = [name for name in entry.later if values[name] == entry.hyper[name]]
    return reference.name, {name: value for name, value in values.items() if name not in usual}


def given_hyper(text: str) -> set[str]:
    """The hyperparameters that stand in a loss as it was written."""
    return set(parse(text).options)


def eps_passed_by(losses: Iterable[str], eps: Sequence[float]) -> dict[str, str]:
    """The losses that take none of these values of eps, each with the reason as a sentence."""
    reasons = {text: _why_no_eps(text, eps) for text in losses}
    return {text: f"{text} {why}" for text, why in reasons.items() if why}


def _why_no_eps(text: str, eps: Sequence[float]) -> str:
    name, values = hyper(text)
    if "eps" not in values:
        return "takes none"
    if "eps" in given_hyper(text):
        return "has its own"
    if loss(name).negative_eps and min(eps) >= 0:
        return f"takes only eps below 0, its own is {values['eps']:g}"
    return ""


def model_text(text: str) -> str:
    """A model as it was written, `mlp:dropout=0.2`, in one form: its options sorted, those at their defaults left out.

    `InputError` for an option that its factory does not take, or a value that it can't have; a factory of the user's
    may take any.
    """
    reference = parse(text)
    entry = model(reference.name)
    unknown = sorted(set(reference.options) - set(entry.options))
    if unknown and (reference.name in MODELS or reference.name.startswith(TORCHVISION)):
        allowed = f"known: {', '.join(sorted(entry.options))}" if entry.options else "it takes none"
        raise InputError(f"model {reference.name!r} has no option {' or '.join(unknown)}; {allowed}")
    for name, allowed in entry.allowed.items():
        if name in reference.options:
            allowed.require(f"{name} of model {reference.name!r}", reference.options[name])
    kept = {name: value for name, value in reference.options.items() if entry.options.get(name) != value}
    return str(type(reference)(reference.name, kept))


def load_any(kind: str, name: str) -> Any:
    """The object behind a name without options: the catalogue's, a plugin's, or the user's.

    `InputError` for a loss that is no function of logits and labels, as it cleans the labels of another.
    """
    if name not in TABLES[kind]:
        return _own(kind, name, TABLES[kind])
    if not (ref := TABLES[kind][name].ref):
        raise InputError(f"{name!r} is no function of logits and labels: it trains another loss on cleaned labels")
    return load(ref)


def source_of(kind: str, name: str) -> str:
    """16 hex digits that change with the user's or the plugin's code; "" for what this package brings."""
    if name in TABLES[kind]:
        return ""
    if published := plugin(kind, name):
        return plugin_hash(published)
    return source_hash(name) if is_own(name) and not name.startswith(TORCHVISION) else ""


def code_of(kind: str, name: str) -> dict[str, bytes]:
    """The sources that `source_of` hashes, by name: the object's own first, then what these import of the user's."""
    if name in TABLES[kind]:
        return {}
    published = plugin(kind, name)
    own = published.value if published else name
    if not is_own(own) or name.startswith(TORCHVISION):
        return {}
    source, used = sources_behind(own)
    return {**source, **used}


def _own(kind: str, name: str, table: Mapping[str, Any]) -> Any:
    """The object of a plugin or of the user's; `InputError` with near names where there is none."""
    if target := plugin(kind, name):
        return load_plugin(target)
    if not is_own(name):
        try:
            lookup({**table, **plugins(kind)}, kind, name)
        except InputError as error:
            raise InputError(f"{error}; your own is written package.module:object or ./file.py:object") from None
    target = _loaded(kind, name, table)
    _require_callable(kind, name, target)
    return target


def _loaded(kind: str, name: str, table: Mapping[str, Any]) -> Any:
    """The user's object; the error for `gce:q` says how an option is written."""
    try:
        return load_own(name)
    except InputError as error:
        entry = name.partition(":")[0]
        if entry in table:
            raise InputError(f"{error}; if you mean the {kind} {entry!r}, write {entry}:key=value") from error
        raise


def _require_callable(kind: str, name: str, target: Any) -> None:
    """Raise an `InputError` for what can't be called as its kind is; a loss, a noise or a metric is no class."""
    if not callable(target):
        raise InputError(f"{kind} {name!r} must be callable, got {type(target).__name__}")
    called = f"f({', '.join(TAKES[kind])})"
    if isinstance(target, type) and kind != "model":
        raise InputError(
            f"{kind} {name!r} is a class, and a {kind} is called as {called}; make an object of it in your file,"
            f" such as mine = {target.__name__}(...), and name that"
        )
    if kind == "model" and not isinstance(target, type) and hasattr(target, "state_dict"):
        raise InputError(
            f"model {name!r} must be a factory f(shape, num_classes), as each seed starts anew; got a module that is"
            " made already"
        )
    try:
        signature = inspect.signature(target)
    except (TypeError, ValueError):  # a built-in one without a signature
        return
    try:
        signature.bind(*TAKES[kind])
    except TypeError as error:
        raise InputError(f"{kind} {name!r} is called as {called}, and takes {signature} ({error})") from None


def _none(name: str, option: str) -> None:
    how = f"; a hyperparameter is keyword-only: def f(logits, labels, *, {option}=1.0)" if is_own(name) else ""
    raise InputError(f"{name!r} takes no option, got {option!r}{how}")
