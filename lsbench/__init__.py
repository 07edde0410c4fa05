"""Compare training losses, and how much label smoothing, when some labels are wrong."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__version__ = "0.3.0.dev0"
__all__ = ["__version__", "compare"]


def compare(**options: Any) -> "pd.DataFrame":
    """Train a model on data under several losses; a line per loss. See `lsbench.comparison.compare` for the options."""
    from lsbench.comparison import compare as run  # torch and pandas, which the command line's help does without

    return run(**options)
