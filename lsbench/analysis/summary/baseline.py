"""What may be said of one setting's arms by one number: what verdicts, tables and pictures all show."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import combinations
from math import isclose
from types import MappingProxyType

import numpy as np

from lsbench.analysis.summary.arms import BASELINE, ArmResults, gaps
from lsbench.analysis.summary.chance import excess_of
from lsbench.analysis.summary.screened import chosen_from
from lsbench.names.catalogue import METRICS
from lsbench.statistics import Choice, choose

NLL = "nll"  # it changes with every prediction


def choice_of(
    arms: Sequence[ArmResults],
    name: str,
    better: str = "",
    tolerance: float = 0.0,
    examples: Mapping[Hashable, Mapping[int, np.ndarray]] = MappingProxyType({}),
) -> Choice | None:
    """What may be said of one setting's arms by one number, against ce and among each other.

    Args:
        arms: One per function, see `fold`. Those that lost seeds are not compared, and count in each family. So do
            those that these were chosen from, where the choice saw the same seeds: see `chosen_from`.
        name: The number, as `value_of` takes it.
        better: "higher", "lower" or "zero"; "" takes it from the metric.
        tolerance: A difference that does not matter.
        examples: By arm and seed, the number of each test example; without them the claims are about this test set.

    Returns:
        The claims; None where no two arms share a seed.
    """
    return choose(
        {arm.key: arm.compared(name) for arm in arms},
        better=better or METRICS[name.rpartition(".")[2]].better,
        baseline=next((arm.key for arm in arms if arm.key.loss == BASELINE), None),
        tolerance=tolerance,
        lost=[arm.key for arm in arms if not arm.comparable],
        examples=examples,
        chosen_from=chosen_from(arms),
        ties=tuple(_ties(arms, name)),
        excess={arm.key: excess for arm in arms if (excess := excess_of(arm, name))},
    )


def _ties(arms: Sequence[ArmResults], name: str) -> Iterator[tuple[Hashable, Hashable]]:
    """Pairs with equal numbers at every seed whose runs differ, by their NLL: of 30 test examples that is frequent."""
    compared = [arm for arm in arms if arm.compared(name) and arm.compared(NLL)]
    for one, other in combinations(compared, 2):
        seed, number = next(iter(one.compared(name).items()))
        is_near = isclose(number, other.compared(name).get(seed, number), rel_tol=1e-5)  # most are not: soon told
        if is_near and not gaps(one, other, name).any() and gaps(one, other, NLL).any():
            yield one.key, other.key
