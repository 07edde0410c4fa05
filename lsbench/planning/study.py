"""Study files: the options of `run` that make a grid, as TOML; from options to a grid and back."""

import json
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from lsbench.data.group_file import with_groups
from lsbench.data.origin import data_kind
from lsbench.errors import InputError
from lsbench.names import resolve
from lsbench.names.catalogue import USUAL_MODELS
from lsbench.names.dataset_name import is_of_catalogue, with_features
from lsbench.names.registry import lookup
from lsbench.noise.files import has_file
from lsbench.planning.axes import AXES, recipe_value
from lsbench.planning.holding_out import DEFAULT_FOLDS, DEFAULT_VAL
from lsbench.planning.hyper_axes import hyper_axes, with_hyper
from lsbench.planning.lists import names, rate_or_same
from lsbench.planning.recipes import read_recipe
from lsbench.planning.tuning import tuned_names
from lsbench.spec import RECIPE_SETTINGS, Grid, Screening

Value = str | float | tuple[Any, ...]  # of a study: a tuple holds the values of a list
FLAGS = ("no_dedupe",)
CHOSEN = ("loss", "eps", "hyper")  # options in whose place a cheaper study may stand
SCREENING = "screening"  # a table: how the losses were chosen, where a cheaper study chose them
TEXTS = (
    "from",
    "by",
    "groups",
    "features",
    "test_noise_kind",
    "device",
    "engine",
    "recipe",
    "augment",
    "out",
    "data_dir",
)
MAY_BE_EMPTY = ("augment",)  # no augmentation, where the recipe has one
SINGLE = (
    "noise_seed",
    "test_noise_seed",
    "val",
    "folds",
    "train_size",
)  # options with one value that are fields of a grid under the same name


def grid_of(options: Mapping[str, Any], defaults: Mapping[str, Any] | None = None) -> Grid:
    """The grid of these options, as they were typed or as a study file has them; other options are ignored.

    defaults: fields of a grid that hold where no option says otherwise, before the grid's own.
    """
    fields = {**(defaults or {}), **{name: options[name] for name in SINGLE if name in options}}
    for option, (axis, read) in AXES.items():
        if option in options:
            fields[axis] = read(f"--{option.replace('_', '-')}", options[option])
    for option, put in (("groups", with_groups), ("features", with_features)):
        if option in options:
            names_of_data = fields.get("datasets", Grid.datasets)
            fields["datasets"] = tuple(put(name, options[option]) for name in names_of_data)
    if "hyper" in options:
        fields["losses"] = with_hyper(fields.get("losses", Grid.losses), hyper_axes("--hyper", options["hyper"]))
    if "noise" not in options and any(map(has_file, fields.get("noises", ()))):
        fields["noise_rates"] = (1.0,)  # all labels of the file
    fields |= _test_noise(options)
    if "tune" in options:
        fields["tune"] = tuned_names(names("--tune", options["tune"]))
    if options.get("no_dedupe"):
        fields["dedupe"] = False
    return Grid(**{**fields, "recipe": {**fields.get("recipe", {}), **recipe_fields(options)}})


def _test_noise(options: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a grid that say which test labels are wrong; all labels of a file, where no rate is given."""
    fields: dict[str, Any] = {}
    if "test_noise_kind" in options:
        fields["test_noise"] = options["test_noise_kind"]
        if has_file(options["test_noise_kind"]):
            fields["test_noise_rate"] = 1.0
    if "test_noise" in options:
        fields["test_noise_rate"] = rate_or_same("--test-noise", options["test_noise"])
    return fields


def recipe_fields(options: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a recipe that options choose: those of the recipe that they name, then those given one by one.

    A tuple holds several values of a field.
    """
    named = read_recipe(options["recipe"]) if "recipe" in options else {}
    return {**named, **{name: recipe_value(name, options[name]) for name in RECIPE_SETTINGS if name in options}}


def read_study(path: Path, allowed: Collection[str]) -> dict[str, Value]:
    """The options in a study file, `-` in their names written `_`; an `InputError` names what makes no sense."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig", errors="surrogateescape"))
    except OSError as error:
        raise InputError(_no_study(path, error)) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"study {path} is no TOML file: {error}") from error
    study = {name.replace("-", "_"): value for name, value in values.items()}
    if len(study) < len(values):
        raise InputError(f"study {path}: an option is given twice, once with - and once with _")
    for name, value in study.items():
        try:
            lookup({word: word for word in allowed}, "option", name)
            _check(name, value)
        except InputError as error:
            raise InputError(f"study {path}: {error}") from error
    return as_values(study)


def _no_study(path: Path, error: OSError) -> str:
    """What is wrong with a path where a study file should be, and what may have been meant."""
    if path.is_dir():
        return (
            f"a study is a TOML file, and {path} is a folder; examples are given with --dataset {path}, a folder for"
            f" results with --out {path}"
        )
    if not path.exists():
        return f"no study file {path}; it is looked for from the current folder, {Path.cwd()}"
    return f"study {path}: {error.strerror}"


def as_values(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a TOML file; the items of its lists are values, which are not split at commas."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}


def write_study(study: Mapping[str, Value], screening: Screening | None = None) -> str:
    """TOML that `read_study` reads back; a path that is not UTF-8 keeps its own bytes, see `to_bytes`.

    screening: how the losses were chosen; a table at the end.
    """
    chosen = f"\n[{SCREENING}]\n{write_study(screening.as_json())}" if screening else ""
    return "".join(f"{name} = {_toml(value)}\n" for name, value in study.items()) + chosen


def study_of(grid: Grid) -> dict[str, Value]:
    """A valid grid as a study, nothing left to defaults but what is the model's own."""
    study: dict[str, Value | None] = {
        "dataset": grid.datasets,
        "model": grid.models or _usual_models(grid),
        "loss": grid.losses,
        "eps": grid.eps if any("eps" in resolve.hyper(text)[1] for text in grid.losses) else None,
        "noise_kind": grid.noises,
        "noise": grid.noise_rates,
        "noise_seed": grid.noise_seed,
        "test_noise": grid.test_noise_rate or None,
        "test_noise_kind": grid.test_noise,
        "test_noise_seed": grid.test_noise_seed or None,
        "seeds": grid.seeds,
        **_held_out(grid),
        "train_size": grid.train_size,
        "tune": grid.tune or None,
        "no_dedupe": None if grid.dedupe else True,
        **dict(grid.recipe),
    }
    return {name: value for name, value in study.items() if value is not None}


def _usual_models(grid: Grid) -> tuple[str, ...] | None:
    """The usual model of these data sets; None where they have several, or have to be read first."""
    kinds = {data_kind(name) for name in grid.datasets}
    models = {kind and USUAL_MODELS[kind] for kind in kinds}
    (model,) = models if len(models) == 1 else (None,)
    return (model,) if model else None


def _held_out(grid: Grid) -> dict[str, Value | None]:
    """What a grid holds out, said even where it is the default; of own data beside the catalogue's it stays that."""
    if grid.val is not None or grid.folds is not None:
        return {"val": grid.val, "folds": grid.folds}
    is_own = {not is_of_catalogue(name) for name in grid.datasets}
    if len(is_own) > 1:
        return {}
    return {"folds": DEFAULT_FOLDS} if True in is_own else {"val": DEFAULT_VAL}


def _check(name: str, value: Any) -> None:
    if name == SCREENING:
        Screening.from_json(value)
        return
    if name in FLAGS:
        if not isinstance(value, bool):
            raise InputError(f"{name} takes true or false; got {value!r}")
        return
    if name in TEXTS:
        _check_text(name, value)
        return
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str | int | float) and not isinstance(item, bool) for item in items):
        raise InputError(f"{name} takes text, a number, or a list of them; got {value!r}")


def _check_text(name: str, value: Any) -> None:
    if not isinstance(value, str):
        raise InputError(f"{name} in a study file must be text, got {value!r}")
    if not value and name not in MAY_BE_EMPTY:
        raise InputError(f"{name} in a study file is empty; give it a value, or leave it out")


def _toml(value: Value) -> str:
    """A JSON string, number or list is a TOML one too, but for the character DEL and JSON's surrogate pairs."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).replace("\x7f", "\\u007f")
