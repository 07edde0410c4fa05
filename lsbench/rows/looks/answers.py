"""Answers from files, each checked against the design that asked for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lsbench.data.looked_file import ANONYMOUS, LookedLine, read_looked
from lsbench.errors import InputError
from lsbench.names.answers import Answer, read_answer
from lsbench.rows.looks.design import StoredDesign
from lsbench.rows.looks.store import read_design, read_designs

By = dict[str, tuple[Answer, str]]  # by person: the answer and where it is written


@dataclass(frozen=True)
class Answers:
    """All answers to the items of one design."""

    design: StoredDesign
    by_rank: Mapping[int, Mapping[str, Answer]]  # by the item's place in the order and the person
    people: tuple[str, ...]
    files: tuple[str, ...]


def answers_of(files: Sequence[str | Path], folders: Sequence[Path]) -> list[Answers]:
    """The answers of some files, by the design that asked; see `read_verified` for what is refused."""
    lines_by_design: dict[str, list[tuple[str, LookedLine]]] = {}
    for file in dict.fromkeys(map(str, files)):
        for line in read_looked(file):
            lines_by_design.setdefault(line.design, []).append((file, line))
    return [_answers(design_id, lines, folders) for design_id, lines in lines_by_design.items()]


def _answers(design_id: str, lines: Sequence[tuple[str, LookedLine]], folders: Sequence[Path]) -> Answers:
    files = tuple(dict.fromkeys(file for file, _ in lines))
    beside = [place for file in files for place in (Path(file).parent, Path(file).parent / "verify")]
    design = _design(design_id, lines[0], [*folders, *beside])
    by_rank: dict[int, By] = {}
    for file, line in lines:
        where = f"{file}, line {line.line}"
        answers = by_rank.setdefault(_rank(design, line, where), {})
        answer = _answer(design, line, where)
        before, where_before = answers.setdefault(line.person, (answer, where))
        if before != answer:
            raise InputError(
                f"{where}: {line.person} answers item {line.item} otherwise than in {where_before}; keep one of the two"
                + (", or write in the column person who is who" if line.person == ANONYMOUS else "")
            )
    people = tuple(dict.fromkeys(line.person for _, line in lines))
    plain = {rank: {person: answer for person, (answer, _) in own.items()} for rank, own in by_rank.items()}
    return Answers(design, plain, people, files)


def _design(design_id: str, first: tuple[str, LookedLine], folders: Sequence[Path]) -> StoredDesign:
    for folder in folders:
        if design := read_design(design_id, folder):
            return design
    there = {f"{one.id} (the {one.part} part of {one.dataset!r})": None for f in folders for one in read_designs(f)[0]}
    has = f"which has {', '.join(there)}" if there else "which has none: `lsbench verify` makes them"
    raise InputError(
        f"{first[0]}, line {first[1].line}: it is of the design {design_id[:40]!r}, and that is not in {folders[0]},"
        f" {has}; the answers belong to another results folder. If these rows are of the same test examples, copy the"
        " answers into the folder verify of the one that they belong to, and give them from there"
    )


def _rank(design: StoredDesign, line: LookedLine, where: str) -> int:
    """The item's place in the order, if it is the item that was asked about."""
    rank = design.ranks.get(line.item)
    if rank is None:
        raise InputError(
            f"{where}: there is no item {line.item} among the {design.count:,} examples of the {design.part} part of"
            f" {design.dataset!r}"
        )
    if rank >= len(design.digests):
        raise InputError(
            f"{where}: item {line.item} was not asked about here: the first {len(design.digests):,} of the order were;"
            f" if another copy of this folder asked for more, say so here, too: lsbench verify --n {rank + 1}"
        )
    if line.sha256 != design.digests[rank]:
        raise InputError(
            f"{where}: item {line.item} of {design.dataset!r} is something else than what was looked at (its SHA-256"
            " differs); the file is of another data set, or its columns were mixed up"
        )
    return rank


def _answer(design: StoredDesign, line: LookedLine, where: str) -> Answer:
    try:
        return read_answer(line.label, design.classes)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
