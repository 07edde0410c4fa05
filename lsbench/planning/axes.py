"""The axes of a grid: each option with several values, and how they are read."""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

from lsbench.names.catalogue.allowed import Allowed, Choice, OrNone, Range, Whole, WordOrFile
from lsbench.planning.lists import names, numbers, seeds, wholes
from lsbench.spec import RECIPE_SETTINGS

Reader = Callable[[str, Any], tuple[Any, ...]]  # (the option, what was given) -> its values
AXES: dict[str, tuple[str, Reader]] = {  # option -> an axis, how its values are read
    "dataset": ("datasets", names),
    "model": ("models", names),
    "loss": ("losses", names),
    "eps": ("eps", numbers),
    "noise_kind": ("noises", names),
    "noise": ("noise_rates", numbers),
    "seeds": ("seeds", seeds),
}
READERS: Mapping[type, Reader] = {  # of a recipe's fields
    Range: numbers,
    Whole: wholes,
    Choice: names,
    WordOrFile: names,
}


def may_be_several(name: str) -> bool:
    """Whether a field of a recipe takes a list of values; a text such as `crop-4,flip` is one value."""
    return _reader(RECIPE_SETTINGS[name].allowed) is not None


def recipe_value(name: str, given: Any) -> Any:
    """The value of a recipe's field as `Recipe` takes it, or a tuple of several.

    given: as typed, as a study file has it, or a number. `InputError` for a list that can't be read.

    Example:
        >>> recipe_value("lr", "0.01,0.1"), recipe_value("epochs", ["3"]), recipe_value("augment", "crop-4,flip")
        ((0.01, 0.1), 3, 'crop-4,flip')
    """
    read = _reader(RECIPE_SETTINGS[name].allowed)
    if read is None or not isinstance(given, str | list | tuple):
        return given
    values = read(f"--{name.replace('_', '-')}", given)
    return values[0] if len(values) == 1 else values


def recipe_choices(recipe: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every recipe of a grid, as the fields that differ from the model's own: the product of their values.

    Example:
        >>> recipe_choices({"lr": (0.01, 0.1), "epochs": 3})
        [{'lr': 0.01, 'epochs': 3}, {'lr': 0.1, 'epochs': 3}]
    """
    fields = dict(recipe)
    values = [value if isinstance(value, tuple) else (value,) for value in fields.values()]
    return [dict(zip(fields, chosen, strict=True)) for chosen in product(*values)]


def _reader(allowed: Allowed) -> Reader | None:
    return READERS.get(type(allowed.otherwise if isinstance(allowed, OrNone) else allowed))
