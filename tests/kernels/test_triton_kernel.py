"""The Triton kernel without a GPU: what every kernel is tested for, interpreted in a process of its own."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kernels.kernel_cases import INTERPRETED

HERE = Path(__file__).parent
TESTS = ["test_kernel_values.py", "test_kernel_gradients.py", "test_kernel_hostile.py"]
TESTS += ["test_triton_interpreted.py", "test_triton_sizes.py", "test_triton_convolution.py"]

pytestmark = pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="triton is not installed")


@pytest.mark.skipif(INTERPRETED, reason="this is that process")
def test_the_interpreted_kernel_passes_the_tests_of_every_kernel():
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "triton"]
        + ["-W", "ignore::RuntimeWarning"]  # numpy, which the interpreter computes with, warns of inf - inf
        + [str(HERE / name) for name in TESTS],
        capture_output=True,
        text=True,
        env=os.environ | {"TRITON_INTERPRET": "1"},
        cwd=HERE.parent.parent,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert "passed" in done.stdout
    assert "skipped" not in done.stdout
