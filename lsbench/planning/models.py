"""A model with the recipe that a grid trains it by. No torch here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lsbench.data.augmentation import written
from lsbench.errors import InputError, require_choice
from lsbench.names import resolve
from lsbench.names.catalogue import IMAGES, OPTIMIZERS, USUAL_MODELS, ModelEntry
from lsbench.names.reference import parse
from lsbench.names.registry import lookup
from lsbench.spec import Grid, Recipe


@dataclass(frozen=True)
class PlannedModel:
    """One model of a grid, its text parsed once."""

    text: str  # in its one form, with its options
    name: str  # without them
    entry: ModelEntry
    recipe: Recipe

    @property
    def source_key(self) -> tuple[str, str]:
        """What of it may be the user's own: its code, and the file of its class weights."""
        return self.name, self.recipe.class_weights


def names_of_models(grid: Grid, kind: str) -> tuple[str, ...]:
    """The models of a grid, or where it names none the usual one of that kind of data."""
    return tuple(dict.fromkeys(grid.models)) or (USUAL_MODELS[kind],)


def plan_model(text: str, chosen: Mapping[str, Any], kind: str = IMAGES) -> PlannedModel:
    """The model with its own recipe for that kind of data, but for the fields that were chosen."""
    text = resolve.model_text(text)
    name = parse(text).name
    entry = resolve.model(name)
    return PlannedModel(text, name, entry, _recipe_of(entry, dict(chosen), kind))


def default_lr(optimizer: str, model: ModelEntry, kind: str = IMAGES) -> float:
    """The learning rate that goes with an optimizer where none was asked for; `InputError` for an unknown one."""
    require_choice("optimizer", optimizer, tuple(OPTIMIZERS))
    own = model.recipe_of(kind)
    if optimizer == own.get("optimizer", Recipe.optimizer):
        return own.get("lr", Recipe.lr)
    lr = OPTIMIZERS[optimizer].lr
    if isinstance(lr, str):
        return lookup({"recipe": model.recipe.get("lr", Recipe.lr), "adam_lr": model.adam_lr}, "learning rate", lr)
    return lr


def own_value(text: str, recipe: Recipe, name: str, kind: str = IMAGES) -> Any:
    """A field of the recipe by which a model is trained where that field is not chosen; None for a model not here."""
    try:
        entry = resolve.model(parse(text).name)
    except InputError:  # a user's file that was moved, or a published plugin
        return None
    usual = entry.recipe_of(kind).get("optimizer", Recipe.optimizer)
    chosen = {} if name == "optimizer" or recipe.optimizer == usual else {"optimizer": recipe.optimizer}
    return getattr(_recipe_of(entry, chosen, kind), name)


def _recipe_of(entry: ModelEntry, chosen: dict[str, Any], kind: str) -> Recipe:
    own = dict(entry.recipe_of(kind))
    if "optimizer" in chosen:  # the learning rate of one optimizer is none for another
        own["lr"] = default_lr(chosen["optimizer"], entry, kind)
    recipe = Recipe(**{**own, **chosen})
    return replace(recipe, augment=written(recipe.augment))
