"""A step on tensors that only say that they are on a GPU: it waits for nothing, and brings nothing there."""

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode, unset_fake_temporarily

from lsbench.models.dropout import CellDropout
from lsbench.models.stack import build
from lsbench.names.catalogue import LOSSES
from lsbench.spec import Recipe
from lsbench.training import batches
from lsbench.training.graphs.host import Observed
from lsbench.training.graphs.steps import on_device
from lsbench.training.loop import Step, phases
from lsbench.training.objective import Objective
from tests import quick
from tests.in_turn import in_turn
from tests.training.graphs.graph_cases import arm
from tests.training.small_examples import augmentation, examples_of

EXAMPLES, CLASSES = 12, 4


@pytest.fixture(autouse=True)
def a_gpu_that_computes_nothing(monkeypatch):
    """Gradients have their places alone: the engine of autograd would ask the GPU for a stream."""
    quick.leave_out("stands in for a GPU")
    monkeypatch.setenv("LSBENCH_KERNEL", "aten")
    monkeypatch.setattr(batches, "upload", lambda own, device: torch.zeros(own.shape, dtype=own.dtype, device=device))
    monkeypatch.setattr(CellDropout, "generators", lambda self, _: dict.fromkeys(self.seeds))
    with FakeTensorMode(allow_non_fake_inputs=True):
        yield monkeypatch


def on_gpu(model):
    for layer in model.modules():
        for name, value in layer.named_parameters(recurse=False):
            setattr(layer, name, torch.nn.Parameter(torch.empty(value.shape, device="cuda")))
        for name, value in layer.named_buffers(recurse=False):
            layer.register_buffer(name, torch.zeros(value.shape, dtype=value.dtype, device="cuda"))
    return model


def observed(monkeypatch, model, losses, shape=(1, 28, 28), **recipe):
    """What of a second step could not be recorded."""
    own, cells = Recipe(**{"batch_size": 4, "epochs": 2, **recipe}), len(losses)
    seeds = [cell // 2 for cell in range(cells)]
    network = on_gpu(build(model, shape, CLASSES, seeds))

    def backward(_, slopes):
        for p in network.parameters():
            p.grad = torch.empty_like(p)

    monkeypatch.setattr(torch.Tensor, "backward", backward)
    images, labels = (
        torch.zeros(EXAMPLES, *shape, device="cuda"),
        torch.zeros(EXAMPLES, dtype=torch.long, device="cuda"),
    )
    with unset_fake_temporarily():
        changes = augmentation(own.augment, shape[0])
    examples = examples_of(images, labels, seeds, changes)
    objective = Objective(
        [arm(name) for name in losses], torch.eye(CLASSES, device="cuda").repeat(cells, 1, 1), EXAMPLES
    )
    (phase,) = phases(network, own, 3)
    step = on_device(Step(network, examples, objective, own, phase, None, 6))
    draws = next(examples.epochs(own.batch_size, own.mixup, 1))
    for drawn in draws.batches(own.batch_size):
        with Observed() as second:
            step(drawn)
    return second.problem


@in_turn(
    "case",
    [
        {"model": "cnn", "clip": 1.0, "optimizer": "adam"},
        {"model": "mlp:dropout=0.2", "mixup": 0.3, "optimizer": "adamw"},
        {"model": "cnn", "augment": "crop-2,flip,cutout-4"},
        {"model": "linear", "optimizer": "adagrad", "weight_decay": 0.1},
        {"model": "resnet8", "shape": (3, 16, 16)},
    ],
)
def test_no_part_of_a_recipe_waits(a_gpu_that_computes_nothing, case):
    assert observed(a_gpu_that_computes_nothing, losses=("ce", "sce", "elr"), **case) == ""


def test_no_loss_waits(a_gpu_that_computes_nothing):
    names = [name for name, entry in LOSSES.items() if entry.ref]
    assert observed(a_gpu_that_computes_nothing, "linear", names, shape=(1, 2, 2)) == ""
