"""What is said of the looks themselves, and of the given test labels beside them."""

from collections import Counter

from lsbench.analysis.looked import LookedVerdict
from lsbench.names.few import few
from lsbench.names.percent import percent
from lsbench.report.decision.looked_numbers import half_of, share_text
from lsbench.statistics.looks import schedule
from lsbench.statistics.looks.interval import FEWEST_EXPECTED

ALL = (
    "All of this takes the looked-at labels for right. Each interval is made to hold with 95 % whenever one stops to "
    "look, whatever is wrong with the given labels; of simulated ones 93 % and more did in nearly all settings, "
    "but as few as 40 % for an NLL that a few very sure mistakes decide, which the given labels repeat"
)
NAMED = 3  # arms in a sentence


def looks_sentences(looked: LookedVerdict) -> tuple[str, ...]:
    """Who looked at how many, how far they agree, what could not be told, and which answers count."""
    return (
        _looked_at(looked),
        _agreement(looked),
        _cannot_tell(looked),
        _unused(looked),
        _waiting(looked),
        _late(looked),
        _how(looked),
    )


def labels_sentences(looked: LookedVerdict) -> tuple[str, ...]:
    """How many test labels are not what people see."""
    verified, labels = looked.verified, looked.labels
    changed = int(verified.changed.sum())
    untold = int(verified.untold.sum())
    told = f", and of {untold:,} the answers don't tell" if untold else ""
    given = "given label that was" if verified.n == 1 else "given labels that were"
    verb = "is" if changed == 1 else "are"
    differ = f"Of the {verified.n:,} {given} looked at, {changed:,} {verb} not what people see{told}."
    share = f"Of all {verified.design.count:,} test labels that is about {share_text(labels.differ)}{half_of(untold)}."
    return (differ, share, _moves(looked))


def _looked_at(looked: LookedVerdict) -> str:
    verified = looked.verified
    people = "1 person" if len(verified.people) == 1 else f"{len(verified.people)} people"
    return (
        f"{people} looked at {verified.n:,} of {verified.design.count:,} test examples (design {verified.design.id})."
    )


def _agreement(looked: LookedVerdict) -> str:
    verified = looked.verified
    if verified.agreement is None:
        return "No example was answered by two people, so that how sure the looked-at labels are is not known."
    return (
        f"On {verified.agreement_n:,} examples two or more people answered; all gave the same answer on "
        f"{percent(verified.agreement, 0)} of them."
    )


def _cannot_tell(looked: LookedVerdict) -> str:
    """What has no single label, and how that is counted."""
    verified = looked.verified
    unclear = int((verified.labels < 0).sum())
    if not unclear:
        return ""
    told = f"; {verified.cannot_tell:,} of them can't be told at all" if verified.cannot_tell else ""
    return (
        f"{unclear:,} of the looks ({percent(unclear / verified.n)}) give no single class{told}: each interval holds "
        "whichever of the possible labels is right."
    )


def _unused(looked: LookedVerdict) -> str:
    unused = looked.verified.unused
    if not unused:
        return ""
    answers = "1 more answer is" if unused == 1 else f"{unused:,} more answers are"
    return f"{answers} not used, as an example before them in the order has none."


def _waiting(looked: LookedVerdict) -> str:
    if not looked.waiting:
        return ""
    announced, total = looked.verified.design.announced[0], looked.verified.design.count
    following = next((n for n in schedule(announced, total) if n > looked.verified.n), total)
    return (
        f"The last {looked.waiting:,} of them are not used yet by intervals that are made at fixed numbers of looks; "
        f"the next is at {following:,}."
    )


def _late(looked: LookedVerdict) -> str:
    """Which arms the looks were not chosen for."""
    late = looked.late
    if not late:
        return ""
    return (
        f"The examples were not chosen for some networks of {few(late, NAMED)}, which came later or can't "
        "be had: their intervals hold, but may be wider. If looked-at labels had a part in training, nothing holds."
    )


def _how(looked: LookedVerdict) -> str:
    """Which intervals there are."""
    ways = Counter(claim.gap.how for claim in looked.baseline_claims or looked.pair_claims)
    exact = ways.get("exact", 0)
    if not exact:
        return f"{ALL}."
    which = "of all comparisons are" if exact == ways.total() else f"of {exact} of {ways.total()} comparisons are"
    return (
        f"{ALL}. The intervals {which} exact, as below 25 looks and where fewer than {FEWEST_EXPECTED} "
        "moved the difference."
    )


def _moves(looked: LookedVerdict) -> str:
    """Which given labels were seen as what, the most frequent first; what came once says nothing of others."""
    classes = looked.verified.design.classes
    moves = [
        (count, classes[one.number], classes[k])
        for one in looked.labels.classes
        for k, count in enumerate(one.counts)
        if count > 1 and k != one.number
    ]
    if not moves:
        return ""
    moves.sort(key=lambda move: -move[0])
    listed = ", ".join(f"{given} as {shown} ({count})" for count, given, shown in moves[:NAMED])
    return f"Most often the given label and what people see were: {listed}."
