"""What of a loss that corrects for wrong labels, or remembers examples, can't be trained. No torch here."""

from collections.abc import Iterable, Iterator

from lsbench.data.describe import Description
from lsbench.errors import InputError
from lsbench.names import resolve
from lsbench.names.dataset_name import is_of_catalogue, quoted
from lsbench.planning.models import PlannedModel
from lsbench.planning.sources import read_own_matrix
from lsbench.spec import Arm


def require_corrections(arms: Iterable[Arm], data: Description) -> None:
    """Raise an `InputError` for a matrix that nobody knows of these labels, or that is not in its file."""
    for arm in arms:
        if arm.is_oracle and not is_of_catalogue(data.name):
            raise InputError(
                f"{arm.typed}: the labels of {quoted(data.name)} are as given, so that their noise matrix is not known;"
                f" {arm.loss} estimates it, and {arm.loss}:matrix=FILE takes one of yours"
            )
        if arm.matrix_file:
            read_own_matrix(arm, data)


def require_no_memory(arms: Iterable[Arm], models: Iterable[PlannedModel]) -> None:
    """A loss that remembers each example's target has none for a mixture of two."""
    remembering = [(arm, loss) for arm in arms for loss in _trained(arm) if resolve.loss(loss).memory]
    if remembering and any(model.recipe.mixup is not None for model in models):
        arm, loss = remembering[0]
        within = "" if arm.loss == loss else f", within {arm.typed!r},"
        raise InputError(f"{loss!r}{within} remembers each example and mixup makes new ones; leave out one of them")


def _trained(arm: Arm) -> Iterator[str]:
    """The losses that its networks are trained by."""
    if arm.cross_fit:
        yield arm.cross_fit.first.loss
    yield arm.last.loss
