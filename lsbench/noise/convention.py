"""How the conventions of symmetric noise convert into each other. No torch here: reports read it."""

from lsbench.noise.files import base_kind


def symmetric_rate(kind: str, rate: float, num_classes: int) -> float | None:
    """The expected share of labels made wrong, for the conventions that make every wrong class equally likely.

    symmetric, symmetric-count, coteaching-symmetric: r (symmetric-count rounds down to whole labels of each class).
    uniform, whose rate rho counts draws of the own class too: rho (K - 1) / K. None for every other kind.
    """
    own_class_too = (num_classes - 1) / num_classes
    shares = {"symmetric": 1.0, "symmetric-count": 1.0, "coteaching-symmetric": 1.0, "uniform": own_class_too}
    share = shares.get(base_kind(kind))
    return None if share is None else rate * share
