"""How data without a test set are divided, as options of their name: `:test=0.2:split=1:alike=ignored`. No numpy."""

from collections.abc import Mapping
from typing import NamedTuple

from lsbench.errors import InputError, require_choice, require_number, require_whole
from lsbench.names.reference import Value

SHARE, SPLIT = NAMES = ("test", "split")
ALIKE = "alike"
WITH_ALIKE = (*NAMES, ALIKE)
TOGETHER, IGNORED = "together", "ignored"  # what near-duplicates are


class Division(NamedTuple):
    """Which share of each class is for testing, and which choice of it."""

    share: float = 0.2
    split: int = 0


def division_options(options: Mapping[str, Value]) -> Division | None:
    """What `test` and `split` say, None where neither is given; `InputError` for what is no share and no number."""
    given = {name: options[name] for name in (SHARE, SPLIT) if name in options}
    if SHARE in given:
        require_number(SHARE, given[SHARE], 0.001, 0.9)  # pyright: ignore[reportArgumentType] - that is the check
    if SPLIT in given:
        require_whole(SPLIT, given[SPLIT], 0, 2**32 - 1)  # pyright: ignore[reportArgumentType]
    usual = Division()
    return Division(given.get(SHARE, usual.share), given.get(SPLIT, usual.split)) if given else None  # pyright: ignore[reportArgumentType]


def keeps_alike(options: Mapping[str, Value], default: bool) -> bool:
    """Whether near-duplicates stay on one side and in one fold, by the option `alike`."""
    if ALIKE not in options:
        return default
    require_choice(ALIKE, str(options[ALIKE]), (TOGETHER, IGNORED))
    return options[ALIKE] == TOGETHER


def require_undivided(what: str, options: Mapping[str, Value]) -> None:
    """Raise an `InputError` where options say how to divide data that have a test set."""
    if given := [name for name in WITH_ALIKE if name in options]:
        raise InputError(
            f"{what} has its own test set; leave out the option{'s' * (len(given) > 1)} {', '.join(given)}"
        )


def alike_remedy(options: Mapping[str, Value]) -> str:
    """What helps a folder whose near-duplicates are on both sides; "" where that was asked for, or declined."""
    return (
        ""
        if ALIKE in options
        else "; where a folder has no test set of its own, :alike=together keeps them on one side"
    )
