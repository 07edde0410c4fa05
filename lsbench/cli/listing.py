"""`lsbench list`: the names that the other commands take."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from lsbench.cli.show import show_text
from lsbench.errors import InputError
from lsbench.names import catalogue
from lsbench.names.encoding import exact
from lsbench.names.reference import plugins
from lsbench.names.registry import lookup
from lsbench.planning.identities import IDENTITIES
from lsbench.planning.recipes import names as recipe_names
from lsbench.planning.recipes import read_recipe

RECIPES = recipe_names()
TABLES: dict[str, Mapping[str, Any]] = {
    "losses": catalogue.LOSSES,
    "models": catalogue.MODELS,
    "datasets": catalogue.DATASETS,
    "noises": catalogue.NOISES,
    "metrics": catalogue.METRICS,
    "recipes": RECIPES,
}


KINDS = {"losses": "loss", "models": "model", "datasets": "data set", "noises": "noise", "metrics": "metric"}


def list_names(
    what: Annotated[str, typer.Argument(help=" | ".join(TABLES), autocompletion=lambda: list(TABLES))],
    as_json: Annotated[bool, typer.Option("--json", help="All that is known, as a JSON object by name.")] = False,
    identities: Annotated[bool, typer.Option("--identities", help="Which losses are the same function.")] = False,
) -> None:
    """List losses, models, datasets, noises, metrics or recipes."""
    if identities:
        show_identities(what, as_json=as_json)
        return
    table = lookup(TABLES, "table", what)
    if table is RECIPES:
        show_recipes(as_json=as_json)
        return
    published = plugins(KINDS[what])
    if as_json:
        own = {name: {"ref": plugin.value, "source": "a plugin of yours"} for name, plugin in published.items()}
        print(json.dumps({**{name: asdict(entry) for name, entry in table.items()}, **own}, indent=2))
        return
    width = max(map(len, [*table, *published]))
    show_text((f"{name:<{width}}  {entry.summary}{_hyper(entry)} ({entry.source})" for name, entry in table.items()))
    show_text((f"{name:<{width}}  {plugin.value} (a plugin of yours)" for name, plugin in published.items()))


def show_recipes(*, as_json: bool) -> None:
    """Print the recipes."""
    if as_json:
        print(json.dumps({name: read_recipe(name) for name in RECIPES}, indent=2))
        return
    show_text((f"{name:<{max(map(len, RECIPES))}}  {summary}" for name, summary in RECIPES.items()))


def show_identities(what: str, *, as_json: bool) -> None:
    """Print what is known of losses that are the same function."""
    if what != "losses":
        raise InputError(f"--identities are of losses, got {what!r}; write: lsbench list losses --identities")
    if as_json:
        print(json.dumps([asdict(identity) for identity in IDENTITIES], indent=2))
        return
    show_text(f"{same.left} = {same.right}: {same.when} ({same.tested})" for same in IDENTITIES)


def _hyper(entry: Any) -> str:
    options = {**getattr(entry, "hyper", {}), **getattr(entry, "cross_fit", {})}
    return "".join(f"; {name} = {value if isinstance(value, str) else exact(value)}" for name, value in options.items())
