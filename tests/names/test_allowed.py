"""What hyperparameters, options and files may be: one table, kept by the planner and by the functions themselves."""

import math

import numpy as np
import pytest
import torch

from lsbench.data.dataset import load
from lsbench.errors import InputError
from lsbench.losses import LOSSES
from lsbench.models.stack import factory_of
from lsbench.names import catalogue, resolve
from lsbench.names.cross_fit import INNER
from lsbench.planning import plan
from lsbench.spec import Grid
from tests.in_turn import in_turn

HYPER = [(name, word) for name, entry in catalogue.LOSSES.items() for word in entry.hyper]
OPTIONS = [(name, word) for name, entry in catalogue.MODELS.items() for word in entry.options]
LOGITS, LABELS = torch.zeros(2, 3), torch.zeros(2, dtype=torch.long)


def around(allowed):
    """Values just inside and just outside a range, at each of its ends that is finite."""
    inside = [value for value in (allowed.low, allowed.high) if math.isfinite(value)]
    outside = [math.nextafter(allowed.low, -math.inf)] * math.isfinite(allowed.low)
    outside += [math.nextafter(allowed.high, math.inf)] * math.isfinite(allowed.high)
    if allowed.below:
        outside.append(inside.pop())
        inside.append(math.nextafter(allowed.high, -math.inf))
    return inside, [*outside, math.nan, math.inf, -math.inf]


def is_refused(call, *arguments, **keywords):
    try:
        call(*arguments, **keywords)
    except InputError:
        return True
    return False


@in_turn(("name", "word"), HYPER)
def test_every_hyperparameter_has_one_range_that_planner_and_loss_agree_on(name, word):
    inside, outside = around(catalogue.LOSSES[name].allowed[word])
    assert inside, "a range with an end"
    for value in [*inside, catalogue.LOSSES[name].hyper[word]]:
        assert not is_refused(resolve.hyper, f"{name}:{word}={value!r}"), value
        assert not is_refused(LOSSES[name], LOGITS, LABELS, **{word: value}), value
    for value in outside:
        assert is_refused(resolve.hyper, f"{name}:{word}={value!r}"), value
        assert is_refused(LOSSES[name], LOGITS, LABELS, **{word: value}), value


def test_ranges_are_of_hyperparameters_and_options_that_there_are():
    for entry in (*catalogue.LOSSES.values(), *catalogue.MODELS.values()):
        if isinstance(entry, catalogue.LossEntry):  # an inner loss, and a matrix, are checked by `cross_fit_options`
            assert entry.allowed.keys() == {*entry.hyper, *entry.cross_fit} - {*INNER, "matrix"}
        else:
            assert entry.allowed.keys() == entry.options.keys()


@in_turn(
    ("text", "is_wrong"),
    [
        ("mlp:dropout=0.999", False),
        ("mlp:dropout=1", True),
        ("mlp:dropout=-0.1", True),
        ("mlp:dropout=much", True),
        ("mlp:init=-1", True),
        ("mlp:widths=8", False),
        ("mlp:widths=8-x", True),
        ("mlp:widths=true", True),
        ("mlp:widths=0-4", True),
    ],
)
def test_an_option_is_refused_when_it_is_planned_and_when_the_model_is_made(text, is_wrong):
    assert is_refused(resolve.model_text, text) is is_wrong
    assert is_refused(lambda: factory_of(text)((1, 2, 2), 3)) is is_wrong


@in_turn("text", ["torchvision:vgg11:dropout=1.5", "torchvision:resnet18:pretrained=maybe"])
def test_options_of_torchvisions_models_are_refused_when_they_are_planned(text):
    assert is_refused(resolve.model_text, text)


@in_turn("name", catalogue.MODELS)
def test_the_smallest_images_of_a_model_are_those_that_its_factory_takes(name):
    smallest = catalogue.MODELS[name].smallest
    model = factory_of(name)((1, smallest, smallest), 3).eval()
    assert model(torch.zeros(2, 1, smallest, smallest)).shape == (2, 3)
    if smallest > 1:
        assert is_refused(factory_of(name), (1, smallest - 1, smallest), 3)


@in_turn("name", catalogue.MODELS)
def test_models_that_need_pairs_are_those_with_batch_normalisation_of_flat_features(name):
    layers = factory_of(name)((1, 16, 16), 3).modules()
    assert catalogue.MODELS[name].pairs == any(isinstance(layer, torch.nn.BatchNorm1d) for layer in layers)


@in_turn("name", ["mnist", "blobs"])
def test_the_shape_in_the_catalogue_is_that_of_the_images(name):
    assert load(name).shape == catalogue.DATASETS[name].shape


def transposed():
    rows = np.full((10, 10), 0.02)
    np.fill_diagonal(rows, 0.82)
    rows[0] = [0.5, *[0.5 / 9] * 9]
    return rows.T


FILES = {
    "short.npy": np.zeros(100, np.int64),
    "negative.npy": np.full(2000, -1),
    "eleven.npy": np.full(2000, 10),
    "halves.npy": np.full(2000, 0.5),
    "nine.csv": np.eye(9),
    "transposed.csv": transposed(),
}


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        if name.endswith(".npy"):
            np.save(name, content)
        else:
            np.savetxt(name, content, delimiter=",")


WRONG = [
    ({"losses": ("gce:q=7",)}, r"q of gce .* in \[0, 1\], got 7"),
    ({"losses": ("focal:gamma=-1",)}, "gamma of focal .* of at least 0, got -1"),
    ({"losses": ("mbls:margin=-3",)}, "margin of mbls .* of at least 0, got -3"),
    ({"losses": ("nls:eps=0",)}, "eps of nls .* below 0, got 0"),
    ({"losses": ("lsr:eps=1.5",)}, "eps of lsr .* of at most 1, got 1.5"),
    ({"noises": ("human:short.npy",)}, "must hold 2000 labels.*got 100"),
    ({"noises": ("human:negative.npy",)}, r"class numbers in \[0, 10\), got -1 at index 0"),
    ({"noises": ("human:eleven.npy",)}, r"class numbers in \[0, 10\), got 10 at index 0"),
    ({"noises": ("human:halves.npy",)}, "whole numbers, got 0.5"),
    ({"noises": ("human",)}, "write human:"),
    ({"noises": ("matrix",)}, "write matrix:"),
    ({"noises": ("matrix:nine.csv",)}, r"must have shape \(10, 10\)"),
    ({"noises": ("matrix:transposed.csv",)}, "its columns do sum to 1, so transpose it"),
    ({"models": ("mlp:dropout=2",)}, r"dropout of model 'mlp' .* in \[0, 0.999\], got 2"),
    ({"models": ("cnn8",), "recipe": (("batch_size", 1),)}, "leave one over"),
    ({"models": ("cnn8",), "train_size": 65}, "leave one over"),
]


@pytest.mark.parametrize(("asked", "said"), WRONG)
def test_what_can_only_fail_in_a_cell_is_an_error_of_the_plan(files, asked, said):
    recipe = (("batch_size", 64),)
    with pytest.raises(InputError, match=said):
        plan.expand(Grid(**{"datasets": ("blobs",), "noise_rates": (0.0, 1.0), "recipe": recipe, **asked}))


def test_images_that_are_too_small_for_a_model_are_an_error_of_the_plan(files):
    x, y = np.zeros((8, 9, 9), np.uint8), np.arange(8) % 2
    x[:, 0, 0] = np.arange(8)
    np.savez("small.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    with pytest.raises(InputError, match=r"'cnn' needs images of at least 16x16 pixels, those of 'small.npz' have 9x9"):
        plan.expand(Grid(datasets=("small.npz",), models=("cnn",)))


def test_every_way_of_asking_for_it_ends_with_2_before_anything_is_trained(lsbench, tmp_path):
    wrong = ["--dataset", "blobs", "--model", "linear", "--loss", "gce:q=7"]
    (tmp_path / "wrong.toml").write_text('dataset = "blobs"\nmodel = "linear"\nloss = ["ce", "gce:q=7"]\n')
    for command in (["plan", *wrong], ["plan", "--sbatch", *wrong], ["run", *wrong], ["run", "wrong.toml"]):
        code, out, err = lsbench(*command)
        assert (code, out) == (2, ""), command
        assert err == "lsbench: q of gce must be a finite number in [0, 1], got 7\n"
    assert not (tmp_path / "results").exists()
