"""`lsbench list`: the names that the other commands take."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from lsbench import catalogue
from lsbench.registry import lookup

TABLES = {
    "losses": catalogue.LOSSES,
    "models": catalogue.MODELS,
    "datasets": catalogue.DATASETS,
    "noises": catalogue.NOISES,
    "metrics": catalogue.METRICS,
}


def list_names(
    what: Annotated[str, typer.Argument(help=" | ".join(TABLES), autocompletion=lambda: list(TABLES))],
    as_json: Annotated[bool, typer.Option("--json", help="All that is known, as a JSON object by name.")] = False,
) -> None:
    """List losses, models, datasets, noises or metrics."""
    table = lookup(TABLES, "table", what)
    if as_json:
        print(json.dumps({name: asdict(entry) for name, entry in table.items()}, indent=2))
        return
    width = max(map(len, table))
    for name, entry in table.items():
        print(f"{name:<{width}}  {entry.summary}{_hyper(entry)} ({entry.source})")


def _hyper(entry) -> str:
    hyper = getattr(entry, "hyper", {})
    return "".join(f"; {name} = {value:g}" for name, value in hyper.items())
