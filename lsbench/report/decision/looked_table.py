"""What looked-at labels show, as tables: a line per arm; the lead of one; all metrics; the given labels by class."""

from collections.abc import Hashable
from dataclasses import replace

from lsbench.analysis.criteria import criterion_of
from lsbench.analysis.looked import LookedVerdict
from lsbench.analysis.looked.given_labels import GivenClass
from lsbench.analysis.looked.reaches import Reach
from lsbench.analysis.summary import BASELINE, ArmResults
from lsbench.names.dataset_name import shown_dataset
from lsbench.report.columns import Column, table_of
from lsbench.report.decision.looked import looked_paragraph
from lsbench.report.decision.looked_numbers import gap_text, looks_text, number_text, range_text, share_text
from lsbench.report.decision.numbers import after_text, place_text
from lsbench.report.fields import NAMES
from lsbench.report.intervals import least_text
from lsbench.report.tables import NOT_AVAILABLE, Table

GAPS = (
    f"Δ to {BASELINE}: by looked-at labels; of these networks on this test set, with the draw of the looks alone. All "
    "intervals of a column hold together with 95 %, whenever one stops to look."
)
NEW_SEEDS = "new seeds: other trainings of the losses, too. new examples: other test examples, too; – with one seed."
SHOWN = "shown: for what better or worse is shown, the widest that is; equal: within the tolerance."
OWN = "Each interval of an arm's own number holds for itself with 95 %, for these networks on this test set."
LEAD = (
    "better by at least: each bound for itself, as all must show it. Of these networks with 96 % for the loss that led "
    "by the given labels; with 97.5 % for new seeds and examples."
)
OTHERS = "Each interval holds for itself with 95 %, for these networks on this test set. Numbers to weigh, not claims."
ECE = (
    "ECE is no mean over examples: a few looks make it larger. by chance: about what perfectly calibrated networks "
    "would show at so many looks. No claim is made by it."
)
BY_CLASS = (
    "given as: the class by the given label. differ: looks by which it is not that class. share: of the class's test "
    "examples, with an interval that holds for itself with 95 %, from 10 looks on. seen as: by number of looks."
)
HEADINGS = {"accuracy": "accuracy %", "nll": "NLL", "brier": "Brier", "signed_error": "acc − conf %"}
REACHES = {Reach.NETWORKS: "this test set", Reach.LOSS: "new seeds", Reach.EXAMPLES: "new examples"}


def looked_tables(looked: LookedVerdict, *, with_text: bool = False) -> list[Table]:
    """All of them; of a criterion by which nothing is claimed without the claims. with_text: the advice on top."""
    claims = [claims_table(looked), *lead_table(looked)] if looked.may_claim else []
    first, *others = [*claims, *metrics_tables(looked), classes_table(looked)]
    return [replace(first, above=(looked_paragraph(looked), *first.above)) if with_text else first, *others]


def claims_table(looked: LookedVerdict) -> Table:
    """A line per arm: its number, its difference to ce, and for what that is shown."""
    verdict, metric = looked.verdict, looked.metric or ""
    words = criterion_of(verdict.criterion)
    columns = (
        *NAMES,
        Column[ArmResults](
            f"{words.heading} [95 %]",
            lambda arm: _number(looked, arm, metric),
            OWN,
        ),
        *(_baseline_columns(looked) if looked.baseline_claims else ()),
        Column[ArmResults]("may be best here", lambda arm: _best(looked, arm.key), BEST, on_top=True),
    )
    title = f"by {verdict.criterion}{after_text(verdict)}, {looks_text(looked.verified.n)}: {place_text(verdict)}"
    return table_of(title, columns, verdict.arms.values())


BEST = (
    "may be best here: the best of the compared networks on this test set are among them with 95 %; winner: shown to "
    "be better than every other."
)


def _best(looked: LookedVerdict, arm: Hashable) -> str:
    if arm not in looked.compared:
        return "not compared"
    if looked.winners[Reach.NETWORKS] == arm:
        return "winner"
    return "yes" if arm in looked.may_be_best[Reach.NETWORKS] else "no"


def _baseline_columns(looked: LookedVerdict) -> tuple[Column[ArmResults], ...]:
    metric, claims = looked.metric or "", looked.against_baseline

    def limits(reach: Reach) -> Column[ArmResults]:
        return Column(
            REACHES[reach],
            lambda arm: (
                range_text(claims[arm.key].gap.ranges.get(reach), metric) if arm.key in claims else NOT_AVAILABLE
            ),
            NEW_SEEDS,
        )

    return (
        Column(
            f"Δ to {BASELINE} [joint 95 %]",
            lambda arm: gap_text(claims[arm.key].gap, metric) if arm.key in claims else NOT_AVAILABLE,
            GAPS,
            on_top=True,
        ),
        limits(Reach.LOSS),
        limits(Reach.EXAMPLES),
        Column("shown", lambda arm: _shown(looked, arm.key), SHOWN, on_top=True),
    )


def _shown(looked: LookedVerdict, arm: Hashable) -> str:
    claim = looked.against_baseline.get(arm)
    if claim is None:
        return NOT_AVAILABLE
    if claim.reach is None:
        return "equal" if claim.finding == "equivalent" else claim.finding
    return f"{claim.findings[claim.reach]}, {REACHES[claim.reach]}"


def lead_table(looked: LookedVerdict) -> list[Table]:
    """By how much the winner, or the arm that led by the given labels, is better than each other; none without one."""
    leads = looked.leads
    if leads is None:
        return []
    verdict, metric = looked.verdict, looked.metric or ""
    name = verdict.arms[leads.arm].name
    unit = 100 if "%" in HEADINGS[metric] else 1
    digits = 2 if unit == 100 else 4

    def bound(reach: Reach) -> Column[ArmResults]:
        def text(arm: ArmResults) -> str:
            least = leads.at_least[arm.key].get(reach)
            return NOT_AVAILABLE if least is None else least_text(least, unit, digits)

        return Column(REACHES[reach], text, LEAD, on_top=reach is Reach.NETWORKS)

    columns = (
        Column[ArmResults]("than", lambda arm: arm.name, names_line=True),
        Column[ArmResults]("estimate", lambda arm: f"{leads.estimate[arm.key] * unit:+.{digits}f}"),
        *map(bound, Reach),
    )
    others = [arm for arm in verdict.arms.values() if arm.key in leads.at_least]
    return [table_of(f"{name} better by at least: {place_text(verdict)}", columns, others)]


def metrics_tables(looked: LookedVerdict) -> list[Table]:
    """The numbers of each arm by all metrics that a few labels can estimate, its ECE, and the differences to ce."""
    verdict, ece = looked.verdict, looked.ece

    def own(metric: str) -> Column[ArmResults]:
        return Column(HEADINGS[metric], lambda arm: _number(looked, arm, metric), OTHERS)

    def difference(metric: str) -> Column[ArmResults]:
        of_arm = looked.numbers[metric]
        return Column(
            f"Δ {HEADINGS[metric]}",
            lambda arm: gap_text(one.to_baseline if (one := of_arm.get(arm.key)) else None, metric),
            OTHERS,
        )

    def ece_text(arm: ArmResults) -> str:
        one = ece.get(arm.key)
        return NOT_AVAILABLE if one is None else f"{one.value * 100:.1f} ({one.by_chance * 100:.1f})"

    after = f"by {looks_text(looked.verified.n)}{after_text(verdict)}: {place_text(verdict)}"
    columns = (*NAMES, *map(own, HEADINGS), Column[ArmResults]("ECE % (by chance)", ece_text, ECE))
    table = table_of(after, columns, verdict.arms.values())
    against = [
        arm for arm in verdict.arms.values() if arm.key in looked.compared and arm.key != verdict.choice.baseline
    ]
    if verdict.choice.baseline not in looked.compared or not against:
        return [table]
    return [table, table_of(f"minus {BASELINE}, {after}", (*NAMES, *map(difference, HEADINGS)), against)]


def _number(looked: LookedVerdict, arm: ArmResults, metric: str) -> str:
    one = looked.numbers[metric].get(arm.key)
    return number_text(one and one.number, metric, is_finite=arm.name not in looked.not_finite.get(metric, ()))


def classes_table(looked: LookedVerdict) -> Table:
    """A line per class of the given labels: how many were looked at, and what they are seen as."""
    names = looked.verified.design.classes

    def seen_as(one: GivenClass) -> str:
        others = sorted(((n, k) for k, n in enumerate(one.counts) if n and k != one.number), key=lambda move: -move[0])
        listed = [f"{names[k]} {n}" for n, k in others] + [f"unclear {one.unclear}"] * bool(one.unclear)
        return ", ".join(listed) or NOT_AVAILABLE

    def share(one: GivenClass) -> str:
        if one.differs is None:
            return NOT_AVAILABLE
        return share_text(one.differs).replace(" %", "")

    columns = (
        Column[GivenClass]("given as", lambda one: names[one.number], BY_CLASS, names_line=True),
        Column[GivenClass]("examples", lambda one: f"{one.examples:,}"),
        Column[GivenClass]("looked at", lambda one: f"{one.looked:,}"),
        Column[GivenClass]("differ", lambda one: f"{one.changed:,}"),
        Column[GivenClass]("share %", share),
        Column[GivenClass]("seen as", seen_as),
    )
    title = f"given test labels beside looked-at ones: {shown_dataset(looked.verified.design.dataset)}"
    return table_of(title, columns, looked.labels.classes)
