"""What was measured of a published network, kept so that it need not be built again: a plan then needs no torch."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsbench.data.features.files import write_whole
from lsbench.data.features.frozen import METHOD, Network
from lsbench.data.features.preprocessing import preprocessing
from lsbench.errors import InputError, StorageError

if TYPE_CHECKING:
    from torch import nn

DECIDERS = ("TORCH_HOME", "XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE")  # where weights are looked for

_records: dict[str, dict[str, Any]] = {}  # of this process, for a cache that can't be written


def recorded(text: str, package: str, folder: Path, make: "Callable[[], nn.Module]") -> Network | None:
    """The network of that name as it was measured, while its file of weights and its package stay as they were."""
    name = _name(text, package)
    with suppress(OSError, ValueError, LookupError, TypeError, InputError):
        record = _records.get(name) or json.loads((folder / name).read_text())
        if record["stamp"] == _stamp(record["file"]):
            how = preprocessing(text, record["preprocessing"])
            return Network(text, str(record["key"]), int(record["width"]), how, make)
    return None


def record(network: Network, package: str, folder: Path, file: Path) -> None:
    """Keep what was measured with that file of weights; where it can't be written, for this process."""
    name = _name(network.text, package)
    _records[name] = {
        "network": network.text,
        "file": str(file),
        "stamp": _stamp(file),
        "key": network.key,
        "width": network.width,
        "preprocessing": network.preprocessing.as_json(),
    }
    with suppress(OSError, StorageError):
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / name, lambda stream: stream.write(json.dumps(_records[name], indent=1).encode()))


def _name(text: str, package: str) -> str:
    """Of the record's file: another one for another version of the package that knows the network."""
    try:
        installed = version(package)
    except PackageNotFoundError:
        installed = ""
    told = [METHOD, text, installed, *(os.environ.get(variable, "") for variable in DECIDERS)]
    return f"{sha256(json.dumps(told).encode()).hexdigest()[:32]}.json"


def _stamp(file: Path | str) -> list[int]:
    status = os.stat(file)
    return [status.st_size, status.st_mtime_ns]
