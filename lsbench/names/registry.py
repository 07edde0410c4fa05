"""Looks a name up in a table, and imports the object of a reference. It knows no table of its own: see `resolve`."""

import difflib
import importlib
import warnings
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from lsbench.errors import InputError

Entry = TypeVar("Entry")


def lookup(table: Mapping[str, Entry], kind: str, name: str) -> Entry:
    """The entry of that name, or an `InputError` that suggests near matches."""
    if name in table:
        return table[name]
    near = difflib.get_close_matches(name.lower(), table, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(sorted(table))}"
    raise InputError(f"unknown {kind} {name!r}; {hint}")


def load(reference: str) -> Any:
    """The object that `package.module:name` refers to."""
    module, _, name = reference.partition(":")
    return getattr(importlib.import_module(module), name)


def lazily(package: str, homes: Mapping[str, str], renamed: Mapping[str, str] | None = None) -> Callable[[str], Any]:
    """A package's `__getattr__`: a name is imported from its home, a module of the package, when it is first asked for.

    For packages of which some modules are read by commands that must start without torch. renamed: a former name ->
    the name that it has now; asking for a former name is a `DeprecationWarning`.
    """

    def get(name: str) -> Any:
        if renamed and name in renamed:
            message = f"{package}.{name} is now called {package}.{renamed[name]}"
            warnings.warn(message, DeprecationWarning, stacklevel=2)
            name = renamed[name]
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{package}.{homes[name]}"), name)

    return get
