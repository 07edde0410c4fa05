"""Calls a function of the user's with the options of its name; whatever it raises, they are told in a sentence."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from lsbench.errors import InputError
from lsbench.names.executed import same_search_path
from lsbench.names.reference import Value


@same_search_path()
def call_own(what: str, name: str, function: Callable[..., Any], options: Mapping[str, Value]) -> Any:
    """What it returns; `what` it makes, and its name, begin the sentence of an `InputError`."""
    try:
        inspect.signature(function).bind(**options)
    except TypeError as error:
        raise InputError(f"{what} {name!r}: {error}; options are written {name}:key=value") from error
    except ValueError:  # a built-in function without a signature
        pass
    try:
        return function(**options)
    except InputError:
        raise
    except (Exception, SystemExit) as error:
        raise InputError(f"{what} {name!r} failed: {type(error).__name__}: {error}") from error


def takes(function: Callable[..., Any], word: str) -> bool:
    """Whether a function of the user's has a parameter of that name."""
    try:
        return word in inspect.signature(function).parameters
    except (TypeError, ValueError):  # no function, or a built-in one
        return False
