"""Pictures and data inside a page."""

import json
from base64 import b64encode
from typing import Any

from markupsafe import Markup

from lsbench.data.items import Item


def picture_source(item: Item) -> str:
    """The picture as an address that needs no network; "" where there is none."""
    return f"data:{item.media};base64,{b64encode(item.picture).decode()}" if item.picture else ""


def as_data(value: Any) -> Markup:
    """JSON inside a `script` element: no text in it can end the element, or begin another one."""
    text = json.dumps(value, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))
