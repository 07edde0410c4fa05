"""`--verified`: labels that people gave, as the page of `lsbench verify` saved them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lsbench.errors import InputError
from lsbench.planning.lists import names

if TYPE_CHECKING:  # numpy, which --help does without
    from lsbench.rows.looks import Verified
    from lsbench.rows.row import Row

VERIFIED_HELP = "Labels that people gave: files that the page of `lsbench verify` saved, of several people too."
Verifieds = Annotated[list[str] | None, typer.Option("--verified", help=VERIFIED_HELP, show_default="none")]


def read(given: Sequence[str] | None, results: Path, rows: "Sequence[Row]") -> "tuple[Verified, ...]":
    """What the files say; `InputError` for files that are not of these rows' data sets."""
    if not given:
        return ()
    from lsbench.rows.looks import read_for_verdict, verified_of

    files = [Path(name) for name in names("--verified", given)]
    verified = read_for_verdict(files, results)
    cells = [row.cell for row in rows]
    if all(verified_of(verified, cells, part) is None for part in ("test", "train")):
        of_files = ", ".join(sorted({one.design.dataset for one in verified}))
        here = ", ".join(sorted({cell.dataset for cell in cells}))
        raise InputError(f"--verified is of {of_files}, and {results} has rows of {here}, or of other labels than then")
    return verified
