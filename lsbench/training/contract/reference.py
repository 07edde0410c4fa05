"""What a name or a reference is, a loss, a model or a data set, and the checks of its kind."""

from collections.abc import Iterable
from pathlib import Path

from lsbench.errors import InputError
from lsbench.models.stack import factory_of
from lsbench.names import resolve
from lsbench.names.catalogue import DATASETS, LOSSES, MODELS
from lsbench.names.encoding import printable
from lsbench.names.reference import is_own, load_own, plugin
from lsbench.names.registry import lookup
from lsbench.training.contract.checking import CheckResult
from lsbench.training.contract.dataset import check_dataset
from lsbench.training.contract.kinds import DATASET, LOSS, MODEL, kind_of
from lsbench.training.contract.loss import check_loss
from lsbench.training.contract.model import check_model


def check_reference(
    kind: str, reference: str, shape: tuple[int, ...], data_dir: Path | None, classes: int | None = None
) -> Iterable[CheckResult]:
    """The results of the checks of that kind, one by one."""
    if kind == DATASET:
        return check_dataset(reference, data_dir)
    if kind == MODEL:
        return check_model(factory_of(reference), shape)
    name, hyper = resolve.hyper(reference)
    numbers = {word: value for word, value in hyper.items() if isinstance(value, float)}
    own = {} if resolve.loss(name).cross_fit else numbers
    return check_loss(resolve.load_any(kind, name), own, name, classes)


def kind_of_reference(name: str) -> str:
    """What a reference is: by its name where that is known, else by the look of the object."""
    for kind, table in ((LOSS, LOSSES), (MODEL, MODELS), (DATASET, DATASETS)):
        if name in table or plugin(kind, name):
            return kind
    if name.startswith(resolve.TORCHVISION):
        return MODEL
    if name.endswith((".py", ".py:")):
        raise InputError(f"{name!r} is a file of code; name the object in it, such as {name.rstrip(':')}:my_loss")
    if not is_own(name):
        _require_place(name)
        return DATASET
    return kind_of(name, load_own(name))


def _require_place(name: str) -> None:
    """Raise an `InputError` with near names for what is neither the name of something nor a file or a folder."""
    if Path(name).exists():
        return
    if any(mark in name for mark in "/\\."):
        raise InputError(
            f"no file or folder {name}; it is looked for from the current folder, {printable(str(Path.cwd()))}"
        )
    lookup({**LOSSES, **MODELS, **DATASETS}, "loss, model or data set", name)
