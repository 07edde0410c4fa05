"""What two arms answered on the test set, at the seeds that both have: from the files beside the rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsbench.analysis.summary import ArmResults
from lsbench.errors import InputError
from lsbench.rows.examples import ExamplePredictions, read_examples
from lsbench.rows.store import examples_path


@dataclass(frozen=True)
class Answers:
    """Of two arms, at the same seeds."""

    ours: NDArray[np.integer]  # (seeds, n), class numbers
    theirs: NDArray[np.integer]  # (seeds, n)
    labels: NDArray[np.integer]  # (n,): as given

    @property
    def num_classes(self) -> int:
        """One more than the largest class number; classes that occur nowhere at the end are not counted."""
        return int(max(self.ours.max(), self.theirs.max(), self.labels.max())) + 1


def answers_of(ours: ArmResults, theirs: ArmResults, metric: str, folder: Path | None) -> Answers | None:
    """The answers of both; None where a file is missing or unreadable, or where the files have other labels."""
    seeds = sorted(ours.compared(metric).keys() & theirs.compared(metric).keys())
    if folder is None or not seeds:
        return None
    read = [_read(arm, seeds, folder) for arm in (ours, theirs)]
    files = [one for arm in read for one in arm]
    first = files[0]
    if first is None or any(one is None or not np.array_equal(one.labels, first.labels) for one in files):
        return None
    both = [np.stack([one.predicted for one in arm if one is not None]) for arm in read]
    return Answers(both[0], both[1], first.labels)


def _read(arm: ArmResults, seeds: list[int], folder: Path) -> list[ExamplePredictions | None]:
    ids: Mapping[int, str] = {row.cell.seed: row.id for row in arm.rows}
    return [_file(ids[seed], folder) for seed in seeds]


def _file(row_id: str, folder: Path) -> ExamplePredictions | None:
    """A file that can't be used is named among the verdict's warnings; here it is as if it were not there."""
    try:
        return read_examples(examples_path(row_id, folder))
    except InputError:
        return None
