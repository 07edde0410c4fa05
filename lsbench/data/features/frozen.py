"""A frozen network, and what tells it from all others. No torch until it is built."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import file_digest, sha256
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsbench.data.features.preprocessing import Preprocessing

if TYPE_CHECKING:
    from torch import nn

METHOD = 1  # grows when the same network and image would give other features, beyond rounding


@dataclass(frozen=True)
class Network:
    """A network that maps images (n, 3, size, size) to features (n, width), and is not trained here."""

    text: str  # its name and options, written in one way
    key: str  # 16 hex digits of all that decides its features: weights, code, preprocessing, method
    width: int  # numbers per image
    preprocessing: Preprocessing
    make: "Callable[[], nn.Module]"  # the module, in eval mode, on the CPU

    def build(self, device: Any = "cpu") -> "nn.Module":
        """The module on a device, in eval mode."""
        return self.make().to(device)


def key_of(what: str, weights: str, code: str, how: Preprocessing) -> str:
    """16 hex digits; `what` names the architecture and its options."""
    return sha256(dumps([METHOD, what, weights, code, how.as_json()]).encode()).hexdigest()[:16]


def digest_of_file(file: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with file.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()
