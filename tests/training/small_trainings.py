"""Small trainings of all kinds, on any device: what each of them leaves is compared between devices."""

import torch

from lsbench.models.stack import build
from lsbench.names import resolve
from lsbench.names.catalogue import LOSSES, OPTIMIZERS
from lsbench.spec import Arm, Recipe
from lsbench.spec.recipe import SCHEDULES
from lsbench.training.class_balance import balanced
from lsbench.training.loop import train
from tests.training.small_examples import augmentation, examples_of

N, CLASSES, SHAPE = 20, 3, (3, 16, 16)
ALONE = [name for name, entry in LOSSES.items() if entry.ref]  # that need no other networks


def trained(losses=("ce",), model="linear", seeds=(0, 0, 1), augment=None, device="cpu", **recipe):
    """The weights of a stack after two epochs of three steps, the last one shorter."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(N, *SHAPE, generator=generator)
    labels = torch.randint(CLASSES, (N,), generator=generator)
    arms = [Arm(name, tuple(hyper.items())).last for name, hyper in map(resolve.hyper, losses)] * len(seeds)
    seeds = [seed for seed in seeds for _ in losses]
    network = build(model, SHAPE, CLASSES, seeds)
    given = examples_of(images.to(device), labels.to(device), seeds, augmentation(augment, SHAPE[0]))
    matrices = (0.7 * torch.eye(CLASSES) + 0.1).repeat(len(seeds), 1, 1).to(device)
    settings = Recipe(**{"epochs": 2, "batch_size": 8, "lr": 0.01, **recipe})
    examples, objective = balanced(given, arms, matrices, settings)
    for _ in train(network.to(device), examples, objective, settings):
        pass
    return list(network.parameters())


CASES = {
    "every loss": {"losses": ALONE},
    "hyperparameters by cell": {"losses": ("lsr:eps=0.1", "lsr:eps=0.2", "gce:q=0.5", "gce")},
    **{f"optimiser {name}": {"optimizer": name, "lr": 1e-3} for name in OPTIMIZERS},
    **{f"schedule {name}": {"schedule": name} for name in SCHEDULES},
    "clip, ema": {"clip": 0.1, "ema": 0.9},
    "dropout": {"model": "mlp:dropout=0.3"},
    "mixup": {"mixup": 0.4, "model": "cnn"},
    "augmentation": {"augment": "crop-2,flip,translate-0.2,cutout-3", "model": "cnn"},
    "augmentation as torchvision has it": {"augment": "randaugment-2-9", "model": "cnn"},
    "mixed and augmented": {"augment": "flip", "mixup": 0.4, "optimizer": "adam", "model": "resnet8", "seeds": (0, 0)},
    "one cell": {"seeds": (3,), "model": "resnet8"},
    "runs of different lengths": {"losses": ("ce", "lsr"), "seeds": (0, 1, 0, 0)},
    "the head first": {"head_epochs": 1, "body_scale": 0.1, "model": "mlp"},
    "classes weighed and drawn alike": {"class_weights": "balanced", "sampler": "balanced"},
}
