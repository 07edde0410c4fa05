"""All pictures of a report, in the order in which it shows them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lsbench.analysis.summary.setting_text import distinguishing_words, head_text, recipe_text, titled
from lsbench.report.pictures import coverage, forest, learning, noise_sweep, ranks, reliability, smoothing_sweep
from lsbench.report.pictures.groups import Group, groups_of, lost_text, sweeps_of
from lsbench.report.pictures.names import setting_parts, stem, sweep_parts, sweep_text, unused
from lsbench.report.pictures.picture import Picture
from lsbench.rows.row import Row

ORDER = (forest.Forest, noise_sweep.NoiseSweep, smoothing_sweep.SmoothingSweep, ranks.Ranks)
MOST_PICTURES = 40
MOST_OF_SWEEPS = 20


@dataclass(frozen=True)
class Kind:
    """One kind of picture: how it is called, and what makes its numbers and its caption."""

    stem: str
    title: str
    prepare: Callable[[Any], Any]
    caption: Callable[[Any], str]


RANKS = Kind("ranks", "Average ranks", ranks.prepare, ranks.caption)
OF_SWEEPS = (
    Kind("accuracy-noise", "Accuracy and calibration by noise rate", noise_sweep.prepare, noise_sweep.caption),
    Kind("accuracy-eps", "Accuracy and calibration by smoothing", smoothing_sweep.prepare, smoothing_sweep.caption),
)
OF_SETTINGS = (
    Kind("forest", "Differences from ce", forest.prepare, forest.caption),
    Kind("reliability", "Reliability", reliability.prepare, reliability.caption),
    Kind("learning", "Learning curves", learning.prepare, learning.caption),
    Kind("risk-coverage", "Risk and coverage", coverage.prepare, coverage.caption),
)


def prepare_all(rows: Iterable[Row], *, survivors: bool = False) -> list[Picture]:
    """At most 40 pictures of finished rows: of everything, per sweep of noise rates, per setting; in `ORDER`.

    What there is no room for is left out by the settings' order, and the last caption says so. An arm that lost seeds
    is neither ranked nor compared with the baseline, unless `survivors` allows it; where it is shown the caption says
    how many it lost.
    """
    groups = groups_of(rows, survivors=survivors)
    used: set[str] = set()
    pictures, lost_sweeps = _fill(_of_everything(groups, used), _of_sweeps(groups, used), MOST_OF_SWEEPS)
    pictures, lost_settings = _fill(pictures, _of_settings(groups, used), MOST_PICTURES)
    return _tell(sorted(pictures, key=_place), lost_sweeps, lost_settings)


def _place(picture: Picture) -> int:
    """Differences from the baseline come first, then what noise and smoothing do, then ranks, then the rest."""
    return ORDER.index(type(picture.data)) if type(picture.data) in ORDER else len(ORDER)


def _of_everything(groups: Sequence[Group], used: set[str]) -> list[Picture]:
    data = ranks.prepare(groups)
    if data is None:
        return []
    return [Picture(unused(RANKS.stem, used), RANKS.title, RANKS.caption(data), data)]


def _of_sweeps(groups: Sequence[Group], used: set[str]) -> Iterator[list[Picture]]:
    sweeps = sweeps_of(groups)
    differs = distinguishing_words([sweep.setting for sweep in sweeps], sweep_text, ("noise_rate",))
    for sweep in sweeps:
        told = differs[sweep.setting]
        words = sweep_parts(sweep.setting), titled(sweep_text(sweep.setting), told), recipe_text(sweep.setting, told)
        yield [picture for kind in OF_SWEEPS if (picture := _picture(kind, sweep, *words, used))]


def _of_settings(groups: Sequence[Group], used: set[str]) -> Iterator[list[Picture]]:
    differs = distinguishing_words(group.setting for group in groups)
    for group in groups:
        told = differs[group.setting]
        words = setting_parts(group.setting), titled(head_text(group.setting), told), recipe_text(group.setting, told)
        yield [picture for kind in OF_SETTINGS if (picture := _picture(kind, group, *words, used))]


def _picture(kind: Kind, of: Any, parts: Sequence[str], text: str, recipe: str, used: set[str]) -> Picture | None:
    data = kind.prepare(of)
    if data is None:
        return None
    name = unused(stem(kind.stem, *parts), used)
    caption = f"{kind.caption(data)}{lost_text(of.lost)} Trained with {recipe}."
    return Picture(name, f"{kind.title}: {text}", caption, data)


def _fill(pictures: list[Picture], more: Iterator[list[Picture]], most: int) -> tuple[list[Picture], bool]:
    """As many as there is room for, whole lots only, and whether some had none; the rest is never computed."""
    for lot in more:
        if len(pictures) + len(lot) > most:
            return pictures, True
        pictures = pictures + lot
    return pictures, False


def _tell(pictures: list[Picture], lost_sweeps: bool, lost_settings: bool) -> list[Picture]:
    what = " and ".join(["sweeps"] * lost_sweeps + ["settings"] * lost_settings)
    if not pictures or not what:
        return pictures
    note = f" This is the last of {len(pictures)} pictures: for more {what} there was no room; report fewer at a time."
    return [*pictures[:-1], replace(pictures[-1], caption=pictures[-1].caption + note)]
