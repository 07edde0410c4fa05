"""What can't be trained on soft targets, the shares of people who gave each class. No torch here."""

from collections.abc import Iterable

from lsbench.errors import InputError
from lsbench.names import resolve
from lsbench.names.reference import parse
from lsbench.noise.files import choice_of
from lsbench.planning.feasible import test_noises
from lsbench.planning.models import PlannedModel
from lsbench.spec import Arm, Grid

FORMS, SOFT = ("annotators", "counts"), "soft"  # those of `lsbench.data.votes`, which needs numpy
INSTEAD = "give one label each: majority or draw in place of soft"


def require_trainable(grid: Grid, arms: Iterable[Arm], models: Iterable[PlannedModel]) -> None:
    """Raise an `InputError` for what needs one label per example, where there are soft targets."""
    data = [name for name in grid.datasets if _is_soft(name)]
    noises = [name for name in grid.noises if (choice := choice_of(name)) is not None and choice.how == SOFT]
    if tested := [name for name in test_noises(grid) if (choice := choice_of(name)) and choice.how == SOFT]:
        raise InputError(f"{tested[0]}: a test example has one label; write majority or draw in place of soft")
    if data and any(grid.noise_rates):
        raise InputError(f"{data[0]}: noise changes one label per example, and there are several people's; {INSTEAD}")
    if noises and set(grid.noise_rates) - {0.0, 1.0}:
        raise InputError(f"{noises[0]}: soft targets take all labels of the file: leave out --noise, or {INSTEAD}")
    if data or (noises and any(grid.noise_rates)):
        _require_each(data[0] if data else noises[0], arms, models)


def _require_each(name: str, arms: Iterable[Arm], models: Iterable[PlannedModel]) -> None:
    if any(model.recipe.mixup is not None for model in models):
        raise InputError(f"{name}: mixup mixes one label per example; leave it out, or {INSTEAD}")
    for arm in arms:
        entry = resolve.loss(arm.loss)
        if entry.memory or "matrix" in entry.given or arm.networks > 1:
            raise InputError(f"{name}: the loss {arm.loss} needs one label per example; leave it out, or {INSTEAD}")


def _is_soft(dataset: str) -> bool:
    options = parse(dataset).options
    return any(options.get(form) == SOFT for form in FORMS)
