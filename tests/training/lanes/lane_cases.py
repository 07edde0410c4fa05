"""Networks that between them have every layer and option that the engine takes, at sizes that fill no block."""

import copy

import pytest
import torch
from torch import nn

from lsbench.models.residual import Residual
from lsbench.models.stack import StackedModel
from lsbench.training.lanes import compiler
from lsbench.training.lanes.architecture import architecture_of
from lsbench.training.lanes.engine import kernel_of
from lsbench.training.lanes.model import LaneStack
from lsbench.training.lanes.source import source_of

needs_compiler = pytest.mark.skipif(bool(compiler.why_not()), reason=f"lanes: {compiler.why_not()}")


def convolutions():
    """On (2, 11, 9): kernels, strides and borders of two sides, every pooling, activations with and without bias."""
    return nn.Sequential(
        nn.Conv2d(2, 7, (3, 5), padding=(1, 2)),
        nn.LeakyReLU(0.1),
        nn.MaxPool2d(3, 2, 1),
        nn.Dropout(0.1),
        nn.Conv2d(7, 5, 3, stride=(1, 2), bias=False),
        nn.Tanh(),
        nn.AvgPool2d(2, 1, 1),
        nn.Conv2d(5, 3, 1, padding="same"),
        nn.GELU(),
        nn.AdaptiveAvgPool2d((3, None)),
        nn.Flatten(),
        nn.Linear(27, 11),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.ReLU6(),
        nn.Dropout(0.1),
        nn.Hardswish(),
        nn.Linear(11, 3, bias=False),
    )


def normalised():
    """On (3, 7, 6): batch normalisation of maps and of numbers, residual blocks of three kinds."""
    body = nn.Sequential(nn.Conv2d(6, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 1))
    shortcut = nn.Sequential(nn.Conv2d(6, 8, 1, 2), nn.BatchNorm2d(8, eps=1e-3, momentum=0.3))
    return nn.Sequential(
        nn.SiLU(),
        nn.Conv2d(3, 6, 3, padding=1, bias=False),
        nn.BatchNorm2d(6),
        nn.SiLU(),
        Residual(body, shortcut),
        Residual(nn.Sequential(nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1)), nn.Identity()),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16, 9),
        nn.ELU(0.7),
        nn.BatchNorm1d(9),
        nn.Sigmoid(),
        nn.Linear(9, 4),
    )


def transformed():
    """On (3, 17, 13): convolutions by Winograd's products of both sizes, of one example and of all of a share."""
    return nn.Sequential(
        nn.Conv2d(3, 6, 1),
        nn.Conv2d(6, 7, 3, padding=1),
        nn.GELU("tanh"),
        nn.MaxPool2d(2),
        nn.Conv2d(7, 6, 3, padding=(1, 3), bias=False),
        nn.LeakyReLU(-0.3),
        nn.Hardsigmoid(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 8, 3, padding=(2, 1)),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(32, 3),
    )


NETWORKS = {
    "convolutions": (convolutions, (2, 11, 9), 3),
    "normalised": (normalised, (3, 7, 6), 4),
    "transformed": (transformed, (3, 17, 13), 3),
}


def copies_of(name, seeds):
    """A plain network per seed."""
    copies = []
    for seed in seeds:
        torch.manual_seed(seed)
        copies.append(NETWORKS[name][0]())
    return copies


def pair(name, seeds, lanes=16, threads=1):
    """The same networks by lanes and by torch."""
    copies = copies_of(name, seeds)
    return lane_stack(name, copy.deepcopy(copies), seeds, lanes, threads), StackedModel(copies, seeds)


def lane_stack(name, copies, seeds, lanes=16, threads=1):
    """These networks by lanes."""
    network = architecture_of(copies[0], NETWORKS[name][1])
    return LaneStack(copies, seeds, network, kernel_of(source_of(network), lanes), threads)


def inputs_of(name, rows, examples, seed=0):
    """Random inputs (rows, examples, ...) and labels (rows, examples)."""
    generator = torch.Generator().manual_seed(seed)
    _, shape, classes = NETWORKS[name]
    inputs = torch.randn(rows, examples, *shape, generator=generator)
    return inputs, torch.randint(classes, (rows, examples), generator=generator)


def largest_difference(a, b, cells):
    """Of all weights and statistics of two models."""
    states = zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    return max(float((own[:cells] - other[:cells]).abs().max()) for own, other in states)
