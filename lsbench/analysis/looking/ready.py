"""The design by which people are asked, found or made, checked against the data, with the looks that are announced."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lsbench.analysis.looking.asking import labels_now, require_unchanged, with_digests
from lsbench.analysis.looking.planned import found_again, planned
from lsbench.analysis.looking.predicted import compared_arms, has_answers
from lsbench.analysis.looking.subject import Subject, choose, subjects_of
from lsbench.rows.looks import StoredDesign, design_folder, is_read, mark_read, read_designs, write_design
from lsbench.rows.row import Row
from lsbench.rows.status import TEST
from lsbench.statistics.looks.levels import schedule

DEFAULT = 100  # looks
MANY = 500  # more than these are seldom of use
SECONDS = 6  # that a person takes for one


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


def announced(
    design: StoredDesign, count: int | None, results: Path, data_dir: Path | None = None, files: Sequence[str] = ()
) -> Ready:
    """The same of a design that is there: with so many looks, of which it keeps that they were asked for.

    As long as no verdict was made of answers the number is the one that is announced, be it more or fewer than before:
    it depends on no answer. After that the first one stays, and more looks read on. files: of answers, which may lie in
    another results folder.
    """
    folder = design_folder(results)
    before, stays = max(design.announced, default=0), is_read(design, folder, files)
    wanted = max(count or 0, before) if stays else count or before or DEFAULT
    looks = min(wanted, design.count)
    notes = [f"there are {design.count:,} examples: all of them are asked about"] if looks < wanted else []
    notes += _notes_on_number(looks, before, count, stays=stays)
    design = with_digests(design, looks, data_dir)
    plan = [*design.announced, looks] if stays or count is None else [looks]
    design = replace(design, announced=tuple(dict.fromkeys(plan)))
    write_design(design, folder)
    if stays:
        mark_read(design, folder)
    return Ready(design, looks, is_new=False, notes=tuple(notes))


def _notes_on_number(looks: int, before: int, count: int | None, *, stays: bool) -> list[str]:
    """What is said where the number of looks stays, changes, or is large."""
    if stays and count and count < before:
        return [
            f"{before:,} looks were announced before a verdict was made of answers, and that stays, as a number that"
            " depends on answers would make intervals too narrow; answer as many as you like, in any number of sittings"
        ]
    notes = []
    if before and looks != before and not stays:
        notes.append(
            f"{looks:,} looks are announced now in place of {before:,}, as no verdict has been made of answers yet; all"
            " answers still count"
        )
    if looks > MANY:
        hours = looks * SECONDS / 3600
        notes.append(
            f"{looks:,} looks take about {hours:,.0f} hours at {SECONDS} seconds each, and intervals stay wide"
            f" until most of them are done; {DEFAULT} to 300 decide most comparisons. To announce fewer: --n {DEFAULT}"
        )
    return notes


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
