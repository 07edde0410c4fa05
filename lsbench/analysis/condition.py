"""Conditions for continuous integration: `accuracy(fused,0.1) < accuracy(ce) - 0.5`, in the units of the tables."""

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lsbench.analysis.summary import ArmResults, Setting, arms_by_setting, retry_text
from lsbench.analysis.summary.quantity import P_VALUES, is_dishonest, is_percentage, needs_truth, require_name
from lsbench.analysis.summary.setting_text import distinguishing_words, head_text, titled
from lsbench.errors import InputError, require_number
from lsbench.names.catalogue import LOSSES
from lsbench.names.cross_fit import WORDS
from lsbench.names.reference import is_own
from lsbench.names.registry import lookup
from lsbench.rows.row import Row
from lsbench.spec import Hyper

COMPARES: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
NUMBER = r"\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+"
TERM = re.compile(rf"\s*([+-]?)\s*(?:({NUMBER})|(baseline\.)?([\w.:-]+)\(([^()]*)\))\s*")
EXAMPLE = "try something like: accuracy(fused,0.1) < accuracy(ce) - 0.5"


@dataclass(frozen=True)
class Term:
    """A signed number, or a signed mean over seeds of one arm's number."""

    sign: int
    number: float = 0.0
    name: str = ""  # as `value_of` takes it; "" for a number
    loss: str = ""
    hyper: Hyper = ()  # as given; what tells no arms apart may be left out
    of_baseline: bool = False  # in the --baseline folder


@dataclass(frozen=True)
class Condition:
    """left compare right, each a sum of terms."""

    text: str
    left: tuple[Term, ...]
    compare: str
    right: tuple[Term, ...]

    @property
    def needs_baseline(self) -> bool:
        """Whether a term is of the --baseline folder."""
        return any(term.of_baseline for term in (*self.left, *self.right))


@dataclass(frozen=True)
class ConditionResult:
    """A condition in one setting."""

    setting: Setting
    place: str  # the setting in words
    left: float
    right: float
    holds: bool


def parse(text: str, *, show_dishonest: bool = False) -> Condition:
    """Read a condition; `InputError` for what can't be read, and for a number that is chosen by the test labels."""
    parts = re.split(r"(<=|>=|<|>)", text)
    if len(parts) != 3:
        raise InputError(f"condition {text!r} must have one of <, <=, >, >=; {EXAMPLE}")
    condition = Condition(text, _terms(parts[0], text), parts[1], _terms(parts[2], text))
    for term in (*condition.left, *condition.right):
        if not show_dishonest and is_dishonest(term.name):
            raise InputError(
                f"condition {text!r}: {term.name} is chosen by the test labels; --show-dishonest allows it"
            )
    return condition


def check(
    condition: Condition, rows: Sequence[Row], baseline: Sequence[Row] = (), *, survivors: bool = False
) -> list[ConditionResult]:
    """Evaluate it in every setting that has all arms it names: means over the seeds that these share.

    `InputError` where no setting has them, or where such an arm lost seeds: a condition that can't be evaluated must
    not pass. `survivors` evaluates it by the seeds that are left, if there are any.
    """
    olds, news = arms_by_setting(baseline, survivors=survivors), arms_by_setting(rows, survivors=survivors)
    differs = distinguishing_words(news)
    outcomes = []
    for setting, arms in news.items():
        place = titled(head_text(setting), differs[setting])
        sides = _sides(condition, arms, olds.get(setting, []), place)
        if sides is not None:
            outcomes.append(ConditionResult(setting, place, *sides, COMPARES[condition.compare](*sides)))
    if not outcomes:
        _require_right_labels(condition, news)
        raise InputError(f"condition {condition.text!r}: no setting has all of its losses with a shared seed")
    return outcomes


def _require_right_labels(condition: Condition, settings: Iterable[Setting]) -> None:
    """Raise an `InputError` for a number that only right training labels would tell, where all are as given."""
    for term in (*condition.left, *condition.right):
        if needs_truth(term.name) and all(setting.trains_on_given for setting in settings):
            raise InputError(
                f"condition {condition.text!r}: nobody knows {term.name}, as the training labels are as given; "
                "try a number by given labels, such as val_accuracy"
            )


def _require_whole(condition: Condition, arm: ArmResults, place: str) -> None:
    """Raise an `InputError` for an arm that lost seeds: the seeds that are left may be those at which it did well."""
    if arm.comparable and (arm.rows or not arm.lost):
        return
    left = "; --survivors evaluates it by the seeds that are left" if arm.rows else ""
    raise InputError(
        f"condition {condition.text!r}: {arm.name} {arm.lost_text} seeds in {place}, so that it can't be evaluated"
        f"{retry_text(arm.lost)}{left}"
    )


def _terms(side: str, text: str) -> tuple[Term, ...]:
    terms, end = [], 0
    while end < len(side) or not terms:
        match = TERM.match(side, end)
        if not match or (terms and not match[1]):
            raise InputError(f"condition {text!r}: can't read {side[end:].strip()!r}; {EXAMPLE}")
        terms.append(_term(match))
        end = match.end()
    return tuple(terms)


def _term(match: re.Match) -> Term:
    sign = -1 if match[1] == "-" else 1
    if match[2]:
        return Term(sign, number=float(match[2]))
    loss, *hyper = (part.strip() for part in match[5].split(","))
    require_name(match[4])
    if match[4].rpartition(".")[2] in P_VALUES:
        raise InputError(f"{match[4]} is a p-value, of which a mean over seeds says nothing; try calibration_slope")
    if not is_own(loss.rpartition("@")[0] or loss):  # its version may be said: ./file.py:loss@1f3a9c
        lookup(LOSSES, "loss", loss)
    given = tuple(_hyper(text, loss) for text in hyper)
    if len(dict(given)) < len(given):
        raise InputError(f"{match[0].strip()!r} gives a hyperparameter twice")
    return Term(sign, 0.0, match[4], loss, given, bool(match[3]))


def _hyper(text: str, loss: str) -> tuple[str, float | str]:
    name, _, value = text.rpartition("=")
    if name.strip() in WORDS and loss in LOSSES and LOSSES[loss].cross_fit:
        return name.strip(), value.strip()
    try:
        number = float(value)
        require_number("it", number)
    except ValueError as error:
        raise InputError(f"a hyperparameter is written 0.1 or eps=0.1, got {text!r}") from error
    return name.strip() or "eps", number


def _sides(
    condition: Condition, arms: Sequence[ArmResults], olds: Sequence[ArmResults], place: str
) -> tuple[float, float] | None:
    terms = [term for term in (*condition.left, *condition.right) if term.name]
    arms_of_terms = {term: _find(term, olds if term.of_baseline else arms) for term in terms}
    present = {term: arm for term, arm in arms_of_terms.items() if arm is not None}
    for arm in present.values():
        _require_whole(condition, arm, place)
    values = {term: arm.compared(term.name) for term, arm in present.items()}
    seeds = set.intersection(*map(set, values.values())) if values else set()
    if len(present) < len(arms_of_terms) or not seeds:
        return None
    left, right = (sum(_mean(term, values, seeds) for term in side) for side in (condition.left, condition.right))
    return left, right


def _mean(term: Term, values: Mapping[Term, Mapping[int, float]], seeds: set[int]) -> float:
    if not term.name:
        return term.sign * term.number
    scale = 100 if is_percentage(term.name) else 1
    return term.sign * scale * sum(values[term][seed] for seed in sorted(seeds)) / len(seeds)


def _fits(term: Term, arm: ArmResults) -> bool:
    key = arm.key
    usual = LOSSES[key.loss].hyper if key.loss in LOSSES else {}
    hyper = {**usual, **dict(key.hyper), **dict(key.shown)}
    return term.loss in (key.loss, key.tagged_loss) and set(term.hyper) <= hyper.items()


def _find(term: Term, arms: Sequence[ArmResults]) -> ArmResults | None:
    fitting = [arm for arm in arms if _fits(term, arm)]
    matching = [arm for arm in fitting if set(term.hyper) == set(arm.key.shown)] or fitting
    if len(matching) > 1:
        names, example = ", ".join(arm.name for arm in matching), matching[0].name.replace(" ", ",")
        raise InputError(f"{term.loss} may be any of {names}: say which, as in {term.name}({example})")
    return matching[0] if matching else None
