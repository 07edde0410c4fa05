"""What is asked for, as frozen values: a recipe, a cell and its id, a grid."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from lsbench.errors import InputError, require_number, require_whole, shown
from lsbench.names.catalogue import OPTIMIZERS, PRECISIONS
from lsbench.names.catalogue.allowed import Allowed, Choice, OrNone, Range, Text, Whole, either
from lsbench.names.encoding import exact

PROTOCOL = 1  # grows when the same cell would train to another result, other than by rounding: that is the version's
SCHEDULES = ("constant", "step", "cosine", "one-cycle", "fine-tune")  # step: /10 at 1/2 and 3/4; fine-tune: fastai's
DEVICES = ("auto", "cpu", "cuda")
NO_NOISE = "none"  # the kind of every noise at rate 0, so that a clean cell is trained once
LARGEST = 1e300  # in magnitude, of a stored number
HIGHEST_SEED = 2**32 - 1
WITHOUT_MOMENTUM = tuple(name for name, optimizer in OPTIMIZERS.items() if not optimizer.momentum)
PRECISION_HELP = "highest, high, medium (torch's words for float32) or bf16."
AUGMENT_HELP = "crop-4,flip, translate-0.1, cutout-8, randaugment-2-9, in that order."
EMA_HELP = "Measure a moving average of the weights; its decay."
HEAD_HELP = "Epochs before the others that train only the last layer and the normalisations."
BODY_HELP = "Learning rate of all but the last layer, as a multiple of --lr."
BETAS = tuple(name for name, optimizer in OPTIMIZERS.items() if optimizer.momentum == "betas")
MOMENTUM_HELP = f"Momentum; of {either(BETAS)} the first beta; {either(WITHOUT_MOMENTUM)} has none."


class Setting(NamedTuple):
    """What a field of a recipe means, and what it may be: its option, its help text and its check come from here."""

    meaning: str  # one or two short sentences
    allowed: Allowed
    name: str = ""  # in messages, where it is not the field's
    later: bool = False  # a field that is newer than the first ids: at its default it is not hashed


def _setting(default: Any, *about: Any, **more: Any) -> Any:
    """A field of a recipe with its `Setting`."""
    return field(default=default, metadata={"setting": Setting(*about, **more)})


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a cell is trained, whatever its loss. A new field needs one entry here, and the code that uses it."""

    optimizer: str = _setting("sgd", f"{either(OPTIMIZERS)}.", Choice(OPTIMIZERS))
    lr: float = _setting(0.01, "Largest learning rate of the schedule.", Range(1e-12, 1e6), "learning rate")
    momentum: float = _setting(0.9, MOMENTUM_HELP, Range(0.0, 0.999999))
    weight_decay: float = _setting(0.0, "L2; decoupled for adamw.", Range(0.0, 1e6))
    batch_size: int = _setting(64, "Examples per step; the last batch may be smaller.", Whole(1, 10**9))
    epochs: int = _setting(5, "Passes over the training set.", Whole(1, 10**6))
    schedule: str = _setting("one-cycle", f"{either(SCHEDULES)}.", Choice(SCHEDULES))
    precision: str = _setting("highest", PRECISION_HELP, Choice(PRECISIONS), later=True)
    clip: float | None = _setting(
        None, "Largest norm of a cell's gradient.", OrNone(Range(1e-12, 1e12)), "gradient clip"
    )
    augment: str = _setting("", AUGMENT_HELP, Text(), later=True)
    mixup: float | None = _setting(
        None, "Mix pairs of examples by Beta(a, a); a.", OrNone(Range(1e-6, 1e6)), later=True
    )
    ema: float | None = _setting(None, EMA_HELP, OrNone(Range(1e-6, 0.999999999)), later=True)
    head_epochs: int = _setting(0, HEAD_HELP, Whole(0, 10**6), later=True)
    body_scale: float = _setting(1.0, BODY_HELP, Range(0.0, 1e6), later=True)

    def __post_init__(self) -> None:
        for name, setting in RECIPE_SETTINGS.items():
            setting.allowed.require(setting.name or name.replace("_", " "), getattr(self, name))

    @property
    def all_epochs(self) -> int:
        """Passes over the training set, those of the head alone included."""
        return self.head_epochs + self.epochs


RECIPE_SETTINGS: dict[str, Setting] = {f.name: f.metadata["setting"] for f in fields(Recipe)}


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


@lru_cache(maxsize=256)
def _canonical_recipe(recipe: Recipe) -> dict[str, Any]:
    """The recipe without the newer fields that have their default, so that older ids stay as they are."""
    return canonical({name: getattr(recipe, name) for name in RECIPE_SETTINGS if not _is_left_out(recipe, name)})


def _is_left_out(recipe: Recipe, name: str) -> bool:
    default = Recipe.__dataclass_fields__[name].default
    return RECIPE_SETTINGS[name].later and getattr(recipe, name) == default


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
    recipe: Mapping[str, Any] = field(default_factory=dict)  # what differs from the model's own; a tuple: several
    tune: tuple[str, ...] = ()  # fields of the recipe, or eps, that are trained at a small range of values
    dedupe: bool = True  # two losses that are the same function are trained once

    def __post_init__(self) -> None:
        for name in ("datasets", "models", "losses", "eps", "noises", "noise_rates", "seeds"):
            if not getattr(self, name):
                raise InputError(f"{name} is empty; give at least one value")
        for name, value in dict(self.recipe).items():
            if value == ():
                raise InputError(f"{name} of the recipe is empty; give at least one value")
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
