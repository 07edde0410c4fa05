"""How near confident learning comes to noise that is known, for models good and bad."""

import numpy as np
import pytest
import torch
from torch import Generator

from lsbench.noise import estimate_noise, flip_labels, noise_record
from tests.in_turn import in_turn
from tests.noise.estimate_cases import gaussians, shares, transitions


@in_turn(
    ("kind", "rate"),
    [("symmetric", 0.0), ("symmetric", 0.2), ("symmetric", 0.6), ("pairflip", 0.2), ("asymmetric", 0.4)],
)
def test_a_good_model_finds_the_noise(kind: str, rate: float) -> None:
    probs, true = gaussians(6)
    given = flip_labels(true, rate, 10, Generator().manual_seed(1), kind)
    known = noise_record(true, given, kind=kind, rate=rate, num_classes=10, seed=1)
    estimate = estimate_noise(probs, given)
    assert estimate.rate == pytest.approx(known.realised, abs=0.005)
    np.testing.assert_allclose(shares(estimate.matrix), shares(known.matrix), rtol=0, atol=0.01)


@in_turn(("kind", "rate"), [("symmetric", 0.2), ("symmetric", 0.4), ("pairflip", 0.2), ("pairflip", 0.4)])
def test_a_model_that_learnt_from_the_noise_finds_it_too(kind: str, rate: float) -> None:
    probs, true = gaussians(6)
    matrix = transitions(kind, rate)
    given = flip_labels(true, rate, 10, Generator().manual_seed(1), kind)
    estimate = estimate_noise((probs @ matrix).clamp(0, 1), given)
    assert estimate.rate == pytest.approx(float((given != true).double().mean()), abs=0.005)


@in_turn("rate", [0.0, 0.2, 0.4])
def test_a_model_of_nine_tenths_finds_two_to_five_points_too_much(rate: float) -> None:
    probs, true = gaussians(3)
    assert float((probs.argmax(-1) == true).double().mean()) == pytest.approx(0.9, abs=0.01)
    given = flip_labels(true, rate, 10, Generator().manual_seed(1), "symmetric")
    excess = estimate_noise(probs, given).rate - float((given != true).double().mean())
    assert 0.015 < excess < 0.05


@in_turn("temperature", [2, 4])
@in_turn("kind", ["symmetric", "pairflip"])
def test_under_confidence_by_a_temperature_lowers_the_rate_by_up_to_four_points(kind: str, temperature: float) -> None:
    probs, true = gaussians(3)
    given = flip_labels(true, 0.3, 10, Generator().manual_seed(1), kind)
    under = (probs.log() / temperature).softmax(-1)
    lost = estimate_noise(probs, given).rate - estimate_noise(under, given).rate
    assert -0.005 < lost < 0.045


@in_turn("shrunk", [0.1, 0.5, 0.9])
def test_under_confidence_by_smoothing_changes_nothing(shrunk: float) -> None:
    probs, true = gaussians(3, 2000)
    given = flip_labels(true, 0.3, 10, Generator().manual_seed(1), "symmetric")
    assert estimate_noise((1 - shrunk) * probs + shrunk / 10, given) == estimate_noise(probs, given)


def test_a_model_that_knows_nothing_calls_nearly_everything_noise() -> None:
    draws = Generator().manual_seed(0)
    probs = torch.randn(10_000, 10, generator=draws).softmax(-1)
    given = torch.randint(10, (10_000,), generator=draws)
    assert estimate_noise(probs, given).rate == pytest.approx(0.9, abs=0.02)


def test_a_model_that_repeats_the_labels_hides_the_noise() -> None:
    given = flip_labels(torch.arange(1000) % 10, 0.4, 10, Generator().manual_seed(0), "symmetric")
    assert estimate_noise(torch.eye(10)[given], given).rate == 0
