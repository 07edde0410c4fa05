"""One example as a person sees it."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

PNG, JPEG = "image/png", "image/jpeg"
SUFFIXES = {PNG: ".png", JPEG: ".jpg", "": ""}


class Shown(NamedTuple):
    """What is to be seen of an example: a picture, or fields."""

    picture: bytes | None = None
    media: str = ""
    fields: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True)
class Item:
    """One example, without its label; but a path may say it, such as `cat/1.jpg`: it is not for those who look."""

    number: int  # its place in the part
    path: str  # below the folder; `iris.csv:8` of a table; "" where the examples have no names
    digest: str  # sha256, 64 hex digits
    picture: bytes | None  # PNG or JPEG, without metadata; None of vectors and of a table's rows
    media: str  # "image/png" or "image/jpeg", "" without a picture
    fields: tuple[tuple[str, str], ...] | None  # (column, text) of a row; None of images

    @property
    def suffix(self) -> str:
        """Of a file that holds the picture."""
        return SUFFIXES[self.media]


class Source(Protocol):
    """The examples of one part of a data set."""

    @property
    def paths(self) -> tuple[str, ...]:
        """What each is called; "" where they have no names."""
        ...

    def digest(self, number: int) -> str:
        """The sha256 of one, as it is stored."""
        ...

    def show(self, number: int, side: int) -> Shown:
        """What is to be seen of one, of at most that many pixels a side."""
        ...
