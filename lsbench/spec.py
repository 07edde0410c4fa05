"""What is asked for, as frozen values: a recipe, a cell and its id, a grid."""

import hashlib
import json
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from lsbench.errors import InputError, require_choice, require_number, require_whole, shown
from lsbench.names.catalogue import OPTIMIZERS, PRECISIONS
from lsbench.names.encoding import exact

PROTOCOL = 1  # grows when the same cell would train to another result, other than by rounding: that is the version's
SCHEDULES = ("constant", "step", "cosine", "one-cycle", "fine-tune")
DEVICES = ("auto", "cpu", "cuda")
NO_NOISE = "none"  # the kind of every noise at rate 0, so that a clean cell is trained once
LARGEST = 1e300  # in magnitude, of a stored number
HIGHEST_SEED = 2**32 - 1


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a cell is trained, whatever its loss."""

    optimizer: str = "sgd"  # a name of `catalogue.OPTIMIZERS`
    lr: float = 0.01  # the largest learning rate of the schedule
    momentum: float = 0.9  # in [0, 1); of sgd, the first beta of adam and adamw; adagrad has none
    weight_decay: float = 0.0  # L2 for sgd and adam, decoupled for adamw
    batch_size: int = 64  # examples per step; the last batch of an epoch may be smaller
    epochs: int = 5  # passes over the training set
    schedule: str = "one-cycle"  # constant; step: a tenth at 1/2 and 3/4; cosine to 0; one-cycle; fine-tune: fastai's
    precision: str = "highest"  # of matrix products in training: torch's words for float32, or bf16 by autocast
    clip: float | None = None  # largest gradient norm of a cell; None does not clip
    augment: str = ""  # what is done to each batch's images, in order: crop-4,flip
    mixup: float | None = None  # both parameters of the Beta distribution that pairs are mixed by; None does not mix
    ema: float | None = None  # decay of the weights' moving average, in (0, 1), which is what is measured; None is none
    head_epochs: int = 0  # before the others: only the last layer and the normalisations are trained
    body_scale: float = 1.0  # of the learning rate, for all but the last layer, once they are trained

    def __post_init__(self) -> None:
        require_choice("optimizer", self.optimizer, tuple(OPTIMIZERS))
        require_choice("schedule", self.schedule, SCHEDULES)
        require_choice("precision", self.precision, tuple(PRECISIONS))
        require_number("learning rate", self.lr, 1e-12, 1e6)
        require_number("momentum", self.momentum, 0.0, 0.999999)
        require_number("weight decay", self.weight_decay, 0.0, 1e6)
        require_whole("batch size", self.batch_size, 1, 10**9)
        require_whole("epochs", self.epochs, 1, 10**6)
        if self.clip is not None:
            require_number("gradient clip", self.clip, 1e-12, 1e12)
        if self.mixup is not None:
            require_number("mixup", self.mixup, 1e-6, 1e6)
        if self.ema is not None:
            require_number("ema", self.ema, 1e-6, 0.999999999)
        if not isinstance(self.augment, str):
            raise InputError(f"augment must be text, got {shown(self.augment)}")
        require_whole("head epochs", self.head_epochs, 0, 10**6)
        require_number("body scale", self.body_scale, 0.0, 1e6)

    @property
    def all_epochs(self) -> int:
        """Passes over the training set, those of the head alone included."""
        return self.head_epochs + self.epochs


def leaves_one(count: int, batch_size: int) -> bool:
    """Whether an epoch of so many examples has a batch of a single one."""
    return count % batch_size == 1 % batch_size


def require_pairs(count: int, batch_size: int) -> None:
    """Raise an `InputError` where an epoch's last batch is one example, whose flat features can't be normalised."""
    if leaves_one(count, batch_size):
        raise InputError(
            f"{count:,} training examples in batches of {batch_size} leave one over, whose batch normalisation is 0/0;"
            f" try --batch-size {batch_size + 1} or --train-size {max(count - 1, 1)}"
        )


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One training; the id hashes every field, so equal cells are one cell."""

    dataset: str
    fingerprint: str  # of the data's bytes
    model: str
    loss: str
    hyper: tuple[tuple[str, float], ...] = ()  # resolved: what the loss takes, nothing else, in its order
    noise: str = NO_NOISE
    noise_rate: float = 0.0
    seed: int = 0
    val: float = 0.1  # fraction of the training set held out
    train_size: int | None = None  # None takes all that is left
    recipe: Recipe = field(default_factory=Recipe)
    sources: tuple[tuple[str, str], ...] = ()  # "loss", "model", "noise" -> a hash of what is not this package's
    protocol: int = PROTOCOL

    @cached_property
    def id(self) -> str:
        """16 hex digits: the start of sha256 over the canonical JSON of all fields."""
        own = {f.name: canonical(getattr(self, f.name)) for f in fields(self) if f.name != "recipe"}
        if not self.sources:
            del own["sources"]  # ids are older than it
        everything = {**own, "recipe": _canonical_recipe(self.recipe)}
        return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def eps(self) -> float | None:
        """The smoothing mass, or None for a loss that has none."""
        return dict(self.hyper).get("eps")

    @cached_property
    def arm(self) -> "Arm":
        """The arm that the cell belongs to."""
        return Arm(self.loss, self.hyper, dict(self.sources).get("loss", ""))

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Cell":
        """The cell that `dataclasses.asdict` and JSON made this from; `InputError` where they did not."""
        try:
            values = {f.name: value[f.name] for f in fields(cls) if f.name != "sources"}
            recipe = _recipe(orjson.dumps(values.pop("recipe")))
            hyper = tuple((name, number) for name, number in values.pop("hyper"))
            sources = tuple((role, digest) for role, digest in value.get("sources", ()))
            cell = cls(**values, recipe=recipe, hyper=hyper, sources=sources)
            cell._check()
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"not a cell: {error}") from error
        return cell

    def _check(self) -> None:
        for text in (
            self.dataset,
            self.fingerprint,
            self.model,
            self.loss,
            self.noise,
            *(name for name, _ in self.hyper),
            *chain(*self.sources),
        ):
            if not isinstance(text, str):
                raise InputError(f"a name must be text, got {shown(text)}")
        for name, number in (*self.hyper, ("noise rate", self.noise_rate), ("val", self.val)):
            require_number(name, number, -LARGEST, LARGEST)
        require_whole("seed", self.seed, 0, HIGHEST_SEED)
        require_whole("protocol", self.protocol, 0, 10**6)
        if self.train_size is not None:
            require_whole("train size", self.train_size, 1, 10**12)


@lru_cache(maxsize=256)
def _recipe(text: bytes) -> Recipe:
    """The recipe of that JSON; thousands of rows share a few."""
    return Recipe(**orjson.loads(text))


YOUNGER = {
    name: Recipe.__dataclass_fields__[name].default
    for name in ("precision", "augment", "mixup", "ema", "head_epochs", "body_scale")
}
NOTHING = object()  # equal to no value


@lru_cache(maxsize=256)
def _canonical_recipe(recipe: Recipe) -> dict[str, Any]:
    """The recipe; what ids are older than only where it is not the default."""
    return canonical({name: value for name, value in vars(recipe).items() if YOUNGER.get(name, NOTHING) != value})


def canonical(value: Any) -> Any:
    """The same value with every number that Python calls equal in one form: 0, 0.0 and -0.0 are 0.0."""
    if isinstance(value, dict):
        return {key: canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) + 0.0
    return value


@dataclass(frozen=True, order=True)
class Arm:
    """What is compared: a loss with its hyperparameters. Equal arms are one; cells and rows are grouped by it."""

    loss: str
    hyper: tuple[tuple[str, float], ...] = ()
    source: str = ""  # hash of the code of a loss that is the user's own; "" for one of the catalogue
    tag: str = field(default="", compare=False)  # @ and 6 digits, where several versions of the loss are shown

    @property
    def eps(self) -> float | None:
        """The smoothing mass, or None for a loss that has none."""
        return dict(self.hyper).get("eps")

    @property
    def without_eps(self) -> "Arm":
        """The same, whatever its eps."""
        return replace(self, hyper=tuple(item for item in self.hyper if item[0] != "eps"))

    @property
    def tagged_loss(self) -> str:
        """The loss, with its version where several are shown."""
        return f"{self.loss}{self.tag}"

    @property
    def name(self) -> str:
        """As a person reads it: `lsr 0.1`, `gce q=0.5`, or `loss alpha=0.1 eps=0.2`."""
        if [name for name, _ in self.hyper] == ["eps"]:
            return f"{self.tagged_loss} {exact(self.hyper[0][1])}"
        return " ".join([self.tagged_loss, *self._values])

    @property
    def typed(self) -> str:
        """As `--loss` takes it: `gce:q=0.5`."""
        return ":".join([self.loss, *self._values])

    @property
    def _values(self) -> list[str]:
        return [f"{name}={exact(value)}" for name, value in self.hyper]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The axes that cells are the product of, as the user gave them; `plan.expand` resolves them."""

    datasets: tuple[str, ...] = ("mnist",)
    models: tuple[str, ...] = ("mlp",)
    losses: tuple[str, ...] = ("ce", "lsr", "fused")
    eps: tuple[float, ...] = (0.1,)
    noises: tuple[str, ...] = ("symmetric",)
    noise_rates: tuple[float, ...] = (0.0,)
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    val: float = 0.1
    train_size: int | None = None
    recipe: tuple[tuple[str, Any], ...] = ()  # what differs from the model's own recipe
    dedupe: bool = True  # two losses that are the same function are trained once

    def __post_init__(self) -> None:
        for name in ("datasets", "models", "losses", "eps", "noises", "noise_rates", "seeds"):
            if not getattr(self, name):
                raise InputError(f"{name} is empty; give at least one value")
        for rate in self.noise_rates:
            require_number("noise rate", rate, 0.0, 1.0)
        for eps in self.eps:
            require_number("eps", eps, high=1.0)
        for seed in self.seeds:
            require_whole("seed", seed, 0, HIGHEST_SEED)
        require_number("val", self.val, 0.0, 0.9)
        if self.train_size is not None:
            require_whole("train size", self.train_size, 1, 10**12)


class Doubt(NamedTuple):
    """What makes the numbers of some cells doubtful: it is stored in their rows, and shown with them."""

    part: str  # the field of the cell: dataset, model, loss
    name: str  # what that field is
    text: str  # a sentence


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a stack is trained; nothing here decides its result but the device's arithmetic."""

    device: str = "cpu"
    data_dir: Path | None = None
    models: Path | None = None  # the folder that trained weights are saved in, or None
    logits: Path | None = None  # the folder that predictions are saved in, or None
    metrics: tuple[str, ...] = ()  # the user's own, measured beside the catalogue's after the last epoch
    doubts: tuple[Doubt, ...] = ()  # what was found before training
    per_example: bool = False  # whether rows bring what each test example got

    def doubts_of(self, cell: Cell) -> list[str]:
        """Those that are of this cell."""
        return [doubt.text for doubt in self.doubts if getattr(cell, doubt.part) == doubt.name]
