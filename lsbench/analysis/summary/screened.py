"""How the arms of some rows were chosen, and which arms their claims must count for it."""

from collections.abc import Iterable, Sequence
from typing import Any

from lsbench.analysis.summary.arms import ArmResults
from lsbench.names.dataset_name import of_images
from lsbench.rows.row import Row
from lsbench.spec import Cell, Screening


def screenings_of(arms: Iterable[ArmResults]) -> tuple[Screening, ...]:
    """The choices that some of these arms come from, each once."""
    different: list[dict[str, Any]] = []
    for row in _rows(arms):
        if row.screening and row.screening not in different:
            different.append(row.screening)
    return tuple(map(Screening.from_json, different))


def chosen_from(arms: Sequence[ArmResults]) -> int:
    """How many arms the claims about these must count: all that these were chosen from, where the choice saw the same.

    A choice by other seeds, on held-out examples of the same data set, is independent of these numbers: 0. One by some
    of the same seeds, or on a data set that may hold these test examples, is not. See `lsbench.statistics.families`.
    """
    dependent = [one for one in screenings_of(arms) if shared_seeds(one, arms) or is_of_other_data(one, arms)]
    names = {name for one in dependent for name in (*one.candidates, *one.earlier)}
    return len(names | {arm.name for arm in arms}) if dependent else 0


def shared_seeds(screening: Screening, arms: Iterable[ArmResults]) -> list[int]:
    """The seeds that both the choice and these arms have."""
    return sorted({row.cell.seed for row in _rows(arms)} & set(screening.seeds))


def is_of_other_data(screening: Screening, arms: Iterable[ArmResults]) -> bool:
    """Whether the choice was made on another data set, so that it may have held out what is a test example here."""
    return any(_is_other(screening, row.cell) for row in _rows(arms))


def _is_other(screening: Screening, cell: Cell) -> bool:
    images = of_images(cell.dataset)
    comparable = bool(screening.fingerprint) and images == cell.dataset
    return images != screening.dataset or (comparable and cell.fingerprint != screening.fingerprint)


def _rows(arms: Iterable[ArmResults]) -> Iterable[Row]:
    return (row for arm in arms for row in (*arm.rows, *arm.lost))
