"""What the user sees of a run, on stderr: a bar with an ETA on a terminal, one line per finished cell otherwise."""

from collections.abc import Sequence
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
    BarColumn(),
    TaskProgressColumn(),
    TimeElapsedColumn(),
    TextColumn("left"),
    TimeRemainingColumn(),
)


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
        self.bar = Progress(*COLUMNS, console=self.console, disable=not self.console.is_terminal)
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
        if isinstance(event, EpochDone):
            self.epochs_of_running[running] = event.epochs
        else:
            self.epochs_of_running.pop(running, None)
            self.epochs_of_ended += network_epochs(event.stack)
            for row in event.rows:
                self._show_row(row)
        completed = self.epochs_of_ended + sum(self.epochs_of_running.values())
        self.bar.update(self.task, completed=completed, description=self._description())

    def _show_row(self, row: Row) -> None:
        self.ended += 1
        self.failed += row.status != "ok"
        if row.status != "ok" or not self.console.is_terminal:
            self.console.print(Text(printable(f"[{self.ended}/{self.wanted}] {describe(row)}")))

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
