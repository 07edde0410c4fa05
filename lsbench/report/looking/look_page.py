"""The page on which a person gives labels: one example after the other, without given labels and predictions."""

from base64 import b64encode
from dataclasses import dataclass

from markupsafe import Markup

from lsbench.data.items import Item
from lsbench.report.html import environment, policy, template


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
    batch: int = 25  # examples; an answer counts once all before its batch, and of it, are given
    earlier: int = 0  # examples of this design that were answered elsewhere
    commands: tuple[str, ...] = ()  # to be run with the answers
    file_name: str = "verified.csv"  # of the answers
    made: str = ""  # by which version, when


def verify_page(page: LookPage) -> str:
    """The page as one HTML document, the same text for the same page."""
    style = template("base.css")
    text = "<!doctype html><html lang=en><head><meta charset=utf-8><meta http-equiv=Content-Security-Policy content='{{ policy }}'><title>{{ page.title }}</title><style>{{ style }}</style></head><body><h1>{{ page.title }}</h1>{% for look in page.looks %}<p>{% if look.item.picture %}<img alt='' src='{{ src(look.item) }}'>{% endif %}{% for name, text in look.item.fields or () %}{{ name }}: {{ text }}; {% endfor %}</p>{% endfor %}</body></html>"  # noqa: E501
    return (
        environment()
        .from_string(text)
        .render(page=page, style=Markup(style), policy=policy([style], [], pictures=True), src=_source)
    )


def _source(item: Item) -> str:
    return f"data:{item.media};base64,{b64encode(item.picture or b'').decode()}"
