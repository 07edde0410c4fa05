"""The user's own parts, each tried as training will use it: an `InputError` where it is broken, else its doubts."""

from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any

import torch

from lsbench.errors import InputError
from lsbench.models.stack import factory_of
from lsbench.names import resolve
from lsbench.names.reference import IN_PROCESS
from lsbench.noise.record import noise_record
from lsbench.seeding import stream
from lsbench.spec import Arm
from lsbench.training.contract import loss as losses
from lsbench.training.contract import model as models
from lsbench.training.contract.checking import problem_of

LARGE = 20_000_000  # parameters: of more, the weights of three seeds are not compared
RATE = 0.5  # of the noise that a kind is tried with
EXAMPLES = 1000  # that a metric is tried with

Find = Callable[[Any], str]


@lru_cache(maxsize=256)
def try_model(name: str, shape: tuple[int, ...], num_classes: int, _source: str, device: str) -> tuple[str, ...]:
    """A model by its name with options; one of torchvision's is only made, with its weights, for images of that shape.

    It is tried on the CPU: what raises an error there is a doubt where it is to be trained on a GPU.
    """
    if name.startswith(resolve.TORCHVISION):
        factory_of(name)(shape, num_classes)
        return ()
    trial = models.Trial(factory_of(name), shape, num_classes)
    _require("model", name, trial, {models.MODULE: models.find_module})
    if device == "cuda" and (raised := _raised(trial)):
        return (f"model {name!r} can't be tried on the CPU: {raised}",)
    _require("model", name, trial, {models.LOGITS: models.find_logits, models.TRAINED: models.find_trained})
    promises = {models.ALONE: models.find_alone}
    if sum(weight.numel() for weight in trial.model.parameters()) <= LARGE:
        promises[models.SEEDED] = models.find_seeded
    return _doubts("model", name, trial, promises)


@lru_cache(maxsize=1024)
def try_loss(
    name: str, hyper: tuple[tuple[str, float], ...], num_classes: int, _source: str, stacked: bool
) -> tuple[str, ...]:
    """A loss with these hyperparameters; stacked: whether several values of one may come in one call."""
    written = Arm(name, hyper).typed
    trial = losses.Trial.of(resolve.load_any("loss", name), dict(hyper), name, num_classes)
    promises = {losses.SHAPE: losses.find_shape, losses.GRADIENT: losses.find_gradient}
    if stacked:
        promises[losses.PER_CELL] = losses.find_per_cell
    _require("loss", written, trial, promises)
    return _doubts("loss", written, trial, {losses.PURE: losses.find_pure, losses.ALONE: losses.find_alone})


@lru_cache(maxsize=64)
def try_noise(name: str, examples: int, num_classes: int, _source: str) -> None:
    """A kind of noise, with as many labels as the data set has."""
    labels = torch.arange(examples) % num_classes

    def find(noise: Callable) -> str:
        given = noise(labels.clone(), RATE, num_classes, stream(0, "noise"))
        if not isinstance(given, torch.Tensor):
            return f"it returned {type(given).__name__}"
        noise_record(labels, given.cpu(), kind=name, rate=RATE, num_classes=num_classes, seed=0)
        return ""

    promise = "f(labels, rate, num_classes, generator) gives as many labels, as a tensor of integers"
    _require("noise", name, resolve.load_any("noise", name), {promise: find})


@lru_cache(maxsize=64)
def try_metric(name: str, num_classes: int, _source: str) -> None:
    """A metric, with probabilities that are near the label."""
    labels = torch.arange(max(EXAMPLES, num_classes)) % num_classes
    logits = torch.randn(len(labels), num_classes, generator=torch.Generator().manual_seed(0)).double()
    probs = (logits + torch.nn.functional.one_hot(labels, num_classes)).softmax(-1)

    def find(metric: Callable) -> str:
        float(metric(probs, labels))
        return ""

    _require("metric", name, resolve.load_any("metric", name), {"f(probs (n, K), labels (n,)) gives one number": find})


def _require(kind: str, name: str, subject: Any, promises: dict[str, Find]) -> None:
    for text in _broken(subject, promises):
        raise InputError(f"{kind} {name!r} is broken: {text}{_advice(kind, name, subject)}")


def _advice(kind: str, name: str, subject: Any) -> str:
    """The command that says more, where there is one."""
    if kind not in ("model", "loss") or name.startswith(IN_PROCESS):
        return ""
    options = f" --shape {','.join(map(str, subject.shape))}" if kind == "model" else ""
    return f"; to try it again: lsbench check {name}{options}"


def _doubts(kind: str, name: str, subject: Any, promises: dict[str, Find]) -> tuple[str, ...]:
    return tuple(f"{kind} {name!r}: not kept: {text}" for text in _broken(subject, promises))


def _broken(subject: Any, promises: dict[str, Find]) -> Iterable[str]:
    for promise, find in promises.items():
        if problem := problem_of(partial(find, subject)):
            yield f"{promise}: {problem}"


def _raised(trial: models.Trial) -> str:
    """What it raises on the CPU, or ""."""
    try:
        models.find_logits(trial)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's own code may raise anything
        return f"{type(error).__name__}: {error}"
    return ""
