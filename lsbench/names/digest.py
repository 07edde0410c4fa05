"""A digest of one object of the user's: of its source or code, and of all that it holds.

It does not follow what the object's module imports: `dependencies` does.
"""

import functools
import hashlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType, SimpleNamespace
from typing import Any
from uuid import uuid4

from lsbench.names.encoding import to_bytes

PLAIN = (bool, int, float, complex, str, type(None), type(Ellipsis))
_unknown: dict[int, tuple[Any, bytes]] = {}  # what can't be looked into: equal to nothing, in no other process either


def digest(given: Any) -> str:
    """16 hex digits of an object: equal where its code and all that it holds are equal, in another process too.

    What can't be looked into has digits of its own in each process, so that nothing is mistaken for it.
    """
    total = hashlib.sha256()
    for part in _parts(given, ()):
        total.update(len(part).to_bytes(8, "little") + part)
    return total.hexdigest()[:16]


def _parts(given: Any, above: tuple[int, ...]) -> Iterator[bytes]:
    yield to_bytes(type(given).__qualname__)
    if isinstance(given, PLAIN):
        yield repr(given).encode()
    elif isinstance(given, bytes):
        yield given
    elif isinstance(given, ModuleType):
        yield to_bytes(given.__name__)
    elif id(given) in above:
        yield b"one of those above"
    else:
        for part in _held(given):
            yield from _parts(part, (*above, id(given)))


def _held(given: Any) -> Iterator[Any]:
    """What an object is made of."""
    match given:
        case functools.partial():
            yield from (given.func, given.args, given.keywords)
        case Mapping():
            yield from sorted(given.items(), key=lambda item: repr(item[0]))
        case set() | frozenset():
            yield from sorted(map(digest, given))
        case tuple() | list():
            yield len(given)
            yield from given
        case CodeType():
            yield from (given.co_code, given.co_names, given.co_varnames, given.co_consts)
        case MethodType():
            yield from (given.__func__, given.__self__)
        case BuiltinFunctionType():
            yield from (given.__qualname__, given.__module__ or given.__self__)
        case FunctionType():
            yield from (_source(given) or given.__code__, given.__defaults__, given.__kwdefaults__)
            yield [cell.cell_contents for cell in given.__closure__ or () if _is_filled(cell)]
        case type():
            yield _source(given) or f"{given.__module__}.{given.__qualname__}"
        case _ if type(given).__module__ == "torch" and type(given).__name__ in ("device", "dtype"):
            yield repr(given)
        case _ if hasattr(given, "detach"):  # a tensor
            yield _as_array(given.detach().cpu())
        case _ if type(given).__name__ in ("DataFrame", "Series") and hasattr(given, "to_numpy"):
            yield from _cells(given)
        case _ if hasattr(given, "tobytes"):  # an array
            yield from (str(given.dtype), given.shape, given.tobytes())
        case _ if hasattr(given, "__dict__"):
            yield from (type(given), vars(given))
        case _:
            yield _unknown.setdefault(id(given), (given, uuid4().bytes))[1]


def _as_array(tensor: Any) -> Any:
    """In numpy; of a dtype that numpy has not, such as bfloat16, its name and the numbers in float64."""
    try:
        return tensor.numpy()
    except TypeError:
        return [str(tensor.dtype), tensor.double().numpy()]


def _cells(given: Any) -> Iterator[Any]:
    """The names of a frame's columns, and their values; a missing one is None."""
    columns = [column for _, column in given.items()] if hasattr(given, "columns") else [given]
    for column in columns:
        values = column.to_numpy()
        yield str(column.name)
        yield values if values.dtype.kind != "O" else [None if cell != cell else cell for cell in values.tolist()]


def code_in(given: Any, is_own: Callable[[str], bool]) -> list[Any]:
    """The functions and classes of own modules (by name) that an object is made of, and those of theirs that these use.

    Itself among them, in the order in which they are met.
    """
    gathered: dict[int, Any] = {}
    _gather(given, gathered, is_own, ())
    return list(gathered.values())


def used_values(code: Any) -> dict[str, Any]:
    """What a function or a class finds among its module's names, other names of its own included, by name."""
    values = {}
    for function in _functions(code):
        for name in _names(function.__code__):
            if name in function.__globals__:
                values[name] = function.__globals__[name]
    return values


def is_data(value: Any) -> bool:
    """Whether a value can be looked into to the end: numbers, text, tensors, arrays and collections of them."""
    if isinstance(value, Mapping):
        return all(map(is_data, value)) and all(map(is_data, value.values()))
    if isinstance(value, tuple | list | set | frozenset):
        return all(map(is_data, value))
    return (
        isinstance(value, (*PLAIN, bytes))
        or (hasattr(value, "detach") and hasattr(value, "numpy"))
        or (hasattr(value, "tobytes") and hasattr(value, "dtype"))
    )


def is_holder(value: Any, is_own: Callable[[str], bool]) -> bool:
    """Whether a value is no code, and what it holds may decide what code does with it: settings, a module of layers.

    Objects of other packages, a logger say, are not looked into, but for containers, namespaces and torch's modules.
    """
    if isinstance(value, FunctionType | type | ModuleType):
        return False
    return (
        isinstance(value, Mapping | tuple | list | set | frozenset | functools.partial | SimpleNamespace | MethodType)
        or hasattr(value, "state_dict")
        or is_own(type(value).__module__)
    )


def _gather(given: Any, gathered: dict[int, Any], is_own: Callable[[str], bool], above: tuple[int, ...]) -> None:
    if id(given) in above or id(given) in gathered or is_data(given) or isinstance(given, ModuleType | CodeType):
        return
    if isinstance(given, FunctionType | type):
        if not is_own(given.__module__):
            return
        gathered[id(given)] = given
        for value in used_values(given).values():
            is_of_same_module = isinstance(value, FunctionType | type) and value.__module__ == given.__module__
            if is_of_same_module or is_holder(value, is_own):
                _gather(value, gathered, is_own, (*above, id(given)))
    for part in given.__mro__[1:] if isinstance(given, type) else _held(given):
        _gather(part, gathered, is_own, (*above, id(given)))


def _functions(code: Any) -> list[FunctionType]:
    """A function itself; of a class those it defines."""
    inner = [getattr(value, "__func__", getattr(value, "fget", value)) for value in vars(code).values()]
    return [value for value in ([code] if isinstance(code, FunctionType) else inner) if isinstance(value, FunctionType)]


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:  # it is assigned to later
        return False


def _source(given: Any) -> bytes:
    try:
        return to_bytes(inspect.getsource(given))
    except (OSError, TypeError):
        return b""
