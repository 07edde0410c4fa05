"""A noise matrix from few counts, against scipy's distributions and the matrix that the counts are drawn from."""

import numpy as np
import pytest
import torch
from scipy import stats

from lsbench.noise.shrink import BETAS, SPREADS, shrunk_matrix

CLASSES = 10
SYMMETRIC = np.full((CLASSES, CLASSES), 0.3 / 9) + (0.7 - 0.3 / 9) * np.eye(CLASSES)
NEXT = 0.7 * np.eye(CLASSES) + 0.3 * np.roll(np.eye(CLASSES), 1, axis=1)  # each class is mistaken for one other


def drawn(matrix, per_class=25, seed=0):
    """Counts of given labels, of so many examples of each class."""
    return np.random.default_rng(seed).multinomial(per_class, matrix).astype(float)


def shrunk(counts):
    return shrunk_matrix(torch.from_numpy(counts)).numpy()


@pytest.mark.parametrize("true", [SYMMETRIC, NEXT], ids=["symmetric", "next class"])
def test_priors_are_the_likeliest_of_the_grid_and_the_matrix_is_the_posterior_mean(true):
    counts = drawn(true)
    kept, total = np.diag(counts), counts.sum(1)
    wrong = [np.delete(row, i) for i, row in enumerate(counts)]
    pairs = [(float(a), float(b)) for a in BETAS for b in BETAS]
    a, b = max(pairs, key=lambda pair: stats.betabinom.logpmf(kept, total, *pair).sum())
    c = max(SPREADS.tolist(), key=lambda c: sum(_log_probability(row, c) for row in wrong))
    expected = np.zeros_like(counts)
    for i in range(CLASSES):
        expected[i, i] = (kept[i] + a) / (total[i] + a + b)
        for j in set(range(CLASSES)) - {i}:
            expected[i, j] = (1 - expected[i, i]) * (counts[i, j] + c) / (total[i] - kept[i] + 9 * c)
    np.testing.assert_allclose(shrunk(counts), expected, rtol=1e-9)


def _log_probability(row, c):
    return stats.dirichlet_multinomial.logpmf(row.astype(int), np.full(len(row), c), int(row.sum()))


def test_few_counts_of_symmetric_noise_come_much_nearer_to_the_truth():
    counts = drawn(SYMMETRIC)
    shares = counts / counts.sum(1, keepdims=True)
    assert np.abs(shrunk(counts) - SYMMETRIC).sum() < np.abs(shares - SYMMETRIC).sum() / 3


def test_what_is_mistaken_for_one_class_alone_is_not_spread_over_the_others():
    assert (np.where(NEXT == 0, shrunk(drawn(NEXT)), 0).sum(1) < 0.01).all()


def test_counts_without_a_wrong_label_give_the_identity_and_so_does_a_class_without_counts():
    np.testing.assert_allclose(shrunk(25 * np.eye(3)), np.eye(3), atol=1e-4)
    few = shrunk(np.array([[8.0, 2, 0], [1, 9, 0], [0, 0, 0]]))
    np.testing.assert_allclose(few[2], [0, 0, 1])
    np.testing.assert_allclose(few.sum(1), 1)


def test_two_classes_have_one_way_to_be_wrong():
    matrix = shrunk(np.array([[30.0, 10], [5, 35]]))
    np.testing.assert_allclose(matrix.sum(1), 1)
    assert 0.6 < matrix[0, 0] < matrix[1, 1] < 0.95
