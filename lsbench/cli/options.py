"""The options that `run` and `plan` share, as one dataclass: what the user typed, None where they were silent."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import cached_property, wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from lsbench.cli import values
from lsbench.cli.arguments import MAY_BE_EMPTY
from lsbench.errors import InputError
from lsbench.names import resolve
from lsbench.names.catalogue import DATASETS, LOSSES, MODELS, NOISES
from lsbench.noise.files import has_file
from lsbench.planning.plan import RERUN_ALL, RERUN_FAILED
from lsbench.planning.recipes import names as recipe_names
from lsbench.planning.recipes import read_recipe
from lsbench.planning.study import Value, read_study, study_of
from lsbench.spec import DEVICES, OPTIMIZERS, PRECISIONS, SCHEDULES, Grid, Recipe
from lsbench.workers.engines import ENGINES


def option(group: str, help: str, default: str, complete: Iterable[str] = ()) -> Any:  # noqa: A002 - typer's word
    """An option without a value of its own: `default` says what its absence means."""
    words = list(complete)
    completion: Any = {"autocompletion": lambda: words} if words else {}
    return typer.Option(help=help, rich_help_panel=group, show_default=default, **completion)


def either(words: Iterable[str]) -> str:
    """The words as a sentence offers them: a, b or c."""
    *others, last = words
    return f"{', '.join(others)} or {last}"


def flag(name: str, help: str) -> Any:  # noqa: A002 - typer's word
    """An option that is there or not."""
    return typer.Option(name, help=help, rich_help_panel=WHERE)


WHAT, HOW, WHERE, RAY = "What to train", "How", "Where", "With --workers ray"


class Rerun(StrEnum):
    """Which stored cells are trained again."""

    failed = RERUN_FAILED
    all = RERUN_ALL


Words = list[str] | None
NOT_IN_A_STUDY = (
    "study",
    "rerun",
    "download",
    "smoke",
    "save_models",
    "save_logits",
    "pretrained",
    "workers",
    "gpus",
    "address",
    "cpus_per_stack",
    "gpus_per_stack",
    "retries",
    "shared_results",
    "metric",
)  # what is said of one run, not of a question
WORDS = ("device", "recipe", "augment")
NUMBERS = ("eps", "noise", "seeds")
LISTS = ("loss", "eps", "noise", "noise_kind", "seeds", "dataset", "model")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was asked for on the command line; lists are written 0,0.1 or repeated or 0:0.4:0.1."""

    study: Annotated[Path | None, typer.Argument(help="A TOML file of these options; those given here win.")] = None
    loss: Annotated[Words, option(WHAT, "Losses.", "ce,lsr,fused", LOSSES)] = None
    eps: Annotated[Words, option(WHAT, "Smoothing values, for the losses that take one.", "0.1")] = None
    noise: Annotated[Words, option(WHAT, "Rates of wrong labels in training and validation.", "0")] = None
    noise_kind: Annotated[Words, option(WHAT, "Kinds of label noise.", "symmetric", NOISES)] = None
    seeds: Annotated[Words, option(WHAT, "How many seeds (5 is 0,1,2,3,4), or which (3,7).", "5")] = None
    dataset: Annotated[Words, option(WHAT, "Data sets.", "mnist", DATASETS)] = None
    model: Annotated[Words, option(WHAT, "Models.", "mlp", MODELS)] = None
    metric: Annotated[Words, option(WHAT, "Metrics of your own, beside those that are always there.", "none")] = None
    val: Annotated[float | None, option(WHAT, "Fraction of the training set held out; 0 is none.", "0.1")] = None
    train_size: Annotated[int | None, option(WHAT, "Train on so many examples only.", "all")] = None
    recipe: Annotated[
        str | None, option(HOW, "A recipe by name; options typed win.", "the model's", recipe_names())
    ] = None
    epochs: Annotated[int | None, option(HOW, "Passes over the training set.", "the model's")] = None
    batch_size: Annotated[int | None, option(HOW, "Examples per step.", "the model's")] = None
    optimizer: Annotated[str | None, option(HOW, f"{either(OPTIMIZERS)}.", "the model's", OPTIMIZERS)] = None
    lr: Annotated[float | None, option(HOW, "Largest learning rate of the schedule.", "the model's")] = None
    momentum: Annotated[float | None, option(HOW, "Of sgd; the first beta of the others.", "the model's")] = None
    weight_decay: Annotated[float | None, option(HOW, "L2; decoupled for adamw.", "the model's")] = None
    schedule: Annotated[str | None, option(HOW, f"{either(SCHEDULES)}.", "the model's", SCHEDULES)] = None
    clip: Annotated[float | None, option(HOW, "Largest norm of a cell's gradient.", "no clipping")] = None
    augment: Annotated[
        str | None, option(HOW, "crop-4,flip, translate-0.1, cutout-8, randaugment-2-9, in that order.", "none")
    ] = None
    mixup: Annotated[float | None, option(HOW, "Mix pairs of examples by Beta(a, a); a.", "none")] = None
    ema: Annotated[float | None, option(HOW, "Measure a moving average of the weights; its decay.", "none")] = None
    head_epochs: Annotated[int | None, option(HOW, "Before the others, of the last layer alone.", "0")] = None
    body_scale: Annotated[float | None, option(HOW, "Of the learning rate, for all but the last layer.", "1")] = None
    precision: Annotated[
        str | None, option(HOW, "highest, high, medium (torch's words for float32) or bf16.", "highest", PRECISIONS)
    ] = None
    device: Annotated[str | None, option(WHERE, f"{either(DEVICES)}.", "auto", DEVICES)] = None
    out: Annotated[Path | None, option(WHERE, "Results folder.", "results")] = None
    data_dir: Annotated[Path | None, option(WHERE, "Folder of the data sets.", "LSBENCH_DATA, or the cache")] = None
    jobs: Annotated[str | None, option(WHERE, "Worker processes.", "one per core; one for a GPU")] = None
    workers: Annotated[
        str | None, option(WHERE, f"{'; '.join(f'{n}: {e.summary}' for n, e in ENGINES.items())}.", "local", ENGINES)
    ] = None
    gpus: Annotated[str | None, option(WHERE, "Which of this machine's GPUs, as 0,2.", "all")] = None
    address: Annotated[str | None, option(RAY, "HOST:PORT or auto, where you ran ray start.", "starts one")] = None
    cpus_per_stack: Annotated[float | None, option(RAY, "CPUs that a stack counts for.", "1")] = None
    gpus_per_stack: Annotated[float | None, option(RAY, "GPUs; 0.25 lets four stacks share one.", "0")] = None
    retries: Annotated[int | None, option(RAY, "Of stacks whose worker or node died.", "2")] = None
    timeout: Annotated[float | None, option(WHERE, "Seconds that a cell may take.", "no limit")] = None
    rerun: Annotated[Rerun | None, option(WHERE, "Train cells again that have a row.", "none")] = None
    download: Annotated[bool, flag("--download", "Fetch data sets that are missing.")] = False
    shared_results: Annotated[
        bool, typer.Option("--shared-results", help="All nodes see --out: workers write.", rich_help_panel=RAY)
    ] = False
    save_models: Annotated[bool, flag("--save-models", "Keep weights: models/<id>.safetensors.")] = False
    save_logits: Annotated[bool, flag("--save-logits", "Keep log-probs and labels: logits/<id>.npz.")] = False
    pretrained: Annotated[bool, flag("--pretrained", "Start torchvision models from their weights.")] = False
    no_dedupe: Annotated[bool, flag("--no-dedupe", "Train losses that are the same function, too.")] = False
    smoke: Annotated[bool, flag("--smoke", "All losses in seconds, nothing kept; for CI.")] = False

    @property
    def results(self) -> Path:
        """The results folder."""
        return self.out or Path("results")

    def with_study(self) -> "Asked":
        """These options, and the study file's where they are silent; the file is read once, as a pipe can be."""
        return self._whole

    @cached_property
    def _whole(self) -> "Asked":
        if self.study is None:
            return self
        allowed = [f.name for f in fields(self) if f.name not in NOT_IN_A_STUDY]
        found = {name: as_typed(name, value) for name, value in read_study(self.study, allowed).items()}
        return replace(self, **{name: value for name, value in found.items() if _is_silent(getattr(self, name))})

    def to_study(self) -> dict[str, Value]:
        """What was asked, as a study: the grid, and where and how it is to be trained."""
        where = {"device": self.device, "out": self.out and str(self.out), "jobs": self.jobs, "timeout": self.timeout}
        folder = {"data_dir": self.data_dir and str(self.data_dir)}
        return {**study_of(self.grid()), **_given({**where, **folder})}

    def grid(self, **defaults: Any) -> Grid:
        """The grid of what was asked; `defaults` stand in for what was not, then the grid's own."""
        kinds = self.noise_kind and values.names("--noise-kind", self.noise_kind)
        rates = self.noise and values.numbers("--noise", self.noise)
        if rates is None and any(map(has_file, kinds or ())):
            rates = (1.0,)  # all of the file's
        asked = {
            "losses": self.loss and values.names("--loss", self.loss),
            "eps": self.eps and values.numbers("--eps", self.eps),
            "noises": kinds,
            "noise_rates": rates,
            "seeds": self.seeds and values.seeds(self.seeds),
            "datasets": self.dataset and values.names("--dataset", self.dataset),
            "models": self._models(),
            "val": self.val,
            "train_size": self.train_size,
            "dedupe": False if self.no_dedupe else None,
        }
        preset = read_recipe(self.recipe) if self.recipe else {}
        typed = _given({f.name: getattr(self, f.name) for f in fields(Recipe)})
        recipe = {**dict(defaults.pop("recipe", {})), **preset, **typed}
        return Grid(**{**defaults, **_given(asked)}, recipe=tuple(recipe.items()))

    def _models(self) -> tuple[str, ...] | None:
        """The models' names, those of torchvision with their weights if `--pretrained`."""
        asked = values.names("--model", self.model) if self.model else None
        if not self.pretrained:
            return asked
        if not asked or not all(name.startswith(resolve.TORCHVISION) for name in asked):
            raise InputError("--pretrained is for torchvision's models; write --model torchvision:resnet18")
        return tuple(f"{name}:pretrained=true" for name in asked)

    def metrics(self) -> tuple[str, ...]:
        """The user's own metrics; an `InputError` where there is none of that name."""
        names = values.names("--metric", self.metric) if self.metric else ()
        for name in names:
            resolve.metric(name)
        return names

    def check_eps(self) -> None:
        """An eps that no loss takes is an error where it was typed, and left alone in a study file."""
        if not self.eps:
            return
        losses = values.names("--loss", self.with_study().loss or ["lsr"])
        passed_by = resolve.eps_passed_by(losses, values.numbers("--eps", self.eps))
        if all(loss in passed_by for loss in losses):
            raise InputError(f"--eps is for losses that smooth; {'; '.join(passed_by.values())}: leave it out")


def takes_asked(command: Callable[..., None]) -> Callable[..., None]:
    """Turn command(asked, **own options) into a function with one flat signature, as Typer reads it."""
    own = [p.replace(kind=p.KEYWORD_ONLY) for p in list(inspect.signature(command).parameters.values())[1:]]
    shared = [
        inspect.Parameter(f.name, inspect.Parameter.KEYWORD_ONLY, default=f.default, annotation=hint)
        for f, hint in zip(fields(Asked), get_type_hints(Asked, include_extras=True).values(), strict=True)
    ]

    @wraps(command)
    def flat(**options: Any) -> None:
        asked = Asked(**{p.name: options.pop(p.name) for p in shared})
        asked.check_eps()
        command(asked.with_study(), **options)

    flat.__signature__ = inspect.Signature([*shared, *own])  # pyright: ignore[reportAttributeAccessIssue]
    flat.__annotations__ = {p.name: p.annotation for p in [*shared, *own]}
    del flat.__wrapped__  # pyright: ignore[reportAttributeAccessIssue] - Typer would read the inner signature
    return flat


def as_typed(name: str, value: Any) -> Any:
    """A study file's value as the command line would have brought it.

    The items of a list of names are whole, commas and all; a list of one seed gets the comma that tells it from a
    count.
    """
    if name in NUMBERS:
        items = value if isinstance(value, list) else [value]
        return [",".join(map(str, items)) + "," * isinstance(value, list)]
    if name in LISTS:
        return ([values.Whole(item) for item in value] or [""]) if isinstance(value, list) else [str(value)]
    if name in ("out", "data_dir", *WORDS):
        if not isinstance(value, str):
            raise InputError(f"{name} in a study file must be text, got {value!r}")
        if not value and name not in MAY_BE_EMPTY:
            raise InputError(f"{name} in a study file is empty; give it a value, or leave it out")
        return value if name in WORDS else Path(value)
    return str(value) if name == "jobs" else value


def _is_silent(value: Any) -> bool:
    """Whether an option was not typed: of a flag, not set."""
    return value is None or value is False


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
