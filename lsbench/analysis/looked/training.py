"""What looked-at training labels say of the training set: its wrong labels, suspects, and what is pruned."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from lsbench.analysis.looking.training import TrainingLooks, training_looks
from lsbench.analysis.suspects import suspects_of
from lsbench.rows.looks import Verified
from lsbench.rows.row import Row
from lsbench.rows.status import TRAIN


class LookedTraining(NamedTuple):
    """Of one data set."""

    verified: Verified
    looks: TrainingLooks


def looked_training(rows: Sequence[Row], verified: Iterable[Verified], folder: Path) -> list[LookedTraining]:
    """Of each data set whose training labels were looked at. `InputError`: a file that `run` did not write."""
    of_training = [one for one in verified if one.design.part == TRAIN]
    listed = {one.fingerprint: one for one in suspects_of(rows, folder)} if of_training else {}
    made = []
    for one in of_training:
        suspects = listed.get(one.design.fingerprint)
        if suspects is not None and suspects.train is not None:
            made.append(LookedTraining(one, training_looks(one, suspects.train.numbers, suspects.pool)))
    return made
