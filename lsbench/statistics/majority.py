"""Whether a model's answers are better than one answer that is always the same."""

from lsbench.errors import require_number


def fewer_errors_p(only_ours: float, only_theirs: float) -> float:
    """p-value of McNemar's exact test, one-sided, that we err less often than they do on the same examples.

    P(X >= only_theirs) with X ~ Binomial(only_ours + only_theirs, 1/2) = I_1/2(only_theirs, only_ours + 1).
    (McNemar, 1947)

    Args:
        only_ours: how many examples we get wrong and they get right. A mean over trainings need not be whole.
        only_theirs: how many examples they get wrong and we get right.

    Returns:
        The p-value; 1 where only_theirs is 0.

    Raises:
        InputError: a number that is not finite, or below 0.

    Example:
        >>> round(fewer_errors_p(only_ours=5, only_theirs=20), 4)
        0.002
    """
    from scipy.special import betainc

    require_number("only_ours", only_ours, 0)
    require_number("only_theirs", only_theirs, 0)
    return float(betainc(only_theirs, only_ours + 1, 0.5)) if only_theirs > 0 else 1.0
