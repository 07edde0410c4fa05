"""A stack trained in this process, so that one cell that raises costs no other."""

from lsbench.planning.stacks import Stack
from lsbench.rows import provenance
from lsbench.rows.row import Row
from lsbench.spec import Place
from lsbench.training.stack import run_stack


def rows_of(stack: Stack, place: Place) -> list[Row]:
    """A stack's rows; a stack that raises is divided, until the cell that raises is alone and becomes a failed row."""
    try:
        return run_stack(stack, place)
    except Exception as error:  # noqa: BLE001 - whatever a cell raises becomes its row
        if len(stack) > 1:
            half = len(stack) // 2
            return [row for part in (stack[:half], stack[half:]) for row in rows_of(part, place)]
        said, origin = f"{type(error).__name__}: {error}", provenance.collect()
        return [Row(cell=c, status="failed", error=said, stack=[c.id], provenance=origin) for c in stack]
