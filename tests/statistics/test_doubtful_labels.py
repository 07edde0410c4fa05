"""What given labels say of the true ones: symmetric noise, noise by class, and no assumption at all."""

from itertools import product

import numpy as np
import pytest

from lsbench.errors import InputError
from lsbench.statistics import (
    against_baseline,
    disagreement_of,
    joint_shares,
    order_holds_up_to,
    pairs_of,
    reversing_noise,
    true_lead,
    undiluted,
    with_examples,
)
from tests.in_turn import in_turn
from tests.simulations import simulation

ONE_FLIPPED = np.array([[0.6, 0.4], [0.0, 1.0]])  # of two balanced classes, one at 40 %


def joint(recalls, noise, shares=(0.5, 0.5)):
    """J of an arm with these recalls of two classes, against labels with this noise."""
    (a, b) = recalls
    return (np.array([[a, 1 - b], [1 - a, b]]) * shares) @ noise


def answers(recalls, labels, rng):
    """Of one arm: right with its recall of the label's class, of two."""
    return np.where(rng.random(len(labels)) < np.take(recalls, labels), labels, 1 - labels)


def flip(labels, noise, rng):
    return (rng.random((len(labels), 1)) > np.cumsum(noise, axis=1)[labels][:, :-1]).sum(axis=1)


def aurc(probs, labels):
    right = (probs.argmax(1) == labels)[np.argsort(-probs.max(1), kind="stable")]
    return float(np.mean(np.cumsum(~right) / np.arange(1, len(right) + 1)))


NUMBERS = {  # m against labels, and its f, which no label enters
    "accuracy": (lambda p, y: np.mean(p.argmax(1) == y), lambda p: 1 / p.shape[1]),
    "signed": (lambda p, y: np.mean((p.argmax(1) == y) - p.max(1)), lambda p: np.mean(1 / p.shape[1] - p.max(1))),
    "brier": (
        lambda p, y: np.mean((p**2).sum(1) - 2 * p[np.arange(len(y)), y] + 1),
        lambda p: np.mean((p**2).sum(1) + 1 - 2 / p.shape[1]),
    ),
    "nll": (lambda p, y: -np.mean(np.log(p[np.arange(len(y)), y])), lambda p: -np.mean(np.log(p))),
    "aurc": (aurc, lambda p: 1 - 1 / p.shape[1]),
}


@in_turn("name", list(NUMBERS))
def test_a_number_against_symmetric_noise_gives_the_true_one_back(name):
    rng = np.random.default_rng(1)
    y = rng.integers(4, size=100_000)
    p = rng.dirichlet(np.ones(4), size=len(y))
    p[np.arange(len(y)), y] += 1
    p /= 2
    noise = np.full((4, 4), 0.1) + 0.6 * np.eye(4)
    number, label_free = NUMBERS[name]
    given = number(p, flip(y, noise, rng))
    assert undiluted(given, 0.3, 4, label_free(p)) == pytest.approx(number(p, y), abs=0.012)
    assert abs(given - number(p, y)) > 0.05


def test_the_rate_up_to_which_an_order_holds_is_where_the_true_difference_is_zero():
    for given, free in ((0.01, 0.03), (-0.02, -0.5), (0.01, 0.005), (0.01, -0.2), (0.0, 0.1)):
        rate = order_holds_up_to(given, 10, 0.2, free)
        inside = [undiluted(given, r, 10, free) * given > 0 for r in np.linspace(0, 0.999 * rate, 50)]
        assert all(inside) or given == 0
        assert rate == 0.2 or undiluted(given, rate, 10, free) == pytest.approx(0)
    assert order_holds_up_to(0.056, 10, 0.2) == 0.2
    with pytest.raises(InputError, match=r"rate must lie below \(K-1\)/K = 0.5, got 0.5"):
        undiluted(0.1, 0.5, 2)


def test_the_fewest_wrong_labels_are_those_of_all_ways_to_relabel():
    rng = np.random.default_rng(0)
    for _ in range(60):
        seeds, k = int(rng.integers(1, 4)), int(rng.integers(2, 4))
        ours, theirs = rng.integers(k, size=(2, seeds, 5))
        given = rng.integers(k, size=5)
        if (ours == given).sum() < (theirs == given).sum():
            ours, theirs = theirs, ours
        wrong = [
            int((np.array(truth) != given).sum())
            for truth in product(range(k), repeat=5)
            if (ours == truth).sum() < (theirs == truth).sum()
        ]
        counted = disagreement_of(ours, theirs, given)
        assert counted.fewest_wrong == min(wrong, default=None)
        assert counted.fewest_wrong is None or counted.fewest_wrong <= counted.differ


def test_one_class_that_is_flipped_reverses_an_order():
    ours, theirs = joint((0.80, 0.92), ONE_FLIPPED), joint((0.95, 0.80), ONE_FLIPPED)
    assert (np.trace(ours), np.trace(theirs)) == pytest.approx((0.740, 0.695))
    assert true_lead(ours, theirs, ONE_FLIPPED) == pytest.approx(0.860 - 0.875)
    noise = reversing_noise(ours, theirs, 10_000)
    assert noise is not None
    assert noise.rate == pytest.approx(0.15)  # less than the .2 that was there
    assert noise.main_move == (0, 1)
    assert true_lead(ours, theirs, noise.matrix) == pytest.approx(0)
    assert reversing_noise(joint((0.9, 0.9), np.eye(2)), joint((0.8, 0.8), np.eye(2)), 10_000) is None
    assert true_lead(ours, theirs, np.full((2, 2), 0.5)) is None


def test_no_noise_by_class_of_a_clearly_smaller_rate_reverses_the_order():
    """Against a grid of all matrices of two classes, and many of three: what fits the answers of both arms."""
    rng = np.random.default_rng(3)
    for k, wanted in ((2, 6), (3, 12)):
        tried, compared = matrices(k, rng), 0
        while compared < wanted:
            ours, theirs = sorted(two_arms(k, rng), key=np.trace, reverse=True)
            noise, rate = reversing_noise(ours, theirs, 10**9), smallest_rate(ours, theirs, tried)
            if noise is None or rate is None:
                continue
            compared += 1
            assert rate > (0.98 if k == 2 else 0.8) * noise.rate
            assert k == 3 or rate < 1.05 * noise.rate + 0.005


def two_arms(k, rng):
    """J of two arms that are better at different classes, under some noise by class."""
    shares, noise = rng.dirichlet(np.full(k, 9.0)), 0.6 * np.eye(k) + 0.4 * rng.dirichlet(np.full(k, 0.5), size=k)
    recalls = rng.uniform(0.55, 0.9, (2, k))
    recalls[1] += (recalls[0] - recalls[1]) @ shares + rng.uniform(-0.01, 0.01)
    return [
        (np.diag(r) + (1 - r)[:, None] * rng.dirichlet(np.full(k, 3.0), size=k)).T * shares @ noise for r in recalls
    ]


def matrices(k, rng):
    if k == 2:
        return np.array([[[1 - a, a], [b, 1 - b]] for a, b in product(np.linspace(0, 0.45, 91), repeat=2)])
    scales = rng.uniform(0, 0.4, (20_000, 1, 1))
    return np.eye(k) * (1 - scales) + scales * rng.dirichlet(np.full(k, 0.2), size=(20_000, k))


def smallest_rate(ours, theirs, noises):
    """The smallest share of wrong labels with which the true order is the other one; no true share is below 0."""
    inverses = np.linalg.inv(noises)
    lead = np.trace((ours - theirs) @ inverses, axis1=1, axis2=2)
    fit = np.minimum((ours @ inverses).min((1, 2)), (theirs @ inverses).min((1, 2))) >= 0
    rates = 1 - ((ours.sum(0) @ inverses) * np.diagonal(noises, axis1=1, axis2=2)).sum(1)
    return min(rates[fit & (lead < 0)], default=None)


def test_noise_that_reversed_an_order_is_recognised_as_able_to():
    """2,000 test examples, 5 seeds, 100 test sets."""
    rng = np.random.default_rng(4)
    could, reversed_ = 0, 0
    for _ in range(100):
        y = np.repeat([0, 1], 1000)
        given = flip(y, ONE_FLIPPED, rng)
        ours, theirs = (np.stack([answers(r, y, rng) for _ in range(5)]) for r in ((0.80, 0.92), (0.95, 0.80)))
        if (ours == given).sum() > (theirs == given).sum() and (ours == y).sum() < (theirs == y).sum():
            reversed_ += 1
            noise = reversing_noise(joint_shares(ours, given, 2), joint_shares(theirs, given, 2), len(y))
            could += noise is not None and noise.rate <= 0.2
    assert reversed_ >= 90
    assert could >= 0.95 * reversed_


@simulation(short=100, long=2000)
def test_claims_by_accuracy_against_symmetric_noise_are_false_in_at_most_one_of_twenty(trials):
    """Test sets of 300 examples, 5 seeds, 30 % wrong labels of 5 classes: equal arms, and one that is better."""
    rng = np.random.default_rng(5)
    noise = np.full((5, 5), 0.075) + 0.625 * np.eye(5)
    findings = {gap: [finding_on_given(gap, noise, rng) for _ in range(trials)] for gap in (0.0, 0.05)}
    assert trials - findings[0.0].count("undecided") <= 0.05 * trials + 3 * (0.0475 * trials) ** 0.5
    assert findings[0.05].count("worse") <= 0.01 * trials
    assert findings[0.05].count("better") >= 0.2 * trials


def finding_on_given(gap, noise, rng):
    """What is claimed of an arm that is by `gap` more accurate than ce, on the labels of one test set."""
    y, hard = rng.integers(5, size=300), rng.random(300)  # an example is as hard for both arms
    given = flip(y, noise, rng)
    right = [hard + rng.normal(0, 0.2, (5, 300)) < 0.7 + more for more in (0.0, gap)]
    other = (y + 1 + rng.integers(4, size=(5, 300))) % 5
    errors = [(np.where(hits, y, other) != given).astype(float) for hits in right]
    examples = {name: dict(enumerate(each)) for name, each in zip(("ce", "gce"), errors, strict=True)}
    means = {name: {seed: float(one.mean()) for seed, one in seeds.items()} for name, seeds in examples.items()}
    (claim,) = against_baseline(with_examples(pairs_of(means), examples), "ce")
    return claim.finding
