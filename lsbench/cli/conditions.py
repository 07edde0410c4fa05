"""`lsbench report --fail-if`: what must not happen, for continuous integration."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lsbench.errors import ConditionError, InputError
from lsbench.rows.row import Row

if TYPE_CHECKING:  # numpy, which --help does without
    from lsbench.analysis.condition import Condition
    from lsbench.analysis.summary.changes import Change

REGRESSION = "regression"  # the condition that needs no formula: a loss worse than in the baseline


class Conditions:
    """Conditions read before anything else is; `InputError` for what can't be read."""

    def __init__(self, texts: Sequence[str], baseline: Path | None, *, show_dishonest: bool, survivors: bool) -> None:
        from lsbench.analysis.condition import parse

        self.survivors: bool = survivors
        self.regression: bool = any(text.strip() == REGRESSION for text in texts)
        formulas = [text for text in texts if text.strip() != REGRESSION]
        self.formulas: list[Condition] = [parse(text, show_dishonest=show_dishonest) for text in formulas]
        needs = self.regression or any(formula.needs_baseline for formula in self.formulas)
        if needs and baseline is None:
            raise InputError("a condition compares with an older folder: say which with --baseline DIR")

    def require_none(self, rows: Sequence[Row], older: Sequence[Row]) -> None:
        """Raise a `ConditionError` that names every condition that holds."""
        met = [*self._formulas_that_hold(rows, older), *(self._regressions(rows, older) if self.regression else [])]
        if met:
            raise ConditionError("; ".join(met))

    def _formulas_that_hold(self, rows: Sequence[Row], older: Sequence[Row]) -> list[str]:
        from lsbench.analysis.condition import check

        return [
            f"{formula.text} holds for {result.place}: {result.left:.6g} {formula.compare} {result.right:.6g}"
            for formula in self.formulas
            for result in check(formula, rows, older, survivors=self.survivors)
            if result.holds
        ]

    def _regressions(self, rows: Sequence[Row], older: Sequence[Row]) -> list[str]:
        from lsbench.analysis.summary import changes_since, retry_text
        from lsbench.analysis.summary.setting_text import head_text, titled

        changed = changes_since(rows, older, survivors=self.survivors)
        if not changed:
            raise InputError("no loss of the baseline was trained again in the same setting: nothing can be compared")
        pairs = [
            (change, titled(head_text(changes.setting), changes.differs))
            for changes in changed
            for change in changes.changes
        ]
        met = [text for change, place in pairs if (text := _regression(change, place))]
        barred = [(change, place) for change, place in pairs if not change.comparable]
        if barred and not met:
            names = ", ".join(f"{change.arm.name} for {place}" for change, place in barred)
            again = retry_text(row for change, _ in barred for row in (*change.arm.lost, *change.old.lost))
            raise InputError(
                f"regression: {names} lost seeds in the baseline or here, so that nothing is known{again}; "
                "--survivors compares the seeds that are left"
            )
        return met


def _regression(change: "Change", place: str) -> str:
    if change.worse:
        return f"{change.arm.name} is worse than in the baseline for {place}"
    if change.lost_now:
        return f"{change.arm.name} {change.arm.lost_text} seeds for {place}, of which the baseline has some"
    return ""
