"""Write 300 photographs of each class of CIFAR-10 as PNG files, a folder per class: a folder as people have them.

python benchmarks/photos.py cifar10.npz photos                             # in the folder of their true class
python benchmarks/photos.py cifar10.npz photos cifar10n.npz truth.csv      # in that of a class that people gave: 25 %
                                                                             are wrong, and truth.csv has the true ones

Of each photograph's two labels in CIFAR-10N, the first person's and the worst of three people's (Wei et al., 2022c),
the worst is taken for as many photographs, drawn at random, as make a quarter of the labels wrong.
"""

import csv
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from lsbench.names.catalogue import DATASETS

PER_CLASS = 300
WRONG = 0.25
CLASSES = DATASETS["cifar10"].classes


def main(source: Path, target: Path, people: Path | None = None, truth: Path | None = None) -> None:
    """Write the files; `source` has x_train (n, 32, 32, 3) and y_train."""
    with np.load(source) as arrays:
        images, labels = arrays["x_train"], arrays["y_train"].ravel()
    chosen = np.sort(np.concatenate([np.flatnonzero(labels == label)[:PER_CLASS] for label in range(len(CLASSES))]))
    given = labels[chosen] if people is None else doubtful(labels[chosen], people, chosen)
    for name in CLASSES:
        (target / name).mkdir(parents=True)
    paths = [f"{CLASSES[label]}/{i:05d}.png" for i, label in zip(chosen, given, strict=True)]
    for i, path in zip(chosen, paths, strict=True):
        Image.fromarray(images[i]).save(target / path)
    if truth is not None:
        write_truth(truth, paths, [CLASSES[label] for label in labels[chosen]])


def doubtful(labels: np.ndarray, people: Path, chosen: np.ndarray) -> np.ndarray:
    """People's labels of the chosen photographs, of which the share `WRONG` is wrong."""
    with np.load(people) as arrays:
        first, worst = arrays["random_label1"][chosen], arrays["worse_label"][chosen]
    order = np.random.default_rng(0).permutation(len(chosen))
    wrong = [np.where(np.isin(np.arange(len(chosen)), order[:k]), worst, first) for k in range(0, len(chosen) + 1, 10)]
    return min(wrong, key=lambda given: abs((given != labels).mean() - WRONG))


def write_truth(path: Path, paths: list[str], classes: list[str]) -> None:
    """The true class of each file, as a table."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("path", "label"), *zip(paths, classes, strict=True)])


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
