"""Text from a results folder is data: nothing in it may steer a terminal or a spreadsheet."""

import re
from collections.abc import Iterable
from unicodedata import combining, east_asian_width

from lsbench.names.encoding import printable
from lsbench.names.spreadsheet import guarded

NUMBER = re.compile(r"[<>≤≥~≈]?\s?[-+−]?(?:\.?\d[-\d\s.,±\[\]()%/+−–×e†‡*<>]*|inf|nan)|–|")
WHOLE = re.compile(  # a number with all that belongs to it: 97.9 ± 0.1 *, +0.03 [-0.15, +0.21], 0.1 (5), <0.001†
    r"(?:[<>≤≥~≈=] ?)?[-+−]?\d[\d.,]*(?:e[-+]?\d+)?(?: ± [\d.]+)?"
    r"(?: \[[-+−<>\d][^\]]*\])?(?: \([^()]{1,9}\))?(?: ?[%†‡*])*"
)
FIRST_ACCENT = "\u0300"  # every character before it takes one column
GLUE = "\0"  # stands for a space at which no line may end
AFTER = re.compile(r"(?<=[/:,=_@-])(?!\d)|(?<=[a-z])(?=[A-Z])")  # where a long word may be broken


def plain_field(value: object) -> object:
    """A CSV field that no spreadsheet takes for a formula; anything but text is left alone."""
    if not isinstance(value, str):
        return value
    return guarded(printable(value))


def joined(sentences: Iterable[str]) -> str:
    """The sentences that are there, one after the other."""
    return " ".join(sentence for sentence in sentences if sentence)


def is_number(text: str) -> bool:
    """Whether it is a number, with its spread or interval; or the sign of none, or nothing."""
    return NUMBER.fullmatch(text) is not None


def width_of(text: str) -> int:
    """The columns that a terminal takes for it: two for a wide character, none for an accent on the one before."""
    if text.isascii() or max(text) < FIRST_ACCENT:
        return len(text)
    return sum(0 if combining(c) else 1 + (east_asian_width(c) in "WF") for c in text)


def words_of(text: str) -> list[str]:
    """What may stand on lines of its own: words, and numbers with their spread, interval and unit."""
    return [word for _, word in _words(text)]


def _words(text: str) -> list[tuple[str, str]]:
    """Each word with the spaces before it."""
    glued = WHOLE.sub(lambda number: number[0].replace(" ", GLUE), text)
    return [(gap, word.replace(GLUE, " ")) for gap, word in re.findall(r"(\s*)(\S+)", glued)]


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Lines of at most that width, those after the first indented; a number is never broken.

    A word that is longer than a line is broken after / : , = _ @ or -, or where need be.
    """
    lines, line = [], ""
    for gap, word in _words(text):
        for i, piece in enumerate(_pieces(word, max(1, width - len(indent)))):
            before = gap if i == 0 else ""
            if line.strip() and width_of(line + before + piece) > width:
                lines.append(line)
                line, before = indent, ""
            line += before + piece
    return [*lines, line] if line.strip() or not lines else lines


def _pieces(word: str, width: int) -> list[str]:
    if width_of(word) <= width or WHOLE.fullmatch(word):
        return [word]
    return [short for part in AFTER.split(word) for short in _cut(part, width)]


def _cut(part: str, width: int) -> list[str]:
    """Cut where a line ends, but not within a number; of wide characters half as many."""
    width = width if part.isascii() else max(1, width // 2)
    pieces = []
    while len(part) > width:
        at = next((i for i in range(width, 0, -1) if not (part[i - 1 : i + 1].replace(".", "0").isdecimal())), width)
        pieces.append(part[:at])
        part = part[at:]
    return [*pieces, part]
