"""What is said where no difference between any two losses is shown: no loss is recommended then."""

from collections.abc import Iterable, Sized


def is_nothing_shown(findings: Iterable[str], may_be_best: Sized, compared: Sized) -> bool:
    """Whether all findings of all families are undecided, and every loss that is compared may be the best."""
    return set(findings) <= {"undecided"} and len(may_be_best) == len(compared)


def no_difference(by: str, name: str, *, is_usual: bool) -> str:
    """The sentence; by: as `by accuracy`; is_usual: whether the loss of that name is plain cross-entropy.

    Example:
        >>> no_difference("by accuracy", "gce", is_usual=False)
        'no difference is shown by accuracy. gce has the best mean so far, which may be chance.'
    """
    if is_usual:
        return f"no difference is shown {by}, so that there is no reason yet to take another loss than {name}."
    return f"no difference is shown {by}. {name} has the best mean so far, which may be chance."
