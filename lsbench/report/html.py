"""What the HTML pages share: templates, escaping, and a policy that lets nothing act but their own style and script."""

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from lsbench.report.text import printable


def template(name: str) -> str:
    """The text of a file in the folder of the templates."""
    return files("lsbench.report").joinpath("templates", name).read_text(encoding="utf-8")


def environment(filters: Mapping[str, Callable[..., Any]] | None = None) -> Environment:
    """Templates whose values are escaped; control characters and bidi overrides in them are shown, not obeyed."""
    made = Environment(
        loader=FunctionLoader(template),  # of what a template includes: the head of all pages
        autoescape=True,
        finalize=_written_out,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= dict(filters or {})
    return made


def document(
    name: str,
    style: str,
    scripts: Iterable[str],
    allowed: str,
    filters: Mapping[str, Callable[..., Any]] | None = None,
    **parts: Any,
) -> str:
    """A template as one HTML document that holds its style and scripts; `allowed`: of `policy`, `parts`: its values."""
    held = {"policy": allowed, "style": Markup(style), "scripts": [Markup(script) for script in scripts]}
    return environment(filters).from_string(template(name)).render(**held, **parts)


def policy(
    styles: Iterable[str], scripts: Iterable[str], *, style_attributes: bool = False, pictures: bool = False
) -> str:
    """The content security policy: these styles and scripts, pictures that are in the page, and nothing else."""
    attributes = "'unsafe-inline'" if style_attributes else "'none'"
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(map(_hash, scripts))}",
            f"style-src {' '.join(map(_hash, styles))}",
            f"style-src-attr {attributes}",
            *(["img-src data:"] if pictures else []),
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _written_out(value: object) -> object:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value
