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

from lsbench.errors import InputError
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
    """16 hex digits of the user's source behind a name: of the whole file that defines it, not of what that imports."""
    if name.startswith(IN_PROCESS):
        return _hash(_code_of(load_own(name)))
    file = getattr(_module(name.rpartition(":")[0]), "__file__", None)
    return _hash(Path(file).read_bytes() if file else name.encode())


def plugin_hash(entry: EntryPoint) -> str:
    """16 hex digits of a plugin's distribution, its version, and the file that defines it."""
    distribution = f"{entry.dist.name} {entry.dist.version} " if entry.dist else ""
    return _hash(distribution.encode() + source_hash(entry.value).encode())


def keep_object(prefix: str, given: Any) -> str:
    """A name for an object of this process, by which everything else can refer to it; equal objects share one."""
    own = getattr(given, "__name__", type(given).__name__)
    own = own if own.isidentifier() else prefix
    count = 1
    while _objects.get(name := f"{IN_PROCESS}{own}{'' if count == 1 else count}", given) is not given:
        count += 1
    _objects[name] = given
    return name


def hyper_of(function: Callable, name: str) -> dict[str, float]:
    """The keyword-only arguments of a function and their defaults, which must be numbers."""
    keywords = [p for p in inspect.signature(function).parameters.values() if p.kind is p.KEYWORD_ONLY]
    for keyword in keywords:
        if isinstance(keyword.default, bool) or not isinstance(keyword.default, int | float):
            raise InputError(f"{name!r}: keyword-only argument {keyword.name!r} needs a number as its default")
    return {keyword.name: keyword.default for keyword in keywords}


def summary_of(given: Any) -> str:
    """The first line of its docstring."""
    return (inspect.getdoc(given) or "of your own").partition("\n")[0]


@lru_cache(maxsize=256)
def _module(module: str) -> ModuleType:
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        return _of_file(Path(module)) if module.endswith(".py") else importlib.import_module(module)
    except Exception as error:  # whatever the user's file raises, they are told in a sentence
        if isinstance(error, InputError):
            raise
        raise InputError(f"can't import {module}: {type(error).__name__}: {error}{_place_of(error, module)}") from error


def _of_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise InputError(f"no file {path}; it is looked for from the current folder, {Path.cwd()}")
    name = f"{path.stem}_{_hash(str(path.resolve()).encode())}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} is no Python file")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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


def _code_of(given: Any) -> bytes:
    """What an object of this process does, as bytes: its source, or for want of one its compiled code."""
    try:
        text = inspect.getsource(given if inspect.isroutine(given) or inspect.isclass(given) else type(given))
    except (OSError, TypeError):
        code = getattr(given, "__code__", None)
        text = repr((code.co_code, code.co_consts)) if code else repr(type(given))
    closed_over = [cell.cell_contents for cell in getattr(given, "__closure__", None) or ()]
    plain = [value for value in closed_over if isinstance(value, int | float | str)]
    return repr((text, plain, getattr(given, "__kwdefaults__", None))).encode()


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
