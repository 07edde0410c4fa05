"""The commands, and what ends them: one sentence and an exit code, never a traceback."""

import os
import sys
from typing import Annotated

import typer

from lsbench.cli.arguments import require_values
from lsbench.cli.commands import LazyGroup, add_commands
from lsbench.cli.say import say
from lsbench.errors import LsbenchError
from lsbench.version import __version__

FAILED = 1  # exit code of what the machine, not the user, got wrong

app: typer.Typer = typer.Typer(
    name="lsbench",
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Which loss, and how much label smoothing, should I train with, given that some labels are wrong?",
)
add_commands(app)


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
        _run()
    except LsbenchError as error:
        say(str(error))
        sys.exit(error.exit_code)
    except BrokenPipeError:  # whoever read the output has had enough
        drop_output()
        sys.exit(FAILED)
    except OSError as error:
        drop_output()
        say(f"{error.strerror or error}: {error.filename}" if error.filename else str(error.strerror or error))
        sys.exit(FAILED)


def _run() -> None:
    """The command, until its output has left this process: what a disk can't take is known before the exit code."""
    try:
        require_values(sys.argv[1:])
        app()
    finally:
        sys.stdout.flush()


def drop_output() -> None:
    """Give up output that can't be written, which Python would try again as it ends, with an exit code of its own."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
