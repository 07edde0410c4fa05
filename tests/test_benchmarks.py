"""`make bench` and `make results` take minutes to hours, so that a test only looks whether they would begin."""

import re
import sys
from importlib import import_module
from importlib.util import find_spec

import pytest

from tests import quick
from tests.pages import ROOT

pytestmark = pytest.mark.filterwarnings("ignore")  # of what benchmarks import
NEEDS = {"scaling": "ray"}
PICTURE = re.compile(r"!\[[^]]*\]\(([^)]+)\)")
FILES = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py"))


@pytest.fixture(scope="module")
def imported():
    """Every benchmark, by name, imported with its folder first on the path, as where it is run."""
    quick.leave_out("imports every benchmark")
    there = [name for name in FILES if find_spec(NEEDS.get(name, "torch"))]
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
        yield {name: import_module(name) for name in there}
    for name in there:
        del sys.modules[name]


def test_every_benchmark_can_be_imported(imported):
    assert imported.keys() >= {*FILES} - {*NEEDS}
    assert all(module.__file__ == str(ROOT / "benchmarks" / f"{name}.py") for name, module in imported.items())


def test_every_part_of_the_gpu_battery_has_a_limit(imported):
    assert list(imported["gpu"].LIMITS) == list(imported["gpu_parts"].PARTS)


@pytest.mark.parametrize("file", ["Makefile", "docs/gpus.md", "benchmarks/gpu.py"])
def test_a_text_tells_how_long_the_gpu_battery_may_take(imported, file):
    minutes = -(-sum(imported["gpu"].LIMITS.values()) // 60)
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
