"""What an object of this process uses beside its own source: the user's modules and values, which an id covers too.

Which modules a source imports is read in `imports`; objects in files are followed from there alone.
"""

import sys
from hashlib import sha256
from types import ModuleType
from typing import Any

from lsbench.names.digest import code_in, digest, is_data, is_holder, used_values
from lsbench.names.encoding import to_bytes
from lsbench.names.executed import executed_source, imported_by
from lsbench.names.imports import own_file

Used = dict[str, bytes]  # by name: a source, or the digest of a value


def used_by_object(given: Any) -> Used:
    """Of an object of this process: what its functions and classes use of their modules, and what these import.

    Nothing of an object whose modules are not the user's own. `InputError` as `executed_source`.
    """
    used: Used = {}
    for code in code_in(given, _is_own):
        used |= imported_by(sys.modules[code.__module__])
        if code is not given:
            used[f"{code.__module__}.{code.__qualname__}"] = to_bytes(digest(code))
        for name, value in used_values(code).items():
            used |= _of_value(f"{code.__module__}.{name}", value, code.__module__)
    return used


def joined(own: str, used: Used) -> str:
    """16 hex digits of an object's own hash and of what it uses; its own hash where that is nothing."""
    parts = [f"{name} {sha256(used[name]).hexdigest()}" for name in sorted(used)]
    return sha256(to_bytes("\n".join([own, *parts]))).hexdigest()[:16] if used else own


def _of_value(name: str, value: Any, module: str) -> Used:
    """What a name among a module's stands for: data, what holds some, or something of another module of the user's."""
    if is_data(value) or is_holder(value, _is_own):
        return {name: to_bytes(digest(value))}
    other = value if isinstance(value, ModuleType) else sys.modules.get(str(getattr(value, "__module__", "")))
    if other is None or other.__name__ == module or not own_file(other):
        return {}
    return {other.__name__: executed_source(other), **imported_by(other)}


def _is_own(module: str) -> bool:
    """Whether a module is the user's own; a notebook is."""
    imported = sys.modules.get(module)
    return own_file(imported) is not None or (module == "__main__" and not hasattr(imported, "__file__"))
