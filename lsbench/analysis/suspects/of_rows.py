"""The suspicious labels of each data set in a results folder."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lsbench.analysis.held_out import BestPool, best_pool
from lsbench.analysis.summary import ArmResults, Setting, arms_by_setting
from lsbench.analysis.suspects.planted import PlantedRecall, planted_recall
from lsbench.analysis.suspects.ranking import TEST, TRAIN, Numbers, Ranking, rank
from lsbench.noise.pooled import Pool
from lsbench.rows.log_probs import KeptLogProbs, read_log_probs
from lsbench.rows.predictions import HeldOutPredictions, read_predictions
from lsbench.rows.row import Row
from lsbench.rows.store import predictions_path


@dataclass(frozen=True)
class Suspects:
    """What predictions of networks that have not seen the examples say of one data set's given labels."""

    dataset: str
    fingerprint: str
    model: str
    arms: tuple[str, ...]  # whose predictions these are: those that predict held-out given labels best
    trainings: int
    accuracy: float | None  # of the held-out predictions, against the given labels; None where nothing was held out
    classes: tuple[str, ...]  # (K,) names
    train: Ranking | None
    test: Ranking | None
    planted: tuple[PlantedRecall, ...] = ()
    pool: Pool | None = None  # the held-out predictions themselves

    def rankings(self, part: str = "all") -> tuple[Ranking, ...]:
        """Of that part, or of all that there are: training examples first."""
        return tuple(one for one in (self.train, self.test) if one is not None and part in ("all", one.part))


def suspects_of(rows: Iterable[Row], folder: Path) -> list[Suspects]:
    """One for each data set with kept predictions, by rows without made noise; by name.

    Of several settings of a data set (models, recipes) the one counts whose held-out predictions agree best with the
    given labels. Arms that are handed the true noise are left out.

    Raises:
        InputError: a file of predictions that `run` did not write.
    """
    by_data: dict[tuple[str, str], dict[Setting, list[ArmResults]]] = {}
    for setting, arms in arms_by_setting(rows).items():
        by_data.setdefault((setting.dataset, setting.fingerprint), {})[setting] = arms
    made = (_of_data(settings, folder) for settings in by_data.values())
    return [one for one in made if one is not None]


def _of_data(settings: Mapping[Setting, Sequence[ArmResults]], folder: Path) -> Suspects | None:
    plain = {setting: arms for setting, arms in settings.items() if not (setting.noise_rate or setting.test_noise_rate)}
    pools = {setting: pool for setting, arms in plain.items() if (pool := best_pool(arms, folder))}
    if not pools:
        return next((one for item in plain.items() if (one := _of_setting(*item, None, folder))), None)
    best = max(pools, key=lambda setting: pools[setting].pool.accuracy)
    noisy = {setting: arms for setting, arms in settings.items() if setting.noise_rate}
    return _of_setting(best, plain[best], pools[best], folder, planted_recall(noisy, pools[best].pool, folder))


def _of_setting(
    setting: Setting,
    arms: Sequence[ArmResults],
    best: BestPool | None,
    folder: Path,
    planted: tuple[PlantedRecall, ...] = (),
) -> Suspects | None:
    chosen = [arm for arm in arms if not arm.key.is_oracle and (best is None or arm.name in best.arms)]
    rows = [row for arm in chosen for row in arm.rows]
    test = _test_ranking(rows, folder)
    if best is None and test is None:
        return None
    return Suspects(
        dataset=setting.dataset,
        fingerprint=setting.fingerprint,
        model=setting.model,
        arms=tuple(arm.name for arm in chosen),
        trainings=best.trainings if best else len(rows),
        accuracy=best.pool.accuracy if best else None,
        classes=_classes(rows),
        train=best and _train_ranking(best.pool, rows, folder),
        test=test,
        planted=planted,
        pool=best and best.pool,
    )


def _classes(rows: Sequence[Row]) -> tuple[str, ...]:
    """Their names, or numbers in rows that have none."""
    names = next((row.data["classes"] for row in rows if row.data.get("classes")), None)
    return tuple(names) if names else tuple(map(str, range(len(rows[0].noise_record.get("matrix", ())))))


def _train_ranking(pool: Pool, rows: Sequence[Row], folder: Path) -> Ranking:
    runs = [(row.cell.seed, held_out) for row in rows if (held_out := _held_out(row, folder)) is not None]
    times, differing = np.zeros(len(pool.examples)), np.zeros(len(pool.examples))
    seeds: dict[int, set[int]] = {}
    for seed, run in runs:
        places = np.searchsorted(pool.examples, run.held_out)
        times[places] += 1
        differing[places] += run.held_out_log_probs.argmax(-1) != run.held_out_given
        seeds.setdefault(seed, set()).update(places.tolist())
    held_out_by = _counts(seeds.values(), len(pool.examples))
    return rank(TRAIN, pool.examples, pool.given, pool.probs, differing / np.maximum(times, 1), held_out_by)


def _held_out(row: Row, folder: Path) -> HeldOutPredictions | None:
    return read_predictions(predictions_path(row.id, folder))


def _counts(places: Iterable[set[int]], count: int) -> Numbers:
    """In how many of the sets each place is."""
    return np.bincount([place for some in places for place in some], minlength=count)


def _test_ranking(rows: Sequence[Row], folder: Path) -> Ranking | None:
    kept = {row.id: read for row in rows if (read := read_log_probs(row.id, folder)) is not None}
    runs = _of_same_labels(list(kept.values()))
    if not runs:
        return None
    given = runs[0].labels
    probs = np.mean([np.exp(run.log_probs) for run in runs], axis=0)
    disagree = np.mean([run.log_probs.argmax(-1) != given for run in runs], axis=0)
    seeds = len({row.cell.seed for row in rows if row.id in kept})
    numbers = np.arange(len(given))
    return rank(TEST, numbers, given, probs, disagree, np.full(len(given), seeds))


def _of_same_labels(runs: Sequence[KeptLogProbs]) -> list[KeptLogProbs]:
    """Those that were measured against the same labels as the first: all, unless files were mixed up."""
    return [run for run in runs if np.array_equal(run.labels, runs[0].labels)]
