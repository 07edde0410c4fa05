"""What the parts of `benchmarks/gpu.py` share: where they run, how large their work is, and where tables go."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import torch
import torch.nn.functional as F
from torch import Tensor

ROOT = Path(__file__).parent.parent
Row = dict[str, object]


@dataclass(frozen=True)
class Bench:
    """Where a part runs, how large its work is, and where its tables go."""

    dry: bool
    file: Path

    @property
    def device(self) -> torch.device:
        """A GPU, or the CPU of a dry run."""
        return torch.device("cpu" if self.dry else "cuda")

    def size(self, full: int, dry: int) -> int:
        """How much of something."""
        return dry if self.dry else full

    def table(self, title: str, rows: list[Row]) -> None:
        """Keep a table now."""
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"title": title, "rows": rows}) + "\n")

    def seconds(self, call: Callable[[], object], rounds: int = 5) -> float:
        """The median over rounds, after two that are not counted; the device has finished what it was given."""
        times = []
        for _ in range(rounds + 2):
            self.wait()
            start = perf_counter()
            call()
            self.wait()
            times.append(perf_counter() - start)
        return median(times[2:])

    def wait(self) -> None:
        """Until the device has done all."""
        if self.device.type == "cuda":
            torch.cuda.synchronize()


def ce(logits: Tensor, labels: Tensor, _: Tensor) -> Tensor:
    """Cross-entropy of each example of each cell."""
    return F.cross_entropy(logits.flatten(0, 1).float(), labels.flatten(), reduction="none").view(labels.shape)


def command(*words: str) -> str:
    """What lsbench prints."""
    line = [sys.executable, "-m", "lsbench", *words]
    ended = subprocess.run(line, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(f"lsbench {' '.join(words)}: {ended.stderr[-2000:]}")
    return ended.stdout
