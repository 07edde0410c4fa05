"""Print docs/rooms.svg, the rooms of the package by floor: `make docs` draws it anew, and a test compares."""

import sys
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.test_architecture import FLOORS

WIDTH, STEP, BOX, HEIGHT, LEFT = 480, 40, (97, 28), 14, 76  # pixels; LEFT is where the boxes begin
SHADE, EDGE, INK, GREY = "#dbe7f3", "#5b84ad", "#14283c", "#808b96"  # to be read on white and on black


def picture(floors: Mapping[int, Sequence[str]]) -> str:
    """The drawing; the highest floor is at the top."""
    tall = STEP * len(floors) + HEIGHT
    rows = [row(HEIGHT + STEP * i, floor, floors[floor]) for i, floor in enumerate(sorted(floors, reverse=True))]
    return "\n".join([head(tall), *rows, arrow(tall), "</svg>"]) + "\n"


def head(tall: int) -> str:
    """What begins a drawing."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {tall}" width="{WIDTH}" height="{tall}"'
        ' font-family="sans-serif" font-size="13" role="img" aria-label="The rooms of lsbench by floor">'
    )


def row(y: int, floor: int, rooms: Sequence[str]) -> str:
    """A floor's number and its rooms."""
    boxes = [box(LEFT + (BOX[0] + 4) * i, y, room) for i, room in enumerate(rooms)]
    return "\n".join([f'<text x="{LEFT - 12}" y="{y + 19}" text-anchor="end" fill="{GREY}">{floor}</text>', *boxes])


def box(x: int, y: int, room: str) -> str:
    """One room."""
    wide, tall = BOX
    return (
        f'<rect x="{x}" y="{y}" width="{wide}" height="{tall}" rx="4" fill="{SHADE}" stroke="{EDGE}"/>'
        f'<text x="{x + wide // 2}" y="{y + 19}" text-anchor="middle" fill="{INK}">{escape(room)}</text>'
    )


def arrow(tall: int) -> str:
    """Which way imports point."""
    x, end = 14, tall - 20
    return (
        f'<path d="M {x} {HEIGHT} V {end} M {x - 5} {end - 8} L {x} {end} L {x + 5} {end - 8}" fill="none"'
        f' stroke="{GREY}" stroke-width="1.5"/>'
        f'<text x="{x + 8}" y="{tall // 2}" fill="{GREY}" transform="rotate(90 {x + 8} {tall // 2})">imports</text>'
    )


if __name__ == "__main__":
    print(picture(FLOORS), end="")
