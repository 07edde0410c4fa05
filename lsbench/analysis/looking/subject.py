"""Of which rows the examples are looked at: those of one data set, with the same labels in the part."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lsbench.errors import InputError
from lsbench.names.dataset_name import of_images
from lsbench.rows.looks.design import test_noise_of
from lsbench.rows.row import Row
from lsbench.rows.status import TEST
from lsbench.spec import is_oracle


@dataclass(frozen=True)
class Subject:
    """Rows that share the examples of a part and their given labels."""

    dataset: str
    test_noise: str  # how the test labels were made wrong; "" where they were not, and of the training part
    fingerprint: str
    rows: tuple[Row, ...]  # those that are ok, without arms that only somebody who knows the noise can have


def subjects_of(rows: Iterable[Row], part: str) -> list[Subject]:
    """All that can be looked at, of each data set the newest version of it; in the order of their names.

    Of the training part only rows count that were trained on the labels as given: without --noise.
    """
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        usable = row.status == "ok" and not is_oracle(row.cell.arm)
        if usable and (part == TEST or not row.cell.noise_rate):
            noise = test_noise_of(row.cell) if part == TEST else ""
            groups.setdefault((row.cell.dataset, noise, row.cell.fingerprint), []).append(row)
    newest: dict[tuple[str, str], tuple[str, list[Row]]] = {}
    for (dataset, noise, fingerprint), some in sorted(groups.items(), key=lambda group: _finished(group[1])):
        newest[dataset, noise] = fingerprint, some
    return [Subject(*names, fingerprint, tuple(some)) for names, (fingerprint, some) in sorted(newest.items())]


def _finished(rows: Sequence[Row]) -> str:
    """When the last of the rows was finished; "" of rows that do not say it."""
    return max(str(row.provenance.get("finished", "")) for row in rows)


def choose(subjects: Sequence[Subject], dataset: str | None, test_noise: float | None, part: str) -> Subject:
    """The one that is meant; `InputError` where that is none or several.

    dataset: as the rows have it, or without its features; None where the rows are of one. test_noise: a rate.
    """
    if not subjects:
        which = "" if part == TEST else " that was trained on the labels as given, without --noise"
        labels = "test" if part == TEST else "training"
        raise InputError(f"there is no row whose {labels} labels could be looked at: none is finished{which}")
    meant = [one for one in subjects if dataset in (None, one.dataset, of_images(one.dataset))]
    if test_noise is not None:
        meant = [one for one in meant if {row.cell.test_noise_rate for row in one.rows} == {test_noise}]
    if len(meant) == 1:
        return meant[0]
    several = meant or subjects
    names = list(dict.fromkeys(one.dataset for one in several))
    asked = "" if dataset is None else f", not {dataset!r}"
    if meant and len(names) == 1:
        rates = sorted({row.cell.test_noise_rate for one in several for row in one.rows})
        listed = ", ".join(f"{rate:g}" for rate in rates)
        raise InputError(f"test labels of {names[0]!r} were made wrong at several rates, {listed}; add --test-noise")
    raise InputError(f"the rows are of the data sets {', '.join(map(repr, names))}{asked}; say which with --dataset")
