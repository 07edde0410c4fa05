"""Image sets in four IDX files, as tensors."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lsbench.data.idx_file import read_idx_file
from lsbench.data.splits import Splits


def read_splits(paths: tuple[Path, ...]) -> Splits:
    """Train images, train labels, test images, test labels: images become (n, 1, height, width)."""
    train, train_labels, test, test_labels = map(read_idx, paths)
    return Splits(train.unsqueeze(1), train_labels.long(), test.unsqueeze(1), test_labels.long())


def read_idx(path: Path) -> Tensor:
    """The file's bytes as a uint8 tensor of its sizes."""
    sizes, content, offset = read_idx_file(path)
    return torch.from_numpy(np.frombuffer(bytearray(content), np.uint8, offset=offset).reshape(sizes))
