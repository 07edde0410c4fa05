"""Each kind of label noise against its definition: exactly where that is possible, by statistics elsewhere."""

import itertools
import math

import pytest
import torch
from scipy import stats
from torch import Generator, Tensor

from lsbench.names.catalogue import NOISES
from lsbench.noise import flip_labels
from tests.in_turn import in_turn
from tests.noise.noise_cases import FOLLOWING, needs

MNIST = {7: 1, 2: 7, 3: 8, 5: 6, 6: 5}  # Patrini et al., 2017

RATES = (0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)


def generator(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def some_labels(n: int, num_classes: int = 10) -> Tensor:
    return torch.randint(num_classes, (n,), generator=generator(99))


def flipped(kind: str, labels: Tensor, rate: float, num_classes: int = 10, seed: int = 0) -> Tensor:
    return flip_labels(labels, rate, num_classes, generator(seed), kind, **needs(kind, labels, num_classes))


def assert_share(hits: Tensor, probability: float) -> None:
    """The number of hits is one that a binomial of that probability gives in all but 1 of 10,000 draws."""
    assert stats.binomtest(int(hits.sum()), len(hits), probability).pvalue > 1e-4


# --- against slow formulas, from the same draws ---------------------------------------------------------------


def slow_symmetric(label: int, hit: bool, draw: int, num_classes: int) -> int:
    others = [(label + step) % num_classes for step in range(1, num_classes)]
    return others[draw - 1] if hit else label


def slow_uniform(label: int, hit: bool, draw: int, num_classes: int) -> int:
    return draw if hit else label


def slow_pairflip(label: int, hit: bool, draw: int, num_classes: int) -> int:
    return (0 if label == num_classes - 1 else label + 1) if hit else label


def slow_asymmetric(label: int, hit: bool, draw: int, num_classes: int) -> int:
    return {7: 1, 2: 7, 3: 8, 5: 6, 6: 5}.get(label, label) if hit else label


SLOW = {
    "symmetric": (slow_symmetric, 1),
    "uniform": (slow_uniform, 0),
    "pairflip": (slow_pairflip, 0),
    "asymmetric": (slow_asymmetric, 0),
}


@in_turn("rate", RATES)
@in_turn("kind", SLOW)
def test_a_kind_equals_its_slow_formula_on_the_same_draws(kind: str, rate: float) -> None:
    formula, lowest = SLOW[kind]
    labels = some_labels(500)
    draws = generator(3)
    chances = torch.rand(500, generator=draws, dtype=torch.float64).tolist()
    classes = torch.randint(lowest, 10, (500,), generator=draws).tolist()
    expected = [
        formula(label, chance < rate, draw, 10)
        for label, chance, draw in zip(labels.tolist(), chances, classes, strict=True)
    ]
    assert flipped(kind, labels, rate, seed=3).tolist() == expected


@in_turn("rate", RATES)
def test_symmetric_count_equals_its_slow_formula_on_the_same_draws(rate: float) -> None:
    labels = some_labels(500)
    draws = generator(3)
    order = torch.randperm(500, generator=draws).tolist()
    steps = torch.randint(1, 10, (500,), generator=draws).tolist()
    expected = labels.tolist()
    for cls in range(10):
        members = [i for i in order if labels[i] == cls]
        for i in members[: int(int(rate * 500) / 10)]:
            expected[i] = (cls + steps[i]) % 10
    assert flipped("symmetric-count", labels, rate, seed=3).tolist() == expected


# --- exact properties -----------------------------------------------------------------------------------------


@in_turn("kind", FOLLOWING)
def test_the_wrong_labels_at_a_rate_are_a_subset_of_those_at_a_higher_rate_and_equally_wrong(kind: str) -> None:
    labels = some_labels(4000)
    by_rate = [flipped(kind, labels, rate) for rate in RATES]
    for lower, higher in itertools.pairwise(by_rate):
        wrong = lower != labels
        assert torch.equal(lower[wrong], higher[wrong])
        assert (higher != labels).sum() > wrong.sum()


@in_turn("kind", NOISES)
def test_the_rate_does_not_change_what_the_generator_gives_next(kind: str) -> None:
    states = []
    for rate in RATES:
        draws = generator()
        flip_labels(some_labels(100), rate, 10, draws, kind, **needs(kind, some_labels(100)))
        states.append(draws.get_state())
    assert all(torch.equal(states[0], state) for state in states)


@in_turn("kind", NOISES)
def test_rate_zero_gives_an_equal_copy(kind: str) -> None:
    labels = some_labels(100)
    noisy = flipped(kind, labels, 0.0)
    assert torch.equal(noisy, labels)
    assert noisy.data_ptr() != labels.data_ptr()


@in_turn("kind", ["symmetric", "pairflip", "coteaching-symmetric", "coteaching-pairflip"])
@in_turn("num_classes", [2, 10, 100])
def test_at_rate_one_every_label_is_wrong(kind: str, num_classes: int) -> None:
    labels = some_labels(2000, num_classes)
    assert (flipped(kind, labels, 1.0, num_classes) != labels).all()


@in_turn("kind", ["symmetric", "pairflip"])
def test_with_two_classes_rate_one_swaps_them(kind: str) -> None:
    labels = some_labels(100, 2)
    assert torch.equal(flipped(kind, labels, 1.0, 2), 1 - labels)


def test_pairflip_only_moves_to_the_next_class_and_the_last_to_the_first() -> None:
    labels = some_labels(1000)
    noisy = flipped("pairflip", labels, 0.5)
    wrong = noisy != labels
    assert torch.equal(noisy[wrong], (labels[wrong] + 1) % 10)
    assert {(9, 0), (0, 1)} <= set(zip(labels[wrong].tolist(), noisy[wrong].tolist(), strict=True))


def test_asymmetric_at_rate_one_is_the_mapping_itself() -> None:
    labels = torch.arange(10)
    noisy = flip_labels(labels, 1.0, 10, generator(), "asymmetric")
    assert noisy.tolist() == [0, 1, 7, 8, 4, 6, 5, 1, 8, 9]


def test_asymmetric_takes_the_data_sets_mapping() -> None:
    labels = some_labels(1000, 4)
    noisy = flip_labels(labels, 0.5, 4, generator(), "asymmetric", mapping={3: 0})
    moves = set(zip(labels[noisy != labels].tolist(), noisy[noisy != labels].tolist(), strict=True))
    assert moves == {(3, 0)}


def test_kinds_that_flip_by_chance_hit_the_same_examples_from_the_same_seed() -> None:
    labels = some_labels(1000)
    symmetric, pairflip = flipped("symmetric", labels, 0.3), flipped("pairflip", labels, 0.3)
    assert torch.equal(symmetric != labels, pairflip != labels)
    for part in ("uniform", "asymmetric", "human", "matrix"):
        assert (symmetric != labels)[flipped(part, labels, 0.3) != labels].all()


# --- exact counts ---------------------------------------------------------------------------------------------


@in_turn(("n", "num_classes"), [(1000, 10), (1003, 10), (600, 3), (97, 2), (5000, 100)])
@in_turn("rate", [0.2, 0.3, 0.29, 0.7, 0.8, 1.0])
def test_symmetric_count_flips_exactly_the_same_number_of_every_class(n: int, num_classes: int, rate: float) -> None:
    labels = some_labels(n, num_classes)
    noisy = flipped("symmetric-count", labels, rate, num_classes)
    wrong = torch.bincount(labels[noisy != labels], minlength=num_classes).tolist()
    members = torch.bincount(labels, minlength=num_classes).tolist()
    assert wrong == [min(int(int(rate * n) / num_classes), size) for size in members]


def test_symmetric_count_truncates_as_the_reference_does() -> None:
    labels = torch.arange(2).repeat(50)
    assert int(0.29 * 100) == 28
    assert (flipped("symmetric-count", labels, 0.29, 2) != labels).sum() == 28
    assert (flipped("symmetric-count", labels, 0.01, 2) != labels).sum() == 0


def test_symmetric_count_flips_all_of_a_class_that_has_too_few() -> None:
    labels = torch.tensor([0] * 98 + [1] * 2)
    noisy = flipped("symmetric-count", labels, 0.5, 2)
    assert ((noisy != labels)[:98].sum(), (noisy != labels)[98:].sum()) == (25, 2)


@pytest.mark.simulation
def test_symmetric_count_hits_every_member_of_a_class_equally_often() -> None:
    labels = torch.arange(2).repeat(10)
    hits = sum((flipped("symmetric-count", labels, 0.5, 2, seed) != labels).long() for seed in range(2000))
    assert stats.chisquare(torch.as_tensor(hits).numpy()).pvalue > 1e-4


# --- statistics -----------------------------------------------------------------------------------------------


@in_turn("rate", [0.05, 0.2, 0.5, 0.8])
@in_turn("num_classes", [2, 3, 10, 100])
def test_symmetric_and_pairflip_flip_with_the_requested_probability(rate: float, num_classes: int) -> None:
    labels = some_labels(50_000, num_classes)
    assert_share(flipped("symmetric", labels, rate, num_classes) != labels, rate)
    assert_share(flipped("pairflip", labels, rate, num_classes, seed=1) != labels, rate)


@in_turn("rate", [0.05, 0.2, 0.5, 0.8, 1.0])
@in_turn("num_classes", [2, 3, 10, 100])
def test_uniform_has_the_effective_rate_of_noise_that_may_pick_the_own_class(rate: float, num_classes: int) -> None:
    labels = some_labels(50_000, num_classes)
    noisy = flipped("uniform", labels, rate, num_classes)
    assert_share(noisy != labels, rate * (num_classes - 1) / num_classes)


@in_turn("kind", ["symmetric", "uniform", "symmetric-count"])
def test_every_wrong_class_is_equally_likely_whatever_the_true_class(kind: str) -> None:
    labels = some_labels(60_000)
    noisy = flipped(kind, labels, 0.5)
    wrong = noisy != labels
    counts = torch.bincount(labels[wrong] * 10 + noisy[wrong], minlength=100).reshape(10, 10)
    for cls in range(10):
        others = torch.cat([counts[cls, :cls], counts[cls, cls + 1 :]])
        assert stats.chisquare(others.numpy()).pvalue > 1e-4
        assert counts[cls, cls] == 0


def test_asymmetric_flips_each_mapped_class_with_the_requested_probability_and_no_other() -> None:
    labels = some_labels(50_000)
    noisy = flip_labels(labels, 0.4, 10, generator(), "asymmetric")
    for cls in range(10):
        given = noisy[labels == cls]
        assert_share(given != cls, 0.4 if cls in MNIST else 0.0)
        assert set(given.tolist()) == {cls, MNIST.get(cls, cls)}
    assert math.isclose((noisy != labels).double().mean(), 0.2, abs_tol=0.01)
