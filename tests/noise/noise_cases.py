"""What each kind of noise needs beside labels and a rate, made up, and the real data that some tests compare with."""

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Generator, Tensor

from lsbench.names.catalogue import NOISES

MNIST = {7: 1, 2: 7, 3: 8, 5: 6, 6: 5}  # Patrini et al., 2017
FOLLOWING = [kind for kind in NOISES if not kind.startswith("coteaching")]  # the cell's generator


def some_matrix(num_classes: int) -> Tensor:
    """P(given | true) with a probability of 0 here and there."""
    draws = torch.rand(num_classes, num_classes, generator=Generator().manual_seed(5), dtype=torch.float64)
    rows = (draws - 0.3).clamp(min=0) + 0.1 * torch.eye(num_classes, dtype=torch.float64)
    return rows / rows.sum(-1, keepdim=True)


def some_images(n: int, scale: float = 1.0) -> Tensor:
    return scale * torch.randn(n, 2, 3, 4, generator=Generator().manual_seed(6))


def needs(kind: str, labels: Tensor, num_classes: int = 10) -> dict[str, Any]:
    """The keywords of a kind."""
    draws = Generator().manual_seed(7)
    steps = torch.randint(num_classes, labels.shape, generator=draws)
    inputs = {
        "mapping": MNIST if num_classes == 10 else {0: 1},
        "images": some_images(len(labels)),
        "matrix": some_matrix(num_classes),
        "given": (labels.long() + steps) % num_classes,
    }
    return {word: inputs[word] for word in NOISES[kind].inputs}


def real_file(name: str) -> Path:
    """The file of a data set that is not in the repository, or the test is skipped."""
    folder = os.environ.get("LSBENCH_DATA")
    if not folder or not (Path(folder) / name).is_file():
        pytest.skip(f"{name} is not in the folder that LSBENCH_DATA names")
    return Path(folder) / name
