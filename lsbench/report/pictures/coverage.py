"""Risk-coverage curves: the error rate if only the surest predictions count."""

from dataclasses import dataclass

from lsbench.report.pictures.groups import Group, choose
from lsbench.report.pictures.picture import MOST_LINES, Line, as_table, left_out_text, line, seeds_text

POINTS = 100  # coverages 1 %, 2 %, ... 100 %


@dataclass(frozen=True)
class Coverage:
    """x is the coverage in (0, 1], the mean is an error rate."""

    lines: tuple[Line, ...]
    left_out: int  # arms
    given: bool = False  # whether nobody knows which test labels are wrong


def prepare(group: Group) -> Coverage | None:
    """The curves of at most 8 arms; None where no row has one."""
    with_curve = {
        arm: [row for row in rows if len(row.risk_coverage) == POINTS and None not in row.risk_coverage]
        for arm, rows in group.arms.items()
    }
    drawable = {arm: rows for arm, rows in with_curve.items() if rows}
    arms = choose(drawable, MOST_LINES)
    x = [(i + 1) / POINTS for i in range(POINTS)]
    lines = (line(arm, x, as_table([row.risk_coverage for row in drawable[arm]])) for arm in arms)
    left_out = len(drawable) - len(arms)
    return Coverage(tuple(filter(None, lines)), left_out, group.setting.tests_on_given) if arms else None


def caption(data: Coverage) -> str:
    """What is shown."""
    if data.given:
        return (
            "Share of predictions that are not the given label, among the most confident share of the test set; wrong "
            "labels raise it, and its order of the losses decides nothing. "
            f"{seeds_text(data.lines)}{left_out_text(data.left_out)}"
        )
    return (
        "Error rate among the most confident share of the test set; lower is better, and the right end is the plain "
        f"error rate. {seeds_text(data.lines)}{left_out_text(data.left_out)}"
    )
