"""What people answered, of one design, all their files joined."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, takewhile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsbench.errors import InputError
from lsbench.names.answers import Answer
from lsbench.rows.looks.answers import Answers, answers_of
from lsbench.rows.looks.design import StoredDesign
from lsbench.rows.status import TEST
from lsbench.spec import Cell


@dataclass(frozen=True)
class Verified:
    """The looked-at labels of the first n examples of a design's order, K classes.

    Of two people who differ either may be right: what an example may be is what one of them says. Of three and more
    the answer of more than half of them counts.
    """

    design: StoredDesign
    examples: NDArray[np.int64]  # (n,), places in the design's arrays: the first n of its order
    labels: NDArray[np.int64]  # (n,), the looked-at label; -1 where it is not one class
    may_be: NDArray[np.bool_]  # (n, K): one class of a label, all of "can't tell", none of "none of these"
    outside: NDArray[np.bool_]  # (n,), whether somebody says that it is of none of the classes
    people: tuple[str, ...]  # in the order in which they come in the files
    agreement: float | None  # of the examples that several people answered, the share with one answer; None: of none
    agreement_n: int  # how many these are
    cannot_tell: int  # of the n, those that can't be told
    unused: int  # examples with an answer after the first one of the order that has none: they are not used
    answered: frozenset[int] = frozenset()  # places in the order that have an answer, the unused ones included
    files: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """How many examples were looked at."""
        return len(self.examples)

    @property
    def given(self) -> NDArray[np.int64]:
        """(n,), their labels as given."""
        return self.design.given[self.examples]

    @property
    def numbers(self) -> NDArray[np.int64]:
        """(n,), their numbers in the part."""
        return self.design.numbers[self.examples]

    @property
    def changed(self) -> NDArray[np.bool_]:
        """(n,), whether people say that the given label is not what the example is: the corrections."""
        return ~self.may_be[np.arange(self.n), self.given]

    @property
    def untold(self) -> NDArray[np.bool_]:
        """(n,), whether the answers leave open if the given label is what the example is."""
        return ~self.changed & (self.may_be.sum(1) + self.outside > 1)


def read_verified(files: Sequence[str | Path], folders: Sequence[Path]) -> tuple[Verified, ...]:
    """The answers of all these files, of each design that asked for them; test before train.

    Args:
        files: as the page or a spreadsheet saved them; several of one person, or of several people.
        folders: where the designs are looked for, `verify` below a results folder; the files' own come after them.

    Raises:
        InputError: a file that is no `verified.csv`, a design that is in none of the folders, an item that it did not
            ask for, an item with another SHA-256, a label that is no class, different answers of one person to one
            item, two designs of one part of a data set, or no answer to the first example of the order.
    """
    made = [_joined(answers) for answers in answers_of(files, folders)]
    for one, other in combinations([answers.design for answers in made], 2):
        if (one.fingerprint, one.part, one.test_noise) == (other.fingerprint, other.part, other.test_noise):
            raise InputError(
                f"the answers are to two designs of the {one.part} part of {one.dataset!r}, {one.id} and {other.id};"
                " give those of one: each design is a sample of its own"
            )
    return tuple(sorted(made, key=lambda one: (one.design.part != TEST, one.design.dataset)))


def verified_of(verified: Iterable[Verified], cells: Iterable[Cell], part: str = TEST) -> Verified | None:
    """That of the cells' data set and this part, test or train; None where there is none.

    Of several, one of the very data set goes before one of other features of its images.
    """
    cells = list(cells)
    matching = [one for one in verified if one.design.part == part for cell in cells if one.design.is_of(cell)]
    fingerprints = {cell.fingerprint for cell in cells}
    return min(matching, key=lambda one: one.design.fingerprint not in fingerprints, default=None)


def _joined(answers: Answers) -> Verified:
    design = answers.design
    in_order = [answers.by_rank.get(rank) for rank in range(design.count)]
    prefix = list(takewhile(lambda one: one is not None, in_order))
    merged = [merge(list(one.values())) for one in prefix if one is not None]
    if not merged:
        first = design.numbers[design.order[0]]
        count = len(answers.by_rank)
        which = "the 1 answer can't be used" if count == 1 else f"none of the {count:,} answers can be used"
        raise InputError(
            f"{' and '.join(answers.files)}: the first example of the order, item {first}, has no answer, so that"
            f" {which}; answer it, too"
        )
    several = [set(one.values()) for one in answers.by_rank.values() if len(one) > 1]
    agreed = sum(len(different) == 1 for different in several)
    may_be = np.array([[k in one.classes for k in range(design.num_classes)] for one, _ in merged])
    labels = np.array([-1 if one.label is None or outside else one.label for one, outside in merged], np.int64)
    return Verified(
        design=design,
        examples=design.order[: len(merged)],
        labels=labels,
        may_be=may_be,
        outside=np.array([outside for _, outside in merged]),
        people=answers.people,
        agreement=agreed / len(several) if several else None,
        agreement_n=len(several),
        cannot_tell=sum(one.cannot_tell for one, _ in merged),
        unused=len(answers.by_rank) - len(merged),
        answered=frozenset(answers.by_rank),
        files=answers.files,
    )


def merge(answers: Sequence[Answer]) -> tuple[Answer, bool]:
    """One answer of several people's, and whether it may be of none of the classes.

    That of more than half of them; else all classes that one of them names, and all there are where one can't tell.

    Example:
        >>> cat, dog = Answer((0,)), Answer((1,))
        >>> merge([cat, dog])[0].classes, merge([cat, dog, cat])[0].classes
        ((0, 1), (0,))
    """
    most, votes = Counter(answers).most_common(1)[0]
    if 2 * votes > len(answers):
        return most, not most.classes
    classes = sorted({k for answer in answers for k in answer.classes})
    return Answer(tuple(classes), any(a.cannot_tell for a in answers)), any(not a.classes for a in answers)
