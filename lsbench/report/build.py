"""Everything that a report shows, put together: tables, a page, pictures."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from lsbench.analysis.criteria import CRITERIA
from lsbench.analysis.decide import verdicts_of
from lsbench.analysis.looked import LookedVerdict, looked_verdict
from lsbench.analysis.picking import Selection, require_choices, select
from lsbench.analysis.summary import (
    ArmResults,
    Changes,
    Setting,
    Summary,
    arms_by_setting,
    changes_of,
    choose_eps,
    multiverse,
    summaries_of,
)
from lsbench.analysis.verdict import Verdict
from lsbench.errors import require_choice
from lsbench.report.baseline_table import baseline_table
from lsbench.report.calibration_table import calibration_table
from lsbench.report.decision.looked_table import looked_tables
from lsbench.report.main_table import main_table
from lsbench.report.picks_table import selection_tables
from lsbench.report.recall_table import recall_table
from lsbench.report.selection_table import eps_table, multiverse_table, selection_table
from lsbench.report.sequential_table import sequential_table
from lsbench.report.tables import Table
from lsbench.rows.looks import Verified
from lsbench.rows.row import Row


@dataclass(frozen=True)
class ReportOptions:
    """What of a report is wanted."""

    tables: tuple[str, ...] = ("main",)
    last_k: int = 5
    show_dishonest: bool = False
    wide: bool = False
    command: str = "lsbench report"
    adaptive: tuple[dict[str, Any], ...] = ()  # what `lsbench.analysis.sequential.read` found
    folder: Path | None = None  # the results folder, which holds what each test example got
    select: tuple[str, ...] = ()  # what is picked per loss and seed on held-out labels
    by: str = "accuracy"  # the criterion by which it is picked
    survivors: bool = False  # whether losses that lost seeds are compared by those that are left
    verified: tuple[Verified, ...] = ()  # labels that people gave


@dataclass(frozen=True)
class Report:
    """Rows, those of an older folder, and what is asked of them; all rows are grouped once for all formats."""

    rows: list[Row]
    older: list[Row]
    options: ReportOptions

    @cached_property
    def results(self) -> dict[Setting, list[ArmResults]]:
        """The rows by setting and arm: what tables, verdicts and pictures are all made of."""
        return arms_by_setting(self.rows, survivors=self.options.survivors)

    @cached_property
    def summaries(self) -> list[Summary]:
        """One per setting."""
        return summaries_of(self.results, self.rows)

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """By accuracy, one per setting with two arms; over test examples too, where log-probs are kept."""
        return verdicts_of(self.results, results=self.options.folder)

    @cached_property
    def looked(self) -> dict[Setting, LookedVerdict]:
        """What labels that people gave show, by setting; of those whose test examples were looked at."""
        made = {verdict.setting: looked_verdict(verdict, self.options.verified) for verdict in self.verdicts}
        return {setting: looked for setting, looked in made.items() if looked}

    @cached_property
    def selections(self) -> list[Selection]:
        """The picks of each setting, and what may be said of them; nothing where nothing is to be picked."""
        if not self.options.select:
            return []
        require_choice("--by", self.options.by, tuple(CRITERIA))
        judge = partial(verdicts_of, results=self.options.folder)
        made = select(self.results, self.options.select, self.options.by, judge)
        if self.options.select != ("eps",):  # whose own table says so
            require_choices(made, self.options.select)
        return made

    @cached_property
    def changes(self) -> list[Changes]:
        """What is not as it was in the older folder."""
        if not self.older:
            return []
        return changes_of(self.results, arms_by_setting(self.older, survivors=self.options.survivors))

    @cached_property
    def tables(self) -> list[Table]:
        """The wanted tables of every setting, and what changed since the baseline."""
        by_looks = [table for looked in self.looked.values() for table in looked_tables(looked, with_text=True)]
        made = list(dict.fromkeys(by_looks))  # that of the given labels is the same for all settings of a data set
        made += [table for summary in self.summaries for table in tables_of(summary, self.options)]
        made += [table for one in self.selections for table in selection_tables(one)]
        made += [sequential_table(kept) for kept in self.options.adaptive]
        return made + list(map(baseline_table, self.changes))


TABLES: dict[str, Callable[[Summary, ReportOptions], Table]] = {
    "main": lambda summary, _: main_table(summary),
    "selection": lambda summary, options: selection_table(
        summary, options.last_k, show_dishonest=options.show_dishonest
    ),
    "calibration": lambda summary, _: calibration_table(summary),
    "recall": lambda summary, _: recall_table(summary),
    "eps": lambda summary, _: eps_table(summary, choose_eps(summary.arms, given=summary.setting.trains_on_given)),
    "multiverse": lambda summary, options: multiverse_table(
        summary, multiverse(summary.arms, options.last_k, show_dishonest=options.show_dishonest), options.last_k
    ),
}


def tables_of(summary: Summary, options: ReportOptions) -> list[Table]:
    """The wanted tables of one setting."""
    return [TABLES[name](summary, options) for name in options.tables]
