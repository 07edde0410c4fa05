"""What is said of a verdict by test labels that nobody vouches for: what they show, and what would change it."""

from collections.abc import Sequence

from lsbench.analysis.criteria import criterion_of
from lsbench.analysis.label_free import has_label_free
from lsbench.analysis.summary.quantity import is_percentage
from lsbench.analysis.verdict import Verdict
from lsbench.analysis.would_change import MOST, PairChange
from lsbench.noise.pooled import PooledNoise
from lsbench.report.tables import NOT_AVAILABLE
from lsbench.report.text import printable
from lsbench.statistics import undiluted

GIVEN = "What the given labels show"
CHANGE = "What would change it"
NEXT = "What to do next"
FITTED = "by this number a loss also looks better for fitting wrong labels"
RARE = "by this number they count most in the classes with the fewest examples"
NO_PAIR = "no two losses can be compared."
ALIKE = "symmetric and independent of the predictions"


def meaning(verdict: Verdict) -> str:
    """One line on what a comparison of accuracies against given labels means."""
    if not verdict.setting.tests_on_given or not verdict.may_claim:
        return ""
    return (
        "Nobody vouches for the test labels. Wrong ones that are symmetric and independent of the predictions make "
        "differences smaller; others can change the order."
    )


def no_recommendation(verdict: Verdict) -> str:
    """Why nothing is recommended, and what to do instead."""
    criterion = criterion_of(verdict.criterion)
    return (
        f"nothing is recommended by {criterion.plain or criterion.words}. Some of the test labels may be wrong, and "
        f"{RARE if criterion.only_unbalanced else FITTED}. Decide by accuracy (--by accuracy)"
        f"{', or look at the test labels and then vouch for them (--trust test)' * may_be_trusted(verdict)}."
    )


def may_be_trusted(verdict: Verdict) -> bool:
    """Whether somebody can vouch for the test labels: not for those that are known to have been made wrong."""
    return not (verdict.setting.test_noise_rate and verdict.setting.noise_is_known)


def what_would_change(verdict: Verdict) -> str:
    """The second layer in words; nothing where somebody vouches for the labels."""
    if verdict.would_change is None:
        return ""
    sentences = _of_numbers(verdict) if not verdict.may_claim else _of_pair(verdict)
    return printable(f"{CHANGE}: {' '.join(sentence for sentence in sentences if sentence)}")


def _of_numbers(verdict: Verdict) -> tuple[str, ...]:
    """Of a criterion by which nothing is claimed: the order, if the wrong labels were symmetric."""
    if len(verdict.compared) < 2:
        return (NO_PAIR,)
    words = criterion_of(verdict.criterion).words
    numbers = verdict.would_change.if_symmetric if verdict.would_change else {}
    if len(numbers) < 2:
        return (f"what the {words} against the true labels would be can't be told: {_why_untold(verdict)}.",)
    sign = -1 if verdict.better == "higher" else 1
    now = sorted(numbers, key=lambda key: sign * _size(verdict, given_mean(verdict, key)))
    then = sorted(numbers, key=lambda key: sign * _size(verdict, numbers[key][-1]))
    names = ", ".join(verdict.arms[key].name for key in then)
    same = "would be the same order" if now == then else "would be another order"
    return (
        f"if {percent(MOST)} of the test labels were wrong, {ALIKE}, it {same} by {words} against the true ones: "
        f"{names}, the best first. Nobody knows whether that is so.",
    )


def _why_untold(verdict: Verdict) -> str:
    """Why a criterion has no number against the true labels, were the wrong ones symmetric."""
    metric = criterion_of(verdict.criterion).metric
    if metric == "balanced_accuracy":
        return "the answers are not kept, or a class would have too few examples that are truly its own"
    if not has_label_free(metric):
        return "it does not follow from the number against the given ones and a rate of wrong labels"
    return "the log-probs of the test examples are not kept (--save-logits), or some are too low to be kept"


def given_mean(verdict: Verdict, key: object) -> float:
    """The mean over the seeds of the deciding number of an arm, against the labels as given."""
    mean = next(arm for arm in verdict.compared if arm.key == key).spread(verdict.metric)
    return 0.0 if mean is None else mean.mean


def _size(verdict: Verdict, value: float) -> float:
    return abs(value) if verdict.better == "zero" else value


def _of_pair(verdict: Verdict) -> tuple[str, ...]:
    """Of the pair that matters most; the table has the others."""
    pairs = verdict.would_change.pairs if verdict.would_change else ()
    if not pairs:
        return (NO_PAIR,)
    main, shown = pairs[0], [one for one in pairs if is_shown(verdict, one)]
    unshown = "" if main in shown else f"no difference between {main.leads.name} and {main.other.name} is shown."
    if not shown:
        return (unshown, _hidden(verdict), _equal(verdict))
    one, words = shown[0], criterion_of(verdict.criterion).words
    lead = f"{one.leads.name} leads {one.other.name} by {_points(verdict, one.lead)} of {words}."
    return (
        unshown,
        lead,
        _symmetric(verdict, one),
        _by_class(verdict, one),
        _estimated(one),
        _any(one),
        _not_kept(one),
        _others(shown[1:]),
        _equal(verdict),
    )


def _others(shown: Sequence[PairChange]) -> str:
    """That there are more claimed orders, and which of them the least noise by class reverses."""
    if not shown:
        return ""
    more = "Another pair is in the table" if len(shown) == 1 else f"{len(shown)} other pairs are in the table"
    least = min((one for one in shown if one.by_class), key=_rate, default=None)
    if least is None:
        return f"{more}."
    names = f"{least.leads.name} before {least.other.name}"
    return f"{more}; {names} is reversed soonest: {percent(_rate(least))} of wrong labels by class can be enough."


def _rate(one: PairChange) -> float:
    return one.by_class.rate if one.by_class else 1.0


def _equal(verdict: Verdict) -> str:
    """What the tolerance is worth, where something is said to lie within it."""
    claims = verdict.choice.baseline_claims
    if not verdict.tolerance or verdict.num_classes is None or all(one.finding != "equivalent" for one in claims):
        return ""
    larger = undiluted(1.0, MOST, verdict.num_classes)
    return (
        f"Equal within the tolerance is said of given labels: if {percent(MOST)} are wrong, {ALIKE}, "
        f"differences by the true ones are {larger:.2f} times as large."
    )


def first_shown(verdict: Verdict) -> PairChange | None:
    """The pair that the text is about: the first of which an order is claimed, if any is."""
    pairs = verdict.would_change.pairs if verdict.would_change else ()
    return next((one for one in pairs if is_shown(verdict, one)), None)


def is_shown(verdict: Verdict, one: PairChange) -> bool:
    """Whether an order of the pair is claimed: against ce, by a winner, or as the second may not be the best."""
    choice = verdict.choice
    if one.finding in ("better", "worse") or choice.winner in (one.leads.key, one.other.key):
        return True
    return one.leads.key == choice.leader and one.other.key not in choice.may_be_best


def _hidden(verdict: Verdict) -> str:
    """How much smaller wrong labels make a difference of accuracies."""
    if verdict.num_classes is None:
        return ""
    shown = 1 / undiluted(1.0, MOST, verdict.num_classes)
    return f"Wrong labels can hide one: if {percent(MOST)} are wrong, {ALIKE}, 1 point is seen as {shown:.2f}."


def percent(share: float) -> str:
    """A share as per cent, with three digits."""
    return f"{share * 100:.3g} %"


def _points(verdict: Verdict, size: float) -> str:
    return f"{size * 100:.2f} points" if is_percentage(verdict.metric) else f"{size:.4f}"


def _symmetric(verdict: Verdict, one: PairChange) -> str:
    if one.symmetric is None or not one.lead:
        return ""
    low, high = sorted((one.lead, one.symmetric.lead))
    return (
        f"If up to {percent(MOST)} of the labels are wrong, {ALIKE}, that order holds, and the lead is "
        f"{low * 100:.2f} to {_points(verdict, high)}."
    )


def _by_class(verdict: Verdict, one: PairChange) -> str:
    if one.disagreement is None:
        return ""
    if one.by_class is None:
        return "No wrong labels that differ by class alone, and fit the answers, were found to reverse it."
    move = move_text(verdict, one)
    return (
        f"If they are more frequent in some classes, {percent(one.by_class.rate)} of wrong labels can be enough to "
        f"reverse it, most of all {move}{_beside(verdict, one.by_class.rate)}."
    )


def _beside(verdict: Verdict, rate: float) -> str:
    """What held-out predictions say beside that share, if they say anything of the training labels."""
    told = verdict.held_out
    if not isinstance(told, PooledNoise) or not verdict.setting.trains_on_given:
        return ""
    more = ", fewer than that, which is no bound" if told.high < rate else ""
    return f" (held-out predictions contradict {percent(told.contradicted)} of the training labels{more})"


def move_text(verdict: Verdict, one: PairChange) -> str:
    """The largest part of the wrong labels by class that make a pair equal: `40 % of cat labelled dog`."""
    if one.by_class is None:
        return NOT_AVAILABLE
    true, given = one.by_class.main_move
    share = one.by_class.matrix[true, given]
    return f"{percent(share)} of {class_name(verdict, true)} labelled {class_name(verdict, given)}"


def class_name(verdict: Verdict, number: int) -> str:
    """The class's, or its number where no row tells it."""
    return verdict.sizes.classes[number] if verdict.sizes and number < len(verdict.sizes.classes) else str(number)


def _estimated(one: PairChange) -> str:
    if one.estimated is None:
        return ""
    stays = "would be reversed" if one.estimated.reverses else "would stay"
    return f"If test labels are wrong as held-out predictions contradict the training labels, the order {stays}."


def _any(one: PairChange) -> str:
    if one.disagreement is None:
        return ""
    n, differ, fewest = one.disagreement.examples, one.disagreement.differ, one.disagreement.fewest_wrong
    where = f"the {differ:,} of {n:,} test examples that the two answer differently"
    if fewest is None:
        return f"Even if all labels of {where} were wrong, the order would not be another."
    return (
        f"Whatever is wrong with the labels: {fewest:,} wrong ones ({percent(fewest / differ)}) among {where} can "
        "reverse it, fewer can't."
    )


def _not_kept(one: PairChange) -> str:
    return "" if one.answers else "What each test example got is not kept, so that nothing more can be said."
