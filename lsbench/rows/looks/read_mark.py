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
        for place in _places(folder, one.files):
            mark_read(one.design, place)
    return verified


def is_read(design: StoredDesign, folder: Path, files: Sequence[str] = ()) -> bool:
    """Whether a verdict has been made of answers to it, as is known in the folder, or beside these files of answers."""
    return any(_mark_of(design, place).is_file() for place in _places(folder, files))


def mark_read(design: StoredDesign, folder: Path) -> None:
    """Keep in the folder, which has the design, that a verdict has been made of answers to it."""
    if (folder / f"{design.id}.json").is_file() and not is_read(design, folder):
        with suppress(StorageError):  # where nothing can be written `lsbench verify` announces nothing either
            write_atomically(_mark_of(design, folder), b"a verdict was made of answers to this design\n")


def _places(folder: Path, files: Sequence[str]) -> list[Path]:
    """Where a design may be: see `lsbench.rows.looks.answers`."""
    return [folder, *(place for file in files for place in (Path(file).parent, Path(file).parent / "verify"))]


def _mark_of(design: StoredDesign, folder: Path) -> Path:
    return folder / f"{design.id}.read"
