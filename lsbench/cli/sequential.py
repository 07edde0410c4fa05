"""`lsbench run --adaptive`: train seed after seed where a comparison is still open."""

from collections.abc import Callable, Sequence
from pathlib import Path

from lsbench.analysis import sequential
from lsbench.cli.say import say
from lsbench.cli.show import show_tables
from lsbench.report.sequential_table import sequential_table
from lsbench.rows import store
from lsbench.rows.row import Row
from lsbench.spec import Cell


def train_sequentially(
    cells: Sequence[Cell], train: Callable[[Sequence[Cell]], object], out: Path, margin: float | None
) -> list[Row]:
    """Train what the rule asks for, look after look, until every comparison has stopped; the rows of the grid."""
    rule, begun = sequential.stored_rule(sequential.make_rule(cells, margin), cells, out)
    ids = [cell.id for cell in cells]
    rows = store.read_some(ids, out)[0]
    if rows and not begun:
        say(
            f"{len(rows)} of these cells were trained before the rule was fixed;"
            " it holds if their results did not shape it"
        )
    sequential.write(rule, cells, sequential.progress_of(rule, cells, rows), out)
    levels = ", ".join(f"{n} ({level:.2g})" for n, level in zip(rule.looks, rule.levels, strict=True))
    say(f"looks at so many seeds (significance needed): {levels}; the rule is kept in {out / sequential.FOLDER}")
    while wanted := sequential.next_cells(rule, cells, store.read_some(ids, out)[0]):
        train(wanted)
        progress = sequential.progress_of(rule, cells, store.read_some(ids, out)[0])
        sequential.write(rule, cells, progress, out)
        still = sum(one.result.status == "undecided" for one in progress)
        say(f"{len(progress) - still} of {len(progress)} comparisons have stopped")
    show_tables([sequential_table(kept) for kept in sequential.read(out)])
    return store.read_some(ids, out)[0]
