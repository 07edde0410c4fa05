"""What a page says how to add can be added so: its edits are made in a copy of the package, its lines are run there."""

import re

import pytest

from tests import pages

DOCS = pages.ROOT / "docs"
ADDING = sorted(DOCS.glob("adding-*.md"))
OF_YOURS = ("your-data", "tables", "features", "your-code")
SHOWING = [DOCS / f"{name}.md" for name in (*OF_YOURS, "in-your-loop", "noise", "calibration", "statistics")]
CHANGES = DOCS / "changes.md"
PAGES = [*ADDING, *SHOWING, CHANGES]
CHANGE = re.compile(r"^\| (.*?) \| (\d+) \| (`.*?`) \| \[.*?\]\((?:#(.*?)|(.*?))\) \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def failures(tmp_path_factory):
    """What fails, by page; all pages share one copy, so that their examples go together."""
    tree = pages.copy_of_package(tmp_path_factory.mktemp("pages"))
    for page in PAGES:
        for edit in pages.edits(page):
            pages.apply(edit, tree)
    return pages.run_steps(PAGES, tree)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_example_of_a_page_works(page, failures):
    assert page.stem not in failures, failures[page.stem][-2000:]


@pytest.mark.parametrize("page", ADDING, ids=lambda page: page.stem)
def test_a_page_names_files_something_to_run_and_traps(page):
    assert pages.edits(page)
    assert list(pages.steps(page))
    assert "\n## Traps\n" in page.read_text(encoding="utf-8")


def test_the_table_of_pages_counts_their_files():
    lines = (DOCS / "extending.md").read_text(encoding="utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if "](adding-" in line]
    stated = {line[2].split("(")[1].rstrip(")"): int(line[1]) for line in cells}
    assert stated == {page.name: len({edit.path for edit in pages.edits(page)}) for page in ADDING}


def changed(anchor, page):
    """The files that a section or a page changes; of a new one its folder."""
    made = pages.edits(pages.section(CHANGES, anchor) if anchor else DOCS / page)
    return sorted({edit.path.rpartition("/")[0] + "/" if edit.how == "new" else edit.path for edit in made})


@pytest.mark.parametrize("change", CHANGE.findall(CHANGES.read_text(encoding="utf-8")), ids=lambda change: change[0])
def test_a_change_touches_the_files_that_the_table_names_and_no_more_than_its_bar(change):
    _, bar, named, anchor, page = change
    assert changed(anchor, page) == sorted(re.findall("`(.*?)`", named))
    assert len(changed(anchor, page)) <= int(bar)
