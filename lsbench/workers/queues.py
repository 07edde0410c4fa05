"""Where an engine gets its next stack from: a plain queue, or one that claims cells among several runs."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from lsbench.errors import InputError
from lsbench.planning.stacks import Stack, unfinished
from lsbench.rows import store
from lsbench.rows.row import Row
from lsbench.workers.claims import Claims


class Stacks(Protocol):
    """What an engine takes its stacks from."""

    def __len__(self) -> int:
        """How many are left."""
        ...

    def take(self) -> Stack | None:
        """The next one, or None where it may come later."""
        ...


class StackQueue:
    """Stacks that no other run can want."""

    def __init__(self, stacks: Sequence[Stack]) -> None:
        self.left: deque[Stack] = deque(stacks)

    def __len__(self) -> int:
        return len(self.left)

    def take(self) -> Stack | None:
        """The next one."""
        return self.left.popleft() if self.left else None


class ClaimingQueue:
    """Stacks that other runs of the folder may want: each is claimed first, so that no two train the same cells.

    Those that another run holds come last, or drop out when it has finished them.
    """

    def __init__(
        self, stacks: Sequence[Stack], wanted: Iterable[str], rows: Mapping[str, Row], claims: Claims, out: Path
    ) -> None:
        """Take the rows as the survey read them: a wanted cell's row among them is one that is to be trained again."""
        self.left: deque[Stack] = deque(stacks)
        self.wanted: set[str] = set(wanted)
        self.claims: Claims = claims
        self.out: Path = out
        self.rows_before = rows

    def __len__(self) -> int:
        return len(self.left)

    def take(self) -> Stack | None:
        """A stack that is now this run's alone, or None while others hold all that is left."""
        for _ in range(len(self.left)):
            stack = self.left.popleft()
            mine = [cell.id for cell in stack if cell.id in self.wanted]
            if not self.claims.take(mine):
                self.left.append(stack)
            elif (unfinished := self._without_finished(stack, mine)) is not None:
                return unfinished
            else:
                self.claims.release(mine)
        return None

    def _without_finished(self, stack: Stack, mine: Sequence[str]) -> Stack | None:
        """What another run has left of a stack since this one started; None if that is nothing."""
        rows = {cell_id: self._row(cell_id) for cell_id in mine}
        finished = {cell_id: row.stack for cell_id, row in rows.items() if row and row != self.rows_before.get(cell_id)}
        self.wanted -= finished.keys()
        mates = {cell.id: [c.id for c in stack] for cell in stack if cell.id not in mine}
        return next(iter(unfinished([stack], {**mates, **finished})), None)

    def _row(self, cell_id: str) -> Row | None:
        path = store.path_of(cell_id, self.out)
        with suppress(InputError):
            return store.read_row(path) if path.exists() else None
