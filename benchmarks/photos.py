"""Write 300 photographs of each class of CIFAR-10 as PNG files, a folder per class: a folder as people have them.

python benchmarks/photos.py cifar10.npz photos
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from lsbench.names.catalogue import DATASETS

PER_CLASS = 300


def main(source: Path, target: Path) -> None:
    """Write the files; `source` has x_train (n, 32, 32, 3) and y_train."""
    with np.load(source) as arrays:
        images, labels = arrays["x_train"], arrays["y_train"].ravel()
    for label, name in enumerate(DATASETS["cifar10"].classes):
        (target / name).mkdir(parents=True)
        for i in np.flatnonzero(labels == label)[:PER_CLASS]:
            Image.fromarray(images[i]).save(target / name / f"{i:05d}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
