"""The forms that a training is timed in: what people start from, what they move to, and lsbench."""

import logging
import warnings
from collections.abc import Callable
from math import ceil
from time import perf_counter

import torch
import torch.nn.functional as F
from cases import LR, MOMENTUM, Case
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from lsbench.data.dataset import load as load_data
from lsbench.data.published_files import find_files
from lsbench.data.splits import Splits
from lsbench.models.stack import build
from lsbench.names.catalogue import DATASETS, MODELS
from lsbench.names.registry import load
from lsbench.planning import plan
from lsbench.planning.stacks import make_stacks
from lsbench.rows import provenance
from lsbench.spec import Grid, Place, Recipe
from lsbench.training.loop import Examples, train
from lsbench.workers.events import StackDone
from lsbench.workers.local import run_all
from lsbench.workers.local_options import LocalOptions
from lsbench.workers.queues import StackQueue

CORES = provenance.usable_cores()


class Images(Dataset):
    """As torchvision's data sets: one image at a time, by way of PIL."""

    def __init__(self, images: Tensor, labels: Tensor) -> None:
        channels = images.shape[1]
        self.pixels = images.squeeze(1).numpy() if channels == 1 else images.permute(0, 2, 3, 1).contiguous().numpy()
        self.labels = labels.tolist()
        centre = [0.5] * channels
        self.transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize(centre, centre)])

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> tuple[Tensor, int]:
        return self.transform(Image.fromarray(self.pixels[i])), self.labels[i]


def splits(case: Case) -> Splits:
    """The case's data as bytes."""
    entry = DATASETS[case.dataset]
    return load(entry.ref)(find_files(case.dataset) if entry.files else ())


def loaders(case: Case) -> tuple[DataLoader, DataLoader]:
    """The tutorial's."""
    s = splits(case)
    train_set, test_set = Images(s.train_images, s.train_labels), Images(s.test_images, s.test_labels)
    return DataLoader(train_set, case.batch, shuffle=True), DataLoader(test_set, case.batch)


def module_of(case: Case) -> nn.Module:
    """A plain module."""
    channels, height, width = splits(case).train_images.shape[1:]
    return load(MODELS[case.model].ref)((channels, height, width), 10)


def tutorial(case: Case) -> float:
    """Seconds of what people start from: DataLoader, ToTensor, Normalize, one loop; a test after each epoch."""
    torch.set_num_threads(CORES)
    (training, test), module = loaders(case), module_of(case)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(module.parameters(), lr=LR, momentum=MOMENTUM)
    start = perf_counter()
    for _ in range(case.epochs):
        module.train()
        for images, labels in training:
            optimizer.zero_grad()
            criterion(module(images), labels).backward()
            optimizer.step()
        module.eval()
        with torch.no_grad():
            sum(int((module(images).argmax(1) == labels).sum()) for images, labels in test)
    return perf_counter() - start


def lightning(case: Case) -> float:
    """Seconds of the same with Lightning and torchmetrics; no logger, no checkpoint, no progress bar."""
    import lightning as L
    import torchmetrics

    class Classifier(L.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.module = module_of(case)
            self.accuracy = torchmetrics.Accuracy("multiclass", num_classes=10)
            self.val_accuracy = torchmetrics.Accuracy("multiclass", num_classes=10)

        def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
            images, labels = batch
            logits = self.module(images)
            loss = F.cross_entropy(logits, labels)
            self.accuracy(logits, labels)
            self.log("train_loss", loss)
            self.log("train_accuracy", self.accuracy, on_epoch=True, on_step=False)
            return loss

        def validation_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
            images, labels = batch
            self.val_accuracy(self.module(images), labels)
            self.log("val_accuracy", self.val_accuracy)

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), lr=LR, momentum=MOMENTUM)

    torch.set_num_threads(CORES)
    logging.getLogger("lightning").setLevel(logging.ERROR)
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    training, test = loaders(case)
    with warnings.catch_warnings(action="ignore"):
        trainer = L.Trainer(
            max_epochs=case.epochs,
            accelerator="cpu",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
        )
        classifier = Classifier()
        start = perf_counter()
        trainer.fit(classifier, training, test)
    return perf_counter() - start


def in_memory(case: Case, threads: int = CORES) -> float:
    """Seconds of a clean loop over tensors in memory, convolutions in channels-last, a test after each epoch."""
    torch.set_num_threads(threads)
    data, module = load_data(case.dataset), module_of(case).to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(module.parameters(), lr=LR, momentum=MOMENTUM)
    start = perf_counter()
    for _ in range(case.epochs):
        loop_epoch(module, optimizer, data.images, data.labels, case.batch)
        module.eval()
        with torch.no_grad():
            parts = zip(data.test_images.split(1000), data.test_labels.split(1000), strict=True)
            sum((module(images).argmax(1) == labels).sum() for images, labels in parts)
    return perf_counter() - start


def loop_epoch(
    module: nn.Module, optimizer: torch.optim.Optimizer, images: Tensor, labels: Tensor, batch: int
) -> Tensor:
    """The mean loss of one epoch."""
    module.train()
    total = torch.zeros(())
    order = torch.randperm(len(images)).split(batch)
    for index in order:
        x = images.index_select(0, index).to(memory_format=torch.channels_last)
        loss = F.cross_entropy(module(x), labels[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.detach()
    return total / len(order)


def lsbench(case: Case, precision: str = "highest", engine: str = "torch") -> tuple[float, float]:
    """Seconds per cell of a grid as `lsbench run` trains it, all that a row holds counted: without and with start-up.

    What the peers are spared too is the start-up: importing torch, reading the data.
    """
    recipe = {**case.recipe, "precision": precision}
    seeds = tuple(range(case.cells))
    grid = Grid(
        datasets=(case.dataset,),
        models=(case.model,),
        losses=("ce",),
        seeds=seeds,
        val=0.0,
        recipe=tuple(recipe.items()),
    )
    stacks = make_stacks(plan.expand(grid), engine=engine)
    start = perf_counter()
    events = run_all(StackQueue(stacks), Place(engine=engine), LocalOptions(jobs=CORES), trainer="cases:run_stack")
    rows = [row for event in events if isinstance(event, StackDone) for row in event.rows]
    seconds = perf_counter() - start
    if bad := [row.error for row in rows if row.status != "ok"]:
        raise SystemExit(f"{case.name}: {bad[0]}")
    if other := [row.engine for row in rows if row.engine["name"] != engine]:
        raise SystemExit(f"{case.name}: {engine} was asked for, and {other[0]} computed the steps")
    rounds = ceil(len(stacks) / CORES)  # of stacks side by side, on all cores but perhaps in the last one
    return sum(row.seconds for row in rows) / len(stacks) * rounds / case.cells, seconds / case.cells


def one_cell_and_loop(case: Case) -> tuple[Callable[[], object], Callable[[], object]]:
    """One epoch of a stack of one, and of the in-memory loop, both on one thread."""
    torch.set_num_threads(1)
    data, module = load_data(case.dataset), module_of(case).to(memory_format=torch.channels_last)
    n = len(data.labels) // (10 if case.dataset == "mnist" else 1)
    optimizer = torch.optim.SGD(module.parameters(), lr=LR, momentum=MOMENTUM)
    recipe = Recipe(**{**case.recipe, "epochs": 10**6})  # pyright: ignore[reportArgumentType]
    examples = Examples(data.images[:n], data.labels[None, :n], torch.arange(n)[None], [0])
    ce = load("lsbench.losses.cross_entropy:ce")
    cell = train(build(case.model, data.shape, 10, [0]), examples, lambda z, y, _: ce(z, y), recipe)
    return lambda: next(cell), lambda: loop_epoch(module, optimizer, data.images[:n], data.labels[:n], case.batch)


def matmul_seconds(case: Case) -> float:
    """Seconds that the matrix products alone of one epoch take one thread: forward and both backward ones."""
    torch.set_num_threads(1)
    shapes: list[tuple[int, int, int]] = []

    def note(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        weight = layer.get_parameter("weight").flatten(1)
        rows = output.numel() // len(weight)
        m, n, k = rows, len(weight), weight.shape[1]
        shapes.extend([(m, n, k), (n, k, m)] + ([(m, k, n)] if inputs[0].requires_grad else []))

    data, module = load_data(case.dataset), module_of(case)
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            layer.register_forward_hook(note)
    module(data.images[: case.batch])
    products = [(torch.randn(m, k), torch.randn(k, n), torch.empty(m, n)) for m, n, k in shapes]
    times = []
    for _ in range(12):
        start = perf_counter()
        for a, b, out in products:
            torch.mm(a, b, out=out)
        times.append(perf_counter() - start)
    return sorted(times)[6] * (len(data.labels) / case.batch)
