"""SIGINT and SIGTERM end the program at once, by an exception that keeps what is finished; a second one kills."""

import signal
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """A signal asked the program to stop; the exit code is 128 + its number, as a shell expects."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code: int = 128 + number


def stop_on_signals() -> None:
    """From now on the first SIGINT or SIGTERM raises `Stopped`, and the next one has its default effect."""
    for number in SIGNALS:
        signal.signal(number, _stop)


def _stop(number: int, _frame: FrameType | None) -> None:
    for each in SIGNALS:
        signal.signal(each, signal.SIG_DFL)
    raise Stopped(number)
