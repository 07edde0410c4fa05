"""What can go wrong, and the exit code each kind has. An error says what was got, what is allowed, what to try."""

import math
from numbers import Integral, Real
from reprlib import Repr

LONGEST = 80  # characters of a value in a message
LARGEST_FLOAT = 1.7976931348623157e308  # a whole number may be larger, and is no finite number then


class LsbenchError(Exception):
    """Anything that lsbench reports in one sentence instead of a traceback."""

    exit_code = 1


class InputError(LsbenchError, ValueError):
    """The caller's value makes no sense; the message says what was got and what is allowed."""

    exit_code = 2


class DtypeError(InputError, TypeError):
    """The caller's tensor or object has the wrong type."""


class StorageError(LsbenchError):
    """A result could not be kept; what was kept before is safe."""


class NothingToReportError(LsbenchError):
    """A report was asked for, and there is no row to make it from."""

    exit_code = 4


class ConditionError(LsbenchError):
    """What the user asked not to happen has happened."""

    exit_code = 5


class DoubtWarning(UserWarning):
    """The numbers can be had, and something makes them doubtful."""


def shown(value: object) -> str:
    """A value as a message quotes it: at most 80 characters; of a tensor or an array the shape and the dtype."""
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape and dtype is not None:
        return f"a {type(value).__name__} of shape {tuple(shape)} and dtype {dtype}"
    text = _text(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _text(value: object) -> str:
    try:
        return str(value) if isinstance(value, Real) else " ".join(_ONE_LINE.repr(value).split())
    except ValueError:  # more digits than Python writes
        return "a number of thousands of digits"


_ONE_LINE = Repr()  # does not first write out the whole of a long list
_ONE_LINE.maxstring = _ONE_LINE.maxother = _ONE_LINE.maxlong = 4 * LONGEST  # of these it leaves out the middle
_ONE_LINE.maxlist = _ONE_LINE.maxtuple = _ONE_LINE.maxdict = _ONE_LINE.maxset = LONGEST // 2


def require_number(name: str, value: float, low: float = -math.inf, high: float = math.inf) -> None:
    """Raise `InputError` unless low <= value <= high and value is a finite number."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise DtypeError(f"{name} must be a number, got {shown(value)}")
    if isinstance(value, int) and abs(value) > LARGEST_FLOAT:
        raise InputError(f"{name} must be a finite number, got {shown(value)}")
    if not (-math.inf < value < math.inf and low <= value <= high):  # torch.compile traces this, not math.isfinite
        raise InputError(f"{name} must be a finite number{_bounds(low, high)}, got {shown(value)}")


def _bounds(low: float, high: float) -> str:
    if math.isfinite(low) and math.isfinite(high):
        return f" in [{_exact(low)}, {_exact(high)}]"
    if math.isfinite(low):
        return f" of at least {_exact(low)}"
    return f" of at most {_exact(high)}" if math.isfinite(high) else ""


def _exact(bound: float) -> str:
    """A bound, short where that is the same number: 0.999999999 is not 1."""
    return f"{bound:g}" if float(f"{bound:g}") == bound else repr(bound)


def require_whole(name: str, value: int, low: int, high: int) -> None:
    """Raise `InputError` unless value is an int with low <= value <= high."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise DtypeError(f"{name} must be a whole number, got {shown(value)}")
    if not low <= value <= high:
        raise InputError(f"{name} must be a whole number in [{low}, {high}], got {shown(value)}")


def require_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    """Raise `InputError` unless value is one of the allowed words."""
    if not isinstance(value, str) or value not in allowed:
        raise InputError(f"{name} must be one of {', '.join(allowed)}; got {shown(value)}")
