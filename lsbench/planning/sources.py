"""What of a cell is not this package's: hashes of the user's code and label files, and whether they have changed."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsbench.data.describe import Description, describe
from lsbench.errors import InputError
from lsbench.names import resolve
from lsbench.names.catalogue import CLASS_WEIGHT_WORDS
from lsbench.names.reference import is_own, own_hash, parse, sources_behind
from lsbench.noise.files import has_file, read_matrix
from lsbench.noise.inputs import content_hash, hash_of
from lsbench.rows.row import Row
from lsbench.spec import CLASS_WEIGHTS, GROUPS, NO_NOISE, TEST_NOISE, Arm, Cell, Recipe

FILES = (GROUPS, CLASS_WEIGHTS)  # roles whose source is no code

if TYPE_CHECKING:  # numpy is for those who have a file
    import numpy as np

Sources = tuple[tuple[str, str], ...]


def sources_of(cell: Cell, data: Description) -> Sources:
    """(role, hash) of each part that is the user's, as it is here now; roles as in `Cell.sources`."""
    noise, test_noise = noise_source(cell.noise, data), noise_source(cell.test_noise, data.test_part)
    of_class_weights = weights_source(cell.recipe, data)
    return as_sources(
        loss_source(cell.arm, data), model_source(cell.model), noise, test_noise, data.groups, of_class_weights
    )


def as_sources(
    loss: str, model: str, noise: str, test_noise: str, groups: str = "", class_weights: str = ""
) -> Sources:
    """The same, of the hashes, "" for what is this package's."""
    digests = {"loss": loss, "model": model, "noise": noise, TEST_NOISE: test_noise, GROUPS: groups}
    digests[CLASS_WEIGHTS] = class_weights
    return tuple((role, digest) for role, digest in digests.items() if digest)


def loss_source(arm: Arm, data: Description) -> str:
    """The hash of a loss's code, or of the numbers of the matrix in its file; "" for a loss of this package."""
    return hash_of(read_own_matrix(arm, data)) if arm.matrix_file else resolve.source_of("loss", arm.loss)


def read_own_matrix(arm: Arm, data: Description) -> "np.ndarray":
    """The noise matrix of `forward:matrix=FILE`, (K, K) float64; `InputError` where the file does not hold one."""
    try:
        return read_matrix(f"matrix:{arm.matrix_file}", data.num_classes)
    except InputError as error:
        raise InputError(
            f"{arm.typed}: matrix is estimated, known, or a file of P(given | true), a row per true class: {error}"
        ) from error


def weights_source(recipe: Recipe, data: Description) -> str:
    """The hash of the class weights in the file of a recipe; "" without one."""
    return hash_of(read_own_weights(recipe, data)) if recipe.weights_file else ""


def read_own_weights(recipe: Recipe, data: Description) -> "np.ndarray":
    """The class weights (K,) in the file of a recipe; `InputError` where it does not hold them."""
    from lsbench.data.class_weights import read_class_weights

    try:
        return read_class_weights(recipe.weights_file, data.class_names)
    except InputError as error:
        raise InputError(
            f"class weights are {' or '.join(CLASS_WEIGHT_WORDS)}, or a file of one per class: {error}"
        ) from error


def model_source(model: str) -> str:
    """The hash of a model's code, with or without options; "" for a model of this package."""
    return resolve.source_of("model", parse(model).name)


def noise_source(noise: str, data: Description) -> str:
    """The hash of a noise's file or code; "" for a noise of this package."""
    if noise == NO_NOISE:
        return ""
    return content_hash(noise, data) if has_file(noise) else resolve.source_of("noise", noise)


def code_of(cell: Cell) -> dict[str, dict[str, str]]:
    """Of each part of a cell that is the user's code, a hash of every source behind it, by the source's name."""
    roles = [role for role, _ in cell.sources if role not in FILES]  # which are in a file
    sources_by_role = {role: resolve.code_of(_kind(role), _name_of(cell, role)) for role in roles}
    return {
        role: {name: hashlib.sha256(source).hexdigest()[:16] for name, source in sources.items()}
        for role, sources in sources_by_role.items()
        if sources
    }


def is_unchanged(cell: Cell, data_dir: Path | None) -> bool:
    """Whether the user's code and files behind a cell are the same as when it was planned."""
    try:
        return _sources_here(cell, data_dir) == cell.sources
    except InputError:  # it is not here any more
        return False


def require_same_code(stored: Row, data_dir: Path | None) -> None:
    """Raise an `InputError` that names what of the user's code has changed since a row was trained."""
    here = dict(_sources_here(stored.cell, data_dir))
    changes = [_change(stored, role) for role, digest in stored.cell.sources if here.get(role) != digest]
    if changes or here.keys() != dict(stored.cell.sources).keys():
        raise InputError("; ".join(changes) or f"the row was trained with other code: {dict(stored.cell.sources)}")


def _sources_here(cell: Cell, data_dir: Path | None) -> Sources:
    return sources_of(cell, describe(cell.dataset, data_dir))


def _name_of(cell: Cell, role: str) -> str:
    names = {"loss": cell.loss, "noise": cell.noise, TEST_NOISE: cell.test_noise, GROUPS: cell.dataset}
    names[CLASS_WEIGHTS] = cell.recipe.class_weights
    return parse(cell.model).name if role == "model" else names[role]


def _kind(role: str) -> str:
    """The kind of name that plays this role: test noise is noise."""
    return "noise" if role == TEST_NOISE else role


def _change(stored: Row, role: str) -> str:
    """A sentence: what has changed of the code that plays this role."""
    name = _name_of(stored.cell, role)
    then, now = _code_then(stored, role), code_of(stored.cell).get(role, {})
    changed = [label for label in {**then, **now} if then.get(label) != now.get(label)]
    if role in FILES:
        return f"the row was trained with other {role} of {name}"
    if then:
        return f"the row was trained with another version of the {role} {name}; changed since: {', '.join(changed)}"
    if is_own(name) and own_hash(name) == dict(stored.cell.sources)[role]:
        others = ", ".join(sources_behind(name)[1])
        return f"the {role} {name} has not changed, but the row does not say which version of {others} it imported"
    return f"the row was trained with another version of the {role} {name}, or of what it imports"


def _code_then(stored: Row, role: str) -> dict[str, Any]:
    """The hash of each source as the row has it; a row may hold anything."""
    code = stored.provenance.get("code")
    hashes = code.get(role) if isinstance(code, dict) else None
    return hashes if isinstance(hashes, dict) else {}
