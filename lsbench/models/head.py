"""The last layer of a model. It is trained first where the other layers come from pretrained weights."""

from torch import nn

from lsbench.errors import InputError
from lsbench.models.layers import StackedConv2d, StackedLinear

LAYERS = (nn.Linear, nn.Conv2d, StackedLinear, StackedConv2d)


def head(model: nn.Module) -> list[nn.Parameter]:
    """The weight and the bias of its last fully connected layer, or convolution if one comes later (SqueezeNet).

    Last in the order in which the model names its layers. `InputError` for a model that has neither.
    """
    return list(last_layer(model)[1].parameters())


def last_layer(model: nn.Module) -> tuple[str, nn.Module]:
    """(path within the model, layer) of its last nn.Linear or nn.Conv2d; `InputError` where it has neither."""
    layers = [(path, layer) for path, layer in model.named_modules() if isinstance(layer, LAYERS)]
    if not layers:
        raise InputError("the model has no nn.Linear and no nn.Conv2d, so its head isn't known; train all at once")
    return layers[-1]
