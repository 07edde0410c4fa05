"""How lists of values are written: 0,0.1 or repeated or 0:0.4:0.1; a path that exists keeps its commas.

What is given is a text, as typed; a list of texts, where an option is repeated; or a tuple: the values of a study
file's list, which are not split.
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from itertools import combinations
from pathlib import Path

from lsbench.errors import InputError
from lsbench.spec import SAME

MOST_VALUES = 10_000  # of a range or a count


Given = str | float | Sequence[str | float]


def names(option: str, given: Given) -> tuple[str, ...]:
    """Words separated by commas, or repeated; each once.

    A value that names a file or folder which exists, commas and all, is one word, whatever options follow it:
    `--dataset ./a,b:size=64`. Repeat the option for more.
    """
    words = (
        map(str, given) if isinstance(given, tuple) else (w for value in _texts(given) for w in _split(option, value))
    )
    unique = tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
    if not unique:
        raise InputError(f"{option} is empty; give at least one name")
    return unique


def _texts(given: Given) -> list[str]:
    """What was typed, once or several times; the items of a tuple as text."""
    return [str(given)] if isinstance(given, str | float | int) else [str(value) for value in given]


def _split(option: str, value: str) -> list[str]:
    """The words of one text; `InputError` where some of them together are a path that exists, whose commas are lost."""
    if _is_whole(value):
        return [value]
    words = value.split(",")
    for i, j in combinations(range(len(words) + 1), 2):
        if j - i > 1 and _exists(path := ",".join(words[i:j])):
            raise InputError(
                f"{option} {value}: the path {path} has a comma; repeat the option: {option} {path} {option} ..."
            )
    return words


def _is_whole(value: str) -> bool:
    """Whether the commas of a value belong to it: a part between its colons is a path that exists."""
    if "," not in value:
        return True
    parts = value.strip().split(":")
    runs = (":".join(parts[i:j]) for i, j in combinations(range(len(parts) + 1), 2))
    return any("," in run and _exists(run) for run in runs)


def _exists(path: str) -> bool:
    try:
        return Path(path).expanduser().exists()
    except (OSError, ValueError, RuntimeError):  # too long, a NUL, no home
        return False


def numbers(option: str, given: Given) -> tuple[float, ...]:
    """Numbers separated by commas, or repeated, or ranges low:high:step with both ends; each once."""
    parts = [part for text in _texts(given) for part in text.split(",") if part.strip()]
    if not parts:
        raise InputError(f"{option} is empty; give at least one number")
    return tuple(dict.fromkeys(float(number) + 0.0 for part in parts for number in _range(option, part)))


def seeds(option: str, given: Given) -> tuple[int, ...]:
    """How many seeds (`5` is 0, 1, 2, 3, 4), or which ones (`7,` or `3,7` or `0:9:1`, or a study file's list)."""
    count = seed_count(option, given)
    return wholes(option, given) if count is None else tuple(range(count))


def seed_count(option: str, given: Given) -> int | None:
    """How many seeds, where a number is given and not which ones."""
    texts = _texts(given)
    if isinstance(given, tuple) or len(texts) > 1 or set(texts[0]) & {",", ":"}:
        return None
    count = _whole(option, float(_number(option, texts[0])))
    if not 1 <= count <= MOST_VALUES:
        raise InputError(f"{option} takes a count from 1 to {MOST_VALUES}, or a list such as 0,3,7; got {texts[0]}")
    return count


def wholes(option: str, given: Given) -> tuple[int, ...]:
    """The same of whole numbers."""
    return tuple(_whole(option, number) for number in numbers(option, given))


def rate_or_same(option: str, given: str | float) -> float | str:
    """One number, or the word `same`."""
    if given == SAME:
        return SAME
    try:
        return float(_number(option, str(given)))
    except InputError as error:
        raise InputError(f"{option} takes one rate in [0, 1], or {SAME}; got {given!r}") from error


def _range(option: str, text: str) -> list[Decimal]:
    parts = [_number(option, part) for part in text.split(":")]
    if len(parts) == 1:
        return parts
    if len(parts) != 3:
        raise InputError(f"{option}: a range is written low:high:step, got {text!r}")
    low, high, step = parts
    if not (step > 0 and low <= high and (high - low) / step < MOST_VALUES):
        allowed = f"low <= high, step > 0 and at most {MOST_VALUES} values"
        raise InputError(f"{option}: a range low:high:step needs {allowed}; got {text!r}")
    return [low + i * step for i in range(int((high - low) / step) + 1)]


def _number(option: str, text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or (number and not -300 < number.adjusted() < 300):
        allowed = "finite numbers such as 0.1 or 0,0.1 or 0:0.4:0.1"
        raise InputError(f"{option} takes {allowed}, got {text!r}{_as_share(text)}")
    return number


def _as_share(text: str) -> str:
    """How a percentage is written."""
    try:
        return f"; {text.strip()} is written {Decimal(text.strip().removesuffix('%')) / 100:f}" if "%" in text else ""
    except InvalidOperation:
        return ""


def _whole(option: str, number: float) -> int:
    if not number.is_integer():
        raise InputError(f"{option} takes whole numbers, got {number:g}")
    return int(number)
