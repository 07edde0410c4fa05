"""How data without a test set are divided, as options of their name: `:test=0.2:split=1`. No numpy here."""

from collections.abc import Mapping
from typing import NamedTuple

from lsbench.errors import require_number, require_whole
from lsbench.names.reference import Value

NAMES = ("test", "split")


class Division(NamedTuple):
    """Which share of each class is for testing, and which choice of it."""

    share: float = 0.2
    split: int = 0


def division_options(options: Mapping[str, Value]) -> Division | None:
    """What `test` and `split` say, None where neither is given; `InputError` for what is no share and no number."""
    given = {name: options[name] for name in NAMES if name in options}
    if "test" in given:
        require_number("test", given["test"], 0.001, 0.9)  # pyright: ignore[reportArgumentType] - that is the check
    if "split" in given:
        require_whole("split", given["split"], 0, 2**32 - 1)  # pyright: ignore[reportArgumentType]
    usual = Division()
    return Division(given.get("test", usual.share), given.get("split", usual.split)) if given else None  # pyright: ignore[reportArgumentType]
