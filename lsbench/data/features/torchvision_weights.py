"""Torchvision's models with their published weights, from torchvision's own cache."""

import re
from pathlib import Path
from typing import Any

import torch
import torchvision
from torch import nn

from lsbench.errors import InputError

OLD_DENSENET = re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.([12]\.)")  # names from before dots were forbidden
WITH_AUXILIARY = ("googlenet", "inception_v3")  # their files have weights for several outputs


def load_pretrained(name: str, *, download: bool = False) -> nn.Module:
    """The model with torchvision's default weights; `InputError` as `fetch_weights` has it, or for a broken file."""
    weights = default_weights(name)
    file = fetch_weights(name, download=download)
    extra: Any = {"aux_logits": True, "transform_input": True, "init_weights": False} if name in WITH_AUXILIARY else {}
    if name.startswith("vit_"):
        extra["image_size"] = weights.meta["min_size"][0]
    model = torchvision.models.get_model(name, weights=None, num_classes=len(weights.meta["categories"]), **extra)
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)  # a pickle that may run code is never read
        model.load_state_dict({OLD_DENSENET.sub(r"\1\2", key): value for key, value in state.items()})
    except Exception as error:  # torch says it in many ways, and at length
        raise InputError(f"{file} doesn't hold the weights of {name!r}; delete it and add --download") from error
    if name in WITH_AUXILIARY:
        _cut_auxiliary(model)
    return model


def fetch_weights(name: str, *, download: bool = False) -> Path:
    """The file of a torchvision model's default weights; downloaded where it is missing, if `download` says so.

    `InputError` naming the file and the folder where it is not there and may not, or could not, be downloaded.
    """
    url = default_weights(name).url
    folder = Path(torch.hub.get_dir(), "checkpoints")
    file = folder / url.rpartition("/")[2]
    if file.is_file():
        return file
    missing = f"the pretrained weights of {name!r} are not there: no file {file.name} in {folder}"
    if not download:
        raise InputError(f"{missing}; add --download, or put there what {url} gives")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(url, str(file), _hash_in(file.name), progress=False)
    except (OSError, RuntimeError) as error:  # no network; or a file of another hash
        raise InputError(f"{missing}; downloading {url} failed: {error}") from error
    return file


def default_weights(name: str) -> Any:
    """The default weights of a model, a `torchvision.models.WeightsEnum`; `InputError` where it has none."""
    weights = torchvision.models.get_model_weights(name)
    if not hasattr(weights, "DEFAULT"):
        raise InputError(
            f"torchvision has no default weights for {name!r}; take another model, or train it without pretrained=true"
        )
    return weights["DEFAULT"]


def _hash_in(name: str) -> str | None:
    """The start of the SHA-256 in torch's file names, such as b627a593 of resnet34-b627a593.pth; None without one."""
    match = re.search(r"-([0-9a-f]{8,})\.", name)
    return match[1] if match else None


def _cut_auxiliary(model: Any) -> None:
    """Remove the auxiliary heads, which were made only because the file has weights for them."""
    model.aux_logits = False
    for name in ("aux1", "aux2", "AuxLogits"):
        if hasattr(model, name):
            setattr(model, name, None)
