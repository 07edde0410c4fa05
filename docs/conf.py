"""How Sphinx builds these pages: `make docs`, offline; a link that leads nowhere is an error."""

project = "lsbench"
author = "The lsbench authors"
extensions = ["myst_parser"]
myst_heading_anchors = 3  # #headings can be linked to
html_theme = "furo"
html_title = "lsbench"
html_copy_source = False
html_show_sphinx = False
nitpicky = True
exclude_patterns = ["*.py"]
