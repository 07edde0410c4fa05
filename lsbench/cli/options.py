"""The options that `run` and `plan` share, as one dataclass."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from functools import cached_property, wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from lsbench.analysis.criteria import CRITERIA
from lsbench.cli.chosen import CHOOSING, chosen_options
from lsbench.cli.option import HOW, RAY, WHAT, WHERE, flag, option
from lsbench.cli.recipe_options import RecipeOptions, Words
from lsbench.cli.trust import TRUST_HELP, require_given, trusted_parts
from lsbench.errors import InputError
from lsbench.names import resolve
from lsbench.names.catalogue import DATASETS, LOSSES, MODELS, NOISES
from lsbench.names.catalogue.allowed import either
from lsbench.names.catalogue.engines import AUTO, STEP_ENGINE_WORDS
from lsbench.names.dataset_name import WRITTEN as NETWORKS
from lsbench.planning.axes import recipe_choices
from lsbench.planning.engine_stacks import engine_asked
from lsbench.planning.hyper_axes import hyper_axes, require_effect
from lsbench.planning.lists import names, numbers
from lsbench.planning.recipes import names as recipe_names
from lsbench.planning.stacks import RERUN_ALL, RERUN_FAILED
from lsbench.planning.study import CHOSEN, Value, grid_of, read_study, recipe_fields, study_of
from lsbench.planning.tuning import TUNABLE
from lsbench.rows.status import LABELLED
from lsbench.spec import DEVICES, RECIPE_SETTINGS, WITHOUT_MOMENTUM, Grid, Place, Screening
from lsbench.workers.engines import ENGINES


class Rerun(StrEnum):
    """Which stored cells are trained again."""

    failed = RERUN_FAILED
    all = RERUN_ALL


NOT_IN_A_STUDY = (
    "study",
    "rerun",
    "download",
    "smoke",
    "save_models",
    "save_logits",
    "no_per_example",
    "pretrained",
    "workers",
    "gpus",
    "address",
    "cpus_per_stack",
    "gpus_per_stack",
    "retries",
    "shared_results",
    "metric",
)  # they are about one run, not about the question
NO_OPTION = {"option": False}  # of a field that is no option of the command line
ENGINE_HELP = "; ".join(f"{name}, {words}" for name, words in STEP_ENGINE_WORDS.items())
WHERE_IN_A_STUDY = ("device", "engine", "out", "jobs", "timeout", "data_dir", "trust")


@dataclass(frozen=True, kw_only=True)
class RunOptions(RecipeOptions):
    """The options of `run` and `plan`, as typed or as a study file has them; None where one is not given."""

    study: Annotated[Path | None, typer.Argument(help="A TOML file of these options; those given here win.")] = None
    loss: Annotated[Words, option(WHAT, "Losses.", "ce,lsr,fused", LOSSES)] = None
    eps: Annotated[Words, option(WHAT, "Smoothing values, for the losses that take one.", "0.1")] = None
    hyper: Annotated[Words, option(WHAT, "Values of a loss's hyperparameter: gce.q=0.5,0.7.", "its own")] = None
    from_: Annotated[
        Path | None, option(WHAT, "Take the best losses of a cheaper study: its results folder.", "none", (), "--from")
    ] = None
    top: Annotated[int | None, option(WHAT, "With --from: how many; ce is trained in any case.", "2")] = None
    by: Annotated[
        str | None, option(WHAT, "With --from: what chooses, on held-out examples.", "accuracy", CRITERIA)
    ] = None
    noise: Annotated[Words, option(WHAT, "Rates of wrong labels in training and validation.", "0")] = None
    noise_kind: Annotated[Words, option(WHAT, "Kinds of label noise.", "symmetric", NOISES)] = None
    noise_seed: Annotated[
        int | None, option(WHAT, "Draw the wrong training labels of all seeds from this one.", "each seed's own")
    ] = None
    test_noise: Annotated[
        str | None, option(WHAT, "Make test labels wrong, too: a rate, or same as in training.", "none")
    ] = None
    test_noise_kind: Annotated[str | None, option(WHAT, "Kind of the wrong test labels.", "--noise-kind", NOISES)] = (
        None
    )
    test_noise_seed: Annotated[int | None, option(WHAT, "Their draw: one for all cells.", "0")] = None
    seeds: Annotated[Words, option(WHAT, "How many seeds (5 is 0,1,2,3,4), or which (3,7).", "5")] = None
    dataset: Annotated[Words, option(WHAT, "Data sets.", "mnist", DATASETS)] = None
    features: Annotated[
        str | None, option(WHAT, f"Train on a pretrained network's features: {NETWORKS}.", "the images themselves")
    ] = None
    model: Annotated[Words, option(WHAT, "Models.", "mlp; of features linear", MODELS)] = None
    metric: Annotated[Words, option(WHAT, "Metrics of your own, beside those that are always there.", "none")] = None
    val: Annotated[
        float | None, option(WHAT, "Fraction of the training set held out; 0 is none.", "0.1; of own data folds")
    ] = None
    folds: Annotated[
        int | None,
        option(WHAT, "Seed s holds out fold s mod K: K seeds hold out each example once.", "5 of own data"),
    ] = None
    groups: Annotated[
        str | None, option(WHAT, "What stays together, per example (patient): FILE or FILE:COLUMN.", "nothing")
    ] = None
    trust: Annotated[Words, option(WHAT, TRUST_HELP, "none", LABELLED)] = None
    train_size: Annotated[int | None, option(WHAT, "Train on so many examples only.", "all")] = None
    recipe: Annotated[
        str | None, option(HOW, "A recipe by name; options typed win.", "the model's", recipe_names())
    ] = None
    tune: Annotated[Words, option(HOW, "Train a small range of values: lr, eps, gce.q, ...", "nothing", TUNABLE)] = None
    device: Annotated[str | None, option(WHERE, f"{either(DEVICES)}.", "auto", DEVICES)] = None
    engine: Annotated[
        str | None, option(WHERE, f"What computes the steps: {ENGINE_HELP}.", AUTO, STEP_ENGINE_WORDS)
    ] = None
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
    timeout: Annotated[
        float | None, option(WHERE, "Seconds that a cell may take, with all its networks.", "no limit")
    ] = None
    rerun: Annotated[Rerun | None, option(WHERE, "Train cells again that have a row.", "none")] = None
    download: Annotated[bool, flag("--download", "Fetch data sets that are missing.")] = False
    shared_results: Annotated[
        bool, typer.Option("--shared-results", help="All nodes see --out: workers write.", rich_help_panel=RAY)
    ] = False
    save_models: Annotated[bool, flag("--save-models", "Keep weights: models/<id>.safetensors.")] = False
    save_logits: Annotated[
        bool, flag("--save-logits", "Keep log-probs and labels: logits/<id>.npz, predictions/<id>.npz.")
    ] = False
    no_per_example: Annotated[
        bool, flag("--no-per-example", "Keep no predictions per example: examples/<id>.npz, predictions/<id>.npz.")
    ] = False
    pretrained: Annotated[bool, flag("--pretrained", "Start torchvision models from their weights.")] = False
    no_dedupe: Annotated[bool, flag("--no-dedupe", "Train losses that are the same function, too.")] = False
    smoke: Annotated[bool, flag("--smoke", "All losses in seconds, nothing kept; for CI.")] = False
    screening: Screening | None = field(default=None, metadata=NO_OPTION)  # how the losses were chosen, if they were

    @property
    def results(self) -> Path:
        """The results folder."""
        return self.out or Path("results")

    @property
    def keeps_examples(self) -> bool:
        """Whether what each test example got is kept beside the rows."""
        return not (self.no_per_example or self.smoke)

    def place(self, device: str) -> Place:
        """Where the grid is trained, and what is kept beside its rows."""
        return Place(
            device=device,
            data_dir=self.data_dir,
            models=self.results / "models" if self.save_models else None,
            logits=self.results / "logits" if self.save_logits else None,
            metrics=self.metrics(),
            trusted=self.trusted,
            screening=self.screening,
            per_example=self.keeps_examples,
            engine=engine_asked(self.engine, device),
            predictions=self.save_logits,
        )

    @property
    def given(self) -> dict[str, Any]:
        """The options that were given: of a flag, that it is set."""
        values = {name: getattr(self, name) for name, _ in _in_order_of_help()}
        return {name: value for name, value in values.items() if value is not None and value is not False}

    @cached_property
    def with_study(self) -> "RunOptions":
        """These options, and the study file's where they are not given; the file is read once, as a pipe can be."""
        if self.study is None:
            return self
        names_of_fields = {f.name.rstrip("_"): f.name for f in fields(self) if f.name not in NOT_IN_A_STUDY}
        read = read_study(self.study, list(names_of_fields))
        study: dict[str, Any] = {names_of_fields[name]: value for name, value in read.items()}
        replaced = {*CHOSEN, *CHOOSING} if self.from_ is not None else CHOOSING if self.loss is not None else ()
        study = {name: value for name, value in study.items() if name not in replaced}
        for name, make in (
            ("out", Path),
            ("data_dir", Path),
            ("from_", Path),
            ("jobs", str),
            ("screening", Screening.from_json),
        ):
            if name in study:
                study[name] = make(study[name])
        for name, other in (("val", "folds"), ("folds", "val")):
            if name in self.given and other not in self.given:
                study.pop(other, None)  # what is typed takes its place
        return replace(self, **{**study, **self.given})

    def to_study(self) -> dict[str, Value]:
        """The options as a study: the grid, and where and how it is to be trained."""
        where = {name: self.given[name] for name in WHERE_IN_A_STUDY if name in self.given}
        return {**study_of(self.grid()), **{k: str(v) if isinstance(v, Path) else v for k, v in where.items()}}

    def grid(self, **defaults: Any) -> Grid:
        """The grid of these options; `defaults` hold where none is given, then the grid's own."""
        return grid_of({**self.given, **self._models()}, defaults)

    def _models(self) -> dict[str, tuple[str, ...]]:
        """With `--pretrained` torchvision's models with their weights; nothing without it."""
        if not self.pretrained:
            return {}
        models = names("--model", self.model) if self.model else ()
        if not models or not all(name.startswith(resolve.TORCHVISION) for name in models):
            raise InputError("--pretrained is for torchvision's models; write --model torchvision:resnet18")
        return {"model": tuple(f"{name}:pretrained=true" for name in models)}

    @property
    def trusted(self) -> tuple[str, ...]:
        """The parts of the user's data for whose labels they vouch."""
        return trusted_parts(self.trust)

    def metrics(self) -> tuple[str, ...]:
        """The user's own metrics; an `InputError` where there is none of that name."""
        metrics = names("--metric", self.metric) if self.metric else ()
        for name in metrics:
            resolve.metric(name)
        return metrics

    def require_effect(self) -> None:
        """Raise an `InputError` for an option that was typed and has no effect; a study file may hold it."""
        if self.from_ is None and (self.top is not None or self.by is not None) and self.with_study.from_ is None:
            raise InputError("--top and --by belong to --from, the results folder of a cheaper study; add it")
        if self.eps:
            self._require_smoothing(names("--loss", self.with_study.loss or "lsr"), numbers("--eps", self.eps))
        if self.hyper:
            losses = names("--loss", self.with_study.loss or Grid.losses)
            require_effect("--hyper", losses, hyper_axes("--hyper", self.hyper))
        self._require_momentum()

    def require_own_labels(self) -> None:
        """Raise an `InputError` for --trust of labels that are published."""
        datasets = names("--dataset", self.dataset or Grid.datasets)
        require_given(self.trusted, datasets, test_noise=self.test_noise is not None)

    def _require_momentum(self) -> None:
        if "momentum" not in self.given:
            return
        optimizers = {fields.get("optimizer") for fields in recipe_choices(recipe_fields(self.with_study.given))}
        if optimizers <= set(WITHOUT_MOMENTUM):
            listed = " and ".join(sorted(map(str, optimizers)))
            raise InputError(f"--momentum has no effect: {listed} has none; leave it out, or choose --optimizer sgd")

    def _require_smoothing(self, losses: Sequence[str], eps: Sequence[float]) -> None:
        reasons = resolve.eps_passed_by(losses, eps)
        if all(loss in reasons for loss in losses):
            raise InputError(f"--eps is for losses that smooth; {'; '.join(reasons.values())}: leave it out")


def takes_run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Turn command(options, **own options) into a function with one flat signature, as Typer reads it."""
    own = [p.replace(kind=p.KEYWORD_ONLY) for p in list(inspect.signature(command).parameters.values())[1:]]
    hints = get_type_hints(RunOptions, include_extras=True)
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hints[name])
        for name, default in _in_order_of_help()
    ]

    @wraps(command)
    def flat(**values: Any) -> None:
        options = RunOptions(**{p.name: values.pop(p.name) for p in shared})
        options.require_effect()
        full = options.with_study
        chosen = replace(full, **chosen_options(full.given))
        chosen.require_own_labels()
        command(chosen, **values)

    flat.__signature__ = inspect.Signature([*shared, *own])  # pyright: ignore[reportAttributeAccessIssue]
    flat.__annotations__ = {p.name: p.annotation for p in [*shared, *own]}
    del flat.__wrapped__  # pyright: ignore[reportAttributeAccessIssue] - Typer would read the inner signature
    return flat


def _in_order_of_help() -> list[tuple[str, Any]]:
    """Each option and its default: what to train before how."""
    options = [(f.name, f.default) for f in fields(RunOptions) if f.metadata != NO_OPTION]
    return [*options[len(RECIPE_SETTINGS) :], *options[: len(RECIPE_SETTINGS)]]
