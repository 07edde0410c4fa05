"""All pictures of a report, in the order in which it shows them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from lsbench.analysis.summary import ArmResults, Setting, arms_by_setting
from lsbench.analysis.summary.setting_text import distinguishing_words, head_text, recipe_text, titled
from lsbench.report.pictures.groups import Group, Sweep, groups_of, lost_text, sweeps_of
from lsbench.report.pictures.kinds import KIND_OF_DATA, KINDS, Kind, Scope
from lsbench.report.pictures.names import setting_parts, stem, sweep_parts, sweep_text, unused
from lsbench.report.pictures.picture import Picture
from lsbench.report.same_function import same_text
from lsbench.rows.row import Row

MOST_PICTURES = 40
MOST_OF_SWEEPS = 20


def prepare_all(rows: Iterable[Row], *, survivors: bool = False) -> list[Picture]:
    """The pictures of finished rows: `prepare_pictures` of their settings."""
    return prepare_pictures(arms_by_setting(rows, survivors=survivors))


def prepare_pictures(results: Mapping[Setting, Sequence[ArmResults]]) -> list[Picture]:
    """At most 40 pictures: of everything, per sweep of noise rates, per setting; in the order of `KINDS`.

    What there is no room for is left out by the settings' order, and the last caption says so. An arm that lost seeds
    is neither ranked nor compared with the baseline, unless its `survivors` allows it; where it is shown the caption
    says how many it lost.
    """
    groups = groups_of(results)
    used: set[str] = set()
    pictures, lost_sweeps = _fill(_of_report(groups, used), _of_sweeps(groups, used), MOST_OF_SWEEPS)
    pictures, lost_settings = _fill(pictures, _of_settings(groups, used), MOST_PICTURES)
    return _tell(sorted(pictures, key=_place), lost_sweeps, lost_settings)


def _place(picture: Picture) -> int:
    """By kind; those that are shown setting by setting stay so, at the end."""
    kind = KIND_OF_DATA[type(picture.data)]
    return KINDS.index(kind) if kind.together else len(KINDS)


def _kinds(scope: Scope) -> list[Kind]:
    return [kind for kind in KINDS if kind.scope is scope]


def _of_report(groups: Sequence[Group], used: set[str]) -> list[Picture]:
    return [
        Picture(unused(kind.stem, used), kind.title, kind.caption(data), data)
        for kind in _kinds(Scope.report)
        if (data := kind.prepare(groups)) is not None
    ]


def _of_sweeps(groups: Sequence[Group], used: set[str]) -> Iterator[list[Picture]]:
    sweeps = sweeps_of(groups)
    differs = distinguishing_words([sweep.setting for sweep in sweeps], sweep_text, ("noise_rate",))
    for sweep in sweeps:
        distinct = differs[sweep.setting]
        title, recipe = titled(sweep_text(sweep.setting), distinct), recipe_text(sweep.setting, distinct)
        parts = sweep_parts(sweep.setting)
        yield [made for kind in _kinds(Scope.sweep) if (made := _picture(kind, sweep, parts, title, recipe, used))]


def _of_settings(groups: Sequence[Group], used: set[str]) -> Iterator[list[Picture]]:
    differs = distinguishing_words(group.setting for group in groups)
    for group in groups:
        distinct = differs[group.setting]
        title, recipe = titled(head_text(group.setting), distinct), recipe_text(group.setting, distinct)
        parts = setting_parts(group.setting)
        yield [made for kind in _kinds(Scope.setting) if (made := _picture(kind, group, parts, title, recipe, used))]


def _picture(
    kind: Kind, shown: Group | Sweep, parts: Sequence[str], text: str, recipe: str, used: set[str]
) -> Picture | None:
    data = kind.prepare(shown)
    if data is None:
        return None
    name = unused(stem(kind.stem, *parts), used)
    caption = f"{kind.caption(data)}{lost_text(shown.lost)}{same_text(shown.stands)} Trained with {recipe}."
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
