"""The design by which people are asked, found or made, checked against the data, with the looks that are announced."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from lsbench.analysis.looking.asking import labels_now, require_unchanged, with_digests
from lsbench.analysis.looking.planned import found_again, planned
from lsbench.analysis.looking.predicted import compared_arms, has_answers
from lsbench.analysis.looking.subject import Subject, choose, subjects_of
from lsbench.rows.looks import StoredDesign, design_folder, read_designs, write_design
from lsbench.rows.row import Row
from lsbench.rows.status import TEST
from lsbench.statistics.looks.levels import schedule

DEFAULT = 100  # looks


@dataclass(frozen=True)
class Wanted:
    """Whose examples are to be looked at, and how many."""

    part: str = TEST  # or train
    dataset: str | None = None  # None: that of the rows
    test_noise: float | None = None  # a rate, where the rows have several
    seed: int = 0
    count: int | None = None  # None: as many as before, and 100 at first


@dataclass(frozen=True)
class Ready:
    """A design that is stored, and what is to be said of it."""

    design: StoredDesign
    count: int  # of looks, those before included
    is_new: bool
    notes: tuple[str, ...] = ()


def ready(rows: Iterable[Row], results: Path, wanted: Wanted, data_dir: Path | None = None) -> Ready:
    """The design that was made before for the same examples, or a new one; stored below the results folder.

    `InputError`: rows of several data sets, no predictions, or data that are not those that the rows were trained on.
    """
    rows, folder = list(rows), design_folder(results)
    subject = choose(subjects_of(rows, wanted.part), wanted.dataset, wanted.test_noise, wanted.part)
    designs, damaged = read_designs(folder)
    design, notes = found_again(designs, subject, wanted.part, wanted.seed), [f"skipped {text}" for text in damaged]
    labels, classes = labels_now(subject.dataset, wanted.part, data_dir)
    is_new = design is None
    if design is None:
        design = planned(subject, wanted.part, classes, wanted.seed, results)
    else:
        notes += _trained_since(design, subject, results)
    require_unchanged(design, labels, classes)
    made = announced(design, wanted.count, results, data_dir)
    notes += _of_one_loss(design, subject, results)
    return replace(made, is_new=is_new, notes=(*notes, *made.notes))


def announced(design: StoredDesign, count: int | None, results: Path, data_dir: Path | None = None) -> Ready:
    """The same of a design that is there: with so many looks, of which it keeps that they were asked for."""
    before = max(design.announced, default=0)
    wanted = max(count or before or DEFAULT, before)
    looks = min(wanted, design.count)
    notes = [f"there are {design.count:,} examples: all of them are asked about"] if looks < wanted else []
    notes += [f"{before:,} were asked about before: the page has these"] if count and count < before else []
    design = with_digests(design, looks, data_dir)
    design = replace(design, announced=tuple(dict.fromkeys([*design.announced, looks])))
    write_design(design, design_folder(results))
    return Ready(design, looks, is_new=False, notes=tuple(notes))


def next_count(design: StoredDesign, count: int) -> int | None:
    """The next number of looks after which there is an interval; None where all examples are asked about."""
    if count >= design.count:
        return None
    return next((n for n in schedule(design.announced[0], design.count) if n > count), design.count)


def _trained_since(design: StoredDesign, subject: Subject, results: Path) -> list[str]:
    """A sentence on the arms that the design does not know."""
    if design.part != TEST:
        return []
    names = {arm.name: None for _, arm in compared_arms(subject) if has_answers(arm, results)}
    new = ", ".join(name for name in names if name not in {arm.name for arm in design.arms})
    return [f"trained since: {new}; what the answers say of these is as right, but may be less exact"] if new else []


def _of_one_loss(design: StoredDesign, subject: Subject, results: Path) -> list[str]:
    """A sentence where there is nothing that the answers could compare."""
    names = {arm.name for _, arm in compared_arms(subject) if has_answers(arm, results)}
    if design.part != TEST or len(names) != 1:
        return []
    return [f"there are rows of {names.pop()} alone: train another loss first, so that there is something to decide"]
