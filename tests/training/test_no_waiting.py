"""A GPU works while the next step is being launched: no step reads a value or brings one, an epoch reads twice.

On a GPU that is none, see `fake_gpu`, so that what a CPU does is looked at, whatever the machine.
"""

from contextlib import nullcontext
from unittest import mock

import torch

from lsbench.data.augment import make_augment
from lsbench.models.stack import build
from lsbench.names import resolve
from lsbench.names.catalogue import LOSSES, OPTIMIZERS
from lsbench.planning import plan
from lsbench.spec import Arm, Grid, Place, Recipe
from lsbench.spec.recipe import SCHEDULES
from lsbench.training import stack
from lsbench.training.after_training import AfterTraining
from lsbench.training.batches import Examples
from lsbench.training.class_balance import balanced
from lsbench.training.loop import train
from lsbench.training.stack import run_stack
from tests.in_turn import in_turn
from tests.training.fake_gpu import GPU, fake_gpu

N, CLASSES, SHAPE = 20, 3, (3, 16, 16)
ALONE = [name for name, entry in LOSSES.items() if entry.ref]  # that need no other networks


def trained(losses=("ce",), model="linear", seeds=(0, 0, 1), augment=None, on_gpu=True, **recipe):
    """The weights of a stack after two epochs of three steps, the last one shorter; and what the fake GPU noted."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(N, *SHAPE, generator=generator)
    labels = torch.randint(CLASSES, (N,), generator=generator)
    arms = [Arm(name, tuple(hyper.items())).last for name, hyper in map(resolve.hyper, losses)] * len(seeds)
    seeds = [seed for seed in seeds for _ in losses]
    network = build(model, SHAPE, CLASSES, seeds)
    with fake_gpu() if on_gpu else nullcontext() as gpu:
        device = GPU if on_gpu else torch.device("cpu")
        indices = torch.arange(N).expand(len(seeds), -1).to(device)
        changes = make_augment(augment, torch.full((3,), 100.0), torch.full((3,), 50.0)) if augment else None
        given = Examples(images.to(device), labels.expand(len(seeds), -1).to(device), indices, seeds, changes)
        matrices = (0.7 * torch.eye(CLASSES) + 0.1).repeat(len(seeds), 1, 1).to(device)
        settings = Recipe(**{"epochs": 2, "batch_size": 8, "lr": 0.01, **recipe})
        examples, objective = balanced(given, arms, matrices, settings)
        for _ in train(network.to(device), examples, objective, settings):
            pass
    return list(network.parameters()), gpu


CASES = {
    "every loss": {"losses": ALONE},
    "hyperparameters by cell": {"losses": ("lsr:eps=0.1", "lsr:eps=0.2", "gce:q=0.5", "gce")},
    **{f"optimiser {name}": {"optimizer": name, "lr": 1e-3} for name in OPTIMIZERS},
    **{f"schedule {name}": {"schedule": name} for name in SCHEDULES},
    "clip, ema": {"clip": 0.1, "ema": 0.9},
    "dropout": {"model": "mlp:dropout=0.3"},
    "mixup": {"mixup": 0.4, "model": "cnn"},
    "augmentation": {"augment": "crop-2,flip,translate-0.2,cutout-3", "model": "cnn"},
    "mixed and augmented": {"augment": "flip", "mixup": 0.4, "optimizer": "adam", "model": "resnet8", "seeds": (0, 0)},
    "one cell": {"seeds": (3,), "model": "resnet8"},
    "runs of different lengths": {"losses": ("ce", "lsr"), "seeds": (0, 1, 0, 0)},
    "the head first": {"head_epochs": 1, "body_scale": 0.1, "model": "mlp"},
    "classes weighed and drawn alike": {"class_weights": "balanced", "sampler": "balanced"},
}


@in_turn("case", CASES)
def test_no_step_waits_for_a_gpu_or_brings_it_anything_and_it_gives_what_a_cpu_gives(case):
    weights, gpu = trained(**CASES[case])
    assert gpu.epochs == CASES[case].get("head_epochs", 0) + 2
    assert gpu.at("step") == {}
    assert set(gpu.at("after 1")) <= {"upload: to"}  # what the second epoch has drawn
    for own, expected in zip(weights, trained(**CASES[case], on_gpu=False)[0], strict=True):
        torch.testing.assert_close(own, expected, rtol=1e-4, atol=3e-5)


def test_an_epoch_reads_a_gpu_twice_with_networks_that_are_trained_first():
    grid = Grid(
        losses=("forward", "backward", "prune", "relabel", "elr"),
        datasets=("blobs",),
        models=("linear",),
        noise_rates=(0.2,),
        seeds=(0, 1),
        train_size=60,
        recipe={"epochs": 3, "batch_size": 32, "clip": 1.0},
    )
    cells = tuple(plan.check(grid).cells())
    once = mock.patch.object(stack, "measure_after_training", return_value=[AfterTraining()] * len(cells))
    with once, fake_gpu() as gpu:
        rows = run_stack(cells, Place(device="cuda", engine="torch", per_example=False))
    assert {row.status for row in rows} == {"ok"}
    assert gpu.at("step") == {}
    epochs = [gpu.at(f"after {epoch}") for epoch in range(1, gpu.epochs)]
    assert epochs[-1] == {"read: tolist": 2, "upload: to": 1}  # the losses, and all that was measured


def test_what_waits_or_comes_from_elsewhere_is_seen():
    """The fake GPU itself."""
    mask = torch.tensor([True, False])
    with fake_gpu() as gpu:
        values = torch.arange(2.0).to("cuda")
        doubled = values * 2
        assert doubled.device == GPU
        assert (doubled.sum().item(), bool(doubled[1] > 1), doubled.cpu().device.type) == (2.0, True, "cpu")
        assert values[mask].tolist() == [0.0]
        torch.tensor([1.0], device="cuda")
        doubled + torch.ones(2)  # which a real one refuses
    assert gpu.at("before") == {
        "copy: to": 1,
        "read: _local_scalar_dense": 2,
        "read: cpu": 1,
        "copy: index": 1,
        "read: index": 1,
        "read: tolist": 1,
        "copy: tensor": 1,
        "two devices: add": 1,
    }
