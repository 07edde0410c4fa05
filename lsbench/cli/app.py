"""The commands, and what ends them: one sentence and an exit code, never a traceback."""

import os
import sys
from typing import Annotated

import typer

from lsbench import __version__
from lsbench.cli.check import check
from lsbench.cli.decide import decide
from lsbench.cli.listing import list_names
from lsbench.cli.order import order
from lsbench.cli.plan import plan
from lsbench.cli.report import report
from lsbench.cli.reproduce import reproduce
from lsbench.cli.rerun import rerun
from lsbench.cli.run import run
from lsbench.cli.say import say
from lsbench.cli.speed import speed
from lsbench.errors import LsbenchError

FAILED = 1  # exit code of what the machine, not the user, got wrong

app = typer.Typer(
    name="lsbench",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Which loss, and how much label smoothing, should I train with, given that some labels are wrong?",
)
app.command("run")(run)
app.command("plan")(plan)
app.command("report")(report)
app.command("decide")(decide)
app.command("rerun")(rerun)
app.command("speed")(speed)
app.command("check")(check)
app.command("order")(order)
app.command("reproduce")(reproduce)
app.command("list")(list_names)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"lsbench {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def main() -> None:
    """Run a command; what goes wrong becomes one sentence and an exit code."""
    try:
        app()
    except LsbenchError as error:
        say(str(error))
        sys.exit(error.exit_code)
    except BrokenPipeError:  # whoever read the output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(FAILED)
    except OSError as error:
        say(f"{error.strerror or error}: {error.filename}" if error.filename else str(error.strerror or error))
        sys.exit(FAILED)
