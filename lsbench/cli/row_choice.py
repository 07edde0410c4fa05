"""Which row of a results folder is meant by what a person writes."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from lsbench.errors import InputError
from lsbench.rows.row import Row

SHOWN = 3  # ids in a sentence


def find(prefix: str, rows: Mapping[str, Row], out: Path) -> Row:
    """The one row whose id begins so; an `InputError` for none or several, which says what may be meant."""
    matching = [row for row_id, row in rows.items() if row_id.startswith(prefix)]
    if len(matching) != 1:
        listing = f"see the ids with: lsbench report {out} --format csv"
        meant = _several(matching) if matching else _meant(prefix, rows)
        raise InputError(f"{len(matching)} rows in {out} begin with {prefix!r}{meant}; {listing}")
    return matching[0]


def require_no_folder(word: str, usage: str) -> None:
    """Raise an `InputError` for a results folder where an id is due."""
    if (Path(word) / "cells").is_dir():
        raise InputError(f"{word!r} is a folder of results, and an id of a row is due there: {usage}")


def _several(matching: Sequence[Row]) -> str:
    ids = sorted(row.id for row in matching)
    return f" ({', '.join(ids[:SHOWN])}{' ...' if len(ids) > SHOWN else ''}); write more of one"


def _meant(word: str, rows: Mapping[str, Row]) -> str:
    """A loss that is called so, or nearly."""
    if not rows:
        return ", as it holds none"
    losses = {name: row for row in rows.values() for name in (row.cell.loss, row.cell.arm.name)}
    if word in losses:
        return f", which is a loss; the id of a row of it is {losses[word].id}"
    near = get_close_matches(word, losses, n=SHOWN, cutoff=0.6)
    return f"; did you mean the loss {' or '.join(near)}?" if near else ""
