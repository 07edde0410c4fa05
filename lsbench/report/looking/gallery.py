"""A gallery of suspicious labels, grouped by what is given and what predictions suggest; for reading."""

from base64 import b64encode
from dataclasses import dataclass

from markupsafe import Markup

from lsbench.data.items import Item
from lsbench.report.html import environment, policy, template


@dataclass(frozen=True)
class Suspect:
    """An example whose given label is suspicious."""

    item: Item
    part: str
    given: str  # names of classes
    suggested: str
    rank: int  # 1: the most suspicious of all
    details: tuple[tuple[str, str], ...] = ()  # (name, value), shown below the picture


@dataclass(frozen=True)
class Twin:
    """One of several examples that are near-duplicates of each other."""

    item: Item
    part: str
    given: str


@dataclass(frozen=True)
class GalleryPage:
    """Suspicious labels, and near-duplicates with different labels."""

    title: str
    paragraphs: tuple[str, ...]
    suspects: tuple[Suspect, ...]  # in any order
    twins: tuple[tuple[Twin, ...], ...] = ()
    notes: tuple[str, ...] = ()  # what the names of the details mean
    commands: tuple[str, ...] = ()
    made: str = ""  # by which version, when


def gallery_page(page: GalleryPage) -> str:
    """The page as one HTML document, the same text for the same page."""
    style = template("base.css")
    text = "<!doctype html><html lang=en><head><meta charset=utf-8><meta http-equiv=Content-Security-Policy content='{{ policy }}'><title>{{ page.title }}</title><style>{{ style }}</style></head><body><h1>{{ page.title }}</h1>{% for p in page.paragraphs %}<p>{{ p }}</p>{% endfor %}{% for suspect in page.suspects %}<p>{{ suspect.given }} → {{ suspect.suggested }} {% if suspect.item.picture %}<img alt='' src='{{ src(suspect.item) }}'>{% endif %}</p>{% endfor %}</body></html>"  # noqa: E501
    return (
        environment()
        .from_string(text)
        .render(page=page, style=Markup(style), policy=policy([style], [], pictures=True), src=_source)
    )


def _source(item: Item) -> str:
    return f"data:{item.media};base64,{b64encode(item.picture or b'').decode()}"
