"""What the held-out predictions of a setting's rows say of the training labels as given: see `lsbench.noise.pooled`.

Held-out predictions alone decide whose are taken: no test set, and no loss's name.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lsbench.analysis.summary import ArmResults
from lsbench.noise.pooled import Pool, PooledNoise, Refused, pool, pooled_noise
from lsbench.noise.reported import Reported, noise_of_reported
from lsbench.rows.predictions import HeldOutPredictions, read_predictions
from lsbench.rows.row import Row
from lsbench.rows.store import predictions_path

Told = PooledNoise | Refused | None


@dataclass(frozen=True)
class BestPool:
    """Held-out predictions of the arms that predict given labels best: the mean of their probabilities."""

    pool: Pool
    arms: tuple[str, ...]  # their names
    trainings: int  # rows whose predictions these are


def held_out_of(arms: Sequence[ArmResults], folder: Path | None) -> Told:
    """How many given labels held-out predictions contradict, of the arms that predict these labels best.

    See `best_pool`. Without predictions below the results `folder` it is what the rows of one arm say, averaged over
    seeds. None where there is neither.

    Raises:
        InputError: a file of predictions that `run` did not write.
    """
    best = best_pool(arms, folder) if folder else None
    if best is None:
        return _of_rows([arm for arm in arms if not arm.key.is_oracle])
    return replace(pooled_noise(best.pool), arms=best.arms, trainings=best.trainings)


def best_pool(arms: Sequence[ArmResults], folder: Path) -> BestPool | None:
    """The predictions of the arm with the best held-out accuracy against the given labels, and of those near it.

    Near is: behind it by at most one standard error of the difference. Compared are the arms that have predictions of
    most seeds, all of the same ones. Arms that are handed the true noise matrix are left out.

    Raises:
        InputError: a file of predictions that `run` did not write.
    """
    read = {arm.name: _read(arm, folder) for arm in arms if not arm.key.is_oracle}
    seeds = Counter(frozenset(by_seed) for by_seed in read.values() if by_seed)
    if not seeds:
        return None
    most = max(seeds, key=lambda some: (len(some), seeds[some]))
    pools = {name: _pool(by_seed) for name, by_seed in read.items() if by_seed.keys() == most}
    first = next(iter(pools.values()))
    near = _near_the_best({name: one for name, one in pools.items() if _same_pairs(first, one)})
    joined = replace(first, probs=np.mean([pools[name].probs for name in near], axis=0))
    return BestPool(joined, tuple(near), len(near) * len(most))


def _near_the_best(pools: Mapping[str, Pool]) -> list[str]:
    right = {name: (one.probs.argmax(-1) == one.given).astype(float) for name, one in pools.items()}
    weights = next(iter(pools.values())).weights
    best = max(right, key=lambda name: float(np.average(right[name], weights=weights)))
    return [name for name, ours in right.items() if _is_near(right[best] - ours, weights)]


def _is_near(behind: np.ndarray, weights: np.ndarray) -> bool:
    error = np.sqrt(np.cov(behind, aweights=weights) / weights.sum()) if len(behind) > 1 else 0.0
    return bool(np.average(behind, weights=weights) <= error)


def _read(arm: ArmResults, folder: Path) -> dict[int, HeldOutPredictions]:
    """By seed, where the file is there and holds something."""
    read = {row.cell.seed: read_predictions(predictions_path(row.id, folder)) for row in arm.rows}
    return {seed: one for seed, one in read.items() if one is not None and len(one.held_out)}


def _pool(by_seed: Mapping[int, HeldOutPredictions]) -> Pool:
    in_order = [by_seed[seed] for seed in sorted(by_seed)]
    return pool(
        np.concatenate([one.held_out for one in in_order]),
        np.concatenate([one.held_out_given for one in in_order]),
        np.concatenate([one.held_out_log_probs for one in in_order]),
        np.concatenate([one.held_out if one.held_out_units is None else one.held_out_units for one in in_order]),
    )


def _same_pairs(first: Pool, other: Pool) -> bool:
    return np.array_equal(first.examples, other.examples) and np.array_equal(first.given, other.given)


def _of_rows(arms: Sequence[ArmResults]) -> Told:
    """What the rows of the arm with the best mean held-out accuracy say."""
    reported = {arm.name: _reported(arm.rows) for arm in arms}
    some = {name: each for name, each in reported.items() if each}
    if not some:
        return None
    best = max(some, key=lambda name: float(np.mean([one.accuracy for one in some[name]])))
    return replace(noise_of_reported(some[best]), arms=(best,), trainings=len(some[best]))


def _reported(rows: Sequence[Row]) -> list[Reported]:
    """Of each row that has it; matrices of the size that most of them have."""
    full = [row for row in rows if row.noise_estimate.get("rate") is not None and _accuracy(row) is not None]
    sizes = Counter(len(row.noise_estimate["matrix"]) for row in full).most_common(1)
    return [
        Reported(
            row.noise_estimate["rate"],
            tuple(map(tuple, row.noise_estimate["matrix"])),
            row.noise_estimate.get("count") or 0,
            _accuracy(row) or 0.0,
            _majority(row),
        )
        for row in full
        if len(row.noise_estimate["matrix"]) == sizes[0][0]
    ]


def _accuracy(row: Row) -> float | None:
    return row.metrics.get("val_accuracy")


def _majority(row: Row) -> float:
    """The share of the most frequent class of its held-out examples; 0 where the row does not say it."""
    counts = row.data.get("held_out", [])
    return max(counts) / sum(counts) if sum(counts) else 0.0
