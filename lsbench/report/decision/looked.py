"""What looked-at labels show, in words: what to do first, then what it rests on."""

from collections.abc import Hashable, Sequence

from lsbench.analysis.criteria import criterion_of, options_of
from lsbench.analysis.looked import LookedVerdict
from lsbench.analysis.looked.families import LookedClaim
from lsbench.analysis.looked.metrics import BY_LABEL
from lsbench.analysis.looked.reaches import Reach
from lsbench.analysis.summary import BASELINE
from lsbench.analysis.summary.quantity import is_percentage
from lsbench.names.few import few
from lsbench.names.percent import points
from lsbench.report.chosen import every_other
from lsbench.report.decision.given import NEXT
from lsbench.report.decision.looked_labels import labels_sentences, looks_sentences
from lsbench.report.decision.looked_numbers import looks_text, range_text, signed_text
from lsbench.report.decision.looked_steps import looked_steps
from lsbench.report.decision.nothing import is_nothing_shown, no_difference
from lsbench.report.decision.numbers import after_text, place_text
from lsbench.report.family import family_text
from lsbench.report.lost import lost_text
from lsbench.report.text import joined, printable

NAMED = 2  # arms with their numbers in a sentence; the table has them all
HOLDS = {  # what a claim holds for
    Reach.NETWORKS: "on this test set, for these networks",
    Reach.LOSS: "on this test set, for new seeds too",
    Reach.EXAMPLES: "for new seeds and new test examples too",
}
LISTED = {  # the same, in a list of findings
    Reach.NETWORKS: "for these networks on this test set",
    Reach.LOSS: "for new seeds too",
    Reach.EXAMPLES: "for new seeds and new examples too",
}


def looked_paragraphs(looked: LookedVerdict) -> list[str]:
    """All that is said: the advice; what it rests on; the looks and the labels; what to do next."""
    steps = looked_steps(looked)
    parts = (
        looked_paragraph(looked),
        joined((*_numbers(looked), _not_finite(looked))),
        joined(looks_sentences(looked)),
        joined(labels_sentences(looked)),
        lost_text(looked.verdict.all_arms, compares=looked.may_claim),
        f"{NEXT}: {' '.join(steps)}" if steps else "",
    )
    return [printable(text) for text in parts if text]


def looked_paragraph(looked: LookedVerdict) -> str:
    """What to do, in plain words."""
    n = looked.verified.n
    head = f"{place_text(looked.verdict)}: what {looks_text(n)} show{'s' * (n == 1)}: "
    if not looked.may_claim:
        return printable(head + _why_not(looked))
    return printable(head + joined((_advice(looked), _beyond(looked), _may_be_best(looked), _order(looked))))


def _why_not(looked: LookedVerdict) -> str:
    """Why no loss is compared with another."""
    criterion = criterion_of(looked.verdict.criterion)
    if looked.metric is None:
        return (
            f"nothing is recommended by {criterion.plain or criterion.words}, which is no mean over examples: a few "
            f"labels don't tell it. Decide by one that is: {options_of(BY_LABEL)}."
        )
    infinite = looked.not_finite.get(looked.metric, ())
    unkept = [name for name in looked.unkept if name not in infinite]
    if infinite and not unkept:
        return f"nothing is recommended by {criterion.words}, as no two losses can be compared by it."
    if unkept:
        return (
            f"nothing is recommended by {criterion.plain or criterion.words}: what the networks gave for each test "
            f"example is not kept of {', '.join(unkept)}. Train without --no-per-example; of a published data set with"
            " --save-logits, or decide by accuracy."
        )
    return "nothing is recommended, as no two losses can be compared."


def _advice(looked: LookedVerdict) -> str:
    criterion, suggested = criterion_of(looked.verdict.criterion), looked.suggested
    by = f"by {criterion.plain or criterion.words}"
    if suggested is None:
        return ""
    name = plain_name(looked, suggested.key)
    others = every_other(looked.verdict.all_arms)
    if looked.winner is not None:
        return f"take {name}. It is shown to be {better(looked)} {by} than {others}, {HOLDS[looked.winner[1]]}."
    claim = looked.against_baseline.get(suggested.key)
    if claim is not None and claim.finding == "better" and claim.reach is not None:
        return (
            f"take {name}. It is shown to be {better(looked)} {by} than plain cross-entropy, {HOLDS[claim.reach]}, "
            f"but not than {others}."
        )
    findings = [claim.findings.get(reach, "undecided") for claim in _claims(looked) for reach in Reach]
    is_usual = suggested.key == looked.verdict.choice.baseline
    tolerance, may_be_best = looked.verdict.tolerance, looked.may_be_best[Reach.NETWORKS]
    if is_usual and is_nothing_shown(findings, may_be_best, looked.compared, tolerance=tolerance):
        return no_difference(by, name, is_usual=True, beyond=amount(looked) if tolerance else "")
    if is_usual:
        return f"take {name}. No other loss is shown to be {better(looked)} {by}."
    return f"{name} led {by} by the given labels. It is not shown to be {better(looked)} than {others}."


def _claims(looked: LookedVerdict) -> tuple[LookedClaim, ...]:
    return (*looked.baseline_claims, *looked.pair_claims)


def _beyond(looked: LookedVerdict) -> str:
    """What is not shown beyond the advice: of the loss, and of new test examples."""
    reach = looked.reach
    if reach is None or reach is Reach.EXAMPLES:
        return ""
    claim = looked.baseline_claims or looked.pair_claims
    there = {one for each in claim for one in each.gap.ranges}
    if Reach.LOSS not in there:
        return "Of the loss itself nothing is shown: that takes more seeds."
    examples = "" if Reach.EXAMPLES in there else ", of which nothing can be said as they come in groups"
    if reach is Reach.LOSS:
        return f"That it is so on other test examples is not shown{examples}."
    return f"That it is so with other seeds, or on other test examples{examples}, is not shown."


def _may_be_best(looked: LookedVerdict) -> str:
    if looked.winner is not None:
        return ""
    names = [plain_name(looked, arm) for arm in looked.may_be_best[Reach.NETWORKS]]
    within = f", or is worse than the best by no more than {amount(looked)}" if looked.verdict.tolerance else ""
    if len(names) == len(looked.compared):
        return f"None of the {len(names)} losses that are compared can be ruled out as the best of them here."
    one_of = "are those of" if len(names) == 1 else "are those of one of:"
    return f"With 95 % confidence the best networks of those compared here {one_of} {', '.join(names)}{within}."


def _order(looked: LookedVerdict) -> str:
    """That the looks put another loss before the one that the given labels had in front."""
    suggested, named = looked.suggested, looked.named
    if suggested is None or named is None or named == suggested.key or named not in looked.compared:
        return ""
    ours = {(claim.arm, claim.other): claim.finding for claim in (*looked.pair_claims, *looked.baseline_claims)}
    shown = ours.get((named, suggested.key)) == "worse" or ours.get((suggested.key, named)) == "better"
    name = plain_name(looked, named)
    if looked.winner is not None or shown:
        return f"By the given labels {name} was in front; it is shown to be worse."
    return f"By the given labels {name} was in front."


def _numbers(looked: LookedVerdict) -> tuple[str, ...]:
    return (_against_baseline(looked), _against_named(looked)) if looked.may_claim else ()


def _not_finite(looked: LookedVerdict) -> str:
    """Which arms have no number by which they could be compared."""
    names = looked.not_finite.get(looked.metric or "", ())
    if not names:
        return ""
    return (
        f"Not compared, as a network gives some class a probability of 0, or nearly, so that its {_words(looked)} is"
        f" not finite: {', '.join(names)}."
    )


def _against_baseline(looked: LookedVerdict) -> str:
    """The family that was fixed before anything was seen; what is shown, and how far it reaches."""
    claims = looked.baseline_claims
    if not claims:
        return ""
    family = family_text(looked.baseline_size, "comparison")
    parts = [_listed(looked, claims, finding, reach) for finding in ("better", "worse") for reach in reversed(Reach)]
    rest = [_named(looked, claims, finding) for finding in ("equivalent", "undecided")]
    said = "; ".join(part for part in (*parts, *rest) if part)
    return f"Against {BASELINE} by {_words(looked)} ({family} at the 5 % level): {said}."


def _listed(looked: LookedVerdict, claims: Sequence[LookedClaim], finding: str, reach: Reach) -> str:
    some = [claim for claim in claims if claim.findings.get(reach) == finding and claim.reach is reach]
    if not some:
        return ""
    some.sort(key=lambda claim: -abs(claim.gap.mean))
    return f"{finding} {LISTED[reach]}: {_with_ranges(looked, some, reach)}"


def _named(looked: LookedVerdict, claims: Sequence[LookedClaim], finding: str) -> str:
    some = [claim for claim in claims if claim.reach is None and claim.finding == finding]
    if not some:
        return ""
    tolerance = " within the tolerance" if looked.verdict.tolerance else " whatever the labels are"
    word = f"equal{tolerance}" if finding == "equivalent" else finding
    some.sort(key=lambda claim: -abs(claim.gap.mean))
    return f"{word}: {_with_ranges(looked, some, Reach.NETWORKS)}"


def _with_ranges(looked: LookedVerdict, claims: Sequence[LookedClaim], reach: Reach) -> str:
    metric = looked.metric or ""
    shown = (
        f"{looked.verdict.arms[one.arm].name} ({signed_text(one.gap.mean, metric)}"
        f" {range_text(one.gap.ranges.get(reach), metric)})"
        for one in claims
    )
    return few(shown, NAMED)


def _against_named(looked: LookedVerdict) -> str:
    """What all pairs show of the arm that led by the given labels, where that is not ce."""
    named, verdict = looked.named, looked.verdict
    if named is None or named == verdict.choice.baseline or named not in looked.compared:
        return ""
    worse = [
        verdict.arms[claim.other if claim.arm == named else claim.arm].name
        for claim in looked.pair_claims
        if named in (claim.arm, claim.other) and claim.finding == ("better" if claim.arm == named else "worse")
    ]
    if not worse or looked.winner is not None:
        return ""
    family = family_text(looked.pairs_size, "pair")
    return f"Shown to be worse than {verdict.arms[named].name} on this test set ({family}): {', '.join(worse)}."


def plain_name(looked: LookedVerdict, arm: Hashable) -> str:
    """The arm's name; plain cross-entropy of ce."""
    one = looked.verdict.arms[arm]
    return "plain cross-entropy" if one.key.loss == BASELINE else one.name


def better(looked: LookedVerdict) -> str:
    """`better`, or by how much more than the tolerance."""
    return f"more than {amount(looked)} better" if looked.verdict.tolerance else "better"


def amount(looked: LookedVerdict) -> str:
    """The tolerance with its unit."""
    size = looked.verdict.tolerance
    return points(size) if is_percentage(looked.verdict.metric) else f"{size:.3g}"


def _words(looked: LookedVerdict) -> str:
    return criterion_of(looked.verdict.criterion).words + after_text(looked.verdict)
