"""Rows by setting and arm, settings by noise rate, and which arms are shown where all are too many."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lsbench.analysis.summary import BASELINE, ArmResults, Folded, Setting, fold, stand_ins
from lsbench.analysis.summary.arms import arm_order
from lsbench.report.pictures.picture import LARGEST
from lsbench.rows.row import Row
from lsbench.spec import NO_NOISE, Arm

Arms = Mapping[Arm, Sequence[Row]]


@dataclass(frozen=True)
class Group:
    """A setting's arms, in the catalogue's order, with their rows by seed."""

    setting: Setting
    results: tuple[ArmResults, ...]

    @cached_property
    def folded(self) -> Folded:
        """One arm per function, which is what pictures of the setting show, and the others."""
        return fold(self.results, clean=not self.setting.noise_rate)

    @cached_property
    def arms(self) -> Arms:
        """The finished rows of one arm per function."""
        return {arm.key: arm.rows for arm in self.folded.arms if arm.rows}

    @cached_property
    def every_arm(self) -> Arms:
        """The finished rows of all arms, for pictures of several settings: two functions may be one in some of them."""
        return {arm.key: arm.rows for arm in self.results if arm.rows}

    @property
    def stands(self) -> Mapping[Arm, Arm]:
        """By each arm that is left out, the arm that stands for it."""
        return {arm: standing.key for arm, standing in self.folded.standing.items()}

    @property
    def lost(self) -> Mapping[Arm, str]:
        """`lost 2 of 5`, of each arm that lost seeds."""
        return {arm.key: arm.lost_text for arm in self.results if arm.lost}

    @property
    def not_compared(self) -> frozenset[Arm]:
        """Those of them that are not to be compared."""
        return frozenset(arm.key for arm in self.results if not arm.comparable)


@dataclass(frozen=True)
class Sweep:
    """Settings that differ in nothing but the noise rate, by that rate."""

    setting: Setting  # the one of the highest rate
    groups: Mapping[float, Group]

    @cached_property
    def stands(self) -> Mapping[Arm, Arm]:
        """By each arm, the arm that stands for it at all rates."""
        return stands_over(list(self.groups.values()))

    @property
    def arms(self) -> Arms:
        """The rows of all rates, of one arm per function."""
        together = rows_of_all(list(self.groups.values()))
        return {arm: rows for arm, rows in together.items() if self.stands[arm] == arm}

    @property
    def lost(self) -> Mapping[Arm, str]:
        """Of each arm that lost seeds, at which rates how many."""
        together: dict[Arm, list[str]] = {}
        for rate, group in self.groups.items():
            for arm, text in group.lost.items():
                together.setdefault(arm, []).append(f"{text} at {rate:g}")
        return {arm: ", ".join(texts) for arm, texts in together.items()}


def rows_of_all(groups: Sequence[Group]) -> Arms:
    """The finished rows of every arm in several settings, in the catalogue's order."""
    together: dict[Arm, list[Row]] = {}
    for group in groups:
        for arm, rows in group.every_arm.items():
            together.setdefault(arm, []).extend(rows)
    return dict(sorted(together.items(), key=lambda item: arm_order(item[0])))


def stands_over(groups: Sequence[Group]) -> dict[Arm, Arm]:
    """By each arm of several settings, the arm that stands for it in all of them.

    First come arms that are compared wherever they are, then those of the most settings.
    """
    clean = not any(group.setting.noise_rate for group in groups)
    lost = frozenset[Arm]().union(*(group.not_compared for group in groups))
    counts = Counter(arm for group in groups for arm in group.every_arm)
    return stand_ins(rows_of_all(groups), clean=clean, order=lambda arm: (arm in lost, -counts[arm]))


def groups_of(results: Mapping[Setting, Sequence[ArmResults]]) -> list[Group]:
    """One group per setting that has finished rows, in the settings' order."""
    groups = (Group(setting, tuple(arms)) for setting, arms in results.items())
    return [group for group in groups if group.every_arm]


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


def choose(arms: Arms, most: int) -> list[Arm]:
    """At most so many arms, in their order: the baseline; the best of each loss on held-out data, the best first; more.

    After the best of each loss come the second of each, and so on. The held-out labels are as wrong as the training
    ones, so that the test set chooses nothing; with nothing held out, arms count in their order.
    """
    if len(arms) <= most:
        return list(arms)
    losses: dict[str, list[Arm]] = {}
    for arm in sorted(arms, key=lambda arm: -_held_out(arms[arm])):
        losses.setdefault(arm.loss, []).append(arm)
    ranked = sorted(
        ((arm.loss != BASELINE, place, -_held_out(arms[arm]), arm_order(arm)), arm)
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
