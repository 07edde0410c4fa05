"""What the pages say is what the code knows."""

import runpy
import tomllib
from pathlib import Path

import pytest

import lsbench
from lsbench.names.catalogue import LOSSES
from lsbench.names.catalogue.allowed import Range

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_of_losses_is_what_the_catalogue_says():
    made = runpy.run_path(str(DOCS / "losses_page.py"))["page"]()
    assert (DOCS / "losses.md").read_text(encoding="utf-8") == made, "make docs writes it anew"


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_says_when_to_use_it(name):
    assert LOSSES[name].use.endswith(".")


def test_every_page_is_in_the_index():
    trees = [part for page in DOCS.glob("*.md") for part in page.read_text(encoding="utf-8").split("```{toctree}")[1:]]
    listed = {word for tree in trees for word in tree.split("```")[0].split()}
    assert {page.stem for page in DOCS.glob("*.md")} - {"index"} <= listed


@pytest.mark.parametrize(
    ("allowed", "words"),
    [
        (Range(), "any number"),
        (Range(0.0), "at least 0"),
        (Range(0.0, 1.0), "at least 0 and at most 1"),
        (Range(high=0.0, below=True), "below 0"),
    ],
)
def test_a_range_is_said_in_words(allowed, words):
    assert str(allowed) == words


def test_the_version_is_said_once():
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == lsbench.__version__
