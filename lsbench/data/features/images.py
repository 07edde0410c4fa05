"""Images that a network is to see, wherever they come from."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Images(NamedTuple):
    """Images that can be asked for one by one, by several threads."""

    what: str  # for people: "./photos"
    digests: tuple[str, ...]  # of the content of each
    name: Callable[[int], str]  # what people call the image at a place
    load: Callable[[int], np.ndarray]  # (size, size, 3), bytes or floats in 0..1; raises one of `BROKEN`, or InputError
