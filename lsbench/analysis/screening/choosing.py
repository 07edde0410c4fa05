"""Which arms of a cheap study are the best, by the held-out examples of its seeds; test labels choose nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lsbench.analysis.criteria import CRITERIA
from lsbench.analysis.summary import ArmResults, Setting, arms_by_setting, fold, value_of
from lsbench.analysis.summary.arms import BASELINE, arm_order
from lsbench.analysis.summary.screened import screenings_of
from lsbench.analysis.summary.setting_text import head_text
from lsbench.errors import InputError
from lsbench.names.dataset_name import of_images
from lsbench.rows.row import Row
from lsbench.spec import Arm, Screening
from lsbench.statistics import common_basis, pairs_of


@dataclass(frozen=True)
class Chosen:
    """The arms that a cheaper study chose, the best first, and how."""

    arms: tuple[Arm, ...]
    screening: Screening

    @property
    def losses(self) -> tuple[str, ...]:
        """What is to be trained, as `--loss` takes it, in the order of tables; plain cross-entropy is always there."""
        ordered = sorted(self.arms, key=arm_order)
        return tuple(dict.fromkeys((BASELINE, *(arm.typed for arm in ordered))))

    @cached_property
    def tied(self) -> tuple[str, ...]:
        """Names of arms that are exactly as good as the last that was chosen, and were not."""
        numbers, top = self.screening.held_out, len(self.screening.chosen)
        return tuple(name for name, number in numbers[top:] if number == numbers[top - 1][1])


@dataclass(frozen=True)
class _Trained:
    """An arm as one model with one recipe trained it."""

    setting: Setting
    arm: ArmResults

    def by_seed(self, metric: str) -> dict[int, float]:
        """Its number on the held-out examples of each seed; nothing where a seed is lost or has none."""
        values = {row.cell.seed: value_of(row, metric) for row in self.arm.rows}
        full = {seed: value for seed, value in values.items() if value is not None}
        return full if self.arm.comparable and len(full) == len(values) else {}


def choose_arms(rows: Sequence[Row], source: str, top: int, by: str = "accuracy") -> Chosen:
    """The `top` arms with the best mean number on held-out examples, by their given labels, after the last epoch.

    The mean is over the seeds that the arms have in common (`statistics.common_basis`). Of an arm that was trained with
    several models or recipes the best of them counts. Losses that are one function are one arm. An arm that failed or
    diverged at a seed is not chosen, nor one with few seeds. Of equally good ones the first in the order of tables is.

    Args:
        rows: of one data set and one noise, see `rows_of_one_place`.
        source: the folder that they are in, for the record.
        top: how many, at least 1 and less than there are.
        by: a criterion that is measured on held-out examples, too.

    Raises:
        InputError: nothing was held out, or there is nothing to choose.
    """
    metric, better = f"val_{CRITERIA[by].metric}", CRITERIA[by].better
    trained = _trained(rows)
    _require_held_out(trained, metric, source)
    values = {place: one.by_seed(metric) for place, one in enumerate(trained)}
    pairs = pairs_of({place: _as_losses(numbers, better) for place, numbers in values.items()})
    in_common = common_basis(pairs).arms
    basis = {place for place, numbers in values.items() if (place in in_common if in_common else numbers)}
    shared = set.intersection(*(set(values[place]) for place in basis)) if basis else set()
    means = {place: _mean([values[place][seed] for seed in sorted(shared)]) for place in sorted(basis)}
    best: dict[Arm, float] = {}
    for place, mean in sorted(means.items(), key=lambda item: _as_loss(item[1], better)):
        best.setdefault(trained[place].arm.key, mean)
    ordered = sorted(best, key=lambda arm: (_as_loss(best[arm], better), arm_order(arm)))
    left_out = {one.arm.key: _why(one, metric) for one in trained if one.arm.key not in best}
    _require_choice(ordered, left_out, top, source)
    chosen = tuple(ordered[:top])
    held_out = tuple((arm.name, best[arm]) for arm in ordered)
    without = tuple((arm.name, why) for arm, why in left_out.items())
    return Chosen(chosen, _screening(rows, trained, source, top, by, chosen, held_out, without))


def _trained(rows: Sequence[Row]) -> list[_Trained]:
    by_setting = arms_by_setting(rows)
    return [
        _Trained(setting, arm)
        for setting, arms in by_setting.items()
        for arm in fold(arms, clean=not setting.noise_rate).arms
    ]


def _screening(
    rows: Sequence[Row],
    trained: Sequence[_Trained],
    source: str,
    top: int,
    by: str,
    chosen: Sequence[Arm],
    held_out: tuple[tuple[str, float], ...],
    left_out: tuple[tuple[str, str], ...],
) -> Screening:
    before = screenings_of(one.arm for one in trained)
    cell, names = rows[0].cell, {name for name, _ in (*held_out, *left_out)}
    earlier = {name for one in before for name in (*one.candidates, *one.earlier)} - names
    has_features = any(row.cell.dataset != of_images(row.cell.dataset) for row in rows)
    return Screening(
        source=source,
        setting="; ".join(dict.fromkeys(head_text(one.setting) for one in trained)),
        by=by,
        top=top,
        chosen=tuple(arm.name for arm in chosen),
        held_out=held_out,
        left_out=left_out,
        runs=len(rows),
        seeds=tuple(sorted({row.cell.seed for row in rows}.union(*(one.seeds for one in before)))),
        dataset=of_images(cell.dataset),
        fingerprint="" if has_features else cell.fingerprint,
        earlier=tuple(sorted(earlier)),
    )


def _mean(numbers: Sequence[float]) -> float:
    """To 12 decimals, so that arms with the same numbers at other seeds are equal."""
    return round(float(np.mean(numbers)), 12)


def _as_loss(value: float, better: str) -> float:
    """A number of which the smallest is the best."""
    return -value if better == "higher" else abs(value) if better == "zero" else value


def _as_losses(numbers: dict[int, float], better: str) -> dict[int, float]:
    return {seed: _as_loss(value, better) for seed, value in numbers.items()}


def _why(one: _Trained, metric: str) -> str:
    if one.arm.lost:
        return f"{one.arm.lost_text} seeds"
    return "few seeds in common with the others" if one.by_seed(metric) else "no number on held-out examples"


def _require_held_out(trained: Iterable[_Trained], metric: str, source: str) -> None:
    rows = [row for one in trained for row in one.arm.rows]
    if rows and all(value_of(row, metric) is None for row in rows):
        raise InputError(
            f"--from {source}: its runs held out no examples (--val 0), so that only test labels could choose; train it"
            " with --folds 5 or --val 0.1"
        )


def _require_choice(ordered: Sequence[Arm], left_out: dict[Arm, str], top: int, source: str) -> None:
    """Raise an `InputError` where nothing is left to choose, or what is chosen can't be trained."""
    count = len(ordered)
    if count < 2:
        why = "; ".join(f"{arm.name}: {reason}" for arm, reason in left_out.items())
        told = f" ({why})" if why else ""
        raise InputError(f"--from {source} has {count} losses to choose from{told}; it needs two at least")
    if top >= count:
        most = f"--top {count - 1}" + " or fewer" * (count > 2)
        raise InputError(f"--top {top}: {source} has {count} losses to choose from, so nothing is chosen; give {most}")
    if [arm.loss for arm in ordered[:top]] == [BASELINE]:
        raise InputError(
            f"--top {top}: the best loss of {source} is {BASELINE} itself, which is trained in any case, so nothing is"
            f" left to compare with it; give --top {top + 1}"
        )
