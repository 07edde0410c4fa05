"""A report as one HTML file: nothing in it is fetched, and nothing that came from a row can act."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from markupsafe import Markup

from lsbench.report.html import document, policy, template
from lsbench.report.text import is_number, printable

if TYPE_CHECKING:
    from lsbench.report.tables import Table


@dataclass(frozen=True)
class Figure:
    """A drawing: `svg` is markup made by us, with a viewBox; its texts must be escaped already."""

    name: str
    title: str
    caption: str
    svg: str


@dataclass(frozen=True)
class Section:
    """One part of the report, such as one setting."""

    title: str
    paragraphs: tuple[str, ...]
    tables: tuple["Table", ...]
    figures: tuple[Figure, ...]

    @property
    def empty(self) -> bool:
        """Whether there is nothing below the title."""
        return not (self.paragraphs or self.tables or self.figures)


@dataclass(frozen=True)
class Page:
    """Texts only, and drawings: all that the page shows, from top to bottom."""

    title: str
    verdict: tuple[str, ...]  # paragraphs
    verdict_tables: tuple["Table", ...]
    sections: tuple[Section, ...]
    conventions: tuple[tuple[str, str], ...]  # term, definition
    noise_records: tuple["Table", ...]
    provenance: tuple[tuple[str, str], ...]  # what, value
    commands: tuple[str, ...]  # that make it again
    made: str  # by which version, when


def render_page(page: Page) -> str:
    """The page as one HTML document, the same text for the same page."""
    style, scripts = template("base.css") + template("page.css"), [template("copy.js"), template("page.js")]
    sections = [section for section in page.sections if not section.empty]
    drawings = _drawings(sections)
    filters = {"alignment": _alignment, "long": _is_long, "markup": _markup}
    return document(
        "page.html",
        style,
        scripts,
        _policy(style, scripts, [svg for of_section in drawings for _, _, svg in of_section]),
        filters,
        page=page,
        footnotes=_footnotes(page),
        contents=_contents(page, sections),
        sections=zip(sections, drawings, strict=True),
        filterable=sum(len(table.lines) for table in _tables(page)) > FEW,
    )


FEW = 8  # lines that need no filter


def _tables(page: Page) -> Iterable["Table"]:
    return chain(page.verdict_tables, *(section.tables for section in page.sections), page.noise_records)


def _footnotes(page: Page) -> list[str]:
    """What the tables' columns mean, each said once."""
    return list(dict.fromkeys(note for table in _tables(page) for note in table.footnotes))


def _contents(page: Page, sections: Iterable[Section]) -> list[tuple[str, str]]:
    """(id, title) of what can be jumped to."""
    ends = {"Conventions": page.conventions or _footnotes(page), "Make it again": page.commands}
    folded = {"Label-noise records": page.noise_records, "Provenance": page.provenance}
    named = [(title.lower().replace(" ", "-"), title) for title, there in (ends | folded).items() if there]
    return [*((f"section-{n}", section.title) for n, section in enumerate(sections, 1)), *named]


def _drawings(sections: Iterable[Section]) -> list[list[tuple[int, Figure, ElementTree.Element]]]:
    """Per section its figures with their numbers, which run over the whole page."""
    numbers = count(1)
    return [[(n, f, _drawing(f, n)) for f, n in zip(section.figures, numbers)] for section in sections]  # noqa: B905


def _policy(style: str, scripts: list[str], drawings: Iterable[ElementTree.Element]) -> str:
    elements = [element for svg in drawings for element in svg.iter()]
    styles = dict.fromkeys([style, *("".join(e.itertext()) for e in elements if e.tag == "style")])
    has_attributes = any("style" in e.attrib for e in elements)  # drawings that carry their style in them
    return policy(styles, scripts, style_attributes=has_attributes)


def _drawing(figure: Figure, number: int) -> ElementTree.Element:
    """The SVG for HTML: one labelled image, its ids apart from those of other drawings."""
    svg = ElementTree.fromstring(figure.svg)
    for parent in list(svg.iter()):
        parent.tag = parent.tag.rpartition("}")[2]
        parent.attrib = {_attribute(name): _apart(name, value, number) for name, value in parent.attrib.items()}
        for metadata in parent.findall("{*}metadata"):
            parent.remove(metadata)
    svg.tail = None
    svg.attrib |= {"role": "img", "aria-label": printable(figure.title)}
    return svg


def _markup(svg: ElementTree.Element) -> Markup:
    return Markup(ElementTree.tostring(svg, "unicode"))


def _attribute(name: str) -> str:
    return "href" if name.endswith("}href") else name


def _apart(name: str, value: str, number: int) -> str:
    """An attribute's value, with this drawing's prefix before each id it gives or refers to."""
    prefix = f"figure-{number}-"
    if name == "id":
        return prefix + value
    if name in ("aria-labelledby", "aria-describedby"):
        return " ".join(prefix + word for word in value.split())
    if name.endswith("href") and value.startswith("#"):
        return f"#{prefix}{value[1:]}"
    return re.sub(r"""url\((["']?)#""", rf"url(\1#{prefix}", value)


WIDE = 34  # characters that stay on one line, such as `-0.03 [-0.08, +0.02]`


def _is_long(text: str) -> bool:
    return len(text) > WIDE


def _alignment(table: "Table") -> list[str]:
    """Per column `n` where all its fields are numbers, which then stand flush right; the first names the line."""
    columns = [[line[i].text for line in table.lines if i < len(line)] for i in range(len(table.header))]
    return ["n" if i and all(map(_is_number, column)) else "" for i, column in enumerate(columns)]


def _is_number(text: str) -> bool:
    return not _is_long(text) and is_number(text)
