"""Temperature scaling against an independent optimiser, on hostile logits."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, logsumexp
from torch import Tensor

from lsbench.training import temperature_search
from lsbench.training.temperature import fit_temperature
from lsbench.training.temperature_search import Likelihoods
from tests.in_turn import in_turn
from tests.simulations import simulation
from tests.training.temperature_cases import KINDS, PLAIN, hard_set, pairflip, symmetric, uneven


def mean_nll(logits: np.ndarray, labels: np.ndarray, log_t: float, noise: np.ndarray | None = None) -> float:
    log_p = log_softmax(logits / math.exp(log_t), axis=-1)
    if noise is None:
        return -float(log_p[np.arange(len(labels)), labels].mean())
    return -float(logsumexp(log_p, axis=-1, b=noise[:, labels].T).mean())


def best_log_t(logits: np.ndarray, labels: np.ndarray, noise: np.ndarray | None = None) -> float:
    """Dense scan of log T, then Brent between the neighbours of the best."""
    spread = np.ptp(logits, axis=-1).mean()
    grid = math.log(spread) + np.linspace(-1, 1, 121) * math.log(1e6)
    best = int(np.argmin([mean_nll(logits, labels, t, noise) for t in grid]))
    ends = grid[max(best - 1, 0)], grid[min(best + 1, 120)]
    found = minimize_scalar(
        lambda t: mean_nll(logits, labels, t, noise), bounds=ends, method="bounded", options={"xatol": 1e-10}
    )
    return float(found.x)


def status_by_definition(logits: Tensor, labels: Tensor) -> str:
    margins = logits - logits.gather(-1, labels[:, None])
    if (margins == 0).all():
        return "constant"
    if margins.max() <= 0:
        return "separable"
    return "uninformative" if margins.mean() >= 0 else "ok"


@simulation(short=100, long=2000)
def test_hard_sets_have_the_optimum_or_a_flag(trials: int) -> None:
    for seed in range(trials):
        kind, logits, labels = hard_set(seed)
        fit = fit_temperature(logits, labels)
        t = float(fit.value)
        assert math.isfinite(t), (seed, kind)
        assert t > 0, (seed, kind)
        assert fit.status == status_by_definition(logits, labels), (seed, kind)
        if fit.status == "constant":
            continue
        z, y = logits.numpy(), labels.numpy()
        theirs = best_log_t(z, y)
        ours = mean_nll(z, y, math.log(t))
        assert ours == pytest.approx(mean_nll(z, y, theirs), rel=1e-6, abs=1e-6), (seed, kind)
        if fit.status == "ok":
            curvature = mean_nll(z, y, theirs - 0.01) + mean_nll(z, y, theirs + 0.01) - 2 * mean_nll(z, y, theirs)
            if curvature > 1e-6:  # the NLL pins log T to about 1e-7
                assert math.log(t) == pytest.approx(theirs, abs=1e-5), (seed, kind)


def test_the_hard_sets_are_of_every_status() -> None:
    found = [fit_temperature(*hard_set(seed)[1:]).status for seed in range(180)]
    assert min(found.count(status) for status in ("ok", "separable", "uninformative")) >= 10


@simulation(short=90, long=2000)  # each kind with each matrix, thrice
def test_hard_sets_with_noise_have_the_corrected_optimum_or_a_flag(trials: int) -> None:
    for seed in range(trials):
        kind, logits, labels = hard_set(seed)
        num_classes = logits.shape[-1]
        matrices = (symmetric(0.4, num_classes), uneven(num_classes, seed), pairflip(0.3, num_classes))
        noise = matrices[seed // len(KINDS) % 3]
        fit = fit_temperature(logits, labels, noise=noise)
        t = float(fit.value)
        assert math.isfinite(t), (seed, kind)
        assert t > 0, (seed, kind)
        assert (fit.status == "constant") == (kind == "constant"), (seed, kind)
        if fit.status == "constant":
            continue
        z, y = logits.numpy(), labels.numpy()
        best = mean_nll(z, y, best_log_t(z, y, noise.numpy()), noise.numpy())
        assert mean_nll(z, y, math.log(t), noise.numpy()) <= best + 1e-9 * (1 + abs(best)), (seed, kind)


def corrected_fits(trials: int) -> list[tuple[float, str]]:
    fits = []
    for seed in range(trials):
        _, logits, labels = hard_set(seed)
        fit = fit_temperature(logits, labels, noise=uneven(logits.shape[-1], seed))
        fits.append((float(fit.value), fit.status))
    return fits


@simulation(short=60, long=1000)
def test_what_the_scan_leaves_out_changes_no_bit(monkeypatch: pytest.MonkeyPatch, trials: int) -> None:
    quick = corrected_fits(trials)
    monkeypatch.setattr(temperature_search, "_falling", lambda *_: 0)
    monkeypatch.setattr(temperature_search, "FAINT", -math.inf)
    assert quick == corrected_fits(trials)


@simulation(short=100, long=1000)
def test_the_slope_changes_its_sign_at_the_temperature(trials: int) -> None:
    for seed in range(0, 2 * trials, 2):
        _, logits, labels = hard_set(seed)
        fit = fit_temperature(logits, labels)
        margins = logits - logits.gather(-1, labels[:, None])

        def slope(t: Tensor, z: Tensor = logits, m: Tensor = margins) -> float:  # of the NLL over 1/T
            return float(((z / t).softmax(-1) * m).sum(-1).mean() / m.abs().max())

        if fit.status == "ok":
            assert slope(fit.value * (1 + 1e-7)) <= 1e-15, seed  # the rounding of the sum
            assert slope(fit.value * (1 - 1e-7)) >= -1e-15, seed


def test_a_fit_looks_at_the_logits_only_some_ten_times(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    derivatives = Likelihoods.derivatives
    monkeypatch.setattr(Likelihoods, "derivatives", lambda self, betas: looks.append(betas) or derivatives(self, betas))
    counts = []
    for seed in range(200):
        looks.clear()
        fit_temperature(*hard_set(seed)[1:])
        counts.append(len(looks))
    assert max(counts) <= 30
    assert np.mean([count for count in counts if count > 2]) <= 15


@pytest.mark.parametrize("seed", range(8))
@in_turn("rate", [0.2, 0.6, "uneven"])
def test_the_corrected_fit_is_the_optimum_of_the_corrected_nll(seed: int, rate: float | str) -> None:
    _, logits, labels = hard_set(PLAIN * seed)  # plain ones
    noise = uneven(logits.shape[-1], seed) if isinstance(rate, str) else symmetric(rate, logits.shape[-1])
    fit = fit_temperature(logits, labels, noise=noise)
    z, y = logits.numpy(), labels.numpy()
    ours = mean_nll(z, y, math.log(float(fit.value)), noise.numpy())
    assert ours <= mean_nll(z, y, best_log_t(z, y, noise.numpy()), noise.numpy()) + 1e-9


def test_no_noise_corrects_nothing() -> None:
    for seed in range(0, 90, 2):
        _, logits, labels = hard_set(seed)
        plain = fit_temperature(logits, labels)
        corrected = fit_temperature(logits, labels, noise=torch.eye(logits.shape[-1]))
        assert corrected.status == plain.status, seed
        assert float(corrected.value) == pytest.approx(float(plain.value), rel=1e-6), seed
