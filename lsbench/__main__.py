"""`lsbench` and `python -m lsbench`."""

import sys

from lsbench.cli.stopping import Stopped, stop_on_signals
from lsbench.cli.streams import open_closed_streams, take_any_character
from lsbench.version import __version__


def main() -> None:
    """Run the command line; signals are looked after, and the version is told, before anything slow is imported."""
    open_closed_streams()
    take_any_character()
    if sys.argv[1:] == ["--version"]:
        print(f"lsbench {__version__}")  # noqa: T201
        return
    stop_on_signals()
    try:
        from lsbench.cli.app import main as run_command_line

        run_command_line()
    except Stopped as stopped:
        sys.exit(stopped.exit_code)


if __name__ == "__main__":
    main()
