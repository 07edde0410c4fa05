"""A part of `benchmarks/gpu.py`: whether recorded steps are those that are taken one by one, and how quick they are."""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from gpu_bench import Bench, Row
from torch import Tensor

from lsbench.data.augment import make_augment
from lsbench.models.convolutions import DIRECT, GROUPED
from lsbench.models.layers import StackedConv2d
from lsbench.models.stack import StackedModel, build
from lsbench.names import resolve
from lsbench.spec import Arm, Recipe
from lsbench.training.batches import Examples
from lsbench.training.graphs.recorder import CudaRecorder, Recorder
from lsbench.training.graphs.steps import on_device, recorded
from lsbench.training.graphs.tape import TapeRecorder
from lsbench.training.loop import train
from lsbench.training.objective import Objective

IMAGES, CLASSES = (1, 28, 28), 10
LOSSES = ("ce", "elr", "gce", "sce")
CASES: tuple[dict[str, Any], ...] = (
    *({"optimizer": name} for name in ("sgd", "adam", "adamw", "adagrad")),
    *({"schedule": name} for name in ("constant", "step", "cosine", "fine-tune")),
    {"clip": 1.0, "ema": 0.9},
    {"model": "mlp:dropout=0.2", "batch_size": 60},
    {"model": "cnn", "mixup": 0.3},
    {"model": "cnn", "augment": "crop-2,flip,cutout-4"},
    {"model": "cnn", "precision": "bf16", "weight_decay": 1e-3},
    {"model": "resnet8", "shape": (3, 16, 16)},
    {"model": "cnn", "form": DIRECT},
    {"model": "mlp", "head_epochs": 1, "body_scale": 0.1},
)


def graphs(bench: Bench) -> None:
    """Bits after two epochs with and without a graph; the time of a step by torch and by the graph."""
    rows: list[Row] = [agreement(bench, dict(case)) for case in CASES[: bench.size(len(CASES), 3)]]
    bench.table("recorded steps beside the same ones as they are, and torch's", rows)
    bench.table(f"steps of {bench.size(200, 5)} batches", list(speed(bench)))
    if not all(row["same bits"] for row in rows):
        sys.exit("recorded steps are not those that are taken one by one")


def agreement(bench: Bench, case: dict[str, Any]) -> Row:
    """One recipe, trained three times."""
    told = ", ".join(f"{name} {value}" for name, value in case.items())
    model, shape = case.pop("model", "mlp"), case.pop("shape", IMAGES)
    form = case.pop("form", GROUPED)
    recipe = Recipe(**{"batch_size": 64, "epochs": 2, "lr": 0.01, **case})
    count = bench.size(1000, 300)  # the last batch is a shorter one

    def weights(steps_by: Callable[..., Any] | None) -> tuple[StackedModel, list[Tensor]]:
        network, epochs = training(bench, model, shape, recipe, count, 4, steps_by, form)
        losses = [own.clone() for own in epochs]
        return network, [*losses, *network.state_dict().values()]

    network, replayed = weights(partial(recorded, recorder=recorder(bench)))
    (_, one_by_one), (_, torchs) = weights(on_device), weights(None)
    same = all(map(torch.equal, replayed, one_by_one))
    furthest = max(float((a.float() - b.float()).abs().max()) for a, b in zip(replayed, torchs, strict=True))
    return {"recipe": told, "same bits": same, "furthest from torch's": furthest, "not recorded": network.why_not_by}


def training(
    bench: Bench,
    model: str,
    shape: tuple[int, ...],
    recipe: Recipe,
    count: int,
    cells: int,
    steps_by: Callable[..., Any] | None,
    form: str = GROUPED,
) -> tuple[StackedModel, Iterator[Tensor]]:
    """The networks, and their training epoch by epoch."""
    generator, seeds = torch.Generator().manual_seed(0), [cell // 2 for cell in range(cells)]
    images = torch.randn(count, *shape, generator=generator).to(bench.device)
    labels = torch.randint(CLASSES, (cells, count), generator=generator).to(bench.device)
    colour = torch.full(shape[:1], 100.0)
    augment = make_augment(recipe.augment, colour, colour / 2) if recipe.augment else None
    network = build(model, shape, CLASSES, seeds).to(bench.device)
    network.steps_by = steps_by
    for layer in network.modules():
        if isinstance(layer, StackedConv2d):
            layer.form = form
    places = torch.arange(count, device=bench.device).expand(cells, -1)
    names = [LOSSES[cell % len(LOSSES)] for cell in range(cells)]
    arms = [Arm(name, tuple(resolve.loss(name).hyper.items()), "") for name in names]
    objective = Objective(arms, torch.eye(CLASSES, device=bench.device).repeat(cells, 1, 1), count)
    return network, train(network, Examples(images, labels, places, seeds, augment), objective, recipe)


def speed(bench: Bench) -> Iterator[Row]:
    """Of the second epoch, when a graph is recorded."""
    steps = bench.size(200, 5)
    for model, batch in (("linear", 128), ("mlp", 128), ("cnn", 64))[: bench.size(3, 1)]:
        for cells in (1, 16, 96) if not bench.dry else (2,):
            row: Row = {"model": model, "cells": cells}
            recipe = Recipe(epochs=7, batch_size=batch, lr=0.01)
            for name, steps_by in (("torch", None), ("graph", partial(recorded, recorder=recorder(bench)))):
                network, epochs = training(bench, model, IMAGES, recipe, steps * batch, cells, steps_by)
                next(epochs)
                row[f"{name}, ms"] = bench.seconds(partial(next, epochs), 3) / steps * 1e3
                row["not recorded"] = network.why_not_by
            yield row


def recorder(bench: Bench) -> Recorder:
    """A CUDA graph; in a dry run a tape."""
    return TapeRecorder() if bench.dry else CudaRecorder()
