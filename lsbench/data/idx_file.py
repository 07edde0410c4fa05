"""A file in IDX, the format of MNIST and its successors (LeCun, 1998), read whole and checked. No torch here."""

import gzip
import struct
import zlib
from math import prod
from pathlib import Path
from typing import NamedTuple

from lsbench.errors import InputError

UNSIGNED_BYTE = 8  # the only element type that image sets use


class IdxFile(NamedTuple):
    """Decompressed contents: two zero bytes, a type, a rank, the sizes (big-endian), then the data."""

    sizes: tuple[int, ...]
    content: bytes
    offset: int  # where the data begins


def read_idx_file(path: Path) -> IdxFile:
    """The file, gzipped or not; an `InputError` names one that is not whole."""
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        zero, kind, rank = struct.unpack_from(">HBB", content)
        sizes, offset = struct.unpack_from(f">{rank}I", content, 4), 4 + 4 * rank
    except (OSError, EOFError, zlib.error, struct.error) as error:
        raise InputError(f"{path} is not a whole IDX file ({error}); remove it and fetch it again") from error
    if zero or kind != UNSIGNED_BYTE or len(content) != offset + prod(sizes):
        expected = f"{prod(sizes):,} unsigned bytes in {sizes}"
        raise InputError(f"{path} is not a whole IDX file (not {expected}); remove it and fetch it again")
    return IdxFile(sizes, content, offset)
