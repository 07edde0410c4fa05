"""Which of the user's own modules a source imports, as far as its text tells. It executes nothing.

Own is what lies neither in the standard library, nor in site-packages, nor in this package. Imports inside functions
count, and so do `import_module("name")` and a text that names a Python file beside the module.
"""

import ast
import sys
import sysconfig
from collections.abc import Iterator
from functools import lru_cache
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec, resolve_name
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

INSTALLED = ("site-packages", "dist-packages")
IMPORTERS = ("import_module", "__import__")
READERS = (  # the last name of calls that read a file
    *("open", "read_text", "read_bytes", "load", "safe_load", "loadtxt", "genfromtxt", "fromfile", "memmap", "imread"),
    *("read_csv", "read_json", "read_pickle", "read_parquet", "read_image", "load_file", "load_state_dict_from_url"),
)


class OwnFile(NamedTuple):
    """A module or a file of the user's, by the name that it is imported by."""

    name: str
    path: Path


class UntraceableCall(NamedTuple):
    """Something in a source that no reading of it can follow."""

    line: int
    text: str  # the call, as it is written


def own_imports(module: str, path: Path, package: str, source: bytes) -> dict[str, OwnFile]:
    """All of the user's own modules that a module imports, directly or not, by name; without itself.

    module and package are its `__name__` and `__package__`. Modules without a statement are left out.
    """
    modules: dict[str, OwnFile] = {}
    waiting = [(path, package, source)]
    visited = {path.resolve()}
    while waiting:
        for candidate in _own(*waiting.pop()):
            if candidate.name in modules or candidate.name == module or candidate.path.resolve() in visited:
                continue
            visited.add(candidate.path.resolve())
            content = candidate.path.read_bytes()
            if candidate.path.suffix != ".py":  # compiled
                modules[candidate.name] = candidate
                continue
            if _says_something(content):
                modules[candidate.name] = candidate
            waiting.append((candidate.path, _package_of(candidate), content))
    return dict(sorted(modules.items()))


def own_file(module: ModuleType | str | None) -> Path | None:
    """The file of a module, by itself or by its name, that is the user's own; None of any other."""
    module = sys.modules.get(module) if isinstance(module, str) else module
    file = getattr(module, "__file__", None)
    return Path(file) if file and is_own_file(Path(file)) else None


def is_own_file(path: Path) -> bool:
    """Whether a file is there, and is neither of Python, nor of an installed package, nor of this one."""
    return path.is_file() and _is_own_folder(path.resolve().parent)


def untraceable_calls(source: bytes) -> Iterator[UntraceableCall]:
    """The calls in a source that read a file, or import a name that is made at run time."""
    calls = [node for node in ast.walk(_tree(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        name = _last_name(call.func)
        if name in READERS or (name in IMPORTERS and not _literal(call)):
            yield UntraceableCall(call.lineno, ast.unparse(call).partition("\n")[0])


@lru_cache(maxsize=4096)
def _is_own_folder(folder: Path) -> bool:
    return not any(name in folder.parts for name in INSTALLED) and not any(
        folder == other or other in folder.parents for other in _foreign()
    )


@lru_cache
def _foreign() -> tuple[Path, ...]:
    python = (sysconfig.get_path(name) for name in ("stdlib", "platstdlib"))
    return tuple({Path(__file__).resolve().parents[1], *(Path(path).resolve() for path in python if path)})


def _own(path: Path, package: str, source: bytes) -> Iterator[OwnFile]:
    """What of the user's a source imports itself, the packages above it included."""
    for name in _imported(source, package):
        parts = name.split(".")
        for i in range(len(parts)):
            above = ".".join(parts[: i + 1])
            spec = _find(above) if i or _is_visible(above, path) else None
            if spec is None:
                break
            if spec.origin and is_own_file(Path(spec.origin)):
                yield OwnFile(above, Path(spec.origin))
    for text in _python_files(source):
        for folder in (path.parent, Path()):
            if is_own_file(folder / text):
                yield OwnFile(text, folder / text)
                break


@lru_cache(maxsize=4096)
def _imported(source: bytes, package: str) -> tuple[str, ...]:
    """The absolute names of all that a source may import, modules or not."""
    names: dict[str, None] = dict.fromkeys([package] if package else [])
    for node in ast.walk(_tree(source)):
        if isinstance(node, ast.Import):
            names.update(dict.fromkeys(alias.name for alias in node.names))
        elif isinstance(node, ast.ImportFrom):
            base = _absolute("." * node.level + (node.module or ""), package)
            names.update(dict.fromkeys(f"{base}.{alias.name}".removesuffix(".*") for alias in node.names))
        elif isinstance(node, ast.Call) and _last_name(node.func) in IMPORTERS and (text := _literal(node)):
            names[_absolute(text, package)] = None
        elif isinstance(node, ast.Assign) and any(_last_name(target) == "__all__" for target in node.targets):
            names.update(dict.fromkeys(f"{package}.{text}" for text in _texts(node.value)))  # what a star imports
    return tuple(name for name in names if name and not name.startswith("."))


def _absolute(name: str, package: str) -> str:
    """The name without leading dots; "" where they lead out of the package."""
    try:
        return resolve_name(name, package)
    except (ImportError, ValueError):
        return ""


def _find(name: str) -> ModuleSpec | None:
    """Where a module is: as it was imported, or as it would be."""
    if name in sys.modules:
        return getattr(sys.modules[name], "__spec__", None)
    parent = name.rpartition(".")[0]
    try:
        if not parent:
            return find_spec(name)
        above = _find(parent)
        folders = above.submodule_search_locations if above else None
        return None if folders is None else PathFinder.find_spec(name, list(folders))
    except (ImportError, AttributeError, ValueError):
        return None


_hidden: dict[tuple[Path, str], tuple[str, ...]] = {}  # what a file could not import at first: the search path then


def _is_visible(name: str, file: Path) -> bool:
    """Whether a file could import a module when it was first looked at.

    Code of the user's may add folders to the search path when it runs; what a row is called must not depend on whether
    it has run.
    """
    if (file, name) in _hidden:
        return PathFinder.find_spec(name, list(_hidden[file, name])) is not None
    if _find(name) is None:
        _hidden[file, name] = tuple(sys.path)
        return False
    return True


def _package_of(file: OwnFile) -> str:
    if file.name.endswith(".py"):  # a file that is no module of a package
        return ""
    return file.name if file.path.name == "__init__.py" else file.name.rpartition(".")[0]


@lru_cache(maxsize=4096)
def _python_files(source: bytes) -> tuple[str, ...]:
    """The texts in a source that end in .py."""
    return tuple(dict.fromkeys(filter(_is_python_file, _texts(_tree(source)))))


def _texts(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _is_python_file(text: str) -> bool:
    return text.endswith(".py") and len(text) < 255 and text.isprintable()


def _says_something(source: bytes) -> bool:
    """Whether there is a statement beside a docstring."""
    body = _tree(source).body
    return any(not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) for node in body)


@lru_cache(maxsize=1024)
def _tree(source: bytes) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):  # whoever imports it will be told
        return ast.Module([ast.Pass()], [])


def _last_name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _literal(call: ast.Call) -> str:
    """The first argument, where it is a text as it stands."""
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
