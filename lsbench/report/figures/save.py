"""Figures as files and as text; the same figure gives the same bytes."""

import re
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from lsbench.errors import InputError
from lsbench.names.encoding import to_bytes
from lsbench.report.figures.style import house_style

DPI = 200
METADATA: dict[str, dict[str, Any]] = {  # nothing in a file tells when, or by which version, it was drawn
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def save(figure: Figure, path: Path) -> Path:
    """Write a .png (200 dpi), .svg or .pdf; `InputError` for anything else."""
    if path.suffix not in METADATA:
        raise InputError(f"a figure is saved as {', '.join(METADATA)}, got {path.name!r}")
    path.write_bytes(_bytes(figure, path.suffix))
    return path


def to_svg(figure: Figure) -> str:
    """An <svg> element for a page that may hold others: no id of it is another figure's."""
    text = _bytes(figure, ".svg").decode()
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", text[text.index("<svg") :], flags=re.DOTALL)
    return re.sub(r"<[^>]*>", _own_ids(svg, _salt(figure)), svg).strip()


def _bytes(figure: Figure, suffix: str) -> bytes:
    content = BytesIO()
    with house_style():
        matplotlib.rcParams["svg.hashsalt"] = _salt(figure)
        figure.savefig(content, format=suffix[1:], dpi=DPI, metadata=METADATA[suffix])
    return content.getvalue()


def _salt(figure: Figure) -> str:
    """Of a figure's label, which `draw` sets to its picture's name."""
    return "f" + sha256(to_bytes(str(figure.get_label()))).hexdigest()[:8]


def _own_ids(svg: str, prefix: str):
    """A replacement of one tag: ids that something refers to get the prefix, all others go."""
    used = {a or b for a, b in re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', svg)}

    def replace(tag: re.Match) -> str:
        text = re.sub(r' id="([^"]*)"', lambda m: f' id="{prefix}-{m[1]}"' if m[1] in used else "", tag[0])
        return re.sub(r'(url\(#|href="#)', rf"\g<1>{prefix}-", text)

    return replace
