"""How a name becomes an object: look it up in a table, then import what its reference names."""

import difflib
import importlib
from collections.abc import Mapping
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
