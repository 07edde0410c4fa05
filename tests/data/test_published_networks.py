"""Features by torchvision's networks, whose weights are random here and lie where torchvision would have put them."""

import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from lsbench.data.features.folder import featured_folder
from lsbench.data.features.network import fetch_network, find_network
from lsbench.data.folder.listing import list_images
from lsbench.errors import InputError
from tests import quick

NAME = "mobilenet_v3_small"


@pytest.fixture(autouse=True, scope="module")
def models():
    quick.leave_out("builds large models")
    return import_module("torchvision.models")


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """An empty cache of torchvision's weights, and no network."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))

    def no_network(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(torch.hub, "urlopen", no_network)
    return tmp_path / "torch" / "hub" / "checkpoints"


def keep(hub, models, name, seed=0):
    """The model whose random weights, batch norms' included, are kept as if they were published."""
    torch.manual_seed(seed)
    model = models.get_model(name, weights=None)
    for norm in (layer for layer in model.modules() if isinstance(layer, nn.BatchNorm2d)):
        for tensor in (norm.running_mean, norm.running_var, norm.weight.data, norm.bias.data):
            tensor.copy_(0.5 + torch.rand(len(tensor)))
    hub.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), hub / models.get_model_weights(name).DEFAULT.url.rpartition("/")[2])
    return model.eval()


def photos(root):
    draw = np.random.default_rng(0)
    for i, size in enumerate([(300, 260), (64, 90), (256, 256)]):
        path = root / "ab"[i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw.integers(0, 256, (*size, 3), np.uint8)).save(path)
    return root


def test_features_are_the_input_of_the_last_layer_after_the_weights_own_transforms(tmp_path, cache, hub, models):
    model = keep(hub, models, NAME)
    model.classifier[-1] = nn.Identity()
    listing = list_images(photos(tmp_path / "photos"))
    network = find_network(f"torchvision:{NAME}")
    ours = featured_folder(listing, network, False, cache)[0].images
    transforms = models.get_model_weights(NAME).DEFAULT.transforms()
    batch = torch.stack([transforms(Image.open(image.path).convert("RGB")) for image in listing.image_files])
    with torch.no_grad():
        plain = model(batch).numpy()
    assert (network.width, network.preprocessing.size, network.preprocessing.resize) == (1024, 224, 256)
    np.testing.assert_allclose(ours, plain, rtol=1e-3, atol=1e-4 * np.abs(plain).max())


def test_another_size_keeps_the_share_that_is_cut_out_and_other_weights_have_another_key(cache, hub, models):
    keep(hub, models, NAME)
    names = [f"torchvision:{NAME}:size={size}" for size in (64, 96)]
    first = [find_network(name) for name in names]
    assert [network.preprocessing.resize for network in first] == [73, 110]
    assert find_network(names[0]).key == first[0].key
    keep(hub, models, NAME, seed=1)
    again = [find_network(name) for name in names]
    assert len({network.key for network in (*first, *again)}) == 4


def test_a_network_that_was_measured_before_is_known_without_torch(cache, hub, models):
    keep(hub, models, NAME)
    network = find_network(f"torchvision:{NAME}:size=64")
    code = "import sys; from lsbench.data.features.network import find_network\n"
    code += f"print(find_network({network.text!r}).key, 'torch' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert told == [network.key, "False"]


def test_weights_that_are_missing_or_broken_are_errors_that_name_the_file_and_the_folder(cache, hub, models):
    for ask in (find_network, fetch_network):
        with pytest.raises(InputError, match=rf"no file mobilenet_v3_small-047dcff4\.pth in {hub}; add --download"):
            ask(f"torchvision:{NAME}")
    with pytest.raises(InputError, match=r"downloading https.*047dcff4\.pth failed: no network"):
        fetch_network(f"torchvision:{NAME}", download=True)
    keep(hub, models, NAME)
    fetch_network(f"torchvision:{NAME}")
    (file,) = hub.iterdir()
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(InputError, match="doesn't hold the weights of 'mobilenet_v3_small'; delete it and add --down"):
        find_network(f"torchvision:{NAME}")


def test_the_last_layer_that_is_left_out_may_be_a_convolution(cache, hub, models):
    keep(hub, models, "squeezenet1_1")
    assert find_network("torchvision:squeezenet1_1:size=64").width == 512


def test_without_timm_its_networks_are_refused_in_a_sentence(cache, monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    for ask in (find_network, fetch_network):
        with pytest.raises(InputError, match=r"need timm, which is not installed: pip install lsbench\[timm\]"):
            ask("timm:resnet18")
