"""What is said of losses that a cheaper study chose: how, what the claims count for it, and of what nothing is said."""

from collections.abc import Iterable, Mapping, Sequence
from math import comb
from typing import Any

from lsbench.analysis.criteria import CRITERIA, criterion_of
from lsbench.analysis.screening import Chosen
from lsbench.analysis.summary import BASELINE, ArmResults, is_of_other_data, screenings_of, shared_seeds
from lsbench.analysis.summary.quantity import is_percentage
from lsbench.names.dataset_name import shown_dataset
from lsbench.names.few import few
from lsbench.names.percent import percent
from lsbench.report.columns import Column, meanings, table_of
from lsbench.report.tables import NOT_AVAILABLE, Table
from lsbench.report.text import printable
from lsbench.spec import Screening

NAMED = 4  # losses, or seeds, in a sentence
HELD_OUT = (
    "Mean over the seeds that the losses share, on their held-out examples by the given labels, after the last epoch; "
    "of several models or recipes that of the best. It chose the losses, so that it flatters those that were chosen; "
    "test labels chose nothing."
)


def choice_text(chosen: Chosen) -> str:
    """What was chosen, by what numbers, and what could not be."""
    one = chosen.screening
    numbers = dict(one.held_out)
    listed = ", ".join(f"{name} ({_number(one, numbers[name])})" for name in one.chosen)
    words = criterion_of(one.by).words
    beside = "" if BASELINE in one.chosen else f"; {BASELINE}{_at(one, numbers)} is trained beside them"
    tied = f"; as good as the last of them, and later in the tables: {', '.join(chosen.tied)}" if chosen.tied else ""
    left = "; ".join(f"{name}: {why}" for name, why in one.left_out)
    return (
        f"best {len(one.chosen)} of {len(one.candidates)} losses by held-out {words} in {one.runs} runs of {one.source}"
        f" ({one.setting}): {listed}{beside}{tied}" + (f"; not to be chosen: {left}" if left else "")
    )


def how_chosen(arms: Sequence[ArmResults]) -> str:
    """How some of these arms were chosen, and that nothing is said of the others; "" of arms that were not."""
    return printable(" ".join(_chosen(one, arms) for one in screenings_of(arms)))


def what_is_counted(arms: Sequence[ArmResults], counted: int) -> str:
    """What the claims count for it: `counted` arms in all, those of them that are not here included."""
    return printable(" ".join(_counted(one, arms, counted) for one in screenings_of(arms)))


def every_other(arms: Sequence[ArmResults]) -> str:
    """What a winner is shown to be better than: of losses that were chosen from others, those that are here."""
    return "every other loss" + " that was trained here" * bool(screenings_of(arms))


def chosen_notes(arms: Sequence[ArmResults], counted: int) -> list[str]:
    """Both, as notes below a table."""
    return [text for text in (how_chosen(arms), what_is_counted(arms, counted)) if text]


def chosen_tables(arms: Sequence[ArmResults]) -> list[Table]:
    """How the losses were chosen: a line per loss of the cheaper study, the best first."""
    return [_table(one) for one in screenings_of(arms)]


def chosen_json(arms: Sequence[ArmResults]) -> list[dict[str, Any]]:
    """The choices as plain values, with the seeds that both they and these arms have."""
    return [{**one.as_json(), "shared_seeds": shared_seeds(one, arms)} for one in screenings_of(arms)]


def _chosen(one: Screening, arms: Iterable[ArmResults]) -> str:
    total, here = len(one.candidates), {arm.name for arm in arms}
    words, left = criterion_of(one.by).words, len([name for name in one.candidates if name not in here])
    anyway = "" if BASELINE in one.chosen else f", with {BASELINE} beside them"
    others = f": nothing is said of the other {'one' if left == 1 else left}" if left else ""
    return (
        f"{len(one.chosen)} of {total} losses ({few(one.chosen, NAMED)}) were chosen by {words} on held-out examples of"
        f" {one.runs} runs of {one.source} ({one.setting}){anyway}{others}."
    )


def _counted(one: Screening, arms: Sequence[ArmResults], counted: int) -> str:
    shared = shared_seeds(one, arms)
    of_these = f"{counted - 1} comparisons with {BASELINE}, {comb(counted, 2)} pairs"
    counts = f"so that every claim counts {counted} losses: {of_these}"
    if shared:
        return f"The choice has seen {len(shared)} of these seeds ({few(map(str, shared), NAMED)}), {counts}."
    if is_of_other_data(one, arms):
        name = shown_dataset(one.dataset)
        return f"The choice was made on other data ({name}), which may hold examples of this test set, {counts}."
    return (
        "The choice has seen none of these seeds, and no test label: what is claimed counts the losses that were"
        " trained here, and no others."
    )


def _table(one: Screening) -> Table:
    criterion = criterion_of(one.by)
    numbers, reasons = dict(one.held_out), dict(one.left_out)
    scale, digits = (100, 2) if is_percentage(CRITERIA[one.by].metric) else (1, 4)

    def number(name: str) -> str:
        return f"{numbers[name] * scale:.{digits}f}" if name in numbers else NOT_AVAILABLE

    def place(name: str) -> str:
        return reasons.get(name) or ("yes" if name in one.chosen else "baseline" if name == BASELINE else "no")

    columns = (
        Column[str]("loss", lambda name: name, names_line=True),
        Column[str](f"held-out {criterion.heading}", number, HELD_OUT),
        Column[str]("chosen", place),
    )
    title = f"chosen by held-out {criterion.words}, {one.runs} runs of {one.source}: {one.setting}"
    return table_of(printable(title), columns, one.candidates, footnotes=meanings(columns))


def _at(screening: Screening, numbers: Mapping[str, float]) -> str:
    return f" ({_number(screening, numbers[BASELINE])})" if BASELINE in numbers else ""


def _number(screening: Screening, value: float) -> str:
    return percent(value, 2) if is_percentage(criterion_of(screening.by).metric) else f"{value:.4f}"
