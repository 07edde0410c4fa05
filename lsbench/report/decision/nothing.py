"""What is said where no difference between any two losses is shown: no loss is recommended then."""

from collections.abc import Iterable, Sized


def is_nothing_shown(findings: Iterable[str], may_be_best: Sized, compared: Sized, *, tolerance: float) -> bool:
    """Whether no finding of any family is a difference, and every loss that is compared may be the best.

    Equal without a tolerance is equal up to rounding, which is no difference.
    """
    none = {"undecided"} if tolerance else {"undecided", "equivalent"}
    return set(findings) <= none and len(may_be_best) == len(compared)


def no_difference(by: str, name: str, *, is_usual: bool, beyond: str = "") -> str:
    """The sentence.

    Args:
        by: as `by accuracy`.
        name: of the loss that is suggested.
        is_usual: whether that is plain cross-entropy.
        beyond: the tolerance with its unit, `2 points`; smaller differences may be shown, so that none is denied.

    Example:
        >>> no_difference("by accuracy", "gce", is_usual=False)
        'no difference is shown by accuracy. gce has the best mean so far, which may be chance.'
    """
    nothing = f"no difference{f' of more than {beyond}' if beyond else ''} is shown {by}"
    if is_usual:
        return f"{nothing}, so that there is no reason yet to take another loss than {name}."
    return f"{nothing}. {name} has the best mean so far{'' if beyond else ', which may be chance'}."
