"""Small trainings with steps as they are, and the same with steps that are recorded and replayed."""

from functools import partial

import torch

from lsbench.models.stack import build
from lsbench.names import resolve
from lsbench.spec import Arm, Recipe
from lsbench.training.graphs.steps import recorded
from lsbench.training.graphs.tape import TapeRecorder
from lsbench.training.loop import train
from lsbench.training.objective import Objective
from tests.training.small_examples import augmentation, examples_of

EXAMPLES, CLASSES = 38, 4  # a whole batch of 32 and one of 6: five of each in five epochs, of which two are recorded
SHAPES = {"cnn": (1, 28, 28), "resnet8": (3, 8, 8)}


def arm(name):
    return Arm(name, tuple(resolve.loss(name).hyper.items()), "")


def trained(model, losses, seeds, recorder, as_they_are=None, objective=None, kept=None, device="cpu", **recipe):
    """The model after training, and its losses of each epoch."""
    own = Recipe(**{"batch_size": 32, "epochs": 5, "lr": 0.05, **recipe})
    shape, cells = SHAPES.get(model, (1, 6, 6)), len(losses)
    generator = torch.Generator().manual_seed(1)
    images = torch.randn(EXAMPLES, *shape, generator=generator)
    labels = torch.randint(CLASSES, (cells, EXAMPLES), generator=generator)
    network = build(model, shape, CLASSES, seeds).to(device)
    network.steps_by = as_they_are if recorder is None else partial(recorded, recorder=recorder)
    changes = augmentation(own.augment, shape[0])
    examples = examples_of(images.to(device), labels.to(device), seeds, changes, kept)
    arms, matrices = [arm(name) for name in losses], torch.eye(CLASSES, device=device).repeat(cells, 1, 1)
    objective = objective or Objective(arms, matrices, EXAMPLES)
    return network, [own.clone() for own in train(network, examples, objective, own)]


def both(model, losses=("ce", "lsr", "sce"), seeds=(0, 1, 2), **options):
    """The same training twice: by steps as they are, and by a record of one."""
    return [trained(model, losses, seeds, recorder, **options) for recorder in (None, TapeRecorder())]


def assert_equal_bits(one, other):
    (network, losses), (own, own_losses) = one, other
    assert all(torch.equal(a, b) for a, b in zip(losses, own_losses, strict=True))
    for (name, value), again in zip(network.state_dict().items(), own.state_dict().values(), strict=True):
        assert torch.equal(value, again), name
