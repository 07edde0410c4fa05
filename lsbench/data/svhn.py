"""Street View House Numbers in two MATLAB files."""

from pathlib import Path

import numpy as np

from lsbench.data.splits import Splits
from lsbench.errors import InputError


def read_svhn(paths: tuple[Path, ...]) -> Splits:
    """Training and test file: X (32, 32, 3, n), y (n, 1) in which 10 stands for the digit 0 (Netzer et al., 2011)."""
    train, test = map(_part, paths)
    return Splits(*train, *test)


def _part(path: Path) -> tuple[np.ndarray, np.ndarray]:
    from scipy.io import loadmat

    try:
        content = loadmat(path, variable_names=("X", "y"))
        images, labels = content["X"].transpose(3, 2, 0, 1), content["y"].reshape(-1).astype(np.int64)
    except Exception as error:  # a damaged file may raise anything
        raise InputError(f"{path} is not a whole SVHN file ({error}); remove it and fetch it again") from error
    return images, labels % 10
