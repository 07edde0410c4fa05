"""Imports the user's modules, and keeps their sources as they were executed, whatever was edited since.

It hashes nothing, and which modules a source imports is read in `imports`.
"""

import importlib
import importlib.util
import linecache
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from lsbench.errors import InputError
from lsbench.names.encoding import to_bytes, visible
from lsbench.names.imports import OwnFile, own_file, own_imports

_executed: dict[str, tuple[Any, bytes]] = {}  # by module: the spec it was made by, and its source as it was then
_imported: dict[str, dict[str, bytes]] = {}  # by module of a file: what it imported of the user's, as that was then


def import_own(module: str) -> ModuleType:
    """The user's module, by its name or its file; `InputError` where it is not there or fails."""
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        with _no_arguments(module):
            return _of_file(Path(module)) if module.endswith(".py") else importlib.import_module(module)
    except SystemExit as error:
        raise InputError(
            f"can't import {module}: it ends the program when it is imported (exit code {error.code});"
            ' put what runs it below `if __name__ == "__main__":`'
        ) from error
    except Exception as error:  # whatever the user's file raises, they are told in a sentence
        if isinstance(error, InputError):
            raise
        raise InputError(f"can't import {module}: {type(error).__name__}: {error}{_place_of(error, module)}") from error


@contextmanager
def _no_arguments(module: str) -> Iterator[None]:
    """A command line without options, for a file that reads it when it is imported: lsbench's is not meant for it."""
    before, sys.argv = sys.argv, [module]
    try:
        yield
    finally:
        sys.argv = before


@contextmanager
def same_search_path() -> Iterator[None]:
    """Afterwards modules are looked for where they were before: for code of the user's that adds folders as it runs.

    A process that is started later would inherit these, and see other sources behind a name than this one did.
    """
    before = list(sys.path)
    try:
        yield
    finally:
        sys.path[:] = before


def executed_source(module: ModuleType) -> bytes:
    """The source of a module as it was executed; its name where it has none.

    `InputError` where a module of the user's was edited after it was imported by somebody else, so that its file does
    not say what runs.
    """
    name, spec = module.__name__, getattr(module, "__spec__", None)
    if name in _executed and _executed[name][0] is spec:
        return _executed[name][1]
    file = getattr(module, "__file__", None)
    content = Path(file).read_bytes() if file else to_bytes(name)
    if file and own_file(module):
        if _was_edited(module, content):
            raise InputError(
                f"{file} was edited after it was imported, so what would run is older than the file: start Python again"
            )
        _pin(file, content)
    _executed[name] = spec, content
    return content


def imported_by(module: ModuleType) -> dict[str, bytes]:
    """The sources of the user's own modules that one of theirs imports, directly or not, by name."""
    return {name: _source_of(file) for name, file in files_imported_by(module).items()}


def files_imported_by(module: ModuleType) -> dict[str, OwnFile]:
    """Where these are; nothing of a module that is not the user's."""
    path = own_file(module)
    if path is None or path.suffix != ".py":
        return {}
    return own_imports(module.__name__, path, module.__package__ or "", executed_source(module))


def _source_of(file: OwnFile) -> bytes:
    """As it was executed; of what was not imported yet, as it is."""
    module = sys.modules.get(file.name)
    return file.path.read_bytes() if module is None else executed_source(module)


def _of_file(path: Path) -> ModuleType:
    """The file as a module; executed again once it, or what it imports of the user's, was edited."""
    if not path.is_file():
        raise InputError(f"no file {path}; it is looked for from the current folder, {Path.cwd()}")
    source = path.read_bytes()
    name = f"{visible(path.stem)}_{sha256(bytes(path.resolve()) + source).hexdigest()[:16]}"
    if name in sys.modules and not _forget_edited(sys.modules[name]):
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or not isinstance(spec.loader, SourceFileLoader):
        raise InputError(f"{path} is no Python file")
    if str(path.resolve().parent) not in sys.path:
        sys.path.append(str(path.resolve().parent))  # for what it imports from beside it
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        exec(spec.loader.source_to_code(source, str(path)), vars(module))  # no kept bytecode, which may be older
        _executed[name] = spec, source
        _require_own_neighbours(module, path)
    except BaseException:
        del sys.modules[name]
        raise
    _pin(str(path), source)
    _imported[name] = imported_by(module)
    return module


def _require_own_neighbours(module: ModuleType, path: Path) -> None:
    """`InputError` where a file imports a module beside it by a name that another folder's module has already.

    Python keeps one module of a name, so that the other folder's would run.
    """
    here = path.resolve().parent
    for name, file in files_imported_by(module).items():
        beside = [here / f"{name}.py", here / name / "__init__.py"]
        meant, got = next(filter(Path.is_file, beside), None), file.path.resolve()
        if meant and got not in beside and got.parent not in (Path.cwd(), Path.cwd() / name):
            raise InputError(
                f"{path} imports {name}, and would get {got}, which another file has imported, for {meant}: "
                "rename one of them, or train the two losses in runs of their own"
            )


def _forget_edited(module: ModuleType) -> bool:
    """Whether something that a file imports was edited since; all of it is then imported again."""
    path, source = Path(str(module.__file__)), _executed[module.__name__][1]
    used = own_imports(module.__name__, path, "", source)
    edited = {name: file.path.read_bytes() for name, file in used.items()} != _imported[module.__name__]
    for name in used if edited else ():
        sys.modules.pop(name, None)
    return edited


def _pin(file: str, content: bytes) -> None:
    """Let `inspect` and tracebacks show what was executed, whatever becomes of the file."""
    try:
        lines = importlib.util.decode_source(content).splitlines(keepends=True)
    except (SyntaxError, UnicodeDecodeError):  # compiled, not source
        return
    linecache.cache[file] = (len(content), None, lines, file)  # no time: it is never checked


def _was_edited(module: ModuleType, content: bytes) -> bool:
    """Whether a source is not what a module of it was made from, as far as its functions and its kept bytecode tell."""
    if type(getattr(module, "__loader__", None)) is not SourceFileLoader:  # others, pytest's, rewrite what they load
        return False
    if _differs_from_bytecode(module):
        return True
    try:
        codes = set(_codes(compile(content, str(module.__file__), "exec", dont_inherit=True)))
    except (SyntaxError, ValueError):
        return True
    return any(function.__code__ not in codes for function in _functions(module))


def _differs_from_bytecode(module: ModuleType) -> bool:
    """Whether the bytecode that importing a file leaves was made of another one, by its time and size (PEP 3147)."""
    kept = getattr(module.__spec__, "cached", None)
    if sys.dont_write_bytecode or not kept or not Path(kept).is_file() or not os.access(Path(kept).parent, os.W_OK):
        return False
    head, now = Path(kept).read_bytes()[:16], Path(str(module.__file__)).stat()
    flags, modified, size = (int.from_bytes(head[i : i + 4], "little") for i in (4, 8, 12))
    return not flags and (modified, size) != (int(now.st_mtime) % 2**32, now.st_size % 2**32)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    """Those that a module's source defines at its top, and in its classes."""
    for value in list(vars(module).values()):
        for candidate in (value, *vars(value).values()) if isinstance(value, type) else (value,):
            if isinstance(candidate, FunctionType) and candidate.__code__.co_filename == module.__file__:
                yield candidate


def _place_of(error: BaseException, module: str) -> str:
    """The last line of the user's file that was reached, if any."""
    stem = Path(module.rpartition(".")[2] if "/" not in module else module).stem
    trace, line = error.__traceback__, None
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename).stem == stem:
            line = trace.tb_lineno
        trace = trace.tb_next
    return f" (line {line})" if line else ""
