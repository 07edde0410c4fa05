"""A trained network as files that others can use: weights, temperature, class names, and a loader.

The loader needs torch alone. Nothing is trained here: the weights are those that were kept beside a row.
"""

from lsbench.training.exported.read import Exported, read_exported
from lsbench.training.exported.write import write_exported

__all__ = ["Exported", "read_exported", "write_exported"]
