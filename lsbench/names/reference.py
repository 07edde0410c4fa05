"""How a name is written, `gce:q=0.5`, and the user's objects behind `pkg.module:object` and `./file.py:object`.

It does not know which names the catalogue has: `resolve` does.

A name is its parts up to the first `key=value`, joined by colons; the rest are options. No torch here, unless the
user's own file imports it.
"""

import hashlib
import inspect
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any

from lsbench.errors import InputError, require_number
from lsbench.names.dependencies import joined, used_by_object
from lsbench.names.digest import digest
from lsbench.names.encoding import to_bytes
from lsbench.names.executed import executed_source, files_imported_by, import_own, imported_by
from lsbench.names.imports import OwnFile, own_file
from lsbench.names.registry import lookup

Value = bool | int | float | str
OPTION = re.compile(r"((?:(?:first|loss|features)\.)?[A-Za-z_][\w-]*)=(.*)", re.DOTALL)  # first.q=0.5: an inner loss's
MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
GROUPS = {  # kind of entry -> the entry-point group that published plugins use
    "loss": "lsbench.losses",
    "model": "lsbench.models",
    "data set": "lsbench.datasets",
    "noise": "lsbench.noises",
    "metric": "lsbench.metrics",
}
IN_PROCESS = "python:"  # the prefix of objects that `lsbench.compare` was given
_objects: dict[str, Any] = {}
_digests: dict[str, str] = {}  # of these, as they were when they were given


@dataclass(frozen=True)
class Reference:
    """A name and its options."""

    name: str
    options: Mapping[str, Value] = field(default_factory=dict)

    def __str__(self) -> str:
        """One way of writing it, whatever the order of the options was."""
        return ":".join([self.name, *(f"{key}={_written(self.options[key])}" for key in sorted(self.options))])


@lru_cache(maxsize=1024)
def parse(text: str) -> Reference:
    """`name:key=value:key=value` as a `Reference`; `InputError` for an option that comes twice or a part without =."""
    parts = text.split(":")
    first = next((i for i, part in enumerate(parts) if OPTION.fullmatch(part)), len(parts))
    options: dict[str, Value] = {}
    for part in parts[first:]:
        match = OPTION.fullmatch(part)
        if match is None:
            raise InputError(f"{text!r}: {part!r} is no option; write name:key=value:key=value")
        if match[1] in options:
            raise InputError(f"{text!r}: option {match[1]!r} is given twice")
        options[match[1]] = _value(match[2])
    return Reference(":".join(parts[:first]), options)


def is_own(name: str) -> bool:
    """Whether a name (without options) refers to an object of the user: `package.module:object`, `./file.py:object`."""
    module, colon, attribute = name.rpartition(":")
    is_module = module.endswith(".py") or MODULE.fullmatch(module) is not None
    return bool(colon) and attribute.isidentifier() and (is_module or name.startswith(IN_PROCESS))


def plugin(kind: str, name: str) -> EntryPoint | None:
    """The published plugin of that name, or None."""
    return plugins(kind).get(name)


def plugins(kind: str) -> dict[str, EntryPoint]:
    """All published plugins of a kind, by name."""
    return _published(tuple(sys.path))[GROUPS[kind]]


@lru_cache(maxsize=8)
def _published(_search_path: tuple[str, ...]) -> dict[str, dict[str, EntryPoint]]:
    """Per group the plugins by name, read once for a search path: that opens a file of every installed package."""
    entries = entry_points()
    return {group: {entry.name: entry for entry in reversed(entries.select(group=group))} for group in GROUPS.values()}


def load_plugin(entry: EntryPoint) -> Any:
    """A plugin's object; `InputError` where its package can't be imported."""
    try:
        return entry.load()
    except (Exception, SystemExit) as error:  # whatever somebody's package raises
        what = f"plugin {entry.name!r} ({entry.value})"
        raise InputError(f"can't import {what}: {type(error).__name__}: {error}") from error


def load_own(name: str) -> Any:
    """The user's object that a name refers to; `InputError` says what is not there, or what failed on import."""
    if name.startswith(IN_PROCESS):
        if name not in _objects:
            raise InputError(
                f"{name!r} is an object that lsbench.compare was given in another process, and is not here; write data"
                " to a file (.npz, .csv, or a folder of images) and code to a module, and train with these"
            )
        return _objects[name]
    module, _, attribute = name.rpartition(":")
    imported = import_own(module)
    if not hasattr(imported, attribute):
        public = {word: word for word in vars(imported) if not word.startswith("_")}
        lookup(public, f"name in {module}", attribute)
    return getattr(imported, attribute)


def source_hash(name: str) -> str:
    """16 hex digits of the user's source behind a name, as it was executed: of all that `sources_behind` gives.

    What a file of the user's opens when it runs is not looked at.
    """
    if name.startswith(IN_PROCESS):
        load_own(name)
        return _digests[name]
    return joined(own_hash(name), sources_behind(name)[1])


def own_hash(name: str) -> str:
    """16 hex digits of its own source alone, which is all that version 0.2.0 looked at."""
    return _hash(b"".join(dict.fromkeys(sources_behind(name)[0].values())))


def sources_behind(name: str) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """What decides what an object of the user's does: its own source, and what of theirs it imports and uses.

    The first is the file that is named and the one that defines the object, or the object itself; the second, which
    may be empty, is all modules of the user's that these import, directly or not, by name. `InputError`: a module was
    edited after it was imported, so that its file does not say what runs.
    """
    target = load_own(name)
    if name.startswith(IN_PROCESS):
        used = used_by_object(target)
        return {name: to_bytes(digest(target))}, used
    written = name.rpartition(":")[0]
    modules = import_own(written), *_defining_module(target)
    own = {module.__name__: executed_source(module) for module in modules}
    used = {key: source for module in modules for key, source in imported_by(module).items()}
    rest = {key: source for key, source in used.items() if key not in own and source not in own.values()}
    return {written if key == modules[0].__name__ else key: source for key, source in own.items()}, rest


def files_behind(name: str) -> list[OwnFile]:
    """Where the modules are that an object of the user's files imports, directly or not, and those that define it."""
    modules = import_own(name.rpartition(":")[0]), *_defining_module(load_own(name))
    imported = {file.name: file for module in modules for file in files_imported_by(module).values()}
    own = {module.__name__: OwnFile(module.__name__, path) for module in modules[1:] if (path := own_file(module))}
    return list({**own, **imported}.values())


def _defining_module(target: Any) -> tuple[ModuleType, ...]:
    """The module that an object was defined in, if that is known."""
    name = getattr(inspect.unwrap(target), "__module__", None)
    return () if name not in sys.modules or name in ("builtins", "__main__") else (sys.modules[name],)


def plugin_hash(entry: EntryPoint) -> str:
    """16 hex digits of a plugin's distribution, its version, and the file that defines it."""
    load_plugin(entry)
    distribution = f"{entry.dist.name} {entry.dist.version} " if entry.dist else ""
    return _hash(to_bytes(distribution + source_hash(entry.value)))


def keep_object(prefix: str, given: Any, word: str = "") -> str:
    """A name for an object of this process, by which everything else can refer to it; equal objects share one.

    word: what it is to be called; "": by its own name, or the prefix.
    """
    own = word or getattr(given, "__name__", type(given).__name__)
    own = own if own.isidentifier() else prefix
    used = used_by_object(given)  # first: it knows the sources as they were executed
    own_digest = joined(digest(given), used)
    count = 1
    while (name := f"{IN_PROCESS}{own}{'' if count == 1 else count}") in _objects:
        if _digests[name] == own_digest:
            break
        count += 1
    _objects[name], _digests[name] = given, own_digest
    return name


def hyper_of(function: Callable, name: str) -> dict[str, float]:
    """The keyword-only arguments of a function and their defaults, which must be numbers.

    What a `functools.partial` has set to anything else is no hyperparameter.
    """
    bound = function.keywords if isinstance(function, partial) else {}
    keywords = [p for p in parameters_of(function, name) if p.kind is p.KEYWORD_ONLY and not _is_set(bound, p.name)]
    for keyword in keywords:
        if isinstance(keyword.default, bool) or not isinstance(keyword.default, int | float):
            raise InputError(f"{name!r}: keyword-only argument {keyword.name!r} needs a number as its default")
        require_number(f"the default of {keyword.name} of {name}", keyword.default)
    return {keyword.name: float(keyword.default) for keyword in keywords}


def _is_set(bound: Mapping[str, Any], name: str) -> bool:
    return name in bound and (isinstance(bound[name], bool) or not isinstance(bound[name], int | float))


def parameters_of(function: Callable, name: str) -> list[inspect.Parameter]:
    """The parameters of a function; `InputError` for one without a signature, as some built-in ones are."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError) as error:
        raise InputError(f"{name!r} has no signature; wrap it in a function of your own") from error


def summary_of(given: Any) -> str:
    """The first line of its docstring."""
    return (inspect.getdoc(given) or "of your own").partition("\n")[0]


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _value(text: str) -> Value:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _written(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
