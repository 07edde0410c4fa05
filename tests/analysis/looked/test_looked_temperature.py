"""The temperature by looked-at labels, from a sample in which examples were not equally likely to be."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from lsbench.analysis.looked.temperature import fitted
from lsbench.errors import InputError
from lsbench.statistics.looks import make_design

N, K, TRUE, LOOKS, DRAWS = 2000, 4, 2.5, 150, 120


@pytest.fixture(scope="module")
def network():
    """Log-probs that are too sharp by TRUE, and the labels that they would fit were they divided by it."""
    rng = np.random.default_rng(0)
    z = rng.normal(0, 2, (N, K))
    probs = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    labels = np.array([rng.choice(K, p=p) for p in probs])
    sharp = z * TRUE
    return sharp - np.log(np.exp(sharp).sum(1, keepdims=True)), labels


def nll(log_t, log_probs, labels, weights):
    scaled = log_probs / np.exp(log_t)
    scaled = scaled - np.log(np.exp(scaled).sum(1, keepdims=True))
    return -(weights * scaled[np.arange(len(labels)), labels]).mean()


def test_it_is_the_optimum_of_the_weighted_nll(network):
    log_probs, labels = network
    weights = np.random.default_rng(1).uniform(0.1, 3, N)
    best = minimize_scalar(
        nll, bounds=(-3, 3), args=(log_probs, labels, weights), method="bounded", options={"xatol": 1e-9}
    )
    assert fitted(log_probs, labels, weights).value == pytest.approx(np.exp(best.x), rel=1e-5)


def test_a_sample_of_looks_gives_that_of_all_examples_and_its_interval_holds(network):
    """Sizes grow with how unsure the network is: without weights its temperature would be another one."""
    log_probs, labels = network
    whole = fitted(log_probs, labels, np.ones(N)).value
    sizes = 0.1 + (1 - np.exp(log_probs.max(1))) ** 2
    logs, covered, unweighted = [], [], []
    for seed in range(DRAWS):
        design = make_design(sizes, seed)
        looked = design.first(LOOKS)
        fit = fitted(log_probs[looked], labels[looked], 1 / design.probabilities(LOOKS)[looked])
        logs.append(np.log(fit.value))
        covered.append(fit.low <= whole <= fit.high)
        unweighted.append(np.log(fitted(log_probs[looked], labels[looked], np.ones(LOOKS)).value))
    error = np.std(logs) / np.sqrt(DRAWS)
    assert abs(np.mean(logs) - np.log(whole)) < 4 * error + 0.02
    assert np.mean(covered) > 0.88
    assert abs(np.mean(unweighted) - np.log(whole)) > abs(np.mean(logs) - np.log(whole))


def test_a_network_that_is_right_on_all_looks_has_no_temperature():
    with pytest.raises(InputError, match="right, or wrong, on all"):
        fitted(np.log([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 1]), np.ones(2))
