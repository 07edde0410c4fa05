"""How a cell is trained, whatever its loss."""

from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from lsbench.errors import InputError
from lsbench.names.catalogue import CLASS_WEIGHT_WORDS, NO_WEIGHTS, OPTIMIZERS, PRECISIONS, SAMPLERS, SHUFFLE
from lsbench.names.catalogue.allowed import Allowed, Choice, OrNone, Range, Text, Whole, WordOrFile, either

SCHEDULES = ("constant", "step", "cosine", "one-cycle", "fine-tune")  # step: /10 at 1/2 and 3/4; fine-tune: fastai's
WITHOUT_MOMENTUM = tuple(name for name, optimizer in OPTIMIZERS.items() if not optimizer.momentum)
PRECISION_HELP = "highest, high, medium (torch's words for float32) or bf16."
AUGMENT_HELP = "crop-4,flip, translate-0.1, cutout-8, randaugment-2-9, in that order."
EMA_HELP = "Measure a moving average of the weights; its decay."
HEAD_HELP = "Epochs before the others that train only the last layer and the normalisations."
BODY_HELP = "Learning rate of all but the last layer, as a multiple of --lr."
WEIGHTS_HELP = "Of the losses: balanced, n / (K n_c) by the given training labels; or a file CLASS,WEIGHT."
SAMPLER_HELP = "shuffle: each example once an epoch; balanced: a class, then one of its examples, with replacement."
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
    class_weights: str = _setting(NO_WEIGHTS, WEIGHTS_HELP, WordOrFile(CLASS_WEIGHT_WORDS), later=True)
    sampler: str = _setting(SHUFFLE, SAMPLER_HELP, Choice(SAMPLERS), later=True)

    def __post_init__(self) -> None:
        for name, setting in RECIPE_SETTINGS.items():
            setting.allowed.require(setting.name or name.replace("_", " "), getattr(self, name))

    @property
    def weights_file(self) -> str:
        """The file of its class weights; "" of most."""
        return "" if self.class_weights in CLASS_WEIGHT_WORDS else self.class_weights

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
