"""Everything that a report shows, put together: tables, a page, pictures."""

from dataclasses import dataclass
from typing import Any

from lsbench.report.adaptive_table import adaptive_table
from lsbench.report.baseline_table import baseline_table
from lsbench.report.calibration_table import calibration_table
from lsbench.report.main_table import main_table
from lsbench.report.selection_table import eps_table, multiverse_table, selection_table
from lsbench.report.tables import Table
from lsbench.summary import Summary, changes_since, choose_eps, multiverse, summarise


@dataclass(frozen=True)
class Asked:
    """What of a report is wanted."""

    tables: tuple[str, ...] = ("main",)
    last_k: int = 5
    show_dishonest: bool = False
    wide: bool = False
    command: str = "lsbench report"
    adaptive: tuple[dict[str, Any], ...] = ()  # what `lsbench.adaptive.read` found


def build_tables(rows: list, older: list, asked: Asked) -> list[Table]:
    """The wanted tables of every setting, and what changed since the baseline."""
    made = [table for summary in summarise(rows) for table in tables_of(summary, asked)]
    made += [adaptive_table(kept) for kept in asked.adaptive]
    return made + [baseline_table(found) for found in (changes_since(rows, older) if older else [])]


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
