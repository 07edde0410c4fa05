"""The contracts that `lsbench check` runs: what keeps them, and each way of breaking them."""

import sys

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lsbench.names.catalogue import LOSSES, MODELS
from lsbench.names.registry import load
from lsbench.training.contract import check_dataset, check_loss, check_model

GREY = (1, 16, 16)
pytestmark = pytest.mark.usefixtures("a_quarter_of_the_toy_data")


def ce(logits, labels):
    return -F.log_softmax(logits.float(), -1).gather(-1, labels.unsqueeze(-1)).squeeze(-1)


def broken(outcomes):
    return {outcome.promise.split(",")[0]: outcome.problem for outcome in outcomes if not outcome.kept}


@pytest.mark.parametrize("name", [name for name, entry in LOSSES.items() if entry.ref])
def test_every_loss_of_the_catalogue_keeps_the_contract(name):
    assert not broken(check_loss(load(LOSSES[name].ref), LOSSES[name].hyper))


@pytest.mark.parametrize(
    ("loss", "promise", "problem"),
    [
        (lambda z, y: F.cross_entropy(z.flatten(0, -2), y.flatten()), "it gives one finite", "don't take the mean"),
        (lambda z, y: ce(z, y) * ce(z, y).mean(), "an example's loss does not depend", "in a batch it differs"),
        (lambda z, y: ce(z, y) + torch.rand(()), "equal inputs give equal", "draw nothing at random"),
        (lambda z, y: ce(z.mul_(1.01), y), "equal inputs give equal", "work on a copy"),
        (lambda z, y: ce(z, y) + 0 * z.sum(-1).abs().sqrt() + (z - z).sum(-1).sqrt(), "its gradient is finite", "NaN"),
        (lambda z, y: -z.softmax(-1).gather(-1, y.unsqueeze(-1)).squeeze(-1).log(), "huge logits", "use log_softmax"),
        (lambda z, y: ce(z, y).detach() + 0 * z.sum(-1), "its gradient is finite", "0 everywhere"),
        (lambda z, y: ce(z, y).detach(), "its gradient is finite", "detached from the logits"),
        (lambda z, y: sys.exit(0), "it gives one finite", "it raised SystemExit: 0"),
        (lambda z, y: -ce(z, y), "a linear model learns with it", "chance is 10 %"),
        (lambda z, y: ce(z, y).tolist(), "it gives one finite", "it returned list"),
        (lambda z, y: 1 / 0, "it gives one finite", "ZeroDivisionError"),
        (lambda z, y: -z.log_softmax(1).gather(-1, y.unsqueeze(-1)).squeeze(-1), "it gives one finite", "not axis 1"),
    ],
)
def test_each_way_of_breaking_the_contract_of_a_loss_is_explained(loss, promise, problem):
    found = broken(check_loss(loss, {}))
    (said,) = [text for of, text in found.items() if of.startswith(promise)]
    assert problem in said


def test_a_hyperparameter_that_does_not_broadcast_is_explained():
    def loss(logits, labels, *, power=1.0):
        return ce(logits, labels) * float(torch.as_tensor(power).flatten()[0])

    (said,) = broken(check_loss(loss, {"power": 1.0})).values()
    assert "power as a tensor (cells, 1)" in said


@pytest.mark.parametrize("name", ["linear", "mlp", "cnn", "resnet8"])
def test_models_of_the_catalogue_keep_the_contract(name):
    assert not broken(check_model(load(MODELS[name].ref), GREY))


def test_a_frozen_layer_is_no_broken_promise():
    def frozen(shape, num_classes):
        model = nn.Sequential(nn.Flatten(), nn.Linear(256, 32), nn.ReLU(), nn.Linear(32, num_classes))
        model[1].requires_grad_(False)
        return model

    assert not broken(check_model(frozen, GREY))


class Batchwise(nn.Module):
    def __init__(self, shape, num_classes):
        super().__init__()
        self.layer = nn.Linear(256, num_classes)
        self.unused = nn.Linear(2, 2)

    def forward(self, x):
        return self.layer(x.flatten(1) - x.flatten(1).mean(0))


@pytest.mark.parametrize(
    ("factory", "promise", "problem"),
    [
        (lambda shape, k: 3, "factory(shape", "returned int"),
        (lambda shape, k: nn.Sequential(nn.Flatten(), nn.Linear(256, 3)), "images (n", r"gave (6, 3)"),
        (
            lambda shape, k: nn.Sequential(nn.Flatten(), nn.Linear(256, k), nn.Softmax(-1)),
            "images (n",
            "leave the softmax",
        ),
        (
            lambda shape, k: nn.Sequential(nn.Flatten(), nn.Linear(256, k)).requires_grad_(False),
            "its logits have a gradient",
            "all parameters are frozen",
        ),
        (lambda shape, k: nn.Sequential(nn.Flatten(), nn.LazyLinear(k)), "one seed", "give them their sizes"),
        (Batchwise, "in evaluation", "in a batch they differ"),
        (Batchwise, "every parameter", "unused.weight"),
    ],
)
def test_each_way_of_breaking_the_contract_of_a_model_is_explained(factory, promise, problem):
    found = broken(check_model(factory, GREY))
    (said,) = [text for of, text in found.items() if of.startswith(promise)]
    assert problem in said


def test_a_model_whose_weights_ignore_the_seed_is_explained():
    def factory(shape, num_classes):
        model = nn.Sequential(nn.Flatten(), nn.Linear(256, num_classes))
        for p in model.parameters():
            nn.init.constant_(p, 0.1)
        return model

    assert "seeds do not change" in broken(check_model(factory, GREY))["one seed gives one set of weights"]


def test_the_toy_data_set_keeps_the_contract():
    assert not broken(check_dataset("blobs"))


def test_a_data_set_that_is_not_there_has_one_outcome():
    (outcome,) = check_dataset("no-such-folder")
    assert not outcome.kept


def test_leaked_test_images_and_missing_classes_are_counted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leaky.py").write_text(
        "import torch\n"
        "def data():\n"
        "    x = torch.rand(20, 1, 4, 4, generator=torch.Generator().manual_seed(0))\n"
        "    y = torch.arange(20) % 3\n"
        "    return x, y, x[:6], torch.tensor([0, 1, 0, 1, 0, 1])\n"
    )
    found = broken(check_dataset("./leaky.py:data"))
    assert "6 of 6 test images equal one" in found["fewer than 1 % of the test examples equal a training example"]
    assert "class 2 has no example in the test set" in found["every class is in the test set"]


@pytest.mark.parametrize("num_classes", [2, 3, 10, 12])
def test_a_loss_with_class_weights_is_checked_with_as_many_classes(num_classes):
    weights = torch.linspace(1, 2, num_classes)
    assert not broken(check_loss(torch.nn.CrossEntropyLoss(weights, reduction="none"), {}))

    def weighted(logits, labels):
        return weights[labels] * -(logits * weights / weights).log_softmax(-1).gather(-1, labels[..., None])[..., 0]

    assert not broken(check_loss(weighted, {}, num_classes=num_classes))
    assert broken(check_loss(weighted, {}, num_classes=num_classes + 1))
