"""Which examples a person looks at, in which order, and with which chance: successive sampling without replacement."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError, require_whole
from lsbench.statistics.checks import finite

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Design:
    """An order in which examples are looked at: draw after draw, i with chance q_i / (sum of q over those that remain).

    The same as an order by keys E_i / q_i, E_i exponential: each example has one random number for good, so that to
    look at more is to read on. (Rosén, 1972)

    Args:
        sizes: q, (N,), above 0; only their ratios count.
        order: (N,), the numbers of the examples as they are looked at.
        seed: of the draw that made the order.

    Raises:
        InputError: sizes that are not above 0, or an order that is no permutation.
    """

    sizes: Numbers
    order: NDArray[np.int64]
    seed: int
    _cache: dict[int, Numbers] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        sizes, order = finite("sizes", self.sizes, 1), np.asarray(self.order)
        if not len(sizes) or not (sizes > 0).all():
            raise InputError(f"sizes must be above 0, got a smallest of {sizes.min() if len(sizes) else 'none at all'}")
        if order.shape != sizes.shape or not np.array_equal(np.sort(order), np.arange(len(sizes))):
            raise InputError(f"order must have each of 0 to {len(sizes) - 1} once, got {len(order)} numbers")
        object.__setattr__(self, "sizes", sizes / sizes.sum())
        object.__setattr__(self, "order", order.astype(np.int64))

    def probabilities(self, n: int) -> Numbers:
        """The chance of each example to be among the first n, (N,): 1 - exp(-q_i tau), tau such that they sum to n.

        Exact for equal sizes (n / N) and as N grows. (Rosén, 1972; 1997)
        """
        require_whole("n", n, 0, len(self.sizes))
        if n not in self._cache:
            self._cache[n] = _inclusion(self.sizes, n)
        return self._cache[n]

    def first(self, n: int) -> NDArray[np.int64]:
        """The numbers of the examples that are looked at first."""
        return self.order[:n]


def make_design(sizes: ArrayLike, seed: int) -> Design:
    """Draw the order in which examples are looked at.

    Args:
        sizes: (N,), above 0; see `sizes_of`.
        seed: of the draw.

    Returns:
        The design.

    Raises:
        InputError: as `Design`, or a seed that is no whole number from 0.

    Example:
        >>> design = make_design([1.0, 1.0, 2.0], seed=0)
        >>> design.probabilities(3).tolist()
        [1.0, 1.0, 1.0]
    """
    q = finite("sizes", sizes, 1)
    require_whole("seed", seed, 0, 2**63)
    with np.errstate(divide="ignore", invalid="ignore"):
        keys = np.random.default_rng(seed).exponential(size=len(q)) / q
    return Design(q, np.argsort(keys, kind="stable"), seed)


def _inclusion(sizes: Numbers, n: int) -> Numbers:
    """1 - exp(-q tau), by Newton's method from tau = n: the sum is concave in tau, and is n at most there."""
    if n in (0, len(sizes)):
        return np.full(len(sizes), float(n > 0))
    tau = float(n)  # sizes sum to 1, so that this is not too large
    for _ in range(200):
        left = np.exp(-sizes * tau)
        step = (n - (1 - left).sum()) / (sizes * left).sum()
        tau += step
        if step <= 1e-12 * tau:
            break
    return -np.expm1(-sizes * tau)
