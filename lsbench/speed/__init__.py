"""What a loss costs: time, memory, accuracy, distance to the hardware's limit.

The table of it is in `report`, and the losses are in `losses` and `kernels`. Importing this room needs no torch.
"""

from lsbench.speed.options import DTYPES, FORMS, SHAPES, SpeedOptions
from lsbench.speed.process import MeasuringError, measure_apart
from lsbench.speed.result import FormCost, ShapeCosts, SpeedStudy

__all__ = [
    "DTYPES",
    "FORMS",
    "SHAPES",
    "FormCost",
    "MeasuringError",
    "ShapeCosts",
    "SpeedOptions",
    "SpeedStudy",
    "measure_apart",
]
