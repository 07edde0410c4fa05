"""SIGINT and SIGTERM held back while Ray's own calls run, where an exception would abort the process."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

Handler = Callable[[int, FrameType | None], Any] | int | None  # as `signal` has it
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class HeldSignals:
    """SIGINT and SIGTERM, remembered when they come; `raise_pending` makes them take effect."""

    def __init__(self) -> None:
        self.before: dict[signal.Signals, Handler] = {number: signal.getsignal(number) for number in SIGNALS}
        self.caught: int | None = None
        self.may_handle: bool = threading.current_thread() is threading.main_thread()  # no other may

    def hold(self) -> None:
        """From now on signals wait."""
        for number in SIGNALS if self.may_handle else ():
            signal.signal(number, self.catch)

    def release(self) -> None:
        """Give the signals the handlers that they had before."""
        for number, handler in self.before.items() if self.may_handle else ():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def catch(self, number: int, _frame: FrameType | None) -> None:
        """Remember a signal; the next one ends the program at once."""
        self.caught = number
        for each in SIGNALS:
            signal.signal(each, signal.SIG_DFL)

    def raise_pending(self) -> None:
        """If a signal has come, do now what it would have done."""
        if self.caught is None:
            return
        number, self.caught = signal.Signals(self.caught), None
        handler = self.before[number]
        if callable(handler):
            handler(number, None)
        elif handler == signal.SIG_DFL:
            signal.raise_signal(number)


@contextmanager
def held_signals() -> Iterator[HeldSignals]:
    """Hold signals back until `raise_pending`."""
    signals = HeldSignals()
    signals.hold()
    try:
        yield signals
    finally:
        signals.release()
