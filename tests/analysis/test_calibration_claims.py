"""Calibrated networks of different accuracies have different calibration errors by chance; no claim is made of that."""

from dataclasses import replace

import numpy as np
import pytest

from lsbench.analysis.decide import decide
from lsbench.analysis.summary import arms_of
from lsbench.analysis.summary.chance import excess_of, folded_excess
from lsbench.report.decision import evidence, paragraph
from lsbench.rows.sketch import CELLS, Sums, pack
from tests.analysis.summary.handmade import a_row
from tests.in_turn import in_turn

N, SEEDS, BINS = 1_000, 4, 15
SIZES = {"train": [5, 5], "held_out": [1, 1], "test": [N // 2, N // 2], "classes": ["a", "b"]}
CONFIDENCE = {"ce": (20, 1), "gce": (6, 4), "mae": (5, 5)}  # of a beta distribution: means .95, .6 and .5


def numbers_of(confidence, right):
    """ECE, its floor and accuracy - confidence, by their definitions."""
    place = np.ceil(confidence * BINS).astype(int) - 1
    inside = [place == b for b in range(BINS)]
    ece = sum(abs((right - confidence)[i].sum()) for i in inside) / N
    floor = sum(np.sqrt(2 / np.pi * (confidence * (1 - confidence))[i].sum()) for i in inside) / N
    return {"ece": ece, "ece_floor": floor, "signed_error": (right - confidence).mean()}


def sketch_of(confidence, right):
    cell = np.ceil(confidence * CELLS).astype(int) - 1
    return pack(Sums(*(np.bincount(cell, weight, CELLS) for weight in (np.ones(N), confidence, right))))


def a_study(seed, too_sure=()):
    """The seeds of a loss share nearly all of what chance does, as they share the test set."""
    rng = np.random.default_rng(seed)
    rows = []
    for loss, shape in CONFIDENCE.items():
        chance = rng.random(N)
        confidence = rng.beta(*shape, size=N)
        for s in range(SEEDS):
            chance = np.where(rng.random(N) < 0.05, rng.random(N), chance)
            right = (chance < confidence).astype(float)
            said = confidence ** (0.5 if loss in too_sure else 1)
            parts = {"noise_record": {}, "data": SIZES, "sketch": sketch_of(said, right)}
            rows.append(a_row(loss, s, right.mean(), rate=0, parts=parts, nll=1 + s / 10, **numbers_of(said, right)))
    return rows


@in_turn("by", ["ece", "calibration"])
def test_of_calibrated_networks_none_is_shown_to_be_better_calibrated(by):
    verdicts = [decide(a_study(seed), by=by)[0] for seed in range(15)]
    claimed = [any(c.finding in ("better", "worse") for c in v.choice.pair_claims) for v in verdicts]
    assert sum(claimed) <= 2
    assert not any("It is shown" in paragraph(verdict) for verdict in verdicts)
    assert "The chance of the test examples alone may make" in evidence(verdicts[0])


@in_turn("by", ["ece", "calibration"])
def test_a_network_that_is_too_sure_is_shown_to_be_worse(by):
    verdicts = [decide(a_study(seed, too_sure=("mae",)), by=by)[0] for seed in range(5)]
    assert all(verdict.choice.against_baseline[arm].finding == "worse" for verdict in verdicts for arm in _mae(verdict))


def _mae(verdict):
    return [arm for arm in verdict.choice.against_baseline if arm.loss == "mae"]


def test_far_from_0_chance_adds_nothing_and_at_0_the_mean_of_its_size():
    e = 0.3 * np.random.default_rng(0).normal(size=200_000)
    at_0 = np.abs(e).mean()
    assert folded_excess([0.0, 0.6, 3.0], 0.3) == pytest.approx([at_0, at_0, 0], abs=2e-3)
    assert folded_excess(0.9, 0.3) == pytest.approx(np.abs(0.3 + e).mean() - 0.3, abs=2e-3)
    assert folded_excess(0.1, 0.0) == 0
    far = arms_of([a_row("ce", 0, 0.9, signed_error=0.3, parts={"data": SIZES})])[0]
    assert excess_of(far, "signed_error") == 0


def test_what_chance_adds_is_known_of_calibration_errors_alone_and_after_a_temperature_by_its_own_numbers():
    rows = a_study(0)
    arm = arms_of(rows)[0]
    floor = np.mean([row.metrics["ece_floor"] for row in arm.rows])
    assert floor / 2 < excess_of(arm, "ece") <= floor * 1.25
    without = arms_of([replace(row, sketch=None) for row in rows])[0]
    assert excess_of(without, "ece") == pytest.approx(floor)
    m = np.mean([row.metrics["accuracy"] - row.metrics["signed_error"] for row in arm.rows])
    assert excess_of(arm, "signed_error") == pytest.approx(1.96 * np.sqrt(m * (1 - m) / N), rel=1e-3)
    assert [excess_of(arm, name) for name in ("accuracy", "nll", "noisy.ece")] == [None] * 3
    assert excess_of(arms_of([a_row("ce", 0, 0.9)])[0], "ece") is None
