"""Whether a command has read the answers to a design: until then its number of looks may be announced anew.

An interval holds for the number of looks that was announced before the answers said anything. `verify/<id>.read` says
that they have.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from lsbench.errors import StorageError
from lsbench.rows.looks.design import StoredDesign
from lsbench.rows.looks.store import design_folder
from lsbench.rows.looks.verified import Verified, read_verified
from lsbench.rows.store import write_atomically


def read_for_verdict(files: Sequence[str | Path], results: Path) -> tuple[Verified, ...]:
    """As `read_verified`; from now on the announced numbers of looks stay."""
    folder = design_folder(results)
    verified = read_verified(files, [folder])
    for one in verified:
        for place in (folder, *(Path(file).parent for file in one.files)):
            _mark(one.design, place)
    return verified


def is_read(design: StoredDesign, folder: Path) -> bool:
    """Whether a verdict has been made of answers to it."""
    return _place(design, folder).is_file()


def _place(design: StoredDesign, folder: Path) -> Path:
    return folder / f"{design.id}.read"


def _mark(design: StoredDesign, folder: Path) -> None:
    if (folder / f"{design.id}.json").is_file() and not is_read(design, folder):
        with suppress(StorageError):  # where nothing can be written `lsbench verify` announces nothing either
            write_atomically(_place(design, folder), b"a verdict was made of answers to this design\n")
