"""What a verdict says of the training labels, and of arms that are given what nobody has of labels of their own."""

from lsbench.analysis.verdict import Verdict
from lsbench.names.percent import percent
from lsbench.report.contradicted import contradicted_text


def labels_text(verdict: Verdict) -> str:
    """How many training labels were made wrong, where that is known, and what held-out predictions say of them."""
    share = verdict.noise_known
    made_wrong = "" if share is None else f"{percent(share)} of the training labels were made wrong."
    names = verdict.sizes.classes if verdict.sizes else ()
    contradicted = contradicted_text(verdict.held_out, names) if verdict.held_out else ""
    return " ".join(filter(None, (made_wrong, contradicted, _annotators(verdict))))


def _annotators(verdict: Verdict) -> str:
    """How far the people disagree who labelled the training examples."""
    people = verdict.annotators
    if not people or people["disagree"] is None:
        return ""
    return (
        f"The people who labelled the training set disagree on {percent(people['disagree'])} of the"
        f" {people['several']:,} examples that several labelled, two of them on {percent(people['pairs'])}: that is how"
        " hard the examples are, and no rate of wrong labels."
    )


def given_the_truth(verdict: Verdict) -> str:
    """That what is suggested can't be had of labels of one's own."""
    if verdict.suggested is None or not verdict.is_oracle(verdict.suggested):
        return ""
    return "It was given the true noise, which nobody has of labels of their own: --unknown-noise decides without it."


def oracles_text(verdict: Verdict) -> str:
    """Which arms only somebody who knows the noise could have trained."""
    names = ", ".join(verdict.oracles)
    compared = ", ".join(arm.name for arm in verdict.arms.values() if verdict.is_oracle(arm))
    left_out = f"Left out, as they are handed the true noise, which nobody has here: {names}." * bool(names)
    return " ".join(filter(None, (left_out, f"Oracle, given the true noise matrix: {compared}." * bool(compared))))
