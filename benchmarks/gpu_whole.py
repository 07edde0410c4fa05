"""Parts of `benchmarks/gpu.py`: the whole command, and what it survives."""

import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from gpu_bench import ROOT, Bench, Row, command


def command_line(bench: Bench) -> None:
    """`lsbench run` from its start to its end: 96 cells as a grid, and what one cell takes alone."""
    rows: list[Row] = []
    for cells in (1, 96) if not bench.dry else (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            start = perf_counter()
            size = ["--train-size", "200"] if bench.dry else []
            options = ["--loss", "ce", "--model", "mlp", "--epochs", "1", "--seeds", str(cells), *size]
            command("run", *options, "--device", bench.device.type, "--jobs", "1", "--out", folder)
            rows.append({"cells": cells, "seconds": perf_counter() - start})
    bench.table("lsbench run, mlp on MNIST, 1 epoch", rows)


def survival(bench: Bench) -> None:
    """A kill in the middle, twice, and the same command again: each cell is trained once."""
    with tempfile.TemporaryDirectory() as folder:
        options = [
            "--loss",
            "ce,lsr",
            "--model",
            "mlp",
            "--epochs",
            "1",
            "--seeds",
            str(bench.size(8, 1)),
            "--out",
            folder,
        ]
        line = [sys.executable, "-m", "lsbench", "run", *options, "--device", bench.device.type]
        line += ["--train-size", "200"] if bench.dry else []
        for _ in range(2):
            running = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                running.wait(timeout=bench.size(8, 3))
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
        ended = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
        rows = len(list(Path(folder).glob("cells/*/*.json")))
    bench.table("killed twice, then run to its end", [{"rows": rows, "exit code": ended.returncode}])
    if ended.returncode:
        sys.exit(ended.stderr[-2000:])
