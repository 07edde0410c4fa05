"""How an option of the command line is declared: its place in the help, its default, its completion."""

from collections.abc import Iterable
from typing import Any

import typer

WHAT, HOW, WHERE, RAY = "What to train", "How", "Where", "With --workers ray"


def option(group: str, help: str, default: str, complete: Iterable[str] = (), *names: str) -> Any:  # noqa: A002 - typer's word
    """An option without a value of its own: `default` says what its absence means. `names`: where it has another."""
    words = list(complete)
    completion: Any = {"autocompletion": lambda: words} if words else {}
    return typer.Option(*names, help=help, rich_help_panel=group, show_default=default, **completion)


def flag(name: str, help: str) -> Any:  # noqa: A002 - typer's word
    """An option that is there or not."""
    return typer.Option(name, help=help, rich_help_panel=WHERE)
