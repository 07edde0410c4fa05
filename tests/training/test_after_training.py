import math
from dataclasses import replace

import pytest
import torch

from lsbench.metrics import aurc, evaluate, expected_calibration_error
from lsbench.names.catalogue import TEMPERATURES
from lsbench.rows.sketch import merge, unpack
from lsbench.training.after_training import as_tensor, measure_after_training
from lsbench.training.predict import Predictions
from tests.training.fake_gpu import fake_gpu

K = 4


def symmetric(rate):
    return [[1 - rate if i == j else rate / (K - 1) for j in range(K)] for i in range(K)]


def predictions(rate=0.0, cells=1, n=4000, sharpness=2.0, held_out=3000):
    """A model that is calibrated on clean labels at T = 1, and says so `sharpness` times too surely."""
    generator = torch.Generator().manual_seed(1)
    logits = 2 * torch.randn(cells, n + held_out, K, generator=generator, dtype=torch.float64)
    probs = logits.softmax(-1)
    drawn = torch.rand(cells, n + held_out, 1, generator=generator, dtype=torch.float64)
    clean = (probs.cumsum(-1) > drawn).int().argmax(-1)
    wrong = torch.rand(clean.shape, generator=generator) < rate
    given = torch.where(wrong, (clean + torch.randint(1, K, clean.shape, generator=generator)) % K, clean)
    log_probs = (sharpness * logits).log_softmax(-1)
    parts = log_probs[:, :n], clean[:, :n], log_probs[:, n:], given[:, n:], clean[:, n:], clean[:, :n]
    return Predictions(*parts, *[clean[:, :0]] * 3)


def test_corrected_and_oracle_temperatures_find_the_truth_and_the_noisy_one_is_led_astray():
    (found,) = measure_after_training(predictions(rate=0.4), [symmetric(0.4)])
    assert found.scaled["oracle"]["temperature"] == pytest.approx(2, rel=0.1)
    assert found.scaled["known"]["temperature"] == pytest.approx(2, rel=0.15)
    assert found.scaled["noisy"]["temperature"] > 3
    ece = {way: of["metrics"]["ece"] for way, of in found.scaled.items()}
    assert max(ece["oracle"], ece["known"]) < 0.06 < 0.2 < ece["noisy"]


def by_brute_force(log_probs, given):
    """The temperature of least NLL on a grid, and on a fine one about it.

    Through confident learning, written out example by example.
    """
    probs, rows = log_probs.exp(), range(len(given))
    threshold = [probs[given == j, j].mean() for j in range(K)]
    joint = torch.zeros(K, K, dtype=torch.float64)
    for i in rows:
        passed = [j for j in range(K) if probs[i, j] >= threshold[j]]
        if passed:
            joint[given[i], max(passed, key=lambda j: probs[i, j])] += 1
    joint *= (given.bincount(minlength=K) / joint.sum(1))[:, None]
    given_if_true = joint / joint.sum(0)
    around, width = 0.0, 1.0  # powers of ten
    for _ in range(2):
        grid = torch.logspace(around - width, around + width, 41, dtype=torch.float64)
        nll = [-((log_probs / t).softmax(-1) @ given_if_true.T)[rows, given].log().mean() for t in grid]
        best = float(grid[torch.stack(nll).argmin()])
        around, width = math.log10(best), width / 20
    return best


@pytest.mark.parametrize(("rate", "sharpness"), [(0.0, 2.0), (0.3, 2.0), (0.3, 0.7)])
def test_the_estimated_temperature_is_that_of_brute_force_and_too_low_where_the_model_errs(rate, sharpness):
    """Of a model that is right in 3 of 4: its mistakes count as noise, so that it is taken to be surer than it is."""
    given = predictions(rate=rate, sharpness=sharpness)
    (found,) = measure_after_training(given, [symmetric(rate)])
    temperature = found.scaled["estimated"]["temperature"]
    assert temperature == pytest.approx(by_brute_force(given.val[0], given.val_given[0]), rel=0.004)
    assert temperature < found.scaled["oracle"]["temperature"] < sharpness * 1.1


def test_the_recall_of_each_class_is_by_the_given_test_labels_and_by_the_published_ones_where_these_differ():
    given = predictions()
    given = replace(given, test_labels=(given.test_labels + 1) % K)
    (found,) = measure_after_training(given, [symmetric(0.0)])
    assert found.recall.keys() == {"test", "true_test"}
    for part, labels in (("test", given.test_labels[0]), ("true_test", given.test_clean[0])):
        hit = given.test[0].argmax(-1) == labels
        expected = [float(hit[labels == c].double().mean()) for c in range(K)]
        assert found.recall[part] == pytest.approx(expected)
    (right,) = measure_after_training(predictions(), [symmetric(0.0)])
    assert right.recall.keys() == {"test"}


def test_without_wrong_labels_all_ways_are_one():
    (found,) = measure_after_training(predictions(), [symmetric(0.0)])
    assert list(found.scaled) == list(TEMPERATURES)
    assert found.scaled["noisy"] == found.scaled["known"] == found.scaled["oracle"]


def test_what_is_stored_after_scaling_are_the_metrics_of_the_scaled_probs():
    given = predictions(rate=0.2)
    (found,) = measure_after_training(given, [symmetric(0.2)])
    for of in found.scaled.values():
        probs = (given.test[0] / of["temperature"]).softmax(-1)
        for name, value in evaluate(probs, given.test_labels[0], names=of["metrics"]).items():
            stored = of["metrics"][name]
            assert (stored is None) == (not math.isfinite(value))
            assert stored is None or stored == pytest.approx(float(value), abs=1e-9)
        bins = of["bins"]
        gap = sum(abs(a - b) for a, b in zip(bins["correct"], bins["confidence"], strict=True)) / sum(bins["count"])
        assert gap == pytest.approx(of["metrics"]["ece"], abs=1e-6)


def test_the_sketch_and_the_risk_coverage_curve_are_those_of_the_test_set():
    given = predictions()
    (found,) = measure_after_training(given, [symmetric(0.0)])
    probs = given.test[0].exp()
    bins = merge(unpack(found.sketch), 15)
    ece = abs(bins.correct - bins.confidence).sum() / bins.count.sum()
    assert ece == pytest.approx(float(expected_calibration_error(probs, given.test_labels[0])), abs=1e-8)
    assert found.risk_coverage[-1] == pytest.approx(1 - float(evaluate(probs, given.test_labels[0])["accuracy"]))
    assert sum(found.risk_coverage) / 100 == pytest.approx(float(aurc(probs, given.test_labels[0])), abs=0.01)


def test_the_noise_is_estimated_from_held_out_predictions():
    (found,) = measure_after_training(predictions(rate=0.3, sharpness=1.0), [symmetric(0.3)])
    assert found.noise_estimate["count"] == 3000
    assert 0.2 < found.noise_estimate["rate"] < 0.6


def test_nothing_held_out_leaves_out_what_needs_it_and_keeps_the_rest():
    (found,) = measure_after_training(predictions(held_out=0), [symmetric(0.0)])
    assert (found.scaled, found.noise_estimate) == ({}, {})
    assert found.sketch
    assert len(found.risk_coverage) == 100


def test_a_cell_that_is_not_finite_costs_no_other():
    given = predictions(cells=2)
    given.test[0, 0] = math.nan
    bad, good = measure_after_training(given, [symmetric(0.0)] * 2)
    assert (bad.scaled, bad.sketch, bad.risk_coverage) == ({}, None, [])
    assert good.scaled
    assert good.sketch


MATRICES = [symmetric(0.2), symmetric(0.3), symmetric(0.2)]


def on_gpu(given, times):
    """What is measured of so many times as many cells on a GPU that is none, and what was read and copied."""
    with fake_gpu() as gpu:
        moved = Predictions(*(torch.cat([part] * times).to("cuda") for part in vars(given).values()))
        gpu.place = "measured"
        found = measure_after_training(moved, MATRICES * times)
    return found, gpu.at("measured")


def test_a_gpu_is_read_no_more_often_for_many_cells_than_for_few():
    given = predictions(rate=0.2, cells=3, n=300, held_out=200)
    few, reads = on_gpu(given, 1)
    many, reads_of_many = on_gpu(given, 4)
    assert reads == reads_of_many
    for own, again, expected in zip(many[-3:], few, measure_after_training(given, MATRICES), strict=True):
        assert own == again
        for way, fit in expected.scaled.items():
            assert own.scaled[way]["temperature"] == pytest.approx(fit["temperature"], rel=1e-9)
        assert own.recall == expected.recall
        assert own.noise_estimate == expected.noise_estimate


def test_a_class_that_never_occurs_keeps_its_labels_in_the_noise_matrix():
    matrix = as_tensor([[0.9, 0.1], [None, None]], torch.zeros(1))
    assert matrix.tolist() == [[0.9, 0.1], [0.0, 1.0]]


def test_the_forward_correction_knows_which_way_labels_were_mistaken():
    """Pair flips are not symmetric: the transposed matrix would give another temperature."""
    given = predictions(rate=0.0, sharpness=2.0)
    flipped = torch.where(torch.rand(given.val_clean.shape, generator=torch.Generator().manual_seed(3)) < 0.3, 1, 0)
    noisy = replace(given, val_given=torch.where(given.val_clean == 0, given.val_clean + flipped, given.val_clean))
    matrix = [[0.7, 0.3, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
    (found,) = measure_after_training(noisy, [matrix])
    assert found.scaled["known"]["temperature"] == pytest.approx(found.scaled["oracle"]["temperature"], rel=0.03)


def test_cells_of_a_stack_are_found_as_each_alone():
    together, matrices = (
        predictions(rate=0.2, cells=4),
        [symmetric(0.2), symmetric(0.0), symmetric(0.2), symmetric(0.3)],
    )
    together.test[2, 0, 0] = torch.nan
    found = measure_after_training(together, matrices)
    assert found[2].scaled == {}
    assert found[2].sketch is None
    for cell in (0, 1, 3):
        alone = Predictions(*(value[cell : cell + 1] for value in vars(together).values()))
        (expected,) = measure_after_training(alone, [matrices[cell]])
        assert found[cell].sketch == expected.sketch
        assert list(found[cell].scaled) == list(TEMPERATURES)
        for way, of in found[cell].scaled.items():
            assert of["temperature"] == expected.scaled[way]["temperature"]
            assert of["status"] == expected.scaled[way]["status"]
            assert of["metrics"] == pytest.approx(expected.scaled[way]["metrics"], abs=1e-12)
            assert of["bins"] == expected.scaled[way]["bins"]
    assert found[0].scaled["noisy"] != found[0].scaled["oracle"]
    assert found[1].scaled["noisy"] == found[1].scaled["oracle"]
