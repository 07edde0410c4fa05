"""What is asked for, as frozen values: a recipe, an arm, a cell and its id, a grid, how its arms were chosen, a place.

Nothing here trains or reads a file: `planning` makes cells of a grid, `training` makes rows of cells.
"""

from lsbench.spec.arm import Arm, Hyper, is_oracle
from lsbench.spec.cell import CLASS_WEIGHTS, GROUPS, LARGEST, LATER, NO_NOISE, PROTOCOL, TEST_NOISE, Cell, Fit
from lsbench.spec.grid import SAME, Grid
from lsbench.spec.place import DEVICES, Doubt, Place
from lsbench.spec.recipe import (
    RECIPE_SETTINGS,
    SCHEDULES,
    WITHOUT_MOMENTUM,
    Recipe,
    Setting,
    leaves_one,
    require_pairs,
)
from lsbench.spec.screening import Screening

__all__ = [
    "CLASS_WEIGHTS",
    "DEVICES",
    "GROUPS",
    "LARGEST",
    "LATER",
    "NO_NOISE",
    "PROTOCOL",
    "RECIPE_SETTINGS",
    "SAME",
    "SCHEDULES",
    "TEST_NOISE",
    "WITHOUT_MOMENTUM",
    "Arm",
    "Cell",
    "Doubt",
    "Fit",
    "Grid",
    "Hyper",
    "Place",
    "Recipe",
    "Screening",
    "Setting",
    "is_oracle",
    "leaves_one",
    "require_pairs",
]
