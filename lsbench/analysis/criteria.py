"""What `lsbench decide` can decide by. A new criterion is one more entry here; all else is made from this table."""

from collections.abc import Collection
from dataclasses import dataclass

from lsbench.names.catalogue import METRICS
from lsbench.names.reference import is_own
from lsbench.names.registry import lookup

UNSCALED = "none"  # in place of a way of temperature scaling: the numbers as they are


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """The number that decides, and its words."""

    metric: str  # a name of `catalogue.METRICS`, which says in which direction it is better, and its unit
    words: str  # what it is called in a sentence
    plain: str = ""  # how it is said to who knows no statistics, after "by"; the words, where nothing is said
    short: str = ""  # what it is called above a column; the words, where nothing is said
    meaning: str = ""  # for `decide --help`, where the criterion's name does not tell it
    only_unbalanced: bool = False  # of no use where all classes have as many test examples
    holds_on_given: bool = False  # whether losses are compared by it against test labels that nobody vouches for

    @property
    def better(self) -> str:
        """higher, lower, or zero: the smaller |number| is the better one."""
        return METRICS[self.metric].better

    @property
    def heading(self) -> str:
        """What stands above its column, with the unit."""
        return (self.short or self.words) + " %" * (self.metric in METRICS and METRICS[self.metric].percent)


CRITERIA: dict[str, Criterion] = {
    "accuracy": Criterion(metric="accuracy", words="accuracy", plain="accuracy", holds_on_given=True),
    "balanced-accuracy": Criterion(
        metric="balanced_accuracy",
        words="balanced accuracy",
        plain="accuracy averaged over the classes",
        meaning="or balanced, every class counts the same",
        only_unbalanced=True,
    ),
    "nll": Criterion(metric="nll", words="NLL", plain="the probability given to the right class"),
    "brier": Criterion(
        metric="brier",
        words="Brier score",
        plain="the squared error of the probabilities",
        meaning="squared error of the probabilities",
    ),
    "calibration": Criterion(
        metric="signed_error",
        words="|accuracy − confidence|",
        plain="how near confidence is to accuracy",
        short="acc − conf",
        meaning="|accuracy - confidence|",
    ),
    "ece": Criterion(metric="ece", words="ECE", plain="calibration error"),
    "selective": Criterion(
        metric="aurc",
        words="AURC",
        plain="telling right from wrong answers by confidence",
        meaning="area under the risk-coverage curve",
    ),
}


SHORT = {"balanced": "balanced-accuracy"}  # what else a criterion may be called, beside the name of its metric


def full_name(name: str) -> str:
    """The criterion's own name: that of balanced, and of a metric by which one decides."""
    by_metric = {one.metric: own for own, one in CRITERIA.items()}
    return {**by_metric, **SHORT}.get(name, name)


def criterion_of(name: str) -> Criterion:
    """The criterion of that name; of the user's own `./file.py:function` the words alone."""
    function = name.rpartition(":")[2]
    return CRITERIA.get(name) or Criterion(metric=name, words=function, plain=f"your own criterion, {function}")


def options_of(metrics: Collection[str]) -> str:
    """The criteria that are one of these metrics as they are, as a command takes them: `--by accuracy, --by nll`."""
    return ", ".join(f"--by {name}" for name, one in CRITERIA.items() if one.metric in metrics)


def require_criterion(name: str) -> None:
    """Raise an `InputError` unless it is a criterion, or written as one of the user's own."""
    if not is_own(name):
        lookup(CRITERIA, "criterion", name)


def criteria_help() -> str:
    """All criteria, for a help text."""
    return "; ".join(f"{name}: {one.meaning}" if one.meaning else name for name, one in CRITERIA.items()) + "."
