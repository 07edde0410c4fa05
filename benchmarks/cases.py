"""What is timed: a model on data of a shape, with the recipe that all forms follow; workers import this to know it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn

from lsbench.data import idx
from lsbench.data.splits import Splits
from lsbench.names.catalogue import DATASETS, MODELS, DatasetEntry, ModelEntry
from lsbench.training import stack

LR, MOMENTUM = 0.01, 0.5  # the MNIST tutorial's
STEPS = "LSBENCH_GRID_STEPS"  # the variable by which workers know of shorter epochs


@dataclass(frozen=True)
class Case:
    """One line of the table."""

    name: str
    dataset: str
    model: str
    batch: int
    epochs: int
    cells: int  # that lsbench trains in one go
    precisions: tuple[str, ...] = ("highest",)
    engines: tuple[str, ...] = ("torch",)  # what computes the steps, in float32; the first is the one that counts

    @property
    def recipe(self) -> dict[str, object]:
        """What every form follows."""
        common = {"lr": LR, "momentum": MOMENTUM, "schedule": "constant"}
        return {**common, "batch_size": self.batch, "epochs": self.epochs}


CASES = (
    Case("mlp", "mnist", "mlp", 64, 4, 8, ("highest", "bf16")),
    Case("cnn", "mnist", "cnn", 64, 2, 32, ("highest", "bf16"), ("lanes", "torch")),
    Case("lenet5", "mnist", "lenet5", 64, 2, 32, engines=("lanes", "torch")),
    Case("two convolutions", "mnist", "two-convolutions", 64, 2, 32, engines=("lanes", "torch")),
    Case("linear", "mnist", "linear", 64, 4, 32),
    Case("tiny", "digits", "tiny", 32, 20, 32, engines=("torch", "lanes")),
    Case("resnet8", "cifar-shaped", "resnet8", 64, 3, 16, ("highest", "bf16"), ("torch", "lanes")),
)


def tiny(shape: tuple[int, ...], num_classes: int) -> nn.Sequential:
    """64-32-10, for 8x8 digits."""
    return nn.Sequential(nn.Flatten(), nn.Linear(shape[1] * shape[2], 32), nn.ReLU(), nn.Linear(32, num_classes))


def two_convolutions(shape: tuple[int, ...], num_classes: int) -> nn.Sequential:
    """A network as users write them: two convolutions of 8 and 16 channels and a hidden layer."""
    side = shape[1] // 4
    return nn.Sequential(
        nn.Conv2d(shape[0], 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * side * side, 64),
        nn.ReLU(),
        nn.Linear(64, num_classes),
    )


def digits(_: Sequence[Path]) -> Splits:
    """scikit-learn's 1,797 8x8 digits; the last 297 are the test set."""
    from sklearn.datasets import load_digits

    loaded = load_digits()
    images = torch.from_numpy(loaded.images * 15.9375).to(torch.uint8).unsqueeze(1)  # 16 levels of grey
    labels = torch.from_numpy(loaded.target)
    return Splits(images[:1500], labels[:1500], images[1500:], labels[1500:])


def cifar_shaped(_: Sequence[Path]) -> Splits:
    """6,000 + 1,000 images of noise in CIFAR-10's shape: what is timed does not ask what they show."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(256, (7000, 3, 32, 32), dtype=torch.uint8, generator=generator)
    labels = torch.randint(10, (7000,), generator=generator)
    return Splits(images[:6000], labels[:6000], images[6000:], labels[6000:])


def _toy(ref: str, train_examples: int, test_examples: int, shape: tuple[int, int, int]) -> DatasetEntry:
    return DatasetEntry(
        ref=ref,
        summary="",
        source="",
        num_classes=10,
        train_examples=train_examples,
        test_examples=test_examples,
        shape=shape,
        fingerprint="benchmark",
    )


DATASETS["digits"] = _toy("cases:digits", 1500, 297, (1, 8, 8))
DATASETS["cifar-shaped"] = _toy("cases:cifar_shaped", 6000, 1000, (3, 32, 32))
MODELS["tiny"] = ModelEntry(ref="cases:tiny", summary="", source="", recipe={}, stack_cpu=16, stack_cuda=512)

MODELS["two-convolutions"] = ModelEntry(
    ref="cases:two_convolutions", summary="", source="", recipe={}, stack_cpu=1, stack_cuda=128
)

SHORTENED = {"mnist": "first_of_mnist", "cifar-shaped": "first_of_cifar_shaped"}  # data set: what reads its first part


def shorten(steps: int) -> None:
    """Give all forms, and workers, so many batches of 64 examples alone, and the same share of the test set."""
    os.environ[STEPS] = str(steps)
    for name, reader in SHORTENED.items():
        whole = DATASETS[name]
        train = min(64 * steps, whole.train_examples)
        test = whole.test_examples * train // whole.train_examples
        sizes = {"train_examples": train, "test_examples": test}
        DATASETS[name] = replace(whole, ref=f"cases:{reader}", fingerprint="benchmark", **sizes)


def first_of_mnist(files: Sequence[Path]) -> Splits:
    """The first digits."""
    return _first("mnist", idx.read_splits(files))


def first_of_cifar_shaped(files: Sequence[Path]) -> Splits:
    """The first images of noise."""
    return _first("cifar-shaped", cifar_shaped(files))


def _first(name: str, whole: Splits) -> Splits:
    train, test = DATASETS[name].train_examples, DATASETS[name].test_examples
    images, tested = whole.train_images[:train], whole.test_images[:test]
    return Splits(images, whole.train_labels[:train], tested, whole.test_labels[:test])


if STEPS in os.environ:  # a worker
    shorten(int(os.environ[STEPS]))

run_stack = stack.run_stack  # for workers: importing it from here registers the above
