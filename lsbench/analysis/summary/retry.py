"""Whether what ended a cell would end it again: the same code on the same input raises the same error."""

import re
from collections.abc import Iterable

from lsbench.rows.row import Row

RAISED = re.compile(
    r"([A-Za-z_]\w*): ", re.ASCII
)  # what a cell raised is told so; what befell its process is a sentence
OF_THE_MACHINE = re.compile(
    r"memory|OSError|Errno|CUDA|cuDNN|NCCL|AcceleratorError|StorageError|No space|Connection", re.IGNORECASE
)


def comes_again(row: Row) -> bool:
    """Whether training the cell again would give the same end.

    So it is of a cell that diverged, as the same cell gives the same bits, and of one that raised an error, unless
    memory, a disk or a device was the cause. A process that was killed, lost or too slow may fare better.
    """
    if row.status == "diverged":
        return True
    error = row.error or ""
    return row.status == "failed" and RAISED.match(error) is not None and not OF_THE_MACHINE.search(error)


def retry_text(lost: Iterable[Row]) -> str:
    """Advice to train lost cells again, to follow a sentence; nothing where all of them would end so again."""
    return "" if all(map(comes_again, lost)) else "; train them again with lsbench run --rerun failed"
