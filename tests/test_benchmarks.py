"""`make bench` and `make results` take minutes to hours, so that a test only looks whether they would begin."""

import importlib.util
import os
import re
import subprocess
import sys

import pytest

from tests.pages import ROOT

NEEDS = {"scaling": "ray"}
PICTURE = re.compile(r"!\[[^]]*\]\(([^)]+)\)")
FILES = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py"))


@pytest.fixture(scope="module")
def imported():
    """What a process printed that imports every benchmark: of the GPU battery the limited parts, all, and seconds."""
    there = [name for name in FILES if importlib.util.find_spec(NEEDS.get(name, "torch"))]
    tells = "print(list(gpu.LIMITS)); print(list(gpu_parts.PARTS)); print(sum(gpu.LIMITS.values()))"
    code = f"import {', '.join(there)}; {tells}"
    line, environment = [sys.executable, "-c", code], {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(line, cwd=ROOT / "benchmarks", env=environment, capture_output=True, text=True)


def test_every_benchmark_can_be_imported(imported):
    assert imported.returncode == 0, imported.stderr


def test_every_part_of_the_gpu_battery_has_a_limit(imported):
    limited, parts, _ = imported.stdout.splitlines()
    assert limited == parts


@pytest.mark.parametrize("file", ["Makefile", "docs/gpus.md", "benchmarks/gpu.py"])
def test_a_text_tells_how_long_the_gpu_battery_may_take(imported, file):
    minutes = -(-int(imported.stdout.split()[-1]) // 60)
    assert f"at most {minutes} minutes" in (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("script", ["results/make.sh", ".ci/run", ".ci/lowest"])
def test_a_script_names_files_that_are_there(script):
    words = (ROOT / script).read_text(encoding="utf-8").replace('"', " ").split()
    named = [word for word in words if word.startswith(("benchmarks/", "tests/"))]
    assert not [name for name in named if not any(ROOT.glob(name))]


def test_every_script_is_named_in_the_list_of_benchmarks():
    listed = re.findall(r"`(\w+)\.py`", (ROOT / "benchmarks/README.md").read_text(encoding="utf-8"))
    assert sorted(listed) == FILES


def test_every_page_of_results_says_which_command_makes_it():
    texts = {path: path.read_text(encoding="utf-8") for path in (ROOT / "results").rglob("*.md")}
    assert not [path for path, text in texts.items() if not re.search(r"made by|^lsbench run", text, re.I | re.M)]


def test_every_page_of_results_is_named_in_their_list():
    table = (ROOT / "results/README.md").read_text(encoding="utf-8").split("\n## ")[0]
    pages = {str(path.relative_to(ROOT / "results")) for path in (ROOT / "results").rglob("*.md")}
    assert pages == {"README.md", *re.findall(r"\]\(([\w/-]+\.md)\)", table)}


def test_every_picture_of_results_is_shown_on_a_page():
    pages = [ROOT / "README.md", *(ROOT / "results").rglob("*.md")]
    shown = {(page.parent / name).resolve() for page in pages for name in PICTURE.findall(page.read_text("utf-8"))}
    assert not {*(ROOT / "results").rglob("*.png")} - shown
