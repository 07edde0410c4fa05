"""Losses that a cheaper study chose; what chooses them needs numpy, which other runs do without at their start."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsbench.spec import Cell

if TYPE_CHECKING:
    from lsbench.cli.options import RunOptions


def with_choice(options: "RunOptions") -> "RunOptions":
    """See `lsbench.cli.screening`; the options as they are without `--from`."""
    if options.from_ is None:
        return options
    from lsbench.cli import screening

    return screening.with_choice(options)


def require_apart(options: "RunOptions", cells: Sequence[Cell]) -> None:
    """See `lsbench.cli.screening`; of losses that no cheaper study chose there is nothing to require."""
    if options.screening is None:
        return
    from lsbench.cli import screening

    screening.require_apart(options.screening, cells, options.results)
