"""What an engine asks for its next stack: claims it first, so that no other run trains the same cells."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from lsbench.errors import InputError
from lsbench.planning import plan
from lsbench.planning.plan import Stack
from lsbench.rows import store
from lsbench.rows.row import Row
from lsbench.workers.claims import Claims


class Source:
    """The stacks that are left; those that another run holds come last, or drop out when it has finished them."""

    def __init__(
        self, stacks: Sequence[Stack], wanted: Iterable[str], rows: Mapping[str, Row], claims: Claims, out: Path
    ) -> None:
        self.left = deque(stacks)
        self.wanted, self.claims, self.out = set(wanted), claims, out
        self.before = rows  # as the survey found them: a wanted cell's row is one that is to be trained again

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
        found = {cell_id: self._row(cell_id) for cell_id in mine}
        finished = {cell_id: row.stack for cell_id, row in found.items() if row and row != self.before.get(cell_id)}
        self.wanted -= finished.keys()
        mates = {cell.id: [c.id for c in stack] for cell in stack if cell.id not in mine}
        return next(iter(plan.to_do([stack], {**mates, **finished})), None)

    def _row(self, cell_id: str) -> Row | None:
        path = store.path_of(cell_id, self.out)
        with suppress(InputError):
            return store.read_row(path) if path.exists() else None
