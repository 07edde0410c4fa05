"""Whether a failed cell would fail again: the same code on the same input raises the same error."""

import re
from collections.abc import Iterable

from lsbench.rows.row import Row

OF_THE_PROCESS = re.compile(r"its process |took longer than |lost \d+ times: ")  # as workers say it
OF_THE_MACHINE = re.compile(
    r"memory|OSError|Errno|CUDA|cuDNN|NCCL|AcceleratorError|StorageError|No space|Connection", re.IGNORECASE
)


def comes_again(row: Row) -> bool:
    """Whether training the cell again would end in the same way.

    A cell that diverged would, as the same cell gives the same bits; so would one that raised an error or was refused,
    unless memory, a disk or a device was the cause. One whose process was killed, lost or too slow may succeed.
    """
    if row.status == "diverged":
        return True
    error = row.error or ""
    return row.status == "failed" and bool(error) and not (OF_THE_PROCESS.match(error) or OF_THE_MACHINE.search(error))


def retry_text(lost: Iterable[Row]) -> str:
    """The end of a sentence: advice to train failed cells again; nothing where all of them would fail again."""
    return "" if all(map(comes_again, lost)) else "; train them again with lsbench run --rerun failed"
