"""Whether a model's answers are better than one answer that is always the same."""


def fewer_errors_p(only_ours: float, only_theirs: float) -> float:
    """One-sided p-value of McNemar's exact test that we err less often than they do on the same examples.

    P(X >= only_theirs) with X ~ Binomial(only_ours + only_theirs, 1/2) = I_1/2(only_theirs, only_ours + 1), of the
    examples that one of the two gets wrong and the other right; 1 where there are none of theirs. Counts that are means
    over several trainings need not be whole. (McNemar, 1947)
    """
    from scipy.special import betainc

    return float(betainc(only_theirs, only_ours + 1, 0.5)) if only_theirs > 0 else 1.0
