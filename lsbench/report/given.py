"""What is said of numbers that are measured against test labels nobody vouches for."""

from lsbench.analysis.summary import Setting
from lsbench.names.catalogue import METRICS

AGAINST = "against given labels"
OF_ACCURACY = (
    "accuracy is measured against the test labels as given: two losses keep their order if wrong test labels are "
    "symmetric and independent of the predictions; noise that differs by class can reverse it."
)
OF_THE_OTHERS = (
    f"{AGAINST}: NLL, Brier, ECE, signed error and AURC also measure how well a model fits wrong labels, and can order "
    "losses the wrong way round; numbers that count classes equally depend on which class has the wrong ones. Nothing "
    "is marked or decided by them alone."
)


def against(setting: Setting, heading: str) -> str:
    """The heading of such a number: `ECE % against given labels`; the heading itself where the labels are right."""
    return f"{heading} {AGAINST}" if setting.tests_on_given else heading


def accuracy_lines(setting: Setting) -> tuple[str, ...]:
    """What an accuracy against given labels means, above or below a table; nothing where the labels are right."""
    return (OF_ACCURACY,) * setting.tests_on_given


def other_notes(setting: Setting) -> tuple[str, ...]:
    """What the other numbers mean, to stand below."""
    return (OF_THE_OTHERS,) * setting.tests_on_given


def is_right_or_wrong(metric: str) -> bool:
    """Whether only the predicted class counts, as in accuracy: such numbers are compared against given labels, too."""
    return metric in METRICS and not METRICS[metric].moved
