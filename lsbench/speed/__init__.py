"""What a loss costs: time, memory, accuracy, distance to the hardware's limit.

The table of it is in `report`, and the losses are in `losses` and `kernels`. Importing this room needs no torch.
"""

from lsbench.speed.asked import DTYPES, FORMS, SHAPES, Asked
from lsbench.speed.process import MeasuringError, measure_apart
from lsbench.speed.result import Cost, ShapeCosts, Study

__all__ = ["DTYPES", "FORMS", "SHAPES", "Asked", "Cost", "MeasuringError", "ShapeCosts", "Study", "measure_apart"]
