"""How Sphinx builds these pages: `make docs`, offline; a link that leads nowhere is an error."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the package beside these pages, installed or not

project = "lsbench"
author = "The lsbench authors"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 3  # #headings can be linked to
html_theme = "furo"
html_title = "lsbench"
html_copy_source = False
html_show_sphinx = False
nitpicky = True
nitpick_ignore_regex = [("py:.*", ".*")]  # the types of other libraries, whose pages are not asked for
exclude_patterns = ["*.py"]
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_use_rtype = False

MARKUP = re.compile(r"(`[^`]*`)|([*|\\]|(?<=\w)_(?!\w))")


def as_literal_text(_app, _what, _name, _object, _options, lines):
    """Docstrings are plain text: `code` stays code, and what reStructuredText would take for markup is escaped."""
    lines[:] = [line if line.lstrip().startswith((">>>", "...")) else MARKUP.sub(_escaped, line) for line in lines]


def _escaped(match):
    code, sign = match.groups()
    return f"`{code}`" if code else f"\\{sign}"


def setup(app):
    """Before napoleon, which writes markup of its own."""
    app.connect("autodoc-process-docstring", as_literal_text, priority=400)
