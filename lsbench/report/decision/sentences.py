"""A verdict in words: first in plain ones, for who wants to know what to do; then the evidence."""

from lsbench.analysis.criteria import criterion_of
from lsbench.analysis.summary import BASELINE, ArmResults
from lsbench.analysis.summary.quantity import is_percentage
from lsbench.analysis.verdict import Verdict
from lsbench.names.few import few
from lsbench.report.chosen import every_other, how_chosen, what_is_counted
from lsbench.report.decision.chance import chance_text
from lsbench.report.decision.given import GIVEN, NEXT, meaning, no_recommendation, what_would_change
from lsbench.report.decision.label_sentences import given_the_truth, labels_text, oracles_text
from lsbench.report.decision.next_steps import next_steps
from lsbench.report.decision.nothing import is_nothing_shown, no_difference
from lsbench.report.decision.numbers import (
    after_text,
    at_majority,
    deciding,
    delta_text,
    is_tie,
    number_text,
    place_text,
    quantity_text,
)
from lsbench.report.decision.seeds import needed_text
from lsbench.report.family import family_text
from lsbench.report.fields import seeds_text
from lsbench.report.lost import lost_text, why_apart
from lsbench.report.sizes import majority_text
from lsbench.report.text import joined, printable
from lsbench.statistics import FEWEST_SEEDS, Claim

NAMED = 2  # arms with their intervals in a sentence, the surest of each finding; the table has them all


def paragraph(verdict: Verdict) -> str:
    """What to do, in plain words: no symbol, no abbreviation, no statistics."""
    if not verdict.may_claim:
        said = no_recommendation(verdict)
    else:
        parts = (_advice(verdict), given_the_truth(verdict), _may_be_best(verdict), _left_out(verdict))
        said = joined((*parts, how_chosen(verdict.all_arms), meaning(verdict)))
    layer = f"{GIVEN[0].lower()}{GIVEN[1:]}: " * verdict.setting.tests_on_given
    return printable(f"{place_text(verdict)}: {layer}{said}")


def evidence(verdict: Verdict) -> str:
    """What the advice rests on, in one text: see `evidence_paragraphs`."""
    return joined(evidence_paragraphs(verdict))


def evidence_paragraphs(verdict: Verdict) -> list[str]:
    """What the advice rests on, in short paragraphs.

    The numbers and what is shown against ce; the leader, and what is assumed; what is counted once, or not compared;
    the labels.
    """
    counted = what_is_counted(verdict.all_arms, verdict.choice.counted)
    claims = (
        (_number(verdict), _against_baseline(verdict), _missed(verdict), chance_text(verdict)),
        (_against_leader(verdict), _assumptions(verdict)),
        (_same_function(verdict), _majority(verdict), counted),
    )
    told = ((lost_text(verdict.all_arms, compares=verdict.may_claim),), (labels_text(verdict), oracles_text(verdict)))
    texts = map(joined, (*(claims if verdict.may_claim else ()), *told))
    return [printable(text) for text in texts if text]


def paragraphs(verdict: Verdict) -> list[str]:
    """All that is said of a verdict: the advice, its evidence, and of given test labels two more layers."""
    return [text for text in (paragraph(verdict), *evidence_paragraphs(verdict), *layers(verdict)) if text]


def layers(verdict: Verdict) -> list[str]:
    """What would change it, and what to do next; nothing where somebody vouches for the test labels."""
    change, steps = what_would_change(verdict), next_steps(verdict)
    return [*([change] if change else []), *([printable(f"{NEXT}: {' '.join(steps)}")] if steps else [])]


def _plain_name(arm: ArmResults) -> str:
    return "plain cross-entropy" if arm.key.loss == BASELINE else arm.name


def _advice(verdict: Verdict) -> str:
    choice, suggested, criterion = verdict.choice, verdict.suggested, criterion_of(verdict.criterion)
    by = f"by {criterion.plain or criterion.words}"
    if suggested is None:
        return f"no advice {by}, as the training of every loss failed or diverged at least once."
    name = _plain_name(suggested)
    if choice.winner is not None:
        others = every_other(verdict.all_arms)
        return f"take {name}. It is shown to be {_better(verdict)} {by} than {others}{_where(verdict)}."
    if len(verdict.compared) == 1:
        return f"{name} is the only loss that can be compared {by}, so nothing is shown."
    claims = (*choice.baseline_claims, *choice.pair_claims, *verdict.on_test_set.baseline_claims)
    findings = [claim.finding for claim in claims]
    is_usual = suggested.key == choice.baseline
    nothing = is_nothing_shown(findings, choice.may_be_best, verdict.compared, tolerance=verdict.tolerance)
    if nothing and (is_usual or not choice.too_few):
        beyond = _amount(verdict) if verdict.tolerance else ""
        return no_difference(by, name, is_usual=is_usual, beyond=beyond)
    if is_usual:
        return f"take {name}. No other loss is shown to be {_better(verdict)} {by}."
    enough = " of those with enough seeds in common" * bool(choice.too_few)
    leads = f", which is the best {by} so far{enough}" if suggested.key == choice.leader else ""
    return f"take {name}{leads}. {_not_a_winner(verdict, '' if leads else f' {by}')}"


def _where(verdict: Verdict) -> str:
    """What a claim is limited to: nothing is added where it holds for other test examples, too."""
    return ", on this test set" * (verdict.on == "this test set")


def _not_a_winner(verdict: Verdict, by: str) -> str:
    choice = verdict.choice
    claim, others = verdict.claim_of_suggested, every_other(verdict.all_arms)
    if claim is not None and claim.finding == "better":
        than = f"plain cross-entropy{_where(verdict)}, but not than {others}"
        return f"It is shown to be {_better(verdict)}{by} than {than}."
    if choice.baseline is not None and choice.baseline in choice.lost:
        return "Nothing is shown of it against plain cross-entropy."
    return f"It is not shown to be {_better(verdict)} than {others}."


def _may_be_best(verdict: Verdict) -> str:
    """The set that holds the best of the compared arms with 95 %."""
    if verdict.choice.winner is not None or len(verdict.compared) < 2:
        return ""
    names = [_plain_name(arm) for arm in verdict.compared if arm.key in verdict.choice.may_be_best]
    if len(names) == len(verdict.compared):
        return f"None of the {len(names)} losses that are compared can be ruled out as the best of them."
    if len(names) == 1 and not verdict.tolerance:
        of_these = " by these labels" * verdict.setting.tests_on_given
        return f"With 95 % confidence it is the best of the {len(verdict.compared)} that are compared{of_these}."
    within = f", or is worse than the best by no more than {_amount(verdict)}" if verdict.tolerance else ""
    by_these = " by these labels" * verdict.setting.tests_on_given
    return f"With 95 % confidence the best of those compared{by_these} is one of: {', '.join(names)}{within}."


def _left_out(verdict: Verdict) -> str:
    if verdict.suggested is None:
        return ""
    lost = [_plain_name(arm) for arm in verdict.lost if not arm.comparable]
    if not lost:
        return ""
    return f"Nothing is said of {', '.join(lost)}, whose training failed or diverged at least once."


def _number(verdict: Verdict) -> str:
    if verdict.suggested is None or (spread := deciding(verdict, verdict.suggested)) is None:
        return ""
    number = number_text(spread, verdict.metric) + (" %" if is_percentage(verdict.metric) else "")
    words = criterion_of(verdict.criterion).words
    return f"{verdict.suggested.name}: {words} {number}{after_text(verdict)}, {seeds_text(spread.n)}."


def _against_baseline(verdict: Verdict) -> str:
    """All of the family that was fixed before the data were seen."""
    claims = [claim for claim in verdict.choice.baseline_claims if claim.arm not in verdict.choice.lost]
    if verdict.choice.baseline is None and verdict.suggested is not None:
        return "Plain cross-entropy was not trained here, so nothing is compared with it."
    if not claims or verdict.choice.baseline in verdict.choice.lost:
        return ""
    parts = [part for finding in FINDINGS if (part := _found(verdict, claims, finding))]
    if not parts:  # all of them are named as no better than the majority class
        return ""
    family = family_text(verdict.choice.baseline_size, "comparison")
    return f"Against {BASELINE}, on {verdict.on} ({family} at the 5 % level): {'; '.join(parts)}."


NOT_COMPARED = "not compared"
FINDINGS = {
    "better": "better",
    "worse": "worse",
    "equivalent": "equal within the tolerance",
    "undecided": "undecided",
    NOT_COMPARED: NOT_COMPARED,
}


def _found(verdict: Verdict, claims: list[Claim], finding: str) -> str:
    some = sorted(
        (one for one in claims if (one.finding if one.difference else NOT_COMPARED) == finding), key=_strength
    )
    some = [claim for claim in some if not _named_elsewhere(verdict, claim)]
    if not some:
        return ""
    shown = few((f"{verdict.arms[claim.arm].name} ({_how_sure(verdict, claim)})" for claim in some), NAMED)
    spread = any(claim.difference is not None and claim.difference.n > 1 and not is_tie(claim) for claim in some)
    hint = "; --tolerance says what is close enough" * (finding == "undecided" and spread and not verdict.tolerance)
    rounding = finding == "equivalent" and not verdict.tolerance
    word = "equal up to rounding" if rounding else FINDINGS[finding]
    return f"{word}: {shown}{hint}"


def _named_elsewhere(verdict: Verdict, claim: Claim) -> bool:
    """Whether it is equal to ce because both may answer the majority class alone, which is said as what it is."""
    return (claim.finding == "equivalent" or is_tie(claim)) and at_majority(verdict, verdict.arms[claim.arm])


def _strength(claim: Claim) -> tuple[float, float]:
    """A key that puts the surest first: the smallest p, then the largest difference."""
    size = abs(claim.difference.mean) if claim.difference else 0.0
    return (1.0 if claim.p_adjusted is None else claim.p_adjusted, -size)


def _how_sure(verdict: Verdict, claim: Claim) -> str:
    if claim.difference is None:
        arm = verdict.arms[claim.arm]
        baseline = verdict.arms[claim.other]
        return why_apart(arm if not arm.compared(verdict.metric) else baseline, verdict.metric)
    if is_tie(claim):
        return "the same at every seed, though the networks differ"
    needed = needed_text(verdict.choice, claim)
    return delta_text(claim.difference, verdict.metric) + (f"; {needed} seeds would tell" if needed else "")


def _missed(verdict: Verdict) -> str:
    """How much could have been missed, where something is undecided."""
    if (missed := verdict.choice.could_be_missed) is None:
        return ""
    arm, size = missed
    least = f" (of {verdict.arms[arm].name}, the least certain)" if len(verdict.choice.baseline_claims) > 1 else ""
    if is_percentage(verdict.metric) and size >= 1:
        return "These seeds are too few to find any possible difference 4 times in 5."
    return f"A difference of {quantity_text(verdict, size)} is found 4 times in 5 with these seeds{least}."


def _against_leader(verdict: Verdict) -> str:
    """What the data chose, in the family of all pairs: only what is shown."""
    choice = verdict.choice
    if choice.leader is None or choice.leader == choice.baseline:
        return ""
    worse = [verdict.arms[key].name for key, claim in choice.against_leader.items() if claim.finding == "worse"]
    leader, family = verdict.arms[choice.leader].name, family_text(choice.pairs_size, "pair")
    shown = f"Shown to be worse than {leader}, which leads ({family}): {', '.join(worse)}." if worse else ""
    undecided = _not_apart(verdict, leader, "" if worse else f" ({family})") if choice.baseline is None else ""
    return joined((shown, undecided))


def _not_apart(verdict: Verdict, leader: str, family: str) -> str:
    """Which arms are undecided against the leader, where there is no ce whose family would say more."""
    claims = sorted(
        (one for one in verdict.choice.against_leader.values() if one.finding == "undecided" and one.difference),
        key=_strength,
    )
    if not claims:
        return ""
    named = few((f"{verdict.arms[one.arm].name} ({_how_sure(verdict, one)})" for one in claims), NAMED)
    return f"Undecided against {leader}, which leads{family}: {named}."


def _assumptions(verdict: Verdict) -> str:
    """What a reader has to take on trust, or with care."""
    if len(verdict.compared) < 2:
        return ""
    counts = sorted({arm.n for arm in verdict.compared})
    unequal = f"Losses have {counts[0]} to {counts[-1]} seeds; two are compared over those that both have."
    normal = f"With fewer than {FEWEST_SEEDS} seeds a normal distribution of differences is assumed."
    far = {verdict.arms[key].name: one.far_seeds for key, one in verdict.choice.evidence.items() if one.far_seeds}
    odd = few((f"{name} ({seeds_text(n)})" for name, n in far.items()), NAMED)
    too_few = ", ".join(verdict.arms[key].name for key in verdict.choice.too_few)
    return joined(
        (
            unequal * (len(counts) > 1),
            normal * (1 < counts[0] < FEWEST_SEEDS),
            f"Too few seeds in common with the others to lead: {too_few}." * bool(too_few),
            "With one seed nothing can be shown; train more." * (counts == [1]),
            f"The difference to {BASELINE} at some seeds lies far from that at the others: {odd}." * bool(odd),
        )
    )


def _same_function(verdict: Verdict) -> str:
    """Which arms stand for others, and what rounding alone did to them."""
    return joined(
        f"{verdict.arms[key].name} stands for {', '.join(arm.name for arm in same)}: the same function, trained apart."
        for key, same in verdict.same.items()
        if key in verdict.arms
    )


def _majority(verdict: Verdict) -> str:
    """What is not shown to be more accurate than one answer; balanced accuracy shows by itself what that is worth."""
    if verdict.sizes is None or not verdict.no_better or criterion_of(verdict.criterion).only_unbalanced:
        return ""
    text = majority_text(verdict.sizes, verdict.no_better)
    return f"{text[0].upper()}{text[1:]}."


def _better(verdict: Verdict) -> str:
    """`better`, or by how much more than the tolerance: `more than 2 points better`."""
    return f"more than {_amount(verdict)} better" if verdict.tolerance else "better"


def _amount(verdict: Verdict) -> str:
    return quantity_text(verdict, verdict.tolerance)
