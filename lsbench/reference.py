"""How a name is written, and the user's own objects behind it: `gce:q=0.5`, `pkg.module:object`, `./file.py:object`.

A name is its parts up to the first `key=value`, joined by colons; the rest are options. No torch here, unless the
user's own file imports it.
"""

import hashlib
import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from lsbench.errors import InputError, require_number
from lsbench.fingerprint import digest
from lsbench.registry import lookup

Value = bool | int | float | str
OPTION = re.compile(r"([A-Za-z_][\w-]*)=(.*)", re.DOTALL)
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
            raise InputError(f"{text!r}: option {match[1]!r} stands there twice")
        options[match[1]] = _value(match[2])
    return Reference(":".join(parts[:first]), options)


def is_own(name: str) -> bool:
    """Whether a name (without options) refers to an object of the user: `package.module:object`, `./file.py:object`."""
    module, colon, attribute = name.rpartition(":")
    is_module = module.endswith(".py") or MODULE.fullmatch(module) is not None
    return bool(colon) and attribute.isidentifier() and (is_module or name.startswith(IN_PROCESS))


def plugin(kind: str, name: str) -> EntryPoint | None:
    """The published plugin of that name, or None."""
    found = [entry for entry in entry_points(group=GROUPS[kind]) if entry.name == name]
    return found[0] if found else None


def plugins(kind: str) -> dict[str, EntryPoint]:
    """All published plugins of a kind, by name."""
    return {entry.name: entry for entry in entry_points(group=GROUPS[kind])}


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
        return lookup(_objects, "object", name)
    module, _, attribute = name.rpartition(":")
    found = _module(module)
    if not hasattr(found, attribute):
        public = {word: word for word in vars(found) if not word.startswith("_")}
        lookup(public, f"name in {module}", attribute)
    return getattr(found, attribute)


def source_hash(name: str) -> str:
    """16 hex digits of the user's source behind a name, as it was executed.

    Of the whole file that is named and of the one that defines the object, not of what these import.
    """
    found = load_own(name)
    if name.startswith(IN_PROCESS):
        return digest(found)
    return _hash(b"".join(dict.fromkeys((*_sources_of(name.rpartition(":")[0]), *_defining_source(found)))))


def plugin_hash(entry: EntryPoint) -> str:
    """16 hex digits of a plugin's distribution, its version, and the file that defines it."""
    load_plugin(entry)
    distribution = f"{entry.dist.name} {entry.dist.version} " if entry.dist else ""
    return _hash(distribution.encode() + source_hash(entry.value).encode())


def keep_object(prefix: str, given: Any) -> str:
    """A name for an object of this process, by which everything else can refer to it; equal objects share one."""
    own = getattr(given, "__name__", type(given).__name__)
    own = own if own.isidentifier() else prefix
    count = 1
    while (name := f"{IN_PROCESS}{own}{'' if count == 1 else count}") in _objects:
        if digest(_objects[name]) == digest(given):
            break
        count += 1
    _objects[name] = given
    return name


def hyper_of(function: Callable, name: str) -> dict[str, float]:
    """The keyword-only arguments of a function and their defaults, which must be numbers."""
    keywords = [p for p in parameters_of(function, name) if p.kind is p.KEYWORD_ONLY]
    for keyword in keywords:
        if isinstance(keyword.default, bool) or not isinstance(keyword.default, int | float):
            raise InputError(f"{name!r}: keyword-only argument {keyword.name!r} needs a number as its default")
        require_number(f"the default of {keyword.name} of {name}", keyword.default)
    return {keyword.name: float(keyword.default) for keyword in keywords}


def parameters_of(function: Callable, name: str) -> list[inspect.Parameter]:
    """What a function takes; `InputError` for one that does not tell, as some of Python's own do not."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError) as error:
        raise InputError(f"{name!r} does not tell what it takes; wrap it in a function of your own") from error


def summary_of(given: Any) -> str:
    """The first line of its docstring."""
    return (inspect.getdoc(given) or "of your own").partition("\n")[0]


def _module(module: str) -> ModuleType:
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        return _of_file(Path(module)) if module.endswith(".py") else importlib.import_module(module)
    except (Exception, SystemExit) as error:  # whatever the user's file raises, they are told in a sentence
        if isinstance(error, InputError):
            raise
        raise InputError(f"can't import {module}: {type(error).__name__}: {error}{_place_of(error, module)}") from error


def _of_file(path: Path) -> ModuleType:
    """The file as a module; executed again once it was edited."""
    if not path.is_file():
        raise InputError(f"no file {path}; it is looked for from the current folder, {Path.cwd()}")
    source = path.read_bytes()
    name = f"{path.stem}_{_hash(bytes(path.resolve()) + source)}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} is no Python file")
    if str(path.resolve().parent) not in sys.path:
        sys.path.append(str(path.resolve().parent))  # for what it imports from beside it
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    _executed[name] = source
    return module


_executed: dict[str, bytes] = {}  # the source of modules as it was when they were imported


def _sources_of(module: str) -> tuple[bytes, ...]:
    """The source of a module as it was executed; its name where it has none."""
    found = _module(module)
    if found.__name__ not in _executed:
        file = getattr(found, "__file__", None)
        _executed[found.__name__] = Path(file).read_bytes() if file else module.encode()
    return (_executed[found.__name__],)


def _defining_source(found: Any) -> tuple[bytes, ...]:
    """The source of the module that an object was defined in, if that is known."""
    module = getattr(inspect.unwrap(found), "__module__", None)
    if module not in sys.modules or module in ("builtins", "__main__"):
        return ()
    return (_executed[module],) if module in _executed else _sources_of(module)


def _place_of(error: BaseException, module: str) -> str:
    """The last line of the user's file that was reached, if any."""
    trace, line = error.__traceback__, None
    while trace is not None:
        if (
            Path(trace.tb_frame.f_code.co_filename).stem
            == Path(module.rpartition(".")[2] if "/" not in module else module).stem
        ):
            line = trace.tb_lineno
        trace = trace.tb_next
    return f" (line {line})" if line else ""


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
