"""Losses that a cheaper study chooses; what chooses them needs numpy, which other runs do without at their start."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lsbench.spec import Cell, Screening

CHOOSING = {"from_", "top", "by", "screening"}  # options that say how a cheaper study chooses the losses, or chose


def chosen_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """What the choice puts in the place of the options that were given, see `lsbench.cli.screening`; {} without one."""
    if "from_" not in given:
        return {}
    from lsbench.cli import screening

    return screening.chosen_options(given)


def require_apart(chosen: Screening | None, cells: Sequence[Cell], out: Path) -> None:
    """See `lsbench.cli.screening`; of losses that no cheaper study chose there is nothing to require."""
    if chosen is None:
        return
    from lsbench.cli import screening

    screening.require_apart(chosen, cells, out)
