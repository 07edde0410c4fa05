"""What the user sees of a run, on stderr: a bar with an ETA on a terminal, else a line per finished cell, with one."""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from lsbench.planning.stacks import Stack, network_epochs
from lsbench.report.text import printable
from lsbench.rows.row import Row
from lsbench.workers.events import EpochDone, Event, Waiting

COLUMNS = (
    TextColumn("{task.description}"),
    BarColumn(bar_width=20),  # so that a line with failures fits 80 columns
    TaskProgressColumn(),
    TextColumn("left"),
    TimeRemainingColumn(),
    TextColumn("after"),
    TimeElapsedColumn(),
)
SPEED_OVER = 24 * 3600.0  # seconds whose epochs say how quick it is: in 30, as usual, some have none


class Display:
    """Shows events as they come. A context manager; the bar counts the epochs of all networks, the text the cells."""

    console: Console
    wanted: int  # cells to train
    ended: int
    failed: int
    epochs_of_ended: int
    epochs_of_running: dict[tuple[str, ...], int]  # by the ids of a stack
    bar: Progress
    task: TaskID

    def __init__(self, stacks: Sequence[Stack], wanted: int) -> None:
        self.console = Console(stderr=True, soft_wrap=True)
        self.wanted, self.ended, self.failed = wanted, 0, 0
        self.epochs_of_ended, self.epochs_of_running = 0, {}
        hidden = not self.console.is_terminal
        self.bar = Progress(*COLUMNS, console=self.console, disable=hidden, speed_estimate_period=SPEED_OVER)
        self.task = self.bar.add_task(self._description(), total=sum(map(network_epochs, stacks)))

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.bar.stop()

    def show(self, event: Event) -> None:
        """Take note of an event."""
        if isinstance(event, Waiting):
            self.console.print(f"waiting for {event.stacks} stack{'s' * (event.stacks != 1)} that other runs hold")
            return
        running = tuple(cell.id for cell in event.stack)
        rows: list[Row] = []
        if isinstance(event, EpochDone):
            self.epochs_of_running[running] = event.epochs
        else:
            self.epochs_of_running.pop(running, None)
            self.epochs_of_ended += network_epochs(event.stack)
            rows = event.rows
        completed = self.epochs_of_ended + sum(self.epochs_of_running.values())
        self.bar.update(self.task, completed=completed)
        for place, row in enumerate(rows, 1):
            self._show_row(row, self._left() if place == len(rows) else "")
        self.bar.update(self.task, description=self._description())

    def _show_row(self, row: Row, left: str) -> None:
        self.ended += 1
        self.failed += row.status != "ok"
        if row.status != "ok" or not self.console.is_terminal:
            self.console.print(Text(printable(f"[{self.ended}/{self.wanted}] {describe(row)}{left}")))

    def _left(self) -> str:
        """How long the rest will take, to follow the last line of a stack; nothing where it is not known yet."""
        seconds = self.bar.tasks[self.task].time_remaining
        return f"; {timedelta(seconds=ceil(seconds))} left" if seconds else ""

    def _description(self) -> str:
        return f"{self.ended}/{self.wanted} cells" + (f", {self.failed} failed" if self.failed else "")


def describe(row: Row) -> str:
    """A row in one line."""
    from lsbench.analysis.summary.setting import Setting  # numpy, which --help does without
    from lsbench.analysis.summary.setting_text import head_text

    cell = row.cell
    name = f"{head_text(Setting.of_rows([row]))}, {cell.arm.name}, seed {cell.seed}"
    if row.status != "ok":
        return f"{name}: {row.status}: {row.error}"
    return f"{name}: accuracy {row.metrics['accuracy']:.4f}, ece {row.metrics['ece']:.4f}, {row.seconds:.1f} s"
