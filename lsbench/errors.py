"""What can go wrong, and the exit code each kind has. An error says what was got, what is allowed, what to try."""

import math
from numbers import Integral, Real


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


def require_number(name: str, value: float, low: float = -math.inf, high: float = math.inf) -> None:
    """Raise `InputError` unless low <= value <= high and value is a finite number."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise DtypeError(f"{name} must be a number, got {value!r}")
    if not (-math.inf < value < math.inf and low <= value <= high):  # torch.compile traces this, not math.isfinite
        bounds = f"in [{low:g}, {high:g}]" if math.isfinite(low) else f"at most {high:g}"
        raise InputError(f"{name} must be a finite number {bounds}, got {value}")


def require_whole(name: str, value: int, low: int, high: int) -> None:
    """Raise `InputError` unless value is an int with low <= value <= high."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise DtypeError(f"{name} must be a whole number, got {value!r}")
    if not low <= value <= high:
        raise InputError(f"{name} must be a whole number in [{low}, {high}], got {value}")


def require_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    """Raise `InputError` unless value is one of the allowed words."""
    if value not in allowed:
        raise InputError(f"{name} must be one of {', '.join(allowed)}; got {value!r}")
