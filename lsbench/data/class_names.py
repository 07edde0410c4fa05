"""Names of classes that tell of labels written in two ways, or of labels that are missing. No numpy."""

from collections import defaultdict
from collections.abc import Sequence

FEW = 3  # that are named
MISSING = {"", "#n/a", "<na>", "?", "n/a", "na", "nan", "null"}  # what programs write for a value that is not there


def class_name_doubts(names: Sequence[str]) -> tuple[str, ...]:
    """A sentence on names that are one but for capitals and spaces, and one on names that say that there is no label.

    Example:
        >>> class_name_doubts(["Cat", "cat", "dog"])
        ("classes 'Cat' and 'cat' differ by capitals or spaces alone; if they are one, write them alike",)
        >>> class_name_doubts(["cat", "nan", "dog"])
        ("class 'nan' may stand for a missing label; if it does, leave these examples out",)
    """
    return tuple(text for text in (_alike(names), _missing(names)) if text)


def _alike(names: Sequence[str]) -> str:
    written = defaultdict[str, list[str]](list)
    for name in names:
        written[" ".join(name.casefold().split())].append(name)
    several = [some for some in written.values() if len(some) > 1]
    if not several:
        return ""
    pairs = ", ".join(" and ".join(map(repr, some)) for some in several[:FEW])
    more = f" and {len(several) - FEW:,} more" if len(several) > FEW else ""
    return f"classes {pairs}{more} differ by capitals or spaces alone; if they are one, write them alike"


def _missing(names: Sequence[str]) -> str:
    missing = [name for name in names if name.strip().casefold() in MISSING]
    if not missing:
        return ""
    names_of = ", ".join(map(repr, missing))
    if len(missing) == 1:
        return f"class {names_of} may stand for a missing label; if it does, leave these examples out"
    return f"classes {names_of} may stand for missing labels; if they do, leave these examples out"
