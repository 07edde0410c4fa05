"""`timm:NAME`: a model of timm's with its published weights, from the hub's cache, without its last layer."""

import math
from importlib import import_module
from pathlib import Path
from typing import Any

from torch import nn

from lsbench.data.features.frozen import Network, digest_of_file, key_of
from lsbench.data.features.measure import checked_width
from lsbench.data.features.prepare import frozen
from lsbench.data.features.preprocessing import Preprocessing, preprocessing
from lsbench.errors import InputError
from lsbench.names.reference import Reference
from lsbench.names.registry import lookup

FILES = ("model.safetensors", "pytorch_model.bin")  # of a model on the hub, the first preferred


def timm_network(reference: Reference) -> tuple[Network, Path]:
    """The network, and the file of its weights.

    What it sees is what timm's configuration of its weights says, unless the name's options change that.
    """
    text, file = str(reference), fetch_timm(_name(reference))
    how = _preprocessing(text, _name(reference), reference)
    key = key_of(reference.name, digest_of_file(file), "", how)
    width = checked_width(text, make_timm(reference), how)
    return Network(text, key, width, how, lambda: make_timm(reference)), file


def make_timm(reference: Reference) -> nn.Module:
    """The module: images to features."""
    file = fetch_timm(_name(reference))
    overlay = {"file": str(file)}
    try:
        made = _timm().create_model(_name(reference), pretrained=True, pretrained_cfg_overlay=overlay, num_classes=0)
    except Exception as error:  # timm says it in many ways, and at length
        raise InputError(f"{file} doesn't hold the weights of {reference}; delete it and add --download") from error
    return frozen(nn.Sequential(made, nn.Flatten()))


def fetch_timm(name: str, *, download: bool = False) -> Path:
    """The file of a model's default weights in the hub's cache; downloaded where it is missing, if that is said.

    `InputError`: timm is not installed, a name that it lacks, weights that are on no hub, and a file that is not
    there and may not, or could not, be downloaded.
    """
    timm = _timm()
    hub: Any = import_module("huggingface_hub")
    lookup(dict.fromkeys(timm.list_models()), "model of timm", name.partition(".")[0])
    repository = getattr(timm.models.get_pretrained_cfg(name), "hf_hub_id", None)
    if not repository:
        raise InputError(f"timm has no pretrained weights of {name!r} on the hub; see timm.list_pretrained()")
    for file in FILES:
        if isinstance(path := hub.try_to_load_from_cache(repository, file), str):
            return Path(path)
    missing = f"the pretrained weights of timm:{name} are not there: no {FILES[0]} of {repository} in the hub's cache"
    if not download:
        raise InputError(f"{missing}, {hub.constants.HF_HUB_CACHE}; add --download")
    try:
        return Path(hub.hf_hub_download(repository, FILES[0]))
    except Exception as error:  # no network, and whatever else the hub's client raises
        raise InputError(f"{missing}; downloading it failed: {error}") from error


def _timm() -> Any:
    try:
        return import_module("timm")
    except ImportError as error:
        raise InputError("networks of timm need timm, which is not installed: pip install lsbench[timm]") from error


def _name(reference: Reference) -> str:
    return reference.name.partition(":")[2]


def _preprocessing(text: str, name: str, reference: Reference) -> Preprocessing:
    """Of timm's configuration; another size keeps the share of the shorter side that is cut out."""
    timm = _timm()
    published = timm.data.resolve_data_config(pretrained_cfg=timm.models.get_pretrained_cfg(name).to_dict())
    size = reference.options.get("size", published["input_size"][-1])
    values: dict[str, Any] = {
        "interpolation": published["interpolation"],
        "mean": published["mean"],
        "sd": published["std"],
        **reference.options,
        "size": size,
    }
    if isinstance(size, int):
        values.setdefault("resize", math.floor(size / published["crop_pct"]))
    return preprocessing(text, values)
