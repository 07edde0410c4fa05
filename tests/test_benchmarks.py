"""`make bench` and `make results` take minutes to hours, so that a test only looks whether they would begin."""

import importlib.util
import os
import subprocess
import sys

import pytest

from tests.pages import ROOT

NEEDS = {"scaling": "ray"}
FILES = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py"))


def test_every_benchmark_can_be_imported():
    there = [name for name in FILES if importlib.util.find_spec(NEEDS.get(name, "torch"))]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-c", f"import {', '.join(there)}"]
    done = subprocess.run(line, cwd=ROOT / "benchmarks", env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_part_of_the_gpu_battery_has_a_limit():
    line = [sys.executable, "-c", "import gpu, gpu_parts; assert list(gpu.LIMITS) == list(gpu_parts.PARTS)"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    assert subprocess.run(line, cwd=ROOT / "benchmarks", env=environment, check=False).returncode == 0


@pytest.mark.parametrize("script", ["results/make.sh", ".ci/run", ".ci/lowest"])
def test_a_script_names_files_that_are_there(script):
    words = (ROOT / script).read_text(encoding="utf-8").replace('"', " ").split()
    named = [word for word in words if word.startswith(("benchmarks/", "tests/"))]
    assert not [name for name in named if not any(ROOT.glob(name))]
