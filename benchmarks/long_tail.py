"""Make a long-tailed data set of a balanced one: class c keeps n_0 / r^(c / (K - 1)) of its training examples.

python benchmarks/long_tail.py features.npz long.npz [IMBALANCE]

features.npz is what `benchmarks/features.py` writes, or any file with x_train, y_train, x_test and y_test. Class 0
keeps as many examples as every class has, the last class IMBALANCE times fewer (r, 50 unless it is given): the first
ones in the data set's order. The test set stays as it is. (Cao et al., 2019, the exponential profile)
"""

import sys
from pathlib import Path

import numpy as np


def main(source: Path, target: Path, imbalance: float = 50.0) -> None:
    """Read, thin out, write, and say how many examples are left."""
    with np.load(source) as arrays:
        x_train, y_train, x_test, y_test = (arrays[name] for name in ("x_train", "y_train", "x_test", "y_test"))
    kept = long_tailed(y_train, imbalance)
    np.savez(target, x_train=x_train[kept], y_train=y_train[kept], x_test=x_test, y_test=y_test)
    print(f"{len(kept):,} training examples, by class {np.bincount(y_train[kept]).tolist()}; {len(y_test):,} test ones")


def long_tailed(labels: np.ndarray, imbalance: float) -> np.ndarray:
    """The places of the examples that are kept, in order."""
    counts = np.bincount(labels)
    profile = counts.min() * imbalance ** -(np.arange(len(counts)) / (len(counts) - 1))
    of_class = [np.flatnonzero(labels == c)[: round(n)] for c, n in enumerate(profile)]
    return np.sort(np.concatenate(of_class))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *map(float, sys.argv[3:]))
