"""Two results folders: what has changed between them, arm by arm."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lsbench.statistics import Difference, Spread, cautious_p, holm, spread
from lsbench.store import Row
from lsbench.summary.arms import ALPHA, Arm, arms_of, compare, gaps
from lsbench.summary.setting import Setting, by_setting
from lsbench.summary.words import differences


@dataclass(frozen=True)
class Change:
    """One arm now, beside the same arm in the older folder, paired by seed."""

    arm: Arm
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


@dataclass(frozen=True)
class Changes:
    """All arms of one setting that both folders have."""

    setting: Setting
    changes: tuple[Change, ...]
    differs: tuple[str, ...] = ()  # the words that tell its setting from others of the same data set, model and noise


def changes_since(rows: Iterable[Row], older: Iterable[Row]) -> list[Changes]:
    """What changed in every setting and arm that both have; nothing of the others."""
    olds, news = by_setting(older), by_setting(rows)
    differs = differences(news)
    matched = [
        (setting, _matched(arms_of(of), arms_of(olds[setting]))) for setting, of in news.items() if setting in olds
    ]
    adjusted = _adjusted([pair for _, of in matched for pair in of])
    return [
        Changes(setting, tuple(_change(new, old, adjusted.get(id(new))) for new, old in of), differs[setting])
        for setting, of in matched
        if of
    ]


def _adjusted(matched: Sequence[tuple[Arm, Arm]]) -> dict[int, float]:
    """Holm's p by the identity of the newer arm, of those that have one."""
    found = {id(new): cautious_p(gaps(new, old, "accuracy")) for new, old in matched}
    known = {key: p for key, p in found.items() if p is not None}
    return dict(zip(known, holm(list(known.values())), strict=True))


def _matched(arms: Sequence[Arm], olds: Sequence[Arm]) -> list[tuple[Arm, Arm]]:
    by_key = {arm.key: arm for arm in olds}
    return [(arm, by_key[arm.key]) for arm in arms if arm.key in by_key]


def _change(arm: Arm, old: Arm, p_holm: float | None) -> Change:
    return Change(
        arm,
        spread(list(old.by_seed("accuracy").values())),
        arm.spread("accuracy"),
        compare(arm, old, "accuracy"),
        compare(arm, old, "ece"),
        compare(arm, old, "nll"),
        p_holm,
    )
