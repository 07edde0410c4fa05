"""Finds a frozen network by its name: `torchvision:NAME`, `timm:NAME`, `package.module:factory`, `./file.py:factory`.

No torch, unless a network is looked for, or the user's own file imports it.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from lsbench.data.features.frozen import Network
from lsbench.data.features.lock import NETWORKS
from lsbench.data.features.preprocessing import OPTIONS
from lsbench.data.features.records import record, recorded
from lsbench.data.published_files import default_data_dir
from lsbench.errors import InputError
from lsbench.names.catalogue.torchvision_names import torchvision_names
from lsbench.names.reference import Reference, is_own, parse
from lsbench.names.registry import lookup

if TYPE_CHECKING:
    from torch import nn

__all__ = ["Network", "fetch_network", "find_network", "require_network"]

TORCHVISION, TIMM = "torchvision:", "timm:"
KNOWN = "torchvision:NAME, timm:NAME, package.module:factory or ./file.py:factory"


def require_network(text: str) -> Reference:
    """A network's name and options, checked as far as that goes without torch, weights and the user's code.

    `InputError` for a name that is none, and for an option that torchvision's and timm's don't take.
    """
    reference = parse(text)
    name = reference.name
    if name.startswith(TORCHVISION):
        lookup(dict.fromkeys(torchvision_names()), "torchvision model", name.removeprefix(TORCHVISION))
    elif not name.startswith(TIMM) and not is_own(name):
        raise InputError(f"unknown network {name!r} for features; it is written {KNOWN}")
    if name.startswith((TORCHVISION, TIMM)):
        for option in reference.options:
            lookup(dict.fromkeys(OPTIONS), f"option of {name}", option)
    return reference


def fetch_network(text: str, *, download: bool = False) -> None:
    """See that the weights of a network of torchvision or timm are on this machine.

    They are downloaded where they are missing, if `download` says so. `InputError` names what is expected and where.
    The user's own networks find their weights themselves.
    """
    reference = require_network(text)
    if reference.name.startswith(TORCHVISION):
        from lsbench.data.features.torchvision_weights import fetch_weights

        fetch_weights(reference.name.removeprefix(TORCHVISION), download=download)
    elif reference.name.startswith(TIMM):
        from lsbench.data.features.timm_network import fetch_timm

        fetch_timm(reference.name.removeprefix(TIMM), download=download)


def find_network(text: str) -> Network:
    """The network of that name, its weights read and its width measured; no torch for a published one that was before.

    `InputError`: as `require_network`; weights that are missing or broken; a user's module that can't be made, does
    not say its preprocessing, or doesn't map images to the same finite vectors each time.
    """
    with NETWORKS:
        return _find(require_network(text))


def _find(reference: Reference) -> Network:
    if not reference.name.startswith((TORCHVISION, TIMM)):
        from lsbench.data.features.own_network import own_network

        return own_network(reference)
    package, folder = reference.name.partition(":")[0], default_data_dir() / "features" / "networks"
    network = recorded(str(reference), package, folder, lambda: _make_published(reference))
    if network is None:
        network, file = _measure_published(reference)
        record(network, package, folder, file)
    return network


def _measure_published(reference: Reference) -> tuple[Network, Path]:
    if reference.name.startswith(TORCHVISION):
        from lsbench.data.features.torchvision_network import torchvision_network

        return torchvision_network(reference)
    from lsbench.data.features.timm_network import timm_network

    return timm_network(reference)


def _make_published(reference: Reference) -> "nn.Module":
    if reference.name.startswith(TORCHVISION):
        from lsbench.data.features.torchvision_network import make_torchvision

        return make_torchvision(reference)
    from lsbench.data.features.timm_network import make_timm

    return make_timm(reference)
