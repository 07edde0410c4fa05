"""What was picked of each loss on held-out labels, what that changed, and what the oracle would have picked."""

from collections.abc import Hashable
from typing import Any

from lsbench.analysis.criteria import CRITERIA
from lsbench.analysis.picking import LossPicks, Selection
from lsbench.analysis.summary import ArmResults, Setting
from lsbench.analysis.summary.picked import Combination
from lsbench.analysis.summary.setting_text import head_text, recipe_text
from lsbench.names.encoding import exact
from lsbench.report.columns import Column, meanings, table_of
from lsbench.report.decision import as_json, decision_table, layers, paragraph, verdict_tables
from lsbench.report.decision.numbers import deciding, delta_text, number_text
from lsbench.report.given import accuracy_lines, against, is_right_or_wrong, other_notes
from lsbench.report.lost import lost_notes
from lsbench.report.tables import NOT_AVAILABLE, Table
from lsbench.statistics import spread

PICKED = (
    "picked: per loss and seed the combination with the best {words} on the seed's held-out examples, by their given "
    "labels, after the last epoch; of equally good ones the smallest values; what diverged is never picked. The number "
    "beside it is on the test set, whose labels pick nothing. Each seed has its own pick, so intervals over seeds hold "
    "what the picking adds to the spread."
)
UNTUNED = (
    "not tuned: the same loss and seeds with the values of the model's recipe and of the loss's own defaults, or with "
    "the middle one of the values where these were not trained."
)
ORACLE = (
    "oracle: picked by the test labels themselves, which nobody has: no choice gives more, and by chance it shows a "
    "little more than the best combination has. oracle − picked is the price of not having them."
)
JOINT = "[joint 95 %]: paired by seed; all intervals of the column hold together, by Bonferroni."


def picks_table(selection: Selection) -> Table:
    """One line per loss: candidates, picks, and the number with them, without tuning and by the oracle."""
    criterion = CRITERIA[selection.criterion]
    unit = " %" if criterion.heading.endswith(" %") else ""
    words, metric = criterion.words, criterion.metric
    told = words if is_right_or_wrong(metric) else against(selection.setting, words)

    def number(arm: ArmResults) -> str:
        values = list(arm.by_seed(metric).values())
        return number_text(spread([abs(v) for v in values] if criterion.better == "zero" else values), metric)

    def delta(ours: ArmResults, theirs: ArmResults) -> str:
        return delta_text(selection.difference(ours, theirs), metric)

    listed, setting = ", ".join(selection.names), selection.setting
    oracle = (
        Column[LossPicks](f"oracle's {words}{unit}", lambda one: number(one.oracle), ORACLE),
        Column[LossPicks]("oracle − picked [joint 95 %]", lambda one: delta(one.oracle, one.picked)),
    )
    columns = (
        Column[LossPicks]("loss", lambda one: one.name, names_line=True),
        Column[LossPicks]("candidates", lambda one: str(len(one.candidates)), on_top=True),
        Column[LossPicks]("n", lambda one: str(one.picked.n)),
        Column[LossPicks]("picked (seeds)", _counts, PICKED.format(words=words), on_top=True),
        Column[LossPicks](f"{told}{unit} picked", lambda one: number(one.picked), on_top=True),
        Column[LossPicks]("not tuned", lambda one: _values(one.untuned_values), UNTUNED),
        Column[LossPicks](f"{told}{unit} not tuned", lambda one: number(one.untuned), on_top=True),
        Column[LossPicks]("picked − not tuned [joint 95 %]", lambda one: delta(one.picked, one.untuned), JOINT),
        *(oracle if has_oracle(setting) else ()),
    )
    return table_of(
        f"{listed} picked by held-out {words}: {_place(selection)}",
        columns,
        selection.losses,
        above=_unequal(selection),
        footnotes=(*meanings(columns), *accuracy_lines(setting), *other_notes(setting)),
        notes=(*_incomplete(selection), *lost_notes([one.picked for one in selection.losses])),
    )


def has_oracle(setting: Setting) -> bool:
    """Whether a pick by the test labels says what right labels would give."""
    return not (setting.trains_on_given or setting.tests_on_given)


def selection_tables(selection: Selection) -> list[Table]:
    """The verdict among the picks, the verdict without tuning, and the picks."""
    verdicts = [verdict for verdict in (selection.verdict, selection.untuned) if verdict]
    first = [table for verdict in verdicts[:1] for table in verdict_tables(verdict)]
    return [*first, picks_table(selection), *map(decision_table, verdicts[1:])]


def selection_paragraphs(selection: Selection) -> list[str]:
    """In plain words: what to take with tuning, what without, and what tuning changed."""
    verdicts = [verdict for verdict in (selection.verdict, selection.untuned) if verdict]
    return [*map(paragraph, verdicts), *_changed(selection), *(text for one in verdicts[:1] for text in layers(one))]


def selection_json(selection: Selection) -> dict[str, Any] | None:
    """The verdict among the picks as plain values, with what was picked; None without a verdict."""
    if selection.verdict is None:
        return None
    return {
        **as_json(selection.verdict),
        "recipe": recipe_text(selection.setting, selection.verdict.differs) + f"; {selection.verdict.differs[-1]}",
        "selected": list(selection.names),
        "picks": [_picks_json(selection, one) for one in selection.losses],
        "not_tuned": selection.untuned and as_json(selection.untuned),
    }


def _picks_json(selection: Selection, one: LossPicks) -> dict[str, Any]:
    metric = CRITERIA[selection.criterion].metric
    change = selection.difference(one.picked, one.untuned)
    return {
        "name": one.name,
        "candidates": [dict(values) for values in one.candidates],
        "picked": {str(seed): dict(values) for seed, values in one.picked.picks},
        "not_tuned": dict(one.untuned_values),
        "mean": _mean(one.picked, metric),
        "mean_not_tuned": _mean(one.untuned, metric),
        "change": change and dict(vars(change)),
        **(_oracle_json(selection, one) if has_oracle(selection.setting) else {}),
    }


def _oracle_json(selection: Selection, one: LossPicks) -> dict[str, Any]:
    price = selection.difference(one.oracle, one.picked)
    return {
        "oracle": {str(seed): dict(values) for seed, values in one.oracle.picks},
        "mean_oracle": _mean(one.oracle, CRITERIA[selection.criterion].metric),
        "price": price and dict(vars(price)),
    }


def _mean(arm: ArmResults, metric: str) -> float | None:
    number = arm.spread(metric)
    return number and number.mean


def _place(selection: Selection) -> str:
    return f"{head_text(selection.setting)}; not tuned: {recipe_text(selection.setting)}"


def _counts(one: LossPicks) -> str:
    return ", ".join(f"{_values(values)} ({seeds})" for values, seeds in one.picked.counts) or NOT_AVAILABLE


def _values(combination: Combination) -> str:
    texts = (f"{name.replace('_', ' ')} {_text(value)}" for name, value in combination)
    return " and ".join(texts) or "nothing to choose"


def _text(value: Any) -> str:
    return exact(value) if isinstance(value, int | float) else "none" if value is None else str(value)


def _unequal(selection: Selection) -> list[str]:
    """That losses do not have the same number of candidates, where that is so."""
    if len(selection.counts) == 1:
        return []
    counts = ", ".join(f"{one.name} {len(one.candidates)}" for one in selection.losses)
    return [f"The losses differ in their number of candidates, and more of them find a better one: {counts}."]


def _incomplete(selection: Selection) -> list[str]:
    return [
        f"{one.name}: {one.incomplete} seeds lack some of its candidates and are left out"
        for one in selection.losses
        if one.incomplete
    ]


def _changed(selection: Selection) -> list[str]:
    """What tuning changed in the verdict: the suggestion, and what is shown against ce."""
    after, before = selection.verdict, selection.untuned
    if after is None or before is None:
        return []
    names: dict[Hashable, str] = {one.untuned.key: one.name for one in selection.losses}
    takes = (before.suggested and names[before.suggested.key], after.suggested and after.suggested.name)
    old = {names[key]: claim.finding for key, claim in before.choice.against_baseline.items() if key in names}
    new = {after.arms[key].name: claim.finding for key, claim in after.choice.against_baseline.items()}
    changes = [f"{name} from {old[name]} to {new[name]}" for name in new if name in old and old[name] != new[name]]
    listed = ", ".join(selection.names)
    if not after.may_claim:
        return [f"What tuning {listed} changed:{_numbers(selection)}"]
    suggestion = f"the suggestion {'stays' if takes[0] == takes[1] else f'changes from {takes[0]} to'} {takes[1]}"
    against = f"against ce: {'; '.join(changes)}" if changes else "what is shown against ce stays the same"
    return [f"What tuning {listed} changed: {suggestion}; {against}.{_numbers(selection)}"]


def _numbers(selection: Selection) -> str:
    """The two numbers of each loss."""
    after, before = selection.verdict, selection.untuned
    if after is None or before is None:
        return ""
    metric, words = after.metric, CRITERIA[selection.criterion].words

    def both(one: LossPicks) -> str:
        without, tuned = deciding(before, one.untuned), deciding(after, one.picked)
        return f"{one.name} {number_text(without, metric)} and {number_text(tuned, metric)}"

    return f" {words[0].upper()}{words[1:]} without and with it: {'; '.join(map(both, selection.losses))}."
