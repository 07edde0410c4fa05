"""Logit adjustment against the paper's formula, and as a module in other people's loops."""

import math

import pytest
import torch
import torch.nn.functional as F

from lsbench.errors import DtypeError, InputError
from lsbench.losses import LOSSES, LogitAdjustedCrossEntropy
from tests.in_turn import in_turn
from tests.losses.loss_reference import batch, value_and_gradient

adjust = LOSSES["logit-adjust"]
PRIOR = torch.tensor([0.7, 0.2, 0.06, 0.04], dtype=torch.float64)


def of_the_paper(z, y, prior, tau):
    """Equation 10 of Menon et al. (2021): log(1 + sum_{c != y} (prior_c / prior_y)^tau e^(z_c - z_y))."""
    rest = sum((prior[c] / prior[y]) ** tau * math.exp(z[c] - z[y]) for c in range(len(z)) if c != y)
    return math.log1p(rest)


@in_turn("tau", [0.0, 0.5, 1.0, 2.5])
def test_value_and_gradient_are_those_of_the_papers_formula(tau):
    logits, labels = batch(rows=6, classes=4)
    losses, gradient = value_and_gradient(lambda z, y: adjust(z, y, tau=tau, prior=PRIOR), logits, labels)
    prior = PRIOR.tolist()
    expected = [of_the_paper(z, y, prior, tau) for z, y in zip(logits.tolist(), labels.tolist(), strict=True)]
    torch.testing.assert_close(losses, torch.tensor(expected, dtype=torch.float64), rtol=1e-12, atol=1e-12)
    p = (PRIOR**tau * logits.exp()) / (PRIOR**tau * logits.exp()).sum(-1, keepdim=True)
    torch.testing.assert_close(gradient, p - F.one_hot(labels, 4), rtol=1e-12, atol=1e-12)


def test_the_best_logits_answer_as_the_best_balanced_accuracy_does():
    joint = torch.tensor([[0.50, 0.10, 0.05], [0.09, 0.08, 0.04], [0.07, 0.02, 0.05]], dtype=torch.float64)  # (x, y)
    prior = joint.sum(0)
    z = (joint / prior).log()  # log P(x | y), one row of logits per x
    losses = torch.stack([adjust(z, torch.full((3,), y), prior=prior) for y in range(3)], 1)
    gradient = torch.autograd.functional.jacobian(
        lambda logits: sum((joint[:, y] * adjust(logits, torch.full((3,), y), prior=prior)).sum() for y in range(3)), z
    )
    assert losses.isfinite().all()
    assert gradient.abs().max() < 1e-12  # it is where the expected loss is smallest
    assert z.argmax(1).tolist() == [0, 1, 2]  # the largest P(x | y); P(y | x) would be largest at class 0 each time
    assert joint.argmax(1).tolist() == [0, 0, 0]


@in_turn("prior", [None, torch.full((5,), 0.2), torch.full((5,), 37.0), torch.full((4, 1, 5), 1e-9)])
def test_equally_frequent_classes_give_cross_entropy_bit_for_bit(prior):
    logits, labels = batch(rows=12, classes=5, dtype=torch.float32)
    logits, labels = logits.reshape(4, 3, 5), labels.reshape(4, 3)
    got = value_and_gradient(lambda z, y: adjust(z, y, prior=prior), logits, labels)
    expected = value_and_gradient(LOSSES["ce"], logits, labels)
    assert all(map(torch.equal, got, expected))


def test_counts_and_shares_give_the_same_loss():
    logits, labels = batch(rows=6, classes=4)
    torch.testing.assert_close(adjust(logits, labels, prior=1000 * PRIOR), adjust(logits, labels, prior=PRIOR))


def test_a_class_without_examples_is_treated_as_the_most_frequent_one():
    logits, labels = batch(rows=8, classes=3)
    got = value_and_gradient(lambda z, y: adjust(z, y, prior=torch.tensor([0.0, 0.8, 0.2])), logits, labels)
    expected = value_and_gradient(lambda z, y: adjust(z, y, prior=torch.tensor([0.8, 0.8, 0.2])), logits, labels)
    torch.testing.assert_close(got, expected)


def test_each_cell_may_have_its_own_prior():
    logits, labels = batch(rows=12, classes=4)
    logits, labels = logits.reshape(3, 4, 4), labels.reshape(3, 4)
    priors = torch.stack([PRIOR, PRIOR.flip(0), torch.full((4,), 0.25, dtype=torch.float64)])
    together = adjust(logits, labels, prior=priors.unsqueeze(1))
    alone = [adjust(z, y, prior=prior) for z, y, prior in zip(logits, labels, priors, strict=True)]
    torch.testing.assert_close(together, torch.stack(alone))


@in_turn(
    ("prior", "said"),
    [
        (torch.ones(3), r"a number for each of 5 classes.*got \(3,\)"),
        (torch.tensor(1.0), r"a number for each of 5 classes.*got \(\)"),
        (torch.tensor([0.5, 0.6, -0.1, 0.0, 0.0]), "at least 0"),
        (torch.tensor([0.5, math.nan, 0.1, 0.0, 0.0]), "finite"),
        (torch.zeros(5), "some above 0"),
    ],
)
def test_a_prior_that_makes_no_sense_is_refused(prior, said):
    with pytest.raises(InputError, match=said):
        adjust(*batch(rows=4, classes=5), prior=prior)
    with pytest.raises(InputError, match="tau must be a finite number of at least 0"):
        adjust(*batch(), tau=-1.0)
    with pytest.raises(DtypeError, match="prior must be floating point"):
        adjust(*batch(rows=4, classes=5), prior=torch.ones(5, dtype=torch.int64))


@in_turn("shape", [(4,), (6, 4), (2, 4, 3)])
@in_turn("reduction", ["none", "mean", "sum"])
def test_the_module_is_torchs_cross_entropy_of_adjusted_logits(shape, reduction):
    axis = 0 if len(shape) == 1 else 1
    logits = torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    labels = torch.randint(4, [n for i, n in enumerate(shape) if i != axis], generator=torch.Generator().manual_seed(1))
    criterion = LogitAdjustedCrossEntropy(torch.tensor([70, 20, 6, 4]), tau=1.5, reduction=reduction)
    shift = 1.5 * PRIOR.log().view(-1, *[1] * (len(shape) - 1 - axis))
    expected = F.cross_entropy(logits + shift, labels, reduction=reduction)
    torch.testing.assert_close(criterion(logits, labels), expected, rtol=1e-6, atol=1e-6)  # the prior is in float32


def test_the_module_says_what_it_does_not_take():
    for counts in (torch.zeros(3), torch.tensor([1.0, -1.0]), torch.ones(2, 2), [1, math.inf]):
        with pytest.raises(InputError, match="counts must hold the number of training examples of each class"):
            LogitAdjustedCrossEntropy(counts)
    with pytest.raises(InputError, match="a number for each of 3 classes"):
        LogitAdjustedCrossEntropy([1, 2])(torch.zeros(2, 3), torch.tensor([0, 1]))
    with pytest.raises(InputError, match=r"labels must lie in \[0, 1\]; got 2"):
        LogitAdjustedCrossEntropy([1, 2])(torch.zeros(1, 2), torch.tensor([2]))
    assert "tau=1.0" in repr(LogitAdjustedCrossEntropy([1, 2]))
