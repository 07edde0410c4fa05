"""How an augmentation is written, `crop-4,flip`, and what it means. No torch here: `plan` checks it."""

from functools import lru_cache
from typing import NamedTuple

from lsbench.errors import InputError, require_number, require_whole
from lsbench.names.registry import lookup


class Number(NamedTuple):
    """One number after a step's name, and what it may be."""

    meaning: str
    low: float
    high: float
    default: float | None = None
    whole: bool = True
    pixels: bool = False  # of the image, whose side it must stay below


STEPS: dict[str, tuple[Number, ...]] = {
    "crop": (Number("pixels of zero padding", 1, 512, pixels=True),),
    "flip": (),
    "translate": (Number("largest shift as a share of the side", 1e-6, 1, whole=False),),
    "cutout": (Number("side of the square in pixels", 1, 4096, pixels=True),),
    "randaugment": (Number("operations", 1, 20, 2), Number("magnitude", 0, 30, 9)),
}
EXAMPLE = "write for example crop-4,flip"


class Step(NamedTuple):
    """One step of an augmentation; written as its name and numbers, joined by hyphens."""

    name: str
    numbers: tuple[float, ...] = ()

    def __str__(self) -> str:
        """One way of writing it, defaults included."""
        return "-".join([self.name, *(f"{number:g}" for number in self.numbers)])


@lru_cache(maxsize=256)
def parse_augmentation(text: str) -> tuple[Step, ...]:
    """The steps of `crop-4,flip`, in order, each with all of its numbers; () for the empty text.

    crop-P: a random crop of the image with P zeros around it; flip: left and right change places, half the time;
    translate-F: shifted by up to the fraction F of each side; cutout-S: a square of side S is erased (DeVries and
    Taylor, 2017); randaugment-N-M: N random operations of magnitude M (Cubuk et al., 2020).

    `InputError`: an unknown step, one that comes twice, too many or too few numbers, or one out of range.
    """
    if not text.strip():
        return ()
    steps = tuple(_step(part.strip()) for part in text.split(","))
    names = [step.name for step in steps]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InputError(f"augmentation {text!r}: {twice!r} is given twice; give each step once")
    return steps


def written(text: str) -> str:
    """The same augmentation in one form, no spaces, defaults written out, so that a cell has one id."""
    return ",".join(map(str, parse_augmentation(text)))


def _step(part: str) -> Step:
    name, *given = part.split("-")
    if not name:
        raise InputError(f"augmentation: an empty step; {EXAMPLE}")
    expected = lookup(STEPS, "augmentation", name)
    if len(given) > len(expected):
        raise InputError(f"augmentation {part!r}: {name!r} takes {len(expected)} numbers, got {len(given)}; {EXAMPLE}")
    padded = [*given, *[None] * (len(expected) - len(given))]
    return Step(name, tuple(_number(part, text, number) for text, number in zip(padded, expected, strict=True)))


def _number(part: str, text: str | None, number: Number) -> float:
    if text is None:
        if number.default is None:
            raise InputError(f"augmentation {part!r} needs a number, its {number.meaning}; {EXAMPLE}")
        return number.default
    try:
        value = int(text) if number.whole else float(text)
    except ValueError:
        kind = "a whole number" if number.whole else "a number"
        raise InputError(f"augmentation {part!r}: {number.meaning} must be {kind}, got {text!r}") from None
    check = require_whole if number.whole else require_number
    check(f"augmentation {part!r}: {number.meaning}", value, number.low, number.high)  # pyright: ignore[reportArgumentType]
    return value
