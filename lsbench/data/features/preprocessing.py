"""What is done to an image before a network sees it: resized, cut to its middle, normalised. No torch."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from PIL import Image

from lsbench.errors import InputError, require_choice, require_number, require_whole, shown

COLOURS = 3
LARGEST = 4096  # pixels a side
INTERPOLATIONS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
OPTIONS = ("size", "resize", "interpolation", "mean", "sd")
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Preprocessing:
    """As torchvision's `ImageClassification` does it, on an image of any size.

    The shorter side is scaled to `resize` with antialiasing, the middle `size` x `size` is cut out, pixels are
    taken as 0..1, and mean and sd of each colour make (pixel - mean) / sd of them.
    """

    size: int  # pixels a side that the network sees
    resize: int  # pixels of the shorter side before the middle is cut out
    interpolation: str  # one of `INTERPOLATIONS`
    mean: Triple  # of red, green and blue, pixels being 0..1
    sd: Triple

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a file and for a hash."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}


def preprocessing(what: str, values: Mapping[str, Any]) -> Preprocessing:
    """Of values that a network or a name gives: all of `OPTIONS` but resize and interpolation are needed.

    resize is the size where it is not given: nothing but what makes an image square is cut off. mean and sd are a
    number, three of them, or text with three, joined by +. `InputError` says what is missing or can't be.
    """
    if missing := [name for name in ("size", "mean", "sd") if values.get(name) is None]:
        raise InputError(
            f"the network {what} doesn't say its {' and '.join(missing)}; give the module the attributes size (pixels"
            f" a side), mean and sd (of pixels in 0..1), or the name options, such as {what}:size=224:mean=0.5:sd=0.5"
        )
    size = _side(f"size of {what}", values["size"])
    resize = _side(f"resize of {what}", size if values.get("resize") is None else values["resize"])
    interpolation = values.get("interpolation") or "bilinear"
    require_choice(f"interpolation of {what}", interpolation, tuple(INTERPOLATIONS))
    if resize < size:
        raise InputError(f"resize of {what} must be at least its size, {size}; got {resize}")
    mean, sd = (_triple(f"{name} of {what}", values[name]) for name in ("mean", "sd"))
    _require_range(what, mean, sd)
    return Preprocessing(size, resize, interpolation, mean, sd)


def resized(height: int, width: int, shorter: int) -> tuple[int, int]:
    """(height, width) with that shorter side, as torchvision's `Resize` rounds it."""
    if width <= height:
        return int(shorter * height / width), shorter
    return shorter, int(shorter * width / height)


def fit_image(image: Image.Image, how: Preprocessing) -> np.ndarray:
    """An RGB image as bytes (size, size, 3)."""
    return np.asarray(_fit(image, how))


def fit_array(pixels: np.ndarray, how: Preprocessing) -> np.ndarray:
    """Pixels (1 or 3, height, width), bytes or floats, as (size, size, 3) of the same kind; grey is repeated."""
    if pixels.dtype == np.uint8:
        image = pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0)
        return fit_image(Image.fromarray(np.ascontiguousarray(image)).convert("RGB"), how)
    fitted = [np.asarray(_fit(Image.fromarray(np.ascontiguousarray(c, np.float32)), how)) for c in pixels]
    return np.stack(fitted * (COLOURS if len(fitted) == 1 else 1), axis=-1)


def _fit(image: Image.Image, how: Preprocessing) -> Image.Image:
    height, width = resized(image.height, image.width, how.resize)
    if (width, height) != image.size:
        image = image.resize((width, height), INTERPOLATIONS[how.interpolation])
    top, left = round((height - how.size) / 2), round((width - how.size) / 2)
    return image.crop((left, top, left + how.size, top + how.size))


def _side(name: str, value: Any) -> int:
    pixels = value[0] if _is_list(value) and len({*value}) == 1 else value
    require_whole(name, pixels, 1, LARGEST)
    return int(pixels)


def _triple(name: str, value: Any) -> Triple:
    """Three numbers, of one or of three."""
    parts = value.split("+") if isinstance(value, str) else list(value) if _is_list(value) else [value]
    try:
        numbers = [float(part) for part in parts]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) not in (1, COLOURS):
        raise InputError(f"{name} must be a number or three, such as 0.485+0.456+0.406; got {shown(value)}")
    for number in numbers:
        require_number(name, number)
    red, green, blue = numbers * (COLOURS // len(numbers))
    return red, green, blue


def _require_range(what: str, mean: Triple, sd: Triple) -> None:
    if not all(0 <= number <= 1 for number in mean):
        raise InputError(
            f"mean of {what} must be in [0, 1], as pixels are; got {_text(mean)}: of pixels in 0..255 divide by 255"
        )
    if not all(0 < number <= 1 for number in sd):
        raise InputError(
            f"sd of {what} must be above 0 and at most 1, as pixels are in 0..1; got {_text(sd)}:"
            " of pixels in 0..255 divide by 255"
        )


def _text(numbers: Triple) -> str:
    return "+".join(f"{number:g}" for number in numbers)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple) or (hasattr(value, "tolist") and bool(getattr(value, "shape", ())))
