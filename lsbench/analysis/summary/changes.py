"""What changed between two results folders, arm by arm."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lsbench.analysis.summary.arms import ALPHA, ArmResults, arms_by_setting, compare
from lsbench.analysis.summary.setting import Setting
from lsbench.analysis.summary.setting_text import distinguishing_words
from lsbench.analysis.summary.summarise import p_of
from lsbench.rows.row import Row
from lsbench.statistics import Difference, Spread, holm


@dataclass(frozen=True)
class Change:
    """One arm and the same arm in the older folder, paired by seed."""

    arm: ArmResults
    old: ArmResults
    before: Spread | None  # accuracy
    now: Spread | None
    accuracy: Difference | None  # now - before
    ece: Difference | None
    nll: Difference | None
    p_holm: float | None  # of the accuracy's difference, adjusted for all arms of the folder

    @property
    def worse(self) -> bool:
        """Whether its accuracy is shown to have fallen."""
        return self.accuracy is not None and self.accuracy.mean < 0 and self.p_holm is not None and self.p_holm < ALPHA

    @property
    def comparable(self) -> bool:
        """Whether neither has lost seeds, unless survivors may be compared."""
        return self.arm.comparable and self.old.comparable

    @property
    def lost_now(self) -> bool:
        """Whether it failed or diverged at seeds at which it had a result before, so that it is not compared."""
        had = {row.cell.seed for row in self.old.rows}
        return not self.arm.comparable and any(row.cell.seed in had for row in self.arm.lost)

    @property
    def edited(self) -> bool:
        """Whether the code of the user's own loss is another one than before."""
        return self.arm.key != self.old.key


@dataclass(frozen=True)
class Changes:
    """All arms of one setting that both folders have."""

    setting: Setting
    changes: tuple[Change, ...]
    differs: tuple[str, ...] = ()  # the words that tell its setting from others of the same data set, model and noise


def changes_since(rows: Iterable[Row], older: Iterable[Row], *, survivors: bool = False) -> list[Changes]:
    """What changed in every setting and arm that both folders have.

    An arm that lost seeds in one of them is not compared, unless `survivors` allows it. A loss of the user's own that
    was edited in between is compared with what it was.
    """
    return changes_of(arms_by_setting(rows, survivors=survivors), arms_by_setting(older, survivors=survivors))


def changes_of(
    news: Mapping[Setting, Sequence[ArmResults]], olds: Mapping[Setting, Sequence[ArmResults]]
) -> list[Changes]:
    """The same of rows that are grouped already."""
    differs = distinguishing_words(news)
    matched = [(setting, _matched(arms, olds[setting])) for setting, arms in news.items() if setting in olds]
    adjusted = _adjusted([pair for _, pairs in matched for pair in pairs])
    return [
        Changes(setting, tuple(_change(new, old, adjusted.get(id(new))) for new, old in pairs), differs[setting])
        for setting, pairs in matched
        if pairs
    ]


def _adjusted(matched: Sequence[tuple[ArmResults, ArmResults]]) -> dict[int, float]:
    """Holm's p by the identity of the newer arm, of those that have one."""
    p_values = {id(new): p for new, old in matched if (p := p_of(new, old, "accuracy")) is not None}
    return dict(zip(p_values, holm(list(p_values.values())), strict=True))


def _matched(arms: Sequence[ArmResults], olds: Sequence[ArmResults]) -> list[tuple[ArmResults, ArmResults]]:
    return [(arm, old) for arm in arms if (old := _before(arm, arms, olds))]


def _before(arm: ArmResults, arms: Sequence[ArmResults], olds: Sequence[ArmResults]) -> ArmResults | None:
    """The same arm in the older folder; where the user has edited the loss, its only version there."""
    if same := [old for old in olds if old.key == arm.key]:
        return same[0]
    now, before = ([one for one in group if _unversioned(one) == _unversioned(arm)] for group in (arms, olds))
    return before[0] if len(now) == len(before) == 1 else None


def _unversioned(arm: ArmResults) -> tuple:
    return arm.key.loss, arm.key.hyper


def _change(arm: ArmResults, old: ArmResults, p_holm: float | None) -> Change:
    return Change(
        arm,
        old,
        old.spread("accuracy"),
        arm.spread("accuracy"),
        compare(arm, old, "accuracy"),
        compare(arm, old, "ece"),
        compare(arm, old, "nll"),
        p_holm if arm.comparable and old.comparable else None,
    )
