"""A verdict as a table: a line per arm."""

from lsbench.analysis.criteria import CRITERIA, UNSCALED
from lsbench.analysis.decide import Verdict
from lsbench.analysis.summary import ArmResults, of_unbalanced
from lsbench.names.catalogue import METRICS
from lsbench.report.columns import Column, meanings, paragraph, table_of
from lsbench.report.decision.numbers import after_text, at_majority, delta_text, number_text, place_text
from lsbench.report.fields import NAMES, optional, p_text
from lsbench.report.sizes import HEADING_OF, RULE, size_lines, warning_lines
from lsbench.report.tables import Table
from lsbench.statistics import Comparison

DELTA = (
    "Δ to the leader, which has the best mean: paired by seed, Student's 95 % interval; p of its t-test, adjusted by "
    "Holm; † marks p < 0.05."
)
VERDICT = (
    "worse: p is at most 0.05 and the whole interval lies beyond the tolerance; equal: within; undecided: neither; "
    "lost: seeds failed or diverged, so that it is not compared."
)
SIGN_FLIPS = "Sign flips: the exact test, which assumes no normal distribution and needs 6 seeds to reach 0.05;"
EFFECT = "d_z: mean over standard deviation of the differences, – where they show no spread."
WINNER = "A winner is declared only where every other line is worse."
OVER_EXAMPLES = (
    "over seeds × examples: the same mean with a bootstrap over seeds and test examples: what another test set of this "
    "size might have shown, too."
)


def decision_table(verdict: Verdict) -> Table:
    """One line per arm: the number that decides, its distance from the leader, and the other numbers."""
    delta, over_examples, tests, status = _delta(verdict), _over_examples(verdict), _tests(verdict), _status(verdict)
    return table_of(
        f"by {verdict.criterion}{after_text(verdict)}: {place_text(verdict)}",
        (*NAMES, delta, *over_examples, *tests, status, _seeds(verdict), *_numbers(verdict)),
        verdict.arms.values(),
        above=(*warning_lines(verdict.doubts), *size_lines(verdict.sizes, verdict.no_better)),
        footnotes=(
            *(paragraph((delta, status, *tests)), WINNER, *meanings(over_examples)),
            *([RULE] * bool(verdict.no_better)),
        ),
    )


def _against_leader(verdict: Verdict, arm: ArmResults) -> Comparison | None:
    """How an arm compares with the leader; None of the leader itself."""
    return verdict.comparisons.get(arm.key)


def _delta(verdict: Verdict) -> Column[ArmResults]:
    def text(arm: ArmResults) -> str:
        one = _against_leader(verdict, arm)
        return delta_text(one and one.difference, verdict.metric)

    return Column(f"Δ {CRITERIA[verdict.criterion].words} to the leader [95 %]", text, DELTA, on_top=True)


def _over_examples(verdict: Verdict) -> list[Column[ArmResults]]:
    """Where the predictions on each example are kept."""

    def text(arm: ArmResults) -> str:
        return delta_text(verdict.over_examples.get(arm.key), verdict.metric)

    return [Column("over seeds × examples [95 %]", text, OVER_EXAMPLES)] * bool(verdict.over_examples)


def _tests(verdict: Verdict) -> tuple[Column[ArmResults], ...]:
    def number(arm: ArmResults, name: str) -> float | None:
        return getattr(_against_leader(verdict, arm), name, None)

    return (
        Column("p (Holm)", lambda arm: p_text(number(arm, "p_holm"))),
        Column("p (sign flips)", lambda arm: optional(number(arm, "p_sign_flip"), ".2g"), SIGN_FLIPS),
        Column("effect d_z", lambda arm: optional(number(arm, "effect_size"), "+.2f"), EFFECT),
    )


def _status(verdict: Verdict) -> Column[ArmResults]:
    """What the comparison shows; to be equal is nothing where both may answer the majority class alone."""

    def text(arm: ArmResults) -> str:
        one = _against_leader(verdict, arm)
        if one is None:
            return "winner" if won(arm) else "leader"
        if one.status != "equivalent":
            return one.status
        return "majority rate" if at_majority(verdict, arm) else "equal"

    def won(arm: ArmResults) -> bool:
        return verdict.choice.winner == arm.key

    return Column("verdict", text, VERDICT, is_best=won, on_top=True)


def _seeds(verdict: Verdict) -> Column[ArmResults]:
    def text(arm: ArmResults) -> str:
        one = _against_leader(verdict, arm)
        return optional(one and one.seeds_needed, ",d")

    return Column("seeds to decide", text)


def _numbers(verdict: Verdict) -> list[Column[ArmResults]]:
    """Those beside the verdict; those of unbalanced classes where they are unbalanced, or decide."""
    also = {*of_unbalanced(verdict.sizes), verdict.metric}
    return [
        _number(verdict, name, heading)
        for name, heading in _headings().items()
        if name not in HEADING_OF or name in also
    ]


def _number(verdict: Verdict, name: str, heading: str) -> Column[ArmResults]:
    scaled = METRICS[name].moved and verdict.temperature != UNSCALED
    shown = f"{verdict.temperature}.{name}" if scaled else name
    return Column(heading, lambda arm: number_text(arm.spread(shown), name), on_top=name == "accuracy")


def _headings() -> dict[str, str]:
    """Of the numbers beside the verdict: those of the criteria, and what else is shown of unbalanced classes."""
    by_metric: dict[str, str] = {}
    for criterion in CRITERIA.values():
        by_metric |= {criterion.metric: criterion.heading} | (HEADING_OF if criterion.only_unbalanced else {})
    return by_metric
