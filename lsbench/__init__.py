"""Compare training losses, and how much label smoothing, when some labels are wrong.

`lsbench.compare` does all of it from Python; `lsbench.losses`, `kernels`, `metrics`, `noise` and `statistics` can be
used alone. What the other folders hold, the first lines of their `__init__.py` say.
"""

from typing import TYPE_CHECKING, Any

from lsbench.version import __version__

if TYPE_CHECKING:
    from lsbench.api import compare

__all__ = ["__version__", "compare"]


def __getattr__(name: str) -> Any:
    """`compare`, at its first use: it needs torch and pandas, which the command line's help does without."""
    if name == "compare":
        from lsbench.api import compare

        return compare
    raise AttributeError(f"module 'lsbench' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
