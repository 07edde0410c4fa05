"""The commands, known before they are imported: where each lives, and what help says of it in a line.

`lsbench --help` lists them all and runs none. A command is imported when it is called, or completed.
"""

from functools import cache
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from lsbench.errors import InputError
from lsbench.names.registry import load


class Known(NamedTuple):
    """A command before it is imported."""

    ref: str
    help: str  # the first paragraph of its docstring, which a test compares


COMMANDS: dict[str, Known] = {
    "run": Known(
        "lsbench.cli.run:run",
        "Train one model under several losses, smoothing values, noise rates and seeds; keep one row per cell.",
    ),
    "plan": Known(
        "lsbench.cli.plan:plan",
        "Say how many cells a grid has, how many are done, and what the others will take; train nothing.",
    ),
    "report": Known(
        "lsbench.cli.report:report",
        "Show what the trained cells say: a table per data set, model, noise and rate.",
    ),
    "decide": Known(
        "lsbench.cli.decide:decide",
        "Say which loss and eps to take, which may be best, what that costs by other criteria, and how sure that is.",
    ),
    "suspects": Known(
        "lsbench.cli.suspects:suspects",
        "Rank given labels by how suspicious they are, by predictions of networks that have not seen the example.",
    ),
    "verify": Known(
        "lsbench.cli.verify:verify",
        "Ask people for the labels of about a hundred well-chosen examples: a page for a browser, a CSV for a"
        " spreadsheet.",
    ),
    "rerun": Known(
        "lsbench.cli.rerun:rerun",
        "Train a stored cell again, in the stack it was trained in; replace its row, or --verify it.",
    ),
    "export": Known(
        "lsbench.cli.export:export",
        "Write a trained network as files that torch alone loads: weights, temperature, classes, a loader.",
    ),
    "predict": Known(
        "lsbench.cli.predict:predict",
        "Predict new examples, without labels: a class and its probabilities for each, as CSV.",
    ),
    "speed": Known(
        "lsbench.cli.speed:speed",
        "Measure what a loss and its gradient cost: time, memory, accuracy, and the distance to a copy of the logits.",
    ),
    "check": Known(
        "lsbench.cli.check:check",
        "Check a loss, a model or a data set of your own before hours are spent on it; say what fails, and why.",
    ),
    "order": Known(
        "lsbench.cli.order:order",
        "Print a data set's examples as CSV, in order: number, part, path (in a table FILE:LINE), class, label.",
    ),
    "reproduce": Known(
        "lsbench.cli.reproduce:reproduce",
        "Train a published protocol and say whether its numbers come out, within a margin, and how sure that is.",
    ),
    "list": Known(
        "lsbench.cli.listing:list_names",
        "List losses, models, datasets, noises, metrics or recipes.",
    ),
}


class LazyGroup(TyperGroup):
    """A group whose commands are names and help texts until one is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Import the command that the arguments begin with, then go on as any group does."""
        if args and args[0] in COMMANDS:
            self.commands[args[0]] = loaded(args[0])  # pyright: ignore[reportIndexIssue] - a dict, in every version
        return super().resolve_command(ctx, args)


class PlainCommand(TyperCommand):
    """A command that says of a value which is none of its option's type what was got and what is allowed."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As any command does; an `InputError` for such a value."""
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            if type(error) is not typer.BadParameter:  # an argument that is missing, say
                raise
            raise InputError(_refused(error)) from error


TAKES = {"int_parsing": "a whole number", "int_from_float": "a whole number", "float_parsing": "a number"}


def _refused(error: typer.BadParameter) -> str:
    """What a value is refused for; of numbers it is said in the words that lists of numbers are refused in."""
    option = "an argument" if error.param is None else max(error.param.opts, key=len)
    problems = getattr(error.__cause__, "errors", list)()  # of pydantic, which newer versions of typer ask
    if problems and (takes := TAKES.get(problems[0]["type"])):
        return f"{option} takes {takes}, got {problems[0]['input']!r}"
    return f"{option}: {error.message.removeprefix('Value error, ')}"


@cache
def loaded(name: str) -> Any:
    """The command itself, with its options; made once in a process."""
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(name, cls=PlainCommand)(load(COMMANDS[name].ref))
    return get_command(alone)


def add_commands(app: typer.Typer) -> None:
    """List the commands in an app of `LazyGroup`, by name and help text."""
    for name, command in COMMANDS.items():
        app.command(name, help=command.help)(_not_imported)


def _not_imported() -> None:
    """What stands in a command's place until `LazyGroup` has imported it; never called."""
