import subprocess
import sys
from importlib import import_module

import pytest
import torch
from torch import nn

from lsbench.errors import DtypeError, InputError
from lsbench.models.head import head
from lsbench.models.stack import StackedModel, build
from lsbench.models.torchvision_models import build_torchvision
from lsbench.names.catalogue.torchvision_names import torchvision_names
from tests import quick
from tests.in_turn import in_turn


@pytest.fixture(autouse=True, scope="module")
def torchvision():
    """Imported when its tests are run: it takes two seconds of every process."""
    quick.leave_out("builds large models")
    return import_module("torchvision")


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """An empty cache of torchvision's weights, and no network."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))

    def no_network(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(torch.hub, "urlopen", no_network)
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


def keep(cache, name, model):
    """Weights as torchvision would have downloaded them."""
    weights = import_module("torchvision").models.get_model_weights(name)
    file = cache / weights.DEFAULT.url.rpartition("/")[2]
    torch.save(model.state_dict(), file)
    return file


def test_the_names_are_those_that_torchvision_registers_and_no_torch_is_needed(torchvision):
    names = "from lsbench.names.catalogue.torchvision_names import torchvision_names as names"
    code = f"import sys; {names}; print(*names(), 'torch' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert printed == [*torchvision.models.list_models(module=torchvision.models), "False"]
    assert "resnet34" in printed
    assert "fcn_resnet50" not in printed


SMALL = ("squeezenet1_1", "mobilenet_v3_small", "shufflenet_v2_x0_5", "googlenet")


@in_turn(("name", "channels"), [*((name, channels) for name in SMALL for channels in (1, 3)), ("vit_b_32", 1)])
def test_a_model_has_the_classes_and_channels_that_were_asked_for_in_training_too(name, channels):
    torch.manual_seed(0)
    model = build_torchvision(name, (channels, 32, 32), 7)
    assert model.training
    assert model(torch.randn(2, channels, 32, 32)).shape == (2, 7)


@pytest.mark.parametrize("name", ["alexnet", "vgg11", "resnet18", "densenet121", "inception_v3", "swin_t", "maxvit_t"])
def test_every_kind_of_architecture_ends_in_a_head_of_that_many_classes(name):
    with torch.device("meta"):
        model = StackedModel([build_torchvision(name, (1, 224, 224), 7)])
    assert {p.shape[0] for p in head(model)} == {7}
    assert model.eval()(torch.zeros(1, 2, 1, 224, 224, device="meta")).shape == (1, 2, 7)


def test_for_three_channels_a_fresh_model_is_torchvisions_bit_for_bit(torchvision):
    torch.manual_seed(0)
    plain = torchvision.models.resnet18(num_classes=5).state_dict()
    torch.manual_seed(0)
    ours = build_torchvision("resnet18", (3, 32, 32), 5).state_dict()
    assert all(torch.equal(value, plain[name]) for name, value in ours.items())


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("alexnet", (3, 32, 32), r"'alexnet' can't take images of 32x32 pixels \(.*too small.*\); try 63x63"),
        ("vgg11", (1, 28, 28), "'vgg11' can't take images of 28x28 pixels .*; try 32x32"),
        ("vit_b_32", (1, 28, 28), "'vit_b_32' can't take images of 28x28 pixels .*patch size.*; try 224x224"),
        ("vit_b_32", (3, 64, 32), "'vit_b_32' can't take images of 64x32 pixels .*; try 224x224"),
        ("resnet18", (10,), r"needs images \(channels, height, width\), got shape \(10,\); try 'mlp'"),
    ],
)
def test_images_that_the_architecture_cannot_take_are_an_error_that_says_what_to_try(name, shape, message):
    with pytest.raises(InputError, match=message):
        build_torchvision(name, shape, 10)


def test_dropout_is_set_in_all_of_a_models_dropout_layers():
    model = build_torchvision("alexnet", (3, 64, 64), 5, dropout=0.125)
    assert [m.p for m in model.modules() if isinstance(m, nn.Dropout)] == [0.125, 0.125]
    with pytest.raises(InputError, match="'resnet18' has no dropout layer; leave its dropout out"):
        build_torchvision("resnet18", (3, 32, 32), 5, dropout=0.125)


def test_a_stack_of_one_trains_and_draws_the_same_for_the_same_seed():
    x = torch.randn(1, 4, 1, 32, 32)
    models = [build("torchvision:mobilenet_v3_small:dropout=0.4", (1, 32, 32), 3, [seed]) for seed in (5, 5, 6)]
    first, second, third = (model(x) for model in models)
    assert torch.equal(first, second)
    assert not torch.equal(first, third)
    assert not torch.equal(models[0](x), first)


def test_pretrained_without_the_file_is_an_error_that_names_it_and_the_folder_and_nothing_is_downloaded(cache):
    message = rf"no file resnet34-b627a593\.pth in {cache}; add --download"
    with pytest.raises(InputError, match=message):
        build_torchvision("resnet34", (3, 32, 32), 10, pretrained=True)
    with pytest.raises(InputError, match=message):
        build("torchvision:resnet34:pretrained=true", (3, 32, 32), 10, [0])


def test_a_download_that_fails_is_an_error_that_names_the_file_and_leaves_none(cache):
    with pytest.raises(
        InputError, match=r"no file resnet34-b627a593\.pth in .*; downloading https.* failed: no network"
    ):
        build_torchvision("resnet34", (3, 32, 32), 10, pretrained=True, download=True)
    assert not list(cache.iterdir())


@pytest.mark.parametrize("name", ["squeezenet1_1", "shufflenet_v2_x0_5"])
def test_pretrained_weights_are_those_of_the_file_but_for_the_head_and_grey_ones_are_summed(cache, name, torchvision):
    from lsbench.data.features.torchvision_weights import fetch_weights  # imports torchvision

    torch.manual_seed(1)
    before = torchvision.models.get_model(name, weights=None)
    file = keep(cache, name, before)
    assert fetch_weights(name) == file
    coloured = build_torchvision(name, (3, 32, 32), 4, pretrained=True)
    changed = [key for key, value in coloured.state_dict().items() if not same(value, before.state_dict()[key])]
    prefix = "classifier.1" if name.startswith("squeeze") else "fc"
    assert changed == [f"{prefix}.weight", f"{prefix}.bias"]
    grey = build_torchvision(name, (1, 32, 32), 4, pretrained=True).eval()
    x = torch.randn(2, 1, 32, 32)
    grey.load_state_dict({key: coloured.state_dict()[key] for key in changed}, strict=False)
    torch.testing.assert_close(grey(x), coloured.eval()(x.expand(-1, 3, -1, -1)), atol=1e-4, rtol=1e-4)
    with pytest.raises(InputError, match="for images of 3 channels or 1, got 2"):
        build_torchvision(name, (2, 32, 32), 4, pretrained=True)


def same(a, b):
    return a.shape == b.shape and torch.equal(a, b)


def test_pretrained_weights_with_auxiliary_heads_lose_them(cache, torchvision):
    torch.manual_seed(1)
    keep(cache, "googlenet", torchvision.models.googlenet(init_weights=False, aux_logits=True))
    model = build_torchvision("googlenet", (1, 32, 32), 4, pretrained=True)
    assert model(torch.randn(2, 1, 32, 32)).shape == (2, 4)
    assert not [key for key in model.state_dict() if key.startswith("aux")]


def test_old_names_in_densenets_weights_are_understood(cache, torchvision):
    before = torchvision.models.densenet121()
    file = keep(cache, "densenet121", before)
    state = {key.replace("norm1.", "norm.1.").replace("conv2.", "conv.2."): v for key, v in before.state_dict().items()}
    torch.save(state, file)
    model = build_torchvision("densenet121", (3, 32, 32), 4, pretrained=True)
    key = "features.denseblock2.denselayer3.conv2.weight"
    assert torch.equal(model.get_parameter(key), before.get_parameter(key))


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", "other"], ids=["empty", "text", "another model's"])
def test_a_broken_file_is_an_error_that_names_it(cache, content):
    file = keep(cache, "squeezenet1_1", nn.Linear(1, 1))
    if isinstance(content, bytes):
        file.write_bytes(content)
    with pytest.raises(
        InputError, match=f"{file.name} doesn't hold the weights of 'squeezenet1_1'; delete it and add --download"
    ):
        build_torchvision("squeezenet1_1", (3, 32, 32), 4, pretrained=True)


def test_no_code_in_a_file_of_weights_is_run(cache, tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "evil"), "w"))

    torch.save({"a": Evil()}, keep(cache, "squeezenet1_1", nn.Linear(1, 1)))
    with pytest.raises(InputError, match="doesn't hold the weights"):
        build_torchvision("squeezenet1_1", (3, 32, 32), 4, pretrained=True)
    assert not (tmp_path / "evil").exists()


def test_pretrained_is_true_or_false():
    with pytest.raises(DtypeError, match="must be true or false, got 'yes'"):
        build_torchvision("resnet18", (3, 32, 32), 4, pretrained="yes")


def test_a_name_that_torchvision_does_not_have_is_an_error():
    with pytest.raises(InputError, match="unknown torchvision model 'resnet35'; did you mean"):
        build_torchvision("resnet35", (3, 32, 32), 4)
    assert "regnet_y_400mf" in torchvision_names()
