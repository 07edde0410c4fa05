"""Label noise of a known convention: `flip_labels` makes labels wrong, `passport` says what came out."""

from lsbench.noise.flip import flip_labels
from lsbench.noise.passport import Passport, passport

__all__ = ["Passport", "flip_labels", "passport"]
