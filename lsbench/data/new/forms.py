"""What a network takes, and new examples in that form."""

from typing import NamedTuple

import numpy as np


class Wanted(NamedTuple):
    """What a network takes."""

    kind: str  # one of `lsbench.names.catalogue.KINDS`
    shape: tuple[int, ...]  # of one example: (channels, height, width), or (d,)
    features: str = ""  # the frozen network whose features of images it takes, as `--features` names it
    columns: tuple[str, ...] = ()  # (d,): of a table
    medians: tuple[float, ...] = ()  # (d,): what stands for a missing value


class NewExamples(NamedTuple):
    """Examples in their order, and what could not be read."""

    names: tuple[str, ...]  # (n,): of files below the folder, of rows, or numbers
    values: np.ndarray  # (n, *shape)
    broken: tuple[tuple[str, str], ...] = ()  # name, reason
    notes: tuple[str, ...] = ()  # what was done to them, a sentence each
