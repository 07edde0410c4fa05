r"""How a person's answer about one example is written in a file: a class, several, none of them, or "can't tell".

A class is written by its name; a name that begins with ? or \, or that a spreadsheet takes for a formula or would
change, has a \ before it. The other answers begin with ?: `?can't tell`, `?none of these`,
`?more than one:cat|dog`, where | and \ of a name have a \ before them.

What is not UTF-8 in a name is written out, as `lsbench.names.encoding.visible` does.
"""

import difflib
import re
from collections.abc import Sequence
from typing import NamedTuple

from lsbench.errors import InputError
from lsbench.names.encoding import visible
from lsbench.names.few import few
from lsbench.names.spreadsheet import DATE, MONTH, NUMBER, is_changed

CANNOT_TELL, NONE, SEVERAL = "?can't tell", "?none of these", "?more than one:"
SHOWN = 10  # classes that an error names
ESCAPED = re.compile(r"[?\\=+@-]")  # the first character of a name that has a \ before it
SPREADSHEET_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?(?:e[+-]?\d+)?")  # what a spreadsheet may make of a class
SPREADSHEET_DATE = re.compile(rf"(?=.*\d)[\d\s./:-]*(?:{MONTH})?[\d\s./:-]*", re.IGNORECASE)


class Answer(NamedTuple):
    """What a person says of one example. No class: none of these. All of them and `cannot_tell`: it can't be told."""

    classes: tuple[int, ...]  # what it may be, ascending
    cannot_tell: bool = False

    @property
    def label(self) -> int | None:
        """The one class that it is; None where it is not one."""
        return self.classes[0] if len(self.classes) == 1 and not self.cannot_tell else None


def spell(answer: Answer, names: Sequence[str]) -> str:
    r"""The answer as a file has it; names (K,) of the classes.

    Example:
        >>> names = ["cat", "?", "a|b"]
        >>> [spell(Answer(some), names) for some in ((0,), (1,), (), (0, 2))]
        ['cat', '\\?', '?none of these', '?more than one:cat|a\\|b']
    """
    if answer.cannot_tell:
        return CANNOT_TELL
    if len(answer.classes) == 1:
        name = visible(names[answer.classes[0]])
        is_odd = is_changed(name) or (ESCAPED.match(name) and not NUMBER.fullmatch(name))
        return f"\\{name}" if is_odd else name
    if not answer.classes:
        return NONE
    return SEVERAL + "|".join(re.sub(r"([\\|])", r"\\\1", visible(names[i])) for i in answer.classes)


def read_answer(text: str, names: Sequence[str]) -> Answer:
    """The answer that a text spells; `InputError` where it names no class.

    Upper and lower case count where two classes differ by nothing else; 7.0 is read as the class 7, and 1 as the class
    01 if that is the only one with this value, as a spreadsheet writes it so.

    Example:
        >>> read_answer("Dog", ["cat", "dog"]), read_answer("?can't tell", ["cat", "dog"]).cannot_tell
        (Answer(classes=(1,), cannot_tell=False), True)
    """
    word = text.strip().replace("’", "'").casefold()
    if not word.startswith("?"):
        return Answer((_class(text, names),))
    if word in ("?", CANNOT_TELL, "?cannot tell", "?cant tell"):
        return Answer(tuple(range(len(names))), cannot_tell=True)
    if word == NONE:
        return Answer(())
    if not word.startswith(SEVERAL):
        raise InputError(
            f"{text!r} is no answer: those that begin with ? are {CANNOT_TELL!r}, {NONE!r} and '{SEVERAL}A|B'; a class"
            " whose name begins with ? is written with a \\ before it"
        )
    return _several(text, names)


def _several(text: str, names: Sequence[str]) -> Answer:
    pieces = re.findall(r"(?:[^\\|]|\\.)+", text.partition(":")[2])
    classes = sorted({_found(re.sub(r"\\(.)", r"\1", piece), names) for piece in pieces})
    if len(classes) < 2:
        raise InputError(f"{text!r} names {len(classes)} class; write two or more, '{SEVERAL}A|B', or the class alone")
    return Answer(tuple(classes))


def _class(text: str, names: Sequence[str]) -> int:
    escaped = text.strip()
    if escaped.startswith("\\") and escaped[1:] in map(visible, names):
        return _found(escaped[1:], names)
    return _found(text, names)


def _found(text: str, names: Sequence[str]) -> int:
    """The number of the class of that name."""
    for wanted, each in ((text, list(names)), (text.strip(), [visible(name).strip() for name in names])):
        if wanted in each:
            return each.index(wanted)
    folded, word = [visible(name).strip().casefold() for name in names], text.strip().casefold()
    if folded.count(word) == 1:
        return folded.index(word)
    if (number := _of_that_value(word, folded)) is not None:
        return number
    _refuse_date(text, names)
    near = difflib.get_close_matches(word, folded, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(repr(names[folded.index(one)]) for one in near)}?" if near else _listed(names)
    raise InputError(f"{text!r} is no class; {hint}")


def _of_that_value(word: str, names: Sequence[str]) -> int | None:
    """The one class whose name is the same number; None of words that are no number, and where there is none."""
    if not SPREADSHEET_NUMBER.fullmatch(word):
        return None
    value = float(word.replace(",", "."))
    same = [i for i, name in enumerate(names) if NUMBER.fullmatch(name) and float(name) == value]
    return same[0] if len(same) == 1 else None


def _refuse_date(text: str, names: Sequence[str]) -> None:
    """Raise an `InputError` for what a spreadsheet seems to have made of a class that looks like a date."""
    dates = [name for name in names if DATE.fullmatch(name)]
    if dates and SPREADSHEET_DATE.fullmatch(text.strip()):
        likely = max(dates, key=lambda name: len(_numbers_in(name) & _numbers_in(text)))
        raise InputError(
            f"{text!r} is no class, and {likely!r} is one: a spreadsheet may have made a date of it; write"
            f" \\{likely}, with a \\ before it, or answer on the page"
        )


def _numbers_in(text: str) -> set[int]:
    return set(map(int, re.findall(r"[0-9]+", text)))


def _listed(names: Sequence[str]) -> str:
    return (
        f"the classes are {few(map(repr, names), SHOWN)}; other answers are {CANNOT_TELL!r}, {NONE!r} and"
        f" '{SEVERAL}A|B'"
    )
