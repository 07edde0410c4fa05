"""Recipes by name: TOML files with the options of `run` that say how to train. Options that are typed win.

What a recipe's options mean is in `spec.Recipe`; a model's own recipe is in its entry of `names.catalogue`.
"""

import tomllib
from importlib.resources import files
from typing import Any

from lsbench.names.registry import lookup


def names() -> dict[str, str]:
    """Every recipe, and what it is."""
    return {name: preset["summary"] for name, preset in _presets().items()}


def read_recipe(name: str) -> dict[str, Any]:
    """The options of the recipe of that name; `InputError` with near names where there is none."""
    preset = lookup(_presets(), "recipe", name)
    return {option: value for option, value in preset.items() if option not in ("summary", "source")}


def _presets() -> dict[str, dict[str, Any]]:
    preset_files = sorted(
        (path for path in files(__name__).iterdir() if path.name.endswith(".toml")), key=lambda path: path.name
    )
    return {path.name.removesuffix(".toml"): tomllib.loads(path.read_text(encoding="utf-8")) for path in preset_files}
