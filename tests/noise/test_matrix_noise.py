"""Labels drawn anew from the rows of a matrix: against a loop on the same draws, by statistics, and at the edges."""

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Generator, Tensor

from lsbench.errors import DtypeError, InputError
from lsbench.noise import flip_labels
from lsbench.noise.draws import class_at
from tests.in_turn import in_turn
from tests.noise.noise_cases import some_matrix

RATES = (0.0, 0.1, 0.4, 1.0)


def some_labels(n: int, num_classes: int) -> Tensor:
    return torch.randint(num_classes, (n,), generator=Generator().manual_seed(99))


def flipped(labels: Tensor, rate: float, matrix: object, num_classes: int, seed: int = 0) -> Tensor:
    return flip_labels(labels, rate, num_classes, Generator().manual_seed(seed), "matrix", matrix=matrix)  # type: ignore[arg-type]


@in_turn("num_classes", [2, 3, 10])
@in_turn("rate", RATES)
def test_it_equals_a_loop_on_the_same_draws(num_classes: int, rate: float) -> None:
    labels, matrix = some_labels(500, num_classes), some_matrix(num_classes)
    draws = Generator().manual_seed(0)
    hit, pick = (torch.rand(500, generator=draws, dtype=torch.float64).tolist() for _ in range(2))
    expected = labels.tolist()
    for i, label in enumerate(expected):
        reached = np.cumsum(matrix[label].numpy())
        if hit[i] < rate:
            expected[i] = next(j for j in range(num_classes) if reached[j] > pick[i] * reached[-1])
    assert flipped(labels, rate, matrix, num_classes).tolist() == expected


@in_turn("rate", [0.3, 1.0])
def test_every_row_is_the_mixture_of_staying_and_the_matrix(rate: float) -> None:
    labels, matrix = some_labels(60_000, 6), some_matrix(6)
    noisy = flipped(labels, rate, matrix, 6)
    expected = (1 - rate) * np.eye(6) + rate * matrix.numpy()
    for cls in range(6):
        counts = np.bincount(noisy[labels == cls].numpy(), minlength=6)
        possible = expected[cls] > 0
        assert not counts[~possible].any()
        wanted = counts.sum() * expected[cls][possible]
        assert stats.chisquare(counts[possible], wanted * counts.sum() / wanted.sum()).pvalue > 1e-4


def test_the_identity_changes_nothing_and_a_permutation_everything() -> None:
    labels, identity = some_labels(500, 5), torch.eye(5)
    assert torch.equal(flipped(labels, 1, identity, 5), labels)
    assert torch.equal(flipped(labels, 1, identity.roll(2, 1), 5), (labels + 2) % 5)


def test_a_row_is_the_true_class() -> None:
    matrix = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    assert flipped(torch.tensor([0, 1, 1]), 1, matrix, 2).tolist() == [0, 0, 0]


def test_a_class_of_probability_zero_is_never_drawn_by_the_largest_or_smallest_chance() -> None:
    chances = torch.tensor([0.0, 0.25, 0.25 - 2.0**-54, 1 - 2.0**-53], dtype=torch.float64)
    assert class_at(torch.tensor([[0.0, 0.25, 0.0, 0.75, 0.0]]).double(), chances).tolist() == [1, 3, 1, 3]
    for rest in (0.7, 0.7 - 4e-7, 0.7 + 4e-7, 0.6999999999999999):  # sums on both sides of 1
        assert class_at(torch.tensor([[0.0, 0.3, rest, 0.0]]).double(), chances[-1:]).tolist() == [2]


@in_turn("form", [np.asarray, lambda m: m.float(), lambda m: m.clone().requires_grad_(), Tensor.tolist])
def test_a_matrix_of_any_form_is_taken(form) -> None:
    labels = some_labels(500, 4)
    matrix = torch.tensor([[0.75, 0.25, 0, 0], [0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0, 0.125, 0.875]]).double()
    assert torch.equal(flipped(labels, 0.8, form(matrix), 4), flipped(labels, 0.8, matrix, 4))


def test_the_matrix_is_untouched() -> None:
    matrix = some_matrix(4)
    before = matrix.clone()
    flipped(some_labels(100, 4), 1, matrix, 4)
    assert torch.equal(matrix, before)


@in_turn("shape", [(3, 3), (4, 3), (4,), (1, 4, 4), (0, 0)])
def test_a_matrix_of_another_shape_is_an_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"matrix must have shape \(4, 4\).* got \("):
        flipped(some_labels(10, 4), 0.5, torch.full(shape, 0.25), 4)


@in_turn("wrong", [-1e-12, float("nan"), float("inf"), -float("inf")])
def test_what_is_no_probability_is_an_error_that_names_the_row(wrong: float) -> None:
    matrix = torch.eye(4, dtype=torch.float64)
    matrix[2, 1] = wrong
    with pytest.raises(InputError, match=r"matrix must hold probabilities, got .* in row 2"):
        flipped(some_labels(10, 4), 0.5, matrix, 4)


@in_turn("rate", [0.0, 0.5])
def test_a_row_that_does_not_sum_to_one_is_an_error_and_rounding_is_none(rate: float) -> None:
    matrix = torch.eye(4, dtype=torch.float64)
    matrix[3, 3] = 1 - 0.9e-6
    flipped(some_labels(10, 4), rate, matrix, 4)
    for off in (1 - 1.2e-6, 1 + 1.2e-6, 1e308):
        matrix[3, 3] = off
        with pytest.raises(InputError, match=r"must sum to 1, P\(given \| true\) of one true class; row 3 .* sums to"):
            flipped(some_labels(10, 4), rate, matrix, 4)


def test_a_matrix_whose_columns_sum_to_one_is_an_error_that_says_so() -> None:
    with pytest.raises(InputError, match="its columns do sum to 1, so transpose it"):
        flipped(some_labels(10, 6), 0.5, some_matrix(6).T, 6)


@in_turn("matrix", ["0.5", torch.eye(2).bool(), torch.eye(2).cfloat(), [[None, 1], [0, 1]]])
def test_a_matrix_of_no_real_numbers_is_an_error(matrix: object) -> None:
    with pytest.raises(DtypeError, match="matrix must be an array of real numbers"):
        flipped(some_labels(10, 2), 0.5, matrix, 2)
