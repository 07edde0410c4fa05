"""Parts of `benchmarks/gpu.py`: the project's own tests that want a GPU, each file in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping

from gpu_bench import ROOT, Bench, Row


def own_tests(bench: Bench) -> None:
    """What a GPU gives beside what a CPU gives, and the same bits twice."""
    run_tests(bench, "tests/gpu", {"LSBENCH_GPU_TESTS": "cpu"} if bench.dry else {})


def kernels(bench: Bench) -> None:
    """The Triton kernel's values and gradients on the device, at the sizes at which it takes other ways."""
    variables = {"LSBENCH_TEST_KERNELS_ON": bench.device.type}
    run_tests(bench, "tests/kernels/test_triton_sizes.py", variables, "-W", "ignore::RuntimeWarning")


def run_tests(bench: Bench, path: str, variables: Mapping[str, str], *options: str) -> None:
    """Run the tests of a path with these variables of the environment; a table of those that failed, and the count."""
    line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, path]
    ended = subprocess.run(line, cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, check=False)
    printed = ended.stdout.strip().splitlines()
    failed: list[Row] = [{"test": text} for text in printed if text.startswith("FAILED")]
    bench.table(path, [*failed, {"test": printed[-1] if printed else ended.stderr[-300:]}])
    if ended.returncode:
        sys.exit(ended.stdout[-3000:])
