"""Making a torchvision model fit: its classes, the channels and the size of its images."""

from typing import Any

import torch
import torchvision
from torch import nn
from torch.func import functional_call

from lsbench.errors import InputError, require_number
from lsbench.models.head import last_layer

ONE_OUTPUT = {"aux_logits": False, "init_weights": True}  # the second is the default, which warns of being slow
AUXILIARY = {"googlenet": ONE_OUTPUT, "inception_v3": ONE_OUTPUT}  # else they give several outputs in training
REFUSALS = (RuntimeError, ValueError, AssertionError)  # what torchvision raises for images of a wrong size


def fresh(name: str, shape: tuple[int, ...], num_classes: int) -> nn.Module:
    """The untrained model, for the size of these images where the size is part of the architecture."""
    size, extra = _size_of(name, shape), AUXILIARY.get(name, {})
    try:
        return torchvision.models.get_model(name, weights=None, num_classes=num_classes, **size, **extra)
    except REFUSALS as error:
        if size:
            raise _misfit(name, shape, error) from error
        raise


def renew_head(model: nn.Module, num_classes: int) -> None:
    """Replace the last layer by a new one with that many outputs: nn.Linear, or SqueezeNet's 1x1 convolution."""
    path, old = last_layer(model)
    bias = old.bias is not None
    if isinstance(old, nn.Conv2d):
        new = nn.Conv2d(old.in_channels, num_classes, 1, bias=bias)
    else:
        new = nn.Linear(_whole(old.in_features), num_classes, bias=bias)
    _put(model, path, new)


def fit_channels(model: nn.Module, channels: int, *, keep: bool) -> None:
    """Replace the first convolution where images have not 3 channels; keep: with the sum of the old weights."""
    path, old = next((path, layer) for path, layer in model.named_modules() if isinstance(layer, nn.Conv2d))
    if channels == old.in_channels:
        return
    if keep and channels != 1:
        raise InputError(f"pretrained weights are for images of 3 channels or 1, got {channels}; try pretrained=false")
    geometry: Any = {key: getattr(old, key) for key in ("kernel_size", "stride", "padding", "dilation", "padding_mode")}
    new = nn.Conv2d(channels, old.out_channels, bias=old.bias is not None, **geometry)
    if keep:
        new.weight.data = old.weight.data.sum(1, keepdim=True)
        new.bias = old.bias
    _put(model, path, new)
    if hasattr(model, "transform_input"):
        vars(model)["transform_input"] = False  # from one normalisation of three colours to another


def set_dropout(name: str, model: nn.Module, p: float) -> None:
    """Give every nn.Dropout of the model the probability p; `InputError` where it has none."""
    require_number(f"dropout of {name!r}", p, 0.0, 1.0)
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Dropout)]
    if not layers:
        raise InputError(f"torchvision's {name!r} has no dropout layer; leave its dropout out")
    for layer in layers:
        layer.p = p


def require_fit(name: str, model: nn.Module, shape: tuple[int, ...]) -> None:
    """`InputError` unless the model takes such images; tried on shapes alone, without arithmetic."""
    state = {key: value.to("meta") for key, value in model.state_dict(keep_vars=True).items()}
    was_training = model.training
    model.eval()
    try:
        functional_call(model, state, torch.zeros(1, *shape, device="meta"))
    except REFUSALS as error:
        raise _misfit(name, shape, error) from error
    finally:
        model.train(was_training)


def _size_of(name: str, shape: tuple[int, ...]) -> dict[str, Any]:
    """The keyword that tells an architecture the size of the images, where it is made for one size."""
    if name.startswith("vit_"):
        return {"image_size": shape[-1]}
    return {"input_size": shape[1:]} if name.startswith("maxvit_") else {}


def _misfit(name: str, shape: tuple[int, ...], error: Exception) -> InputError:
    got = "x".join(map(str, shape[1:]))
    side = _smallest(name)
    return InputError(f"torchvision's {name!r} can't take images of {got} pixels ({error}); try {side}x{side}")


def _smallest(name: str) -> int:
    """The smallest images that the model's first published weights take, in pixels per side."""
    weights = torchvision.models.get_model_weights(name)
    return max(next(iter(weights)).meta["min_size"])


def _put(model: nn.Module, path: str, layer: nn.Module) -> None:
    parent, _, name = path.rpartition(".")
    setattr(model.get_submodule(parent), name, layer)


def _whole(value: Any) -> int:
    return int(value)
