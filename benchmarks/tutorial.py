"""lsbench against the tutorial script, time per cell, alternating in one run.

The tutorial script is what people start from: torchvision's MNIST, ToTensor and Normalize in a DataLoader of batch 64,
one nn.Module, SGD, a test after each epoch; torch uses its default threads, and its start-up is not counted. lsbench
trains the same number of epochs of the same model on the same 60,000 examples, several cells at once as `lsbench run`
does; starting its workers and measuring everything that a row holds is counted.
"""

import argparse
import gzip
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from lsbench import plan, provenance
from lsbench.data.sources import find_files
from lsbench.models import zoo
from lsbench.spec import Grid, Place
from lsbench.workers.events import Given, StackDone
from lsbench.workers.local import run_all

LR, MOMENTUM, BATCH = 0.01, 0.5, 64
RECIPE = {"lr": LR, "momentum": MOMENTUM, "batch_size": BATCH, "schedule": "constant"}


def tutorial(model: str, epochs: int, folder: str) -> float:
    """Seconds that the tutorial script trains one model."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader
    from torchvision import datasets, transforms

    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    train = DataLoader(datasets.MNIST(folder, train=True, transform=transform), batch_size=BATCH, shuffle=True)
    test = DataLoader(datasets.MNIST(folder, train=False, transform=transform), batch_size=BATCH)
    module = getattr(zoo, model)((1, 28, 28), 10)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(module.parameters(), lr=LR, momentum=MOMENTUM)
    start = perf_counter()
    for _ in range(epochs):
        module.train()
        for images, labels in train:
            optimizer.zero_grad()
            criterion(module(images), labels).backward()
            optimizer.step()
        module.eval()
        with torch.no_grad():
            correct = sum(int((module(images).argmax(1) == labels).sum()) for images, labels in test)
    print(f"  tutorial accuracy {correct / len(test.dataset):.4f}", file=sys.stderr)  # pyright: ignore[reportArgumentType]
    return perf_counter() - start


def lsbench(model: str, epochs: int, cells: int) -> float:
    """Seconds per cell that lsbench trains a grid, its workers' start-up included."""
    recipe = (*RECIPE.items(), ("epochs", epochs))
    grid = Grid(models=(model,), losses=("ce",), seeds=tuple(range(cells)), val=0.0, recipe=recipe)
    stacks = plan.stacks(plan.expand(grid))
    start = perf_counter()
    ended = [e for e in run_all(Given(stacks), Place(), provenance.usable_cores()) if isinstance(e, StackDone)]
    seconds = perf_counter() - start
    accuracy = statistics.mean(row.metrics["accuracy"] or 0 for event in ended for row in event.rows)
    print(f"  lsbench accuracy {accuracy:.4f}", file=sys.stderr)
    return seconds / cells


def lay_out_mnist(folder: str) -> None:
    """The embedded files as torchvision wants them."""
    raw = Path(folder) / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for path in find_files("mnist"):
        (raw / path.stem).write_bytes(gzip.decompress(path.read_bytes()))


def main() -> None:
    """Alternate the two and print the medians' ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="mlp", choices=["linear", "mlp", "cnn"])
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--cells", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    times: dict[str, list[float]] = {"tutorial": [], "lsbench": []}
    with tempfile.TemporaryDirectory() as folder:
        lay_out_mnist(folder)
        for _ in range(asked.rounds):
            times["tutorial"].append(tutorial(asked.model, asked.epochs, folder))
            times["lsbench"].append(lsbench(asked.model, asked.epochs, asked.cells))
    print(f"{asked.model}, {asked.epochs} epochs of MNIST, seconds per cell, on {provenance.processor()}")
    for name, seconds in times.items():
        print(f"  {name:<9} median {statistics.median(seconds):6.2f}  ({', '.join(f'{s:.2f}' for s in seconds)})")
    ratio = statistics.median(times["tutorial"]) / statistics.median(times["lsbench"])
    print(f"  lsbench is {ratio:.2f} times as fast per cell")


if __name__ == "__main__":
    main()
