"""`torchvision:NAME`: a classifier of torchvision's with its published weights, without its last layer."""

from pathlib import Path
from typing import Any

from torch import nn

from lsbench.data.features.frozen import Network, digest_of_file, key_of
from lsbench.data.features.measure import checked_width
from lsbench.data.features.prepare import frozen, without_head
from lsbench.data.features.preprocessing import Preprocessing, preprocessing
from lsbench.data.features.torchvision_weights import default_weights, fetch_weights, load_pretrained
from lsbench.names.reference import Reference


def torchvision_network(reference: Reference) -> tuple[Network, Path]:
    """The network, and the file of its weights.

    What it sees is what its weights' own transforms make, unless the name's options change that.
    """
    text, name = str(reference), _name(reference)
    file = fetch_weights(name)
    how = _preprocessing(text, name, reference)
    key = key_of(reference.name, digest_of_file(file), "", how)
    width = checked_width(text, make_torchvision(reference), how)
    return Network(text, key, width, how, lambda: make_torchvision(reference)), file


def make_torchvision(reference: Reference) -> nn.Module:
    """The module: images to features."""
    return frozen(nn.Sequential(without_head(load_pretrained(_name(reference))), nn.Flatten()))


def _name(reference: Reference) -> str:
    return reference.name.partition(":")[2]


def _preprocessing(text: str, name: str, reference: Reference) -> Preprocessing:
    """Of the weights' transforms; another size keeps their ratio of the shorter side to what is cut out."""
    published: Any = default_weights(name).transforms()
    size, resize = published.crop_size[0], published.resize_size[0]
    values: dict[str, Any] = {
        "size": size,
        "resize": resize,
        "interpolation": published.interpolation.value,
        "mean": published.mean,
        "sd": published.std,
        **reference.options,
    }
    asked = values["size"]
    if asked != size and "resize" not in reference.options and isinstance(asked, int):
        values["resize"] = round(asked * resize / size)
    return preprocessing(text, values)
