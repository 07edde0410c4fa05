"""Labels that a run itself made wrong: how many of them stand among the first of the list.

Real mistakes are harder: people err where images are doubtful, and made mistakes fall on any image. So this is no
recall of real mistakes; and no precision comes from it, as what stands between the planted ones may be wrong, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lsbench.analysis.held_out import best_pool
from lsbench.analysis.summary import ArmResults, Setting
from lsbench.analysis.suspects.ranking import suspicion_of
from lsbench.noise.pooled import Pool

AT = (25, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)


@dataclass(frozen=True)
class PlantedRecall:
    """How many of the labels that one kind of noise changed are among the first of the list of that run."""

    noise: str  # the kind
    rate: float  # as asked for
    examples: int  # that were held out
    planted: float  # how many of their labels were changed; of several draws the mean
    at: tuple[tuple[int, float], ...]  # (length of the list, share of the planted ones that are on it)
    arms: tuple[str, ...]  # whose predictions these are


def planted_recall(
    noisy: Mapping[Setting, Sequence[ArmResults]], plain: Pool, folder: Path
) -> tuple[PlantedRecall, ...]:
    """For each setting with made noise, by its own held-out predictions; plain: the same examples as given.

    Raises:
        InputError: a file of predictions that `run` did not write.
    """
    made = [_of_setting(setting, arms, plain, folder) for setting, arms in noisy.items()]
    return tuple(one for one in made if one is not None)


def _of_setting(setting: Setting, arms: Sequence[ArmResults], plain: Pool, folder: Path) -> PlantedRecall | None:
    best = best_pool(arms, folder)
    if best is None:
        return None
    pool, is_plain = best.pool, np.isin(best.pool.examples, plain.examples)
    before = plain.given[np.searchsorted(plain.examples, pool.examples[is_plain])]
    weights, planted = pool.weights[is_plain], pool.given[is_plain] != before
    if not planted.any():
        return None
    suspicion = suspicion_of(pool.probs, pool.given)[is_plain]
    return PlantedRecall(
        noise=setting.noise,
        rate=setting.noise_rate,
        examples=len(np.unique(pool.examples[is_plain])),
        planted=float(weights[planted].sum()),
        at=recall_at(suspicion, planted, weights),
        arms=best.arms,
    )


def recall_at(
    suspicion: np.ndarray, planted: np.ndarray, weights: np.ndarray, lengths: Sequence[int] = AT
) -> tuple[tuple[int, float], ...]:
    """The share of the planted labels among the most suspicious m, for each length m that is shorter than the list.

    Args:
        suspicion: (n,), in any order.
        planted: (n,), whether the label was changed.
        weights: (n,), of each; the length of a list is their sum.
        lengths: m.

    Example:
        >>> recall_at(np.array([0.9, 0.1, 0.5]), np.array([True, True, False]), np.ones(3), (1, 2))
        ((1, 0.5), (2, 0.5))
    """
    order = np.argsort(-suspicion, kind="stable")
    lengths_so_far, planted_so_far = np.cumsum(weights[order]), np.cumsum((weights * planted)[order])
    places = [(m, int(np.searchsorted(lengths_so_far, m + 1e-9, side="right"))) for m in lengths]
    total = planted_so_far[-1]
    return tuple((m, float(planted_so_far[place - 1] / total)) for m, place in places if 0 < place < len(order))
