"""A network for features is found by its name, and one that is none is refused in a sentence."""

import pytest
import torch

from lsbench.data.features.network import find_network, require_network
from lsbench.errors import InputError
from tests.in_turn import in_turn

TINY = "tests.data.feature_networks:tiny"
ODD = {
    "odd:how=maps": r"must return a tensor of 2 rows, a vector of each image; got shape \(2, 5, 1, 1\)",
    "odd:how=tuple": "got a tuple",
    "odd:how=one": r"got shape \(1, 5\)",
    "odd:how=empty": "vectors without numbers",
    "odd:how=no_number": "makes NaN or inf of an image",
    "odd:how=draws": "other features of the same images the second time; leave out its dropout",
    "odd:how=batch": "depend on the others of its batch",
    "odd:how=raises": r"failed on images \(2, 3, 8, 8\): RuntimeError",
    "odd": "missing a required argument: 'how'",
    "tiny:depth=3": "got an unexpected keyword argument 'depth'; options are written",
    "tiny:size=2": "failed on images",
    "tiny:size=0": r"size of .* must be a whole number in \[1, 4096\]",
    "tiny:resize=4": "resize of .* must be at least its size, 8; got 4",
    "tiny:interpolation=cubic": "interpolation of .* must be one of nearest, bilinear, bicubic, lanczos",
    "tiny:mean=0.1+0.2": r"mean of .* must be a number or three, such as 0.485\+0.456\+0.406",
    "tiny:mean=127": r"mean of .* must be in \[0, 1\], as pixels are; got 127\+127\+127: of pixels in 0..255 divide",
    "tiny:sd=0": "sd of .* must be above 0 and at most 1",
    "unsized": "doesn't say its size and mean and sd; give the module the attributes",
    "no_module": "must be or return an nn.Module for features, got 3",
    "nothing": "unknown name in tests.data.feature_networks 'nothing'",
    "ready_made:width=3": "is a module and takes no option but size, resize, interpolation, mean, sd; got 'width'",
}


@in_turn("name, message", ODD.items())
def test_a_network_that_is_none_is_refused_in_a_sentence_before_any_image_is_read(name, message):
    with pytest.raises(InputError, match=message):
        find_network(f"tests.data.feature_networks:{name}")


def test_a_network_with_other_weights_each_time_is_refused_and_one_that_draws_them_by_torch_is_not():
    network = find_network("tests.data.feature_networks:unseeded:size=8:mean=0.5:sd=0.5")
    with pytest.raises(InputError, match="has other weights each time it is made; seed what it draws"):
        network.build()
    assert find_network(TINY).build()(torch.ones(1, 3, 8, 8)).isfinite().all()


@in_turn(
    "name, message",
    [
        ("resnet18", "unknown network 'resnet18' for features; it is written torchvision:NAME, timm:NAME"),
        ("torchvision:resnet19", "unknown torchvision model 'resnet19'; did you mean resnet18"),
        ("torchvision:resnet18:sizes=3", "unknown option of torchvision:resnet18 'sizes'; did you mean size"),
        ("./nothing.py:net:", "unknown network './nothing.py:net:' for features"),
    ],
)
def test_a_name_is_checked_without_torch(name, message):
    with pytest.raises(InputError, match=message):
        require_network(name)
