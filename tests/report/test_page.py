import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from lsbench.report.page import Figure, Page, Section, render_page
from lsbench.report.tables import Entry, Table

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path id="a"/><use href="#a"/></svg>'
HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</style><b>",
    "\u202eevil",
    "\x1b[31m",
    "x" * 10_000,
]


def a_table(text="ce", title="a table", footnotes=()):
    return Table(
        title, ("loss", "accuracy %"), ((Entry(text), Entry("97.88 ± 0.11", best=True)),), ("a note",), footnotes
    )


def a_page(text="text", **changes):
    parts = {
        "title": text,
        "verdict": (text,),
        "verdict_tables": (a_table(text, text),),
        "sections": (Section(text, (text,), (a_table(text, text),), (Figure("name", text, text, SVG),)),),
        "conventions": ((text, text),),
        "noise_records": (a_table(text),),
        "provenance": ((text, text),),
        "commands": (text,),
        "made": text,
    }
    return Page(**{**parts, **changes})


class Elements(HTMLParser):
    """What a browser would make of the page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts, self.open = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attributes]
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", data))


@pytest.mark.parametrize("text", HOSTILE, ids=["script", "attribute", "style", "bidi", "escape", "long"])
def test_a_text_from_a_row_adds_no_element_and_no_attribute(text):
    plain, hostile = Elements(render_page(a_page())), Elements(render_page(a_page(text)))
    assert hostile.tags == plain.tags
    assert {pair[:2] for pair in hostile.attributes} <= {pair[:2] for pair in plain.attributes} | {("td", "class")}


@pytest.mark.parametrize("text", ["\u202e", "\x1b", "\x00", "\u2066"])
def test_what_steers_a_terminal_or_turns_text_round_is_written_out(text):
    assert text not in render_page(a_page(f"a{text}b"))


def test_every_text_is_on_the_page():
    page = a_page(
        title="the title",
        verdict=("the verdict",),
        conventions=(("term", "its meaning"),),
        provenance=(("torch", "2.15"),),
        commands=("lsbench run",),
    )
    texts = " ".join(text for _, text in Elements(render_page(page)).texts)
    for text in ("the title", "the verdict", "its meaning", "2.15", "lsbench run", "97.88 ± 0.11", "a note"):
        assert text in texts


def test_nothing_is_fetched_and_the_policy_forbids_it():
    text = render_page(a_page())
    attributes = Elements(text).attributes
    assert not [value for _, name, value in attributes if name in ("src", "href") and not value.startswith("#")]
    assert not re.search(r"@import|url\((?!#)", text)
    policy = next(
        value for tag, name, value in attributes if tag == "meta" and name == "content" and "default" in value
    )
    assert policy.startswith("default-src 'none'")
    assert "unsafe-inline" not in policy.split("style-src-attr")[0]


def test_the_policy_knows_the_pages_own_script_and_style_by_their_hashes():
    text = render_page(a_page())
    for tag in ("script", "style"):
        body = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"sha256-{digest}" in text
    assert not [name for _, name, _ in Elements(text).attributes if name.startswith("on")]


def test_ids_of_several_drawings_stay_apart():
    section = Section("s", (), (), (Figure("a", "A", "", SVG), Figure("b", "B", "", SVG)))
    ids = [value for _, name, value in Elements(render_page(a_page(sections=(section,)))).attributes if name == "id"]
    assert len(ids) == len(set(ids))


def test_every_link_within_the_page_leads_somewhere():
    attributes = Elements(render_page(a_page())).attributes
    ids = {value for _, name, value in attributes if name == "id"}
    assert {value for _, name, value in attributes if name == "href"} <= {f"#{name}" for name in ids}


def test_the_same_page_is_the_same_text():
    assert render_page(a_page()) == render_page(a_page())


def test_what_is_empty_leaves_no_shell():
    empty = Page("t", (), (), (Section("s", (), (), ()),), (), (), (), (), "")
    tags = Elements(render_page(empty)).tags
    assert not {"section", "table", "figure", "details", "nav", "dl"} & set(tags)


def test_a_footnote_of_several_tables_is_said_once():
    tables = tuple(a_table(footnotes=("what a column means",)) for _ in range(3))
    text = render_page(a_page(sections=(Section("s", (), tables, ()),)))
    assert text.count("what a column means") == 1


def test_headings_come_in_order_and_tables_are_labelled():
    found = Elements(render_page(a_page()))
    levels = [int(tag[1]) for tag in found.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert found.tags.count("caption") == found.tags.count("table")
    assert ("html", "lang", "en") in found.attributes
    assert ("svg", "role", "img") in found.attributes
