"""What of the user's code an id covers, and what no reading of it can tell."""

from lsbench.cli.show import show_text
from lsbench.names import resolve
from lsbench.names.encoding import printable
from lsbench.names.imports import untraceable_calls
from lsbench.names.resolve import TABLES


def show_hashed_code(kind: str, name: str) -> None:
    """Print which sources are hashed into the id of a cell with it, and where these read files when they run.

    Nothing of what this package brings, nor of a data set, whose content is hashed, whatever code makes it.
    """
    sources = resolve.code_of(kind, name) if kind in TABLES else {}
    if sources:
        show_text([f"  in its id: {printable(', '.join(sources))}"])
    for label, source in sources.items():
        for call in untraceable_calls(source):
            place = printable(f"{label}, line {call.line}: {call.text}")
            show_text([f"  NOT in its id, if it is not always the same: what is read by {place}"])
