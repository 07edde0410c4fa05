"""Named random streams: one seed picks several independent ones."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch

STREAMS = ("init", "noise", "order", "augment", "dropout", "split", "folds", "test noise", "cross-fit")


def stream_seed(seed: int, name: str) -> int:
    """The 63-bit seed of one named stream: the start of sha256("lsbench/<seed>/<name>")."""
    if name not in STREAMS:
        raise KeyError(f"unknown stream {name!r}; known: {', '.join(STREAMS)}")
    digest = hashlib.sha256(f"lsbench/{seed}/{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def stream(seed: int, name: str) -> torch.Generator:
    """A CPU generator at the start of the named stream; the same numbers whatever the device of the training."""
    return torch.Generator().manual_seed(stream_seed(seed, name))


@contextmanager
def global_stream(seed: int, name: str) -> Iterator[None]:
    """Run a block with torch's global generator at the start of the stream, then restore it (for `nn.Module` init)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(stream_seed(seed, name))
        yield
