"""What a caller of `lsbench.compare` gives, as a grid has it: seeds, a folder, a recipe."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from os import PathLike
from pathlib import Path
from typing import Any

from lsbench.errors import InputError, require_whole, shown
from lsbench.names.plain import plain, several
from lsbench.names.registry import lookup
from lsbench.planning.recipes import read_recipe
from lsbench.spec import Recipe

MOST_SEEDS = 10_000


def seeds_of(given: int | Iterable[int]) -> tuple[int, ...]:
    """So many, from 0; or these."""
    count = plain(given)
    if isinstance(count, Iterable):
        return several(count)
    require_whole("seeds, as a count,", count, 1, MOST_SEEDS)
    return tuple(range(count))


def folder_of(name: str, given: str | Path | None) -> Path | None:
    """A folder, or None; `InputError` for an empty text, which would be taken for either."""
    if given == "":
        raise InputError(f"{name} is empty; give a folder, or None")
    if given is not None and not isinstance(given, str | PathLike):
        raise InputError(f"{name} must be a folder's path, or None; got {shown(given)}")
    return None if given is None else Path(given)


def names_of(name: str, given: str | Iterable[str]) -> tuple[str, ...]:
    """One text or several, at least one."""
    texts = several(given)
    if not texts or not all(isinstance(text, str) for text in texts):
        raise InputError(f"{name} must be a text or several, got {shown(given)}")
    return texts


def recipe_of(given: str | Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Fields of a recipe, by its name or as they are; `InputError` for one that there is not."""
    if isinstance(given, str):
        return read_recipe(given)
    if given is not None and not isinstance(given, Mapping):
        raise InputError(f'recipe must be a recipe\'s name, or its fields such as {{"epochs": 3}}; got {shown(given)}')
    for name in given or {}:
        lookup({f.name: f for f in fields(Recipe)}, "field of a recipe", name)
    values = {name: several(value) for name, value in (given or {}).items()}
    return {name: value[0] if len(value) == 1 else value for name, value in values.items()}
