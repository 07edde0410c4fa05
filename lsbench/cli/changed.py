"""Whether the user's code is what a row was trained with, and if not, which of its sources."""

from pathlib import Path
from typing import Any

from lsbench.data.describe import describe
from lsbench.errors import InputError
from lsbench.names.reference import is_own, own_hash, parse, sources_behind
from lsbench.planning.plan import code_of, sources_of
from lsbench.rows.row import Row
from lsbench.spec import Cell


def is_as_it_was(cell: Cell, data_dir: Path | None) -> bool:
    """Whether the user's code behind a cell is here as it was."""
    try:
        return sources_of(cell.model, cell.noise, cell.loss, describe(cell.dataset, data_dir)) == cell.sources
    except InputError:  # it is not here any more
        return False


def require_same_code(stored: Row, data_dir: Path | None) -> None:
    """Raise an `InputError` that names what of the user's code has changed since a row was trained."""
    cell = stored.cell
    here = dict(sources_of(cell.model, cell.noise, cell.loss, describe(cell.dataset, data_dir)))
    said = [_sentence(stored, role) for role, digest in cell.sources if here.get(role) != digest]
    if said or here.keys() != dict(cell.sources).keys():
        raise InputError("; ".join(said) or f"the row was trained with other code of yours: {dict(cell.sources)}")


def _sentence(stored: Row, role: str) -> str:
    name = {"loss": stored.cell.loss, "model": parse(stored.cell.model).name, "noise": stored.cell.noise}[role]
    then, now = _then(stored, role), code_of(stored.cell).get(role, {})
    changed = [label for label in {**then, **now} if then.get(label) != now.get(label)]
    if then:
        return f"the row was trained with another version of the {role} {name}; changed since: {', '.join(changed)}"
    if is_own(name) and own_hash(name) == dict(stored.cell.sources)[role]:
        others = ", ".join(sources_behind(name)[1])
        return f"the {role} {name} is as it was, but what it imports was not looked at when it was trained: {others}"
    return f"the row was trained with another version of the {role} {name}, or of what it imports"


def _then(stored: Row, role: str) -> dict[str, Any]:
    """The hash of each source as the row has it; a row may hold anything."""
    code = stored.provenance.get("code")
    found = code.get(role) if isinstance(code, dict) else None
    return found if isinstance(found, dict) else {}
