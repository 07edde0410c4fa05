"""Rows by setting and arm, settings by noise rate, and which arms are shown where all are too many."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lsbench.analysis.summary import BASELINE, ArmResults, Setting
from lsbench.analysis.summary.arms import arm_order
from lsbench.report.pictures.picture import LARGEST
from lsbench.rows.row import Row
from lsbench.spec import NO_NOISE, Arm

Arms = Mapping[Arm, Sequence[Row]]


@dataclass(frozen=True)
class Group:
    """A setting's finished rows, by arm in the catalogue's order and then by seed."""

    setting: Setting
    arms: Arms  # of those that have any
    lost: Mapping[Arm, str] = field(default_factory=dict)  # `lost 2 of 5`, of each arm that lost seeds
    not_compared: frozenset[Arm] = frozenset()  # those of them that are not to be compared

    @property
    def comparable(self) -> Arms:
        """The arms that may be compared."""
        return {arm: rows for arm, rows in self.arms.items() if arm not in self.not_compared}


@dataclass(frozen=True)
class Sweep:
    """Settings that differ in nothing but the noise rate, by that rate."""

    setting: Setting  # the one of the highest rate
    groups: Mapping[float, Group]

    @property
    def arms(self) -> Arms:
        """The rows of all rates."""
        together: dict[Arm, list[Row]] = {}
        for group in self.groups.values():
            for arm, rows in group.arms.items():
                together.setdefault(arm, []).extend(rows)
        return dict(sorted(together.items(), key=lambda item: arm_order(item[0])))

    @property
    def lost(self) -> Mapping[Arm, str]:
        """Of each arm that lost seeds, at which rates how many."""
        together: dict[Arm, list[str]] = {}
        for rate, group in self.groups.items():
            for arm, text in group.lost.items():
                together.setdefault(arm, []).append(f"{text} at {rate:g}")
        return {arm: ", ".join(texts) for arm, texts in together.items()}


def groups_of(results: Mapping[Setting, Sequence[ArmResults]]) -> list[Group]:
    """One group per setting that has finished rows, in the settings' order."""
    groups = (_group(setting, arms) for setting, arms in results.items())
    return [group for group in groups if group.arms]


def _group(setting: Setting, arms: Sequence[ArmResults]) -> Group:
    return Group(
        setting,
        {arm.key: arm.rows for arm in arms if arm.rows},
        {arm.key: arm.lost_text for arm in arms if arm.lost},
        frozenset(arm.key for arm in arms if not arm.comparable),
    )


def sweeps_of(groups: Sequence[Group]) -> list[Sweep]:
    """Groups joined over their noise rates; the clean one, if there is one, belongs to every kind of noise."""
    clean = {_without_noise(group.setting): group for group in groups if group.setting.noise == NO_NOISE}
    joined: dict[Setting, dict[float, Group]] = {}
    for group in groups:
        if group.setting.noise != NO_NOISE:
            joined.setdefault(replace(group.setting, noise_rate=0.0), {})[group.setting.noise_rate] = group
    for key, by_rate in joined.items():
        if start := clean.get(_without_noise(key)):
            by_rate.setdefault(0.0, start)
    noisy = {_without_noise(key) for key in joined}
    lone = [Sweep(group.setting, {0.0: group}) for key, group in clean.items() if key not in noisy]
    ordered = [dict(sorted(by_rate.items())) for by_rate in joined.values()]
    sweeps = [Sweep(by_rate[max(by_rate)].setting, by_rate) for by_rate in ordered] + lone
    return sorted(sweeps, key=lambda sweep: sweep.setting.sort_key)


def _without_noise(setting: Setting) -> Setting:
    return replace(setting, noise=NO_NOISE, noise_rate=0.0)


def number(row: Row, name: str) -> float | None:
    """A row's metric, or None where it is missing or too large to be drawn."""
    value = row.metrics.get(name)
    return value if value is not None and abs(value) <= LARGEST else None


def by_seed(rows: Iterable[Row], name: str) -> dict[int, float]:
    """A metric of an arm's rows, where there is one."""
    return {row.cell.seed: value for row in rows if (value := number(row, name)) is not None}


def choose(arms: Arms, most: int) -> list[Arm]:
    """At most so many arms, in their order: the baseline, and of each loss in turn the next best on held-out data.

    The held-out labels are as wrong as the training ones, so that the test set chooses nothing; with nothing held
    out, arms count in their order.
    """
    if len(arms) <= most:
        return list(arms)
    losses: dict[str, list[Arm]] = {}
    for arm in sorted(arms, key=lambda arm: -_held_out(arms[arm])):
        losses.setdefault(arm.loss, []).append(arm)
    ranked = sorted(
        ((arm.loss != BASELINE, place, arm_order(arm)), arm)
        for ranked_arms in losses.values()
        for place, arm in enumerate(ranked_arms)
    )
    return sorted((arm for _, arm in ranked[:most]), key=arm_order)


def _held_out(rows: Sequence[Row]) -> float:
    values = [value for row in rows if (value := number(row, "val_accuracy")) is not None]
    return float(np.mean(values)) if values else 0.0


def lost_text(lost: Mapping[Arm, str]) -> str:
    """Which arms lost seeds, as a sentence that can follow others."""
    texts = "; ".join(f"{arm.name} {text}" for arm, text in lost.items())
    return f" Seeds that failed or diverged: {texts}." if lost else ""
