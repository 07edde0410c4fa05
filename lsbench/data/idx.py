"""IDX, the file format of MNIST and its successors (LeCun, 1998)."""

import struct
from pathlib import Path

import numpy as np
import torch

from lsbench.data.sources import read_bytes
from lsbench.data.splits import Splits
from lsbench.errors import InputError

UNSIGNED_BYTE = 8  # the only element type that image sets use


def read_splits(paths: tuple[Path, ...]) -> Splits:
    """Train images, train labels, test images, test labels: images become (n, 1, height, width)."""
    train, train_labels, test, test_labels = (torch.from_numpy(read_idx(path)) for path in paths)
    return Splits(train.unsqueeze(1), train_labels.long(), test.unsqueeze(1), test_labels.long())


def read_idx(path: Path) -> np.ndarray:
    """The uint8 array in an IDX file: two zero bytes, a type, a rank, the sizes (big-endian), the data."""
    try:
        content = read_bytes(path)
        zero, kind, rank = struct.unpack_from(">HBB", content)
        sizes = struct.unpack_from(f">{rank}I", content, 4)
        if zero or kind != UNSIGNED_BYTE:
            raise ValueError("not unsigned bytes in IDX form")
        return np.frombuffer(bytearray(content), np.uint8, offset=4 + 4 * rank).reshape(sizes)
    except (OSError, EOFError, ValueError, struct.error) as error:
        raise InputError(f"{path} is not a whole IDX file ({error}); remove it and fetch it again") from error
