"""The comparison of two engines over seeds (`benchmarks/engine_accuracy.py`) tells one distribution from two."""

import numpy as np
import pytest

from tests.pages import ROOT


@pytest.fixture
def compared(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from engine_accuracy import compared

    return compared


def samples(shift=0.0):
    """20 numbers, and 20 of a distribution that may be shifted."""
    draws = np.random.default_rng(3).normal(size=(2, 20))
    return draws[0], draws[1] + shift


def test_two_samples_of_one_distribution_are_not_told_apart(compared):
    own = compared(*samples())
    assert min(own.difference_p, own.distance_p) > 0.1
    assert own.low < 0 < own.high


def test_a_shift_is_seen(compared):
    shifted = compared(*samples(shift=1.5))
    assert max(shifted.difference_p, shifted.distance_p) < 0.01
    assert shifted.low < 1.5 < shifted.high
