"""The best arms of a cheap study, by its held-out examples, for a costlier one: what is chosen, and what goes on.

Nothing here trains; what the claims about the costlier study count for the choice is in `summary.screened`.
"""

from lsbench.analysis.screening.carried import carried_options, new_seeds
from lsbench.analysis.screening.choosing import Chosen, choose_arms
from lsbench.analysis.screening.grid import chosen_grid
from lsbench.analysis.screening.place import DEFAULT_TOP, rows_of_one_place

__all__ = ["DEFAULT_TOP", "Chosen", "carried_options", "choose_arms", "chosen_grid", "new_seeds", "rows_of_one_place"]
