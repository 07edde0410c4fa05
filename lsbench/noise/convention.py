"""How the conventions of symmetric noise convert into each other. No torch here: reports read it."""

from lsbench.names.catalogue import NOISES
from lsbench.noise.files import base_kind


def symmetric_rate(kind: str, rate: float, num_classes: int) -> float | None:
    """The expected share of labels made wrong, for the conventions that make every wrong class equally likely.

    Of a kind that draws from the other classes, such as symmetric: r (symmetric-count rounds down to whole labels of
    each class). Of one that draws from all classes, the label's own included, such as uniform: r (K - 1) / K.
    None for every other kind.
    """
    entry = NOISES.get(base_kind(kind))
    shares = {"others": 1.0, "all": (num_classes - 1) / num_classes}
    return rate * shares[entry.symmetric] if entry and entry.symmetric else None
