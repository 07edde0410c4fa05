"""A verdict as tables: a line per arm; and the suggested arm beside the best by every other criterion."""

from lsbench.analysis.criteria import CRITERIA, UNSCALED, criterion_of
from lsbench.analysis.summary import BASELINE, ArmResults, of_unbalanced
from lsbench.analysis.verdict import Tradeoff, Verdict
from lsbench.names.catalogue import METRICS
from lsbench.report.chosen import chosen_tables
from lsbench.report.columns import Column, meanings, paragraph, table_of
from lsbench.report.decision.given_table import change_tables
from lsbench.report.decision.numbers import (
    after_text,
    against_text,
    at_majority,
    delta_text,
    is_tie,
    number_text,
    place_text,
)
from lsbench.report.decision.seeds import needed_text
from lsbench.report.fields import NAMES, optional, p_text
from lsbench.report.sizes import HEADING_OF, RULE, size_lines, warning_lines
from lsbench.report.tables import NOT_AVAILABLE, Table
from lsbench.statistics import Claim

AGAINST_BASELINE = (
    f"Δ to {BASELINE}: paired by seed; all intervals of the column hold together with 95 %. p: Student's paired test "
    "for a difference beyond the tolerance, by Holm over the column; † marks p < 0.05: better or worse. equal: the "
    "interval lies within the tolerance."
)
ON_TEST_SET = (
    "this test set: for other seeds alone. The verdict and p are for other test {units}, too: an interval for this "
    "test set may leave 0 out where they show nothing."
)
SIGN_FLIPS = "sign flips: the exact test, from 6 seeds on."
EFFECT = "d_z: mean over standard deviation of the differences, – where they show no spread."
SEEDS = "seeds to decide: to find such a difference 4 times in 5; in brackets for the ends of its 80 % interval."
BEST = "may be best: the best of those compared is among them with 95 %; winner: shown to be better than every other."
AGAINST_LEADER = "Δ to the leader, the best mean of those with enough seeds in common: in the family of all pairs."
ELSEWHERE = (
    "By each other criterion the best mean of those compared, and the suggested arm's difference to it, with an "
    "interval that holds together with those of all pairs. Numbers to weigh, not claims."
)


def decision_table(verdict: Verdict) -> Table:
    """One line per arm: what is shown of it against ce and the leader, and its numbers."""
    baseline, leader = (_baseline_columns(verdict), _leader_columns(verdict)) if verdict.may_claim else ([], [])
    best = [_best(verdict)] if verdict.may_claim else []
    return table_of(
        f"by {verdict.criterion}{after_text(verdict)}{against_text(verdict)}: {place_text(verdict)}",
        (*NAMES, *baseline, *best, *leader, *_numbers(verdict)),
        verdict.arms.values(),
        above=(*warning_lines(verdict.doubts), *size_lines(verdict.sizes, verdict.no_better)),
        footnotes=(
            *([paragraph(baseline)] if baseline else []),
            *meanings((*best, *leader)),
            *([RULE] * bool(verdict.no_better)),
        ),
    )


def verdict_tables(verdict: Verdict) -> list[Table]:
    """All tables of a verdict: the arms, what would change it, what the suggestion costs by other criteria."""
    chosen = chosen_tables(verdict.all_arms)
    return [decision_table(verdict), *change_tables(verdict), *elsewhere_table(verdict), *chosen]


def elsewhere_table(verdict: Verdict) -> list[Table]:
    """What the suggested arm costs by the other criteria; none where there is no other."""
    if verdict.suggested is None or not verdict.elsewhere:
        return []
    columns = (
        Column[Tradeoff]("criterion", lambda one: CRITERIA[one.criterion].words, names_line=True),
        Column[Tradeoff]("best mean", lambda one: one.best.name),
        Column[Tradeoff](f"{verdict.suggested.name} minus it [joint 95 %]", _tradeoff, ELSEWHERE),
    )
    title = f"{verdict.suggested.name} by the other criteria{against_text(verdict)}: {place_text(verdict)}"
    return [table_of(title, columns, verdict.elsewhere)]


def _tradeoff(one: Tradeoff) -> str:
    return "it is this one" if one.difference is None else delta_text(one.difference, one.metric)


def _baseline_columns(verdict: Verdict) -> list[Column[ArmResults]]:
    """What the family against ce shows; nothing where there is no ce."""
    choice, words = verdict.choice, criterion_of(verdict.criterion).words
    if choice.baseline is None:
        return []

    def claim(arm: ArmResults) -> Claim | None:
        return choice.against_baseline.get(arm.key)

    def delta(arm: ArmResults) -> str:
        one = claim(arm)
        return delta_text(one and one.difference, verdict.metric)

    def on_test_set(arm: ArmResults) -> str:
        one = verdict.on_test_set.against_baseline.get(arm.key)
        return delta_text(one and one.difference, verdict.metric)

    def p(arm: ArmResults) -> str:
        one = claim(arm)
        return p_text(one.p_adjusted if one and one.p is not None else None)

    def finding(arm: ArmResults) -> str:
        one = claim(arm)
        return NOT_AVAILABLE if one is None else _word(verdict, arm, one)

    def flips(arm: ArmResults) -> str:
        return optional(beside.p_sign_flip if (beside := choice.evidence.get(arm.key)) else None, ".2g")

    flipped = any(beside.p_sign_flip is not None for beside in choice.evidence.values())
    both = verdict.on != verdict.on_test_set.on
    where = f", {verdict.on}" if both else ""
    beside = ON_TEST_SET.format(units="groups" if verdict.grouped else "examples")
    return [
        Column(f"Δ {words} to {BASELINE} [joint 95 %{where}]", delta, AGAINST_BASELINE, on_top=True),
        Column(f"p (Holm{where})", p),  # of what the verdict rests on, as `against` is
        *([Column(f"Δ {words} to {BASELINE} [joint 95 %, this test set]", on_test_set, beside)] * both),
        Column(f"against {BASELINE}", finding, on_top=True),
        *([Column("p (sign flips)", flips, SIGN_FLIPS)] * flipped),
        Column("effect d_z", lambda arm: optional(one.effect if (one := claim(arm)) else None, "+.2f"), EFFECT),
        Column("seeds to decide", lambda arm: _needed(verdict, claim(arm)), SEEDS),
    ]


def _needed(verdict: Verdict, claim: Claim | None) -> str:
    return needed_text(verdict.choice, claim) or NOT_AVAILABLE


def _word(verdict: Verdict, arm: ArmResults, claim: Claim) -> str:
    """What a claim shows; to be equal is nothing where both may answer the majority class alone."""
    if claim.difference is None:
        return "not compared"
    if (claim.finding == "equivalent" or is_tie(claim)) and at_majority(verdict, arm):
        return "majority rate"
    return "equal" if claim.finding == "equivalent" else claim.finding


def _best(verdict: Verdict) -> Column[ArmResults]:
    choice = verdict.choice

    def text(arm: ArmResults) -> str:
        if len(verdict.compared) < 2 or arm.key not in {one.key for one in verdict.compared}:
            return NOT_AVAILABLE
        return "winner" if won(arm) else "yes" if arm.key in choice.may_be_best else "no"

    def won(arm: ArmResults) -> bool:
        return choice.winner == arm.key

    return Column("may be best", text, BEST, is_best=won, on_top=True)


def _leader_columns(verdict: Verdict) -> list[Column[ArmResults]]:
    """What all pairs show against the leader; nothing where that is ce, as its family shows more."""
    choice, words = verdict.choice, criterion_of(verdict.criterion).words
    if choice.leader is None or choice.leader == choice.baseline:
        return []
    leader = verdict.arms[choice.leader].name

    def text(arm: ArmResults) -> str:
        one = choice.against_leader.get(arm.key)
        return "leader" if one is None else delta_text(one.difference, verdict.metric)

    def finding(arm: ArmResults) -> str:
        one = choice.against_leader.get(arm.key)
        return "leader" if one is None else _word(verdict, arm, one)

    return [
        Column(f"Δ {words} to {leader} [joint 95 %]", text, AGAINST_LEADER),
        Column("against the leader", finding),
    ]


def _numbers(verdict: Verdict) -> list[Column[ArmResults]]:
    """Those beside the verdict; those of unbalanced classes where they are unbalanced, or decide."""
    also = {*of_unbalanced(verdict.sizes), verdict.metric}
    own = {} if verdict.criterion in CRITERIA else {verdict.metric: criterion_of(verdict.criterion).heading}
    return [
        _number(verdict, name, heading)
        for name, heading in {**own, **_headings()}.items()
        if name not in HEADING_OF or name in also
    ]


def _number(verdict: Verdict, name: str, heading: str) -> Column[ArmResults]:
    scaled = name in METRICS and METRICS[name].moved and verdict.temperature != UNSCALED
    shown = f"{verdict.temperature}.{name}" if scaled else name
    return Column(heading, lambda arm: number_text(arm.spread(shown), name), on_top=name == "accuracy")


def _headings() -> dict[str, str]:
    """Of the numbers beside the verdict: those of the criteria, and what else is shown of unbalanced classes."""
    by_metric: dict[str, str] = {}
    for criterion in CRITERIA.values():
        by_metric |= {criterion.metric: criterion.heading} | (HEADING_OF if criterion.only_unbalanced else {})
    return by_metric
