"""What may be said of one setting's arms by one number: what verdicts, tables and pictures all show."""

from collections.abc import Hashable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from lsbench.analysis.summary.arms import BASELINE, ArmResults
from lsbench.analysis.summary.screened import chosen_from
from lsbench.names.catalogue import METRICS
from lsbench.statistics import Choice, choose


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
    )
