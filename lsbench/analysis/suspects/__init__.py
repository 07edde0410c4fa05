"""Given labels ranked by how suspicious they are, from predictions by networks that have not seen the example.

Suspicious is not wrong: how many of a list are wrong is known from examples that people looked at, and from nothing
else. Arms are chosen by how well they predict held-out given labels; the test set chooses nothing.
"""

from lsbench.analysis.suspects.of_rows import Suspects, suspects_of
from lsbench.analysis.suspects.planted import PlantedRecall
from lsbench.analysis.suspects.ranking import TEST, TRAIN

__all__ = ["TEST", "TRAIN", "PlantedRecall", "Suspects", "suspects_of"]
