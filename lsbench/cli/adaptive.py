"""`lsbench run --adaptive`: train seed after seed where a comparison is still open."""

from collections.abc import Callable, Sequence
from pathlib import Path

from lsbench.analysis import adaptive
from lsbench.cli.say import say
from lsbench.cli.show import show_tables
from lsbench.report.adaptive_table import adaptive_table
from lsbench.rows import store
from lsbench.rows.row import Row
from lsbench.spec import Cell


def train_adaptively(
    cells: Sequence[Cell], train: Callable[[Sequence[Cell]], object], out: Path, margin: float | None
) -> list[Row]:
    """Train what the rule asks for, look after look, until every comparison has stopped; the rows of the grid."""
    rule, begun = adaptive.agree(adaptive.make_rule(cells, margin), cells, out)
    ids = [cell.id for cell in cells]
    rows = store.read_some(ids, out)[0]
    if rows and not begun:
        say(
            f"{len(rows)} of these cells were trained before the rule was fixed;"
            " it holds if their results did not shape it"
        )
    adaptive.keep(rule, cells, adaptive.survey(rule, cells, rows), out)
    levels = ", ".join(f"{n} ({level:.2g})" for n, level in zip(rule.looks, rule.levels, strict=True))
    say(f"looks at so many seeds (significance needed): {levels}; the rule is kept in {out / adaptive.FOLDER}")
    while wanted := adaptive.next_cells(rule, cells, store.read_some(ids, out)[0]):
        train(wanted)
        found = adaptive.survey(rule, cells, store.read_some(ids, out)[0])
        adaptive.keep(rule, cells, found, out)
        still = sum(one.result.status == "undecided" for one in found)
        say(f"{len(found) - still} of {len(found)} comparisons have stopped")
    show_tables([adaptive_table(kept) for kept in adaptive.read(out)])
    return store.read_some(ids, out)[0]
