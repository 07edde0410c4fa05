"""What the pages say is what the code knows."""

import re
import runpy
import tomllib
from pathlib import Path

import pytest

import lsbench
from lsbench.names.catalogue import LOSSES
from lsbench.names.catalogue.allowed import Range
from tests.in_turn import in_turn
from tests.test_architecture import FLOORS

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_of_losses_is_what_the_catalogue_says():
    made = runpy.run_path(str(DOCS / "losses_page.py"))["page"]()
    assert (DOCS / "losses.md").read_text(encoding="utf-8") == made, "make docs writes it anew"


def test_the_drawing_of_the_rooms_shows_the_floors_that_the_imports_are_checked_by():
    drawn = runpy.run_path(str(DOCS / "rooms_picture.py"))["picture"](FLOORS)
    assert (DOCS / "rooms.svg").read_text(encoding="utf-8") == drawn, "make docs draws it anew"


def test_the_table_of_the_rooms_has_each_on_its_floor():
    lines = re.findall(r"^\| (\d+) \| (`.*?) \|", (DOCS / "internals.md").read_text(encoding="utf-8"), re.MULTILINE)
    listed = {(room, int(floor)) for floor, rooms in lines for room in re.findall(r"`(\w+)`", rooms)}
    assert listed == {(room, floor) for floor, rooms in FLOORS.items() for room in rooms if not room.startswith("__")}


@pytest.mark.parametrize("page", ["CHANGELOG.md", "CONTRIBUTING.md"])
def test_a_page_that_the_site_includes_from_the_top_folder_links_to_no_file(page):
    """A link that is right in the one folder leads nowhere in the other."""
    assert not re.findall(r"\]\((?!https?://|#)[^)]*\)", (DOCS.parent / page).read_text(encoding="utf-8"))


@in_turn("name", LOSSES)
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
