"""The columns that a reader asks for, by words of their headings."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches

from lsbench.errors import InputError
from lsbench.report.tables import Table

SPOKEN = {"delta": "δ", "difference": "δ"}  # what is hard to type


def choose_columns(tables: Sequence[Table], asked: Sequence[str]) -> list[Table]:
    """The tables with the asked columns, in the order asked for, behind those that name their lines.

    A column is asked for by its heading without the unit (`accuracy`, `ECE`), or by some of the heading's words
    (`delta`, `sign flips`), which may be those of several columns. A table that has none of them is left out.
    `InputError` for words that no table's heading has.
    """
    require_columns(dict.fromkeys(heading for table in tables for heading in table.header), asked)
    kept = [(table, [place for words in asked for place in _places(table.header, words)]) for table in tables]
    return [_with(table, dict.fromkeys((*table.named_by, *places))) for table, places in kept if places]


def require_columns(headings: Iterable[str], asked: Sequence[str]) -> None:
    """Raise an `InputError` for words that no heading has."""
    all_headings = list(headings)
    for words in asked:
        if not _places(all_headings, words):
            near = get_close_matches(words.lower(), [heading.lower() for heading in all_headings], 1)
            guess = f"did you mean {near[0]!r}? " if near else ""
            raise InputError(f"--columns: no column is called {words!r}; {guess}known: {', '.join(all_headings)}")


def _with(table: Table, places: Iterable[int]) -> Table:
    kept = list(places)
    return replace(
        table,
        header=tuple(table.header[i] for i in kept),
        lines=tuple(tuple(line[i] for i in kept) for line in table.lines),
        named_by=tuple(range(len(table.named_by))),
    )


def _places(headings: Sequence[str], asked: str) -> list[int]:
    """The columns of that heading, or else those whose headings have all the words."""
    wanted = _words(asked)
    words = [_words(heading) for heading in headings]
    exact = [i for i, of_heading in enumerate(words) if of_heading == wanted]
    return exact or [i for i, of_heading in enumerate(words) if wanted and set(wanted) <= set(of_heading)]


def _words(heading: str) -> list[str]:
    """Lower-case words without brackets and units."""
    words: list[str] = re.findall(r"[^\W_]+(?:[_/²][^\W_]+)*", re.sub(r"\[[^\]]*\]", "", heading).lower())
    return [SPOKEN.get(word, word) for word in words]
