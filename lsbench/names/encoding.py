r"""Text from the operating system: paths, arguments and names, which need not be UTF-8; and numbers as text.

Python holds a byte that is no UTF-8 as one of 128 lone surrogates (PEP 383), which UTF-8 can't encode again. Such text
is kept as it is in names, hashed as the bytes that it was, and written out (`\xe9`) where people and other programs
read it.
"""

import json
import shlex
from collections.abc import Iterable
from typing import Any

BYTES = range(0xDC80, 0xDD00)  # what Python makes of the bytes 128 to 255
SURROGATES = range(0xD800, 0xE000)


def to_bytes(text: str) -> bytes:
    """UTF-8, and each byte that was none as it was; the same for equal texts only."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte, which only Python itself makes
        return text.encode("utf-8", "surrogatepass")


def visible(text: str) -> str:
    r"""The text, what UTF-8 can't encode written out: `caf\xe9.png`."""
    return text if text.isascii() else "".join(_escaped(c) if ord(c) in SURROGATES else c for c in text)


def printable(text: str) -> str:
    """The text on one line, with all that could steer a terminal written out."""
    return text if text.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in text)


def command_line(words: Iterable[str]) -> str:
    r"""A line that a shell reads as these words, and that can be shown and typed: `run --out $'o\xe9'`."""
    return " ".join(map(_quoted, words))


def json_text(value: Any, indent: int = 1) -> str:
    """JSON that every reader takes: lone surrogates, which the grammar allows and many refuse, are written out."""
    return json.dumps(_all_visible(value), indent=indent)


def _all_visible(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {_all_visible(key): _all_visible(item) for key, item in value.items()}
    return [_all_visible(item) for item in value] if isinstance(value, list | tuple) else value


def _quoted(word: str) -> str:
    if word.isprintable():
        return shlex.quote(word)
    return "$'" + "".join(f"\\{c}" if c in "\\'" else c if c.isprintable() else _escaped(c) for c in word) + "'"


def _escaped(c: str) -> str:
    return f"\\x{ord(c) - 0xDC00:02x}" if ord(c) in BYTES else repr(c)[1:-1]


def exact(number: float) -> str:
    """The number in few digits where these are all it has, else in all of them."""
    short = f"{number:g}"
    return short if float(short) == number else repr(number)
