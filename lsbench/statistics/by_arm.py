"""Numbers by arm and seed, as people have them: dicts, lists in the order of the seeds, the columns of a table."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Protocol

from lsbench.statistics.checks import require_many, require_named


class ByArm(Protocol):
    """A dict, or a DataFrame: see `by_arm`."""

    def items(self) -> Iterable[tuple[Any, Any]]:
        """Pairs of an arm and its numbers."""
        ...


def by_arm(values: ByArm) -> dict[Hashable, Mapping[Any, Any]]:
    """Arm -> seed -> number.

    Args:
        values: a dict, or a DataFrame with a column per arm. The numbers of an arm are a dict or a Series by seed; in a
            list, a tuple or an array the first is that of seed 0, and so on.

    Returns:
        The same numbers, unchecked.

    Raises:
        DtypeError: anything else.

    Example:
        >>> by_arm({"ce": [0.1, 0.2], "lsr": {7: 0.3}})
        {'ce': {0: 0.1, 1: 0.2}, 'lsr': {7: 0.3}}
    """
    require_named("values", values, "arm -> seed -> number")
    return {arm: _by_seed(arm, numbers) for arm, numbers in values.items()}


def _by_seed(arm: Hashable, numbers: Any) -> Mapping[Any, Any]:
    if isinstance(numbers, Mapping):
        return numbers
    if hasattr(numbers, "items"):  # a Series; `get` of it is slow, and it has no `values()`
        return dict(numbers.items())
    require_many(f"the numbers of {arm}", numbers)
    return dict(enumerate(numbers))
