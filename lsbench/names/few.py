"""The first of several texts, and how many more there are."""

from collections.abc import Iterable


def few(texts: Iterable[str], most: int) -> str:
    """At most so many, and the number of the others.

    Example:
        >>> few(["ce", "lsr", "gce", "mae"], 2), few(["ce", "lsr"], 2)
        ('ce, lsr and 2 more', 'ce, lsr')
    """
    listed = list(texts)
    return ", ".join(listed[:most]) + f" and {len(listed) - most:,} more" * (len(listed) > most)
