"""torchvision's classification models for images of any size that they can take. No torch before one is built."""

from typing import TYPE_CHECKING

from lsbench.errors import DtypeError, InputError, shown
from lsbench.names.catalogue.torchvision_names import torchvision_names
from lsbench.names.registry import lookup

if TYPE_CHECKING:
    from torch import nn


def build_torchvision(
    name: str,
    shape: tuple[int, ...],
    num_classes: int,
    *,
    pretrained: bool = False,
    dropout: float | None = None,
    download: bool = False,
) -> "nn.Module":
    """A model of torchvision's by its name, for images of this shape (channels, height, width) and that many classes.

    Initialised as torchvision does; auxiliary outputs are left out. Where the images have not 3 channels, the first
    convolution is another one, initialised as torch does. dropout: the probability of all of the model's nn.Dropout,
    None for its own. pretrained: torchvision's default weights, trained on ImageNet, but for the last layer, which is
    new, with torch's initialisation; for grey images the first convolution's weights are summed over the colours.

    `InputError` for a name that there is not, images that the architecture can't take, dropout where the model has no
    such layer, and weights that are not in torchvision's cache and that it was not asked, or not able, to download.
    """
    lookup(dict.fromkeys(torchvision_names()), "torchvision model", name)
    if not isinstance(pretrained, bool):
        raise DtypeError(f"pretrained of {name!r} must be true or false, got {shown(pretrained)}")
    if len(shape) != 3:
        raise InputError(f"torchvision's {name!r} needs images (channels, height, width), got shape {shape}; try 'mlp'")
    from lsbench.models import adapt  # torch only now

    if pretrained:
        from lsbench.data.features.torchvision_weights import load_pretrained

        model = load_pretrained(name, download=download)
        adapt.renew_head(model, num_classes)
    else:
        model = adapt.fresh(name, shape, num_classes)
    adapt.fit_channels(model, shape[0], keep=pretrained)
    if dropout is not None:
        adapt.set_dropout(name, model, dropout)
    adapt.require_fit(name, model, shape)
    return model
