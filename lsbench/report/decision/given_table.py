"""What would change a verdict by given labels, as a table: a line per pair, or per arm where nothing is claimed."""

from lsbench.analysis.criteria import criterion_of
from lsbench.analysis.summary.quantity import is_percentage
from lsbench.analysis.verdict import Verdict
from lsbench.analysis.would_change import MOST, RATES, PairChange
from lsbench.names.catalogue import METRICS
from lsbench.report.columns import Column, table_of
from lsbench.report.decision.given import ALIKE, CHANGE, given_mean, move_text, percent
from lsbench.report.decision.numbers import place_text
from lsbench.report.tables import NOT_AVAILABLE, Table

SYMMETRIC = (
    "if 20 % are wrong: the lead against the true labels, if every class has as many wrong ones, spread over all other "
    "classes alike and independent of the predictions."
)
BY_CLASS = (
    "wrong by class: the smallest share of wrong labels, differing by class but not by the networks' answers, with "
    "which the two are equal, and its largest part; more of it reverses the order. None: none fits the answers."
)
ANY = "wrong ones that suffice: so many of the examples that the two answer differently; whatever is wrong with them."


def change_tables(verdict: Verdict) -> list[Table]:
    """A line per pair, or per arm where nothing is claimed; none where somebody vouches for the labels."""
    change = verdict.would_change
    if change is None or not (change.pairs or change.if_symmetric):
        return []
    title = f"{CHANGE[0].lower()}{CHANGE[1:]}: {place_text(verdict)}"
    if not verdict.may_claim:
        return [table_of(title, _number_columns(verdict), [verdict.arms[key] for key in change.if_symmetric])]
    return [table_of(title, _pair_columns(verdict), change.pairs)]


def _pair_columns(verdict: Verdict) -> list[Column[PairChange]]:
    def symmetric(one: PairChange) -> str:
        return NOT_AVAILABLE if one.symmetric is None else f"{one.symmetric.lead * 100:+.2f}"

    def by_class(one: PairChange) -> str:
        if one.disagreement is None:
            return NOT_AVAILABLE
        return "none" if one.by_class is None else f"{percent(one.by_class.rate)}: {move_text(verdict, one)}"

    def fewest(one: PairChange) -> str:
        if one.disagreement is None:
            return NOT_AVAILABLE
        wrong = one.disagreement.fewest_wrong
        return f"{'none' if wrong is None else f'{wrong:,}'} of {one.disagreement.differ:,}"

    return [
        Column("leads", lambda one: one.leads.name, names_line=True),
        Column("other", lambda one: one.other.name, names_line=True),
        Column("lead, points", lambda one: f"{one.lead * 100:+.2f}", on_top=True),
        Column(f"if {percent(MOST)} are wrong", symmetric, SYMMETRIC, on_top=True),
        Column("wrong by class", by_class, BY_CLASS, on_top=True),
        Column("wrong ones that suffice", fewest, ANY, on_top=True),
    ]


def _number_columns(verdict: Verdict) -> list[Column]:
    scale, digits = (100, 2) if is_percentage(verdict.metric) else (1, 4)
    possible = METRICS[verdict.metric.rpartition(".")[2]].better == "zero"

    def at(i: int):
        def text(arm) -> str:
            value = verdict.would_change.if_symmetric[arm.key][i] if verdict.would_change else 0.0
            return f"{value * scale:.{digits}f}" if possible or value >= 0 else NOT_AVAILABLE

        return text

    heading = criterion_of(verdict.criterion).heading
    told = f"if so many of the test labels are wrong, {ALIKE}; numbers, no claims."
    return [
        Column("loss", lambda arm: arm.name, names_line=True),
        Column(f"{heading}, given", lambda arm: f"{given_mean(verdict, arm.key) * scale:.{digits}f}"),
        *(Column(f"if {percent(rate)} are wrong", at(i), told) for i, rate in enumerate(RATES)),
    ]
