"""Values as callers have them, numpy's and pandas' included, as Python's own: what is hashed, compared and stored."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def plain(value: Any) -> Any:
    """A number of numpy's or torch's, or an array of one without axes, as Python's; all else unchanged."""
    has_one = hasattr(value, "item") and not getattr(value, "shape", ())
    return value.item() if has_one else value


def several(given: Any) -> tuple[Any, ...]:
    """What stands for one or for several: of a list, a range, a generator, an array or a Series each; else itself.

    Texts, paths and mappings are one, and so is what can be called.
    """
    given = plain(given)
    if isinstance(given, str | bytes | Path | Mapping) or callable(given) or not isinstance(given, Iterable):
        return (given,)
    return tuple(map(plain, given))
