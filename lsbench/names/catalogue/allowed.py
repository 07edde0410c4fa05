"""What a hyperparameter of a loss, or an option of a model, may be: said once, checked before anything is trained."""

import math
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from lsbench.errors import DtypeError, InputError, require_choice, require_number, require_whole, shown


class Allowed(Protocol):
    """The values that something may take."""

    def require(self, name: str, value: Any) -> None:
        """Raise an `InputError` that says what was got and what is allowed, unless the value is allowed."""
        ...


@dataclass(frozen=True)
class Range:
    """The finite numbers from low to high, both included; `below` leaves out high itself."""

    low: float = -math.inf
    high: float = math.inf
    below: bool = False

    def require(self, name: str, value: Any) -> None:
        """Raise unless it is a number of the range; `DtypeError` for what is no number."""
        require_number(name, value, self.low, self.high)
        if self.below and value >= self.high:
            raise InputError(f"{name} must be a finite number below {self.high:g}, got {shown(value)}")

    def __str__(self) -> str:
        """The range in words."""
        low = f"at least {self.low:g}" if math.isfinite(self.low) else ""
        high = f"{'below' if self.below else 'at most'} {self.high:g}" if math.isfinite(self.high) else ""
        return " and ".join(filter(None, (low, high))) or "any number"


@dataclass(frozen=True)
class Written:
    """The texts of a pattern; numbers are read as they are written."""

    pattern: str  # of the whole text
    says: str  # what the pattern means, after "must be"

    def require(self, name: str, value: Any) -> None:
        """Raise unless it is written so."""
        if isinstance(value, bool) or not re.fullmatch(self.pattern, str(value), re.ASCII):
            raise InputError(f"{name} must be {self.says}, got {shown(value)}")


@dataclass(frozen=True)
class Whole:
    """The whole numbers from low to high, both included."""

    low: int
    high: int

    def require(self, name: str, value: Any) -> None:
        """Raise unless it is a whole number of the range; `DtypeError` for what is no whole number."""
        require_whole(name, value, self.low, self.high)


@dataclass(frozen=True)
class Choice:
    """One of some words."""

    words: Collection[str]  # read when it is used: a table may grow

    def require(self, name: str, value: Any) -> None:
        """Raise unless it is one of the words."""
        require_choice(name, value, tuple(self.words))


@dataclass(frozen=True)
class WordOrFile:
    """One of some words, or the path of a file, which is looked for where its content is known to fit."""

    words: Collection[str]

    def require(self, name: str, value: Any) -> None:
        """Raise unless it is text that is not empty."""
        if not isinstance(value, str) or not value.strip():
            raise DtypeError(f"{name} must be {', '.join(self.words)} or the path of a file, got {shown(value)}")


@dataclass(frozen=True)
class Text:
    """Any text."""

    def require(self, name: str, value: Any) -> None:
        """Raise unless it is text."""
        if not isinstance(value, str):
            raise DtypeError(f"{name} must be text, got {shown(value)}")


@dataclass(frozen=True)
class OrNone:
    """None, or what something else allows."""

    otherwise: Allowed

    def require(self, name: str, value: Any) -> None:
        """Raise unless it is None or allowed."""
        if value is not None:
            self.otherwise.require(name, value)


@dataclass(frozen=True)
class Switch:
    """True or false."""

    def require(self, name: str, value: Any) -> None:
        """Raise unless it is one of the two."""
        if not isinstance(value, bool):
            raise DtypeError(f"{name} must be true or false, got {shown(value)}")


ANY = Range()
NOT_NEGATIVE = Range(0.0)
SHARE = Range(0.0, 1.0)


def either(words: Iterable[str]) -> str:
    """The words as a sentence offers them: a, b or c."""
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
