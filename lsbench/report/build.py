"""Everything that a report shows, put together: tables, a page, pictures."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lsbench.analysis.decide import Verdict, decide
from lsbench.analysis.summary import Changes, Summary, changes_since, choose_eps, multiverse, summarise
from lsbench.report.baseline_table import baseline_table
from lsbench.report.calibration_table import calibration_table
from lsbench.report.main_table import main_table
from lsbench.report.selection_table import eps_table, multiverse_table, selection_table
from lsbench.report.sequential_table import sequential_table
from lsbench.report.tables import Table
from lsbench.rows.row import Row


@dataclass(frozen=True)
class Asked:
    """What of a report is wanted."""

    tables: tuple[str, ...] = ("main",)
    last_k: int = 5
    show_dishonest: bool = False
    wide: bool = False
    command: str = "lsbench report"
    adaptive: tuple[dict[str, Any], ...] = ()  # what `lsbench.analysis.sequential.read` found
    logits: Path | None = None  # the folder of kept log-probs, where there is one
    survivors: bool = False  # whether losses that lost seeds are compared by those that are left


@dataclass(frozen=True)
class Report:
    """Rows, those of an older folder, and what is asked of them; all rows are summarised once for all formats."""

    rows: list[Row]
    older: list[Row]
    asked: Asked

    @cached_property
    def summaries(self) -> list[Summary]:
        """One per setting."""
        return summarise(self.rows, survivors=self.asked.survivors)

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """By accuracy, one per setting with two arms; over test examples too, where log-probs are kept."""
        return decide(self.rows, logits=self.asked.logits, survivors=self.asked.survivors)

    @cached_property
    def changes(self) -> list[Changes]:
        """What is not as it was in the older folder."""
        return changes_since(self.rows, self.older, survivors=self.asked.survivors) if self.older else []

    @cached_property
    def tables(self) -> list[Table]:
        """The wanted tables of every setting, and what changed since the baseline."""
        made = [table for summary in self.summaries for table in tables_of(summary, self.asked)]
        made += [sequential_table(kept) for kept in self.asked.adaptive]
        return made + list(map(baseline_table, self.changes))


def tables_of(summary: Summary, asked: Asked) -> list[Table]:
    """The wanted tables of one setting."""
    arms = summary.arms
    makers = {
        "main": lambda: main_table(summary),
        "selection": lambda: selection_table(summary, asked.last_k, show_dishonest=asked.show_dishonest),
        "calibration": lambda: calibration_table(summary),
        "eps": lambda: eps_table(summary, choose_eps(arms)),
        "multiverse": lambda: multiverse_table(
            summary, multiverse(arms, asked.last_k, show_dishonest=asked.show_dishonest), asked.last_k
        ),
    }
    return [makers[name]() for name in asked.tables]
