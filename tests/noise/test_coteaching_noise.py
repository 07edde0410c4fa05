"""Co-teaching's own wrong labels: their published hash, and the original procedure written out."""

import hashlib

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Generator, Tensor

from lsbench.noise import flip_labels, noise_record
from tests.in_turn import in_turn
from tests.noise.noise_cases import real_file

KINDS = ("coteaching-symmetric", "coteaching-pairflip")


def flipped(kind: str, labels: Tensor, rate: float, num_classes: int = 10, seed: int = 0) -> Tensor:
    return flip_labels(labels, rate, num_classes, Generator().manual_seed(seed), kind)


def some_labels(n: int, num_classes: int) -> Tensor:
    return torch.randint(num_classes, (n,), generator=Generator().manual_seed(99))


def slow_matrix(kind: str, rate: float, num_classes: int) -> np.ndarray:
    """Entry by entry; every one has to be right to the last bit."""
    matrix = np.ones((num_classes, num_classes)) * (0.0 if kind.endswith("pairflip") else rate / (num_classes - 1))
    for i in range(num_classes):
        matrix[i, i] = 1.0 - rate
        if kind.endswith("pairflip"):
            matrix[i, 0 if i == num_classes - 1 else i + 1] = rate
    return matrix


@pytest.mark.parametrize("kind", KINDS)
@in_turn("num_classes", [2, 3, 10, 100])
@in_turn("rate", [0.01, 0.2, 0.29, 0.45, 0.5, 0.8, 1.0])
def test_it_is_one_multinomial_per_example_in_order(kind: str, num_classes: int, rate: float) -> None:
    labels, matrix = some_labels(500, num_classes), slow_matrix(kind, rate, num_classes)
    flipper = np.random.RandomState(0)
    expected = [list(flipper.multinomial(1, matrix[label], size=1)[0]).index(1) for label in labels.tolist()]
    assert flipped(kind, labels, rate, num_classes).tolist() == expected


@pytest.mark.parametrize("kind", KINDS)
def test_every_seed_has_the_same_wrong_labels(kind: str) -> None:
    labels = some_labels(500, 10)
    assert torch.equal(flipped(kind, labels, 0.3, seed=1), flipped(kind, labels, 0.3, seed=2))


def test_a_longer_data_set_begins_with_the_same_wrong_labels() -> None:
    labels = some_labels(500, 10)
    assert torch.equal(flipped(KINDS[0], labels, 0.3)[:200], flipped(KINDS[0], labels[:200], 0.3))


def test_wrong_classes_are_equally_likely() -> None:
    labels = some_labels(60_000, 10)
    noisy = flipped("coteaching-symmetric", labels, 0.5)
    steps = torch.bincount((noisy - labels) % 10, minlength=10)
    assert stats.chisquare(steps[1:].numpy()).pvalue > 1e-4
    assert stats.binomtest(int(steps[0]), 60_000, 0.5).pvalue > 1e-4


def test_pairs_only_move_to_the_next_class() -> None:
    labels = some_labels(20_000, 10)
    noisy = flipped("coteaching-pairflip", labels, 0.45)
    assert set(((noisy - labels) % 10).tolist()) == {0, 1}
    assert stats.binomtest(int((noisy != labels).sum()), 20_000, 0.45).pvalue > 1e-4


def test_cifar_10s_labels_have_the_published_hash() -> None:
    clean = torch.from_numpy(np.load(real_file("cifar10.npz"))["y_train"])
    assert hashlib.sha256(clean.numpy().astype("u1").tobytes()).hexdigest()[:16] == "2b7cd2f244873176"
    noisy = flipped("coteaching-symmetric", clean, 0.2)
    described = noise_record(clean, noisy, kind="coteaching-symmetric", rate=0.2, num_classes=10, seed=0)
    assert described.sha256[:16] == "241b61c9fa2b2f1d"
    assert described.realised == pytest.approx(0.20076, abs=1e-12)
