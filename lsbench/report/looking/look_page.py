"""The page on which a person gives labels: one example after the other, without given labels and predictions."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from lsbench.data.items import Item
from lsbench.data.looked_file import COLUMNS
from lsbench.names.answers import CANNOT_TELL, NONE, SEVERAL, Answer, spell
from lsbench.names.encoding import printable, visible
from lsbench.report.html import document, policy, template
from lsbench.report.looking.embed import as_data, picture_source

SCRIPTS = ("copy.js", "looks_answers.js", "looks_keys.js", "looks_search.js", "looks_end.js", "looks.js")


@dataclass(frozen=True)
class Look:
    """An example that is to be looked at."""

    item: Item
    position: int  # in the design's order, from 0
    probability: str  # its size in the design, as the CSV has it


@dataclass(frozen=True)
class LookPage:
    """The examples of one page."""

    title: str
    design: str  # its id
    page: str  # another one for each page of a design: the browser keeps the answers under both ids
    class_names: tuple[str, ...]  # (K,)
    looks: tuple[Look, ...]  # in any order: the page shows batch after batch, and shuffles each
    batch: int = 25  # examples
    earlier: int = 0  # examples of this design that were answered elsewhere
    commands: tuple[str, ...] = ()  # to be run with the answers
    file_name: str = "verified.csv"  # of the answers
    made: str = ""  # by which version, when


def verify_page(page: LookPage) -> str:
    """The page as one HTML document, the same text for the same page.

    It holds neither given labels nor predictions; the CSV that it gives out has the columns of
    `lsbench.data.looked_file`, and answers as `lsbench.names.answers` spells them. A path may say the given label: it
    is in the CSV, and shown nowhere else.
    """
    style = template("base.css") + template("looks.css")
    scripts = [template(name) for name in SCRIPTS]
    allowed = policy([style], scripts, pictures=True)
    return document("looks.html", style, scripts, allowed, page=page, data=as_data(_data(page)))


def in_page_order(page: LookPage) -> list[Look]:
    """Batch after batch of the design's order, each shuffled: nobody can tell early examples from late ones."""
    return sorted(page.looks, key=lambda look: (look.position // page.batch, _shuffled(page, look.position)))


def _shuffled(page: LookPage, position: int) -> str:
    return sha256(f"{page.design} {page.page} {position}".encode()).hexdigest()


def _data(page: LookPage) -> dict[str, Any]:
    return {
        "design": page.design,
        "page": page.page,
        "fileName": page.file_name,
        "columns": COLUMNS,
        "cannotTell": CANNOT_TELL,
        "none": NONE,
        "several": SEVERAL,
        "classes": [_class(k, page.class_names) for k in range(len(page.class_names))],
        "items": [_item(look, page.batch) for look in in_page_order(page)],
    }


def _class(k: int, names: tuple[str, ...]) -> dict[str, str]:
    return {"name": visible(names[k]), "shown": printable(names[k]), "label": spell(Answer((k,)), names)}


def _item(look: Look, batch: int) -> dict[str, Any]:
    item = look.item
    return {
        "number": item.number,
        "path": visible(item.path),
        "digest": item.digest,
        "probability": look.probability,
        "batch": look.position // batch,
        "picture": picture_source(item),
        "fields": item.fields and [(printable(name), _lines(text)) for name, text in item.fields],
    }


def _lines(text: str) -> str:
    """A cell with its line breaks; what else could steer the page is written out."""
    return "\n".join(printable(line) for line in text.splitlines())
