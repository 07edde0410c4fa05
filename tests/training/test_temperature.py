"""Temperature scaling against an independent optimiser on hostile logits, and where noisy labels mislead it."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, logsumexp
from torch import Tensor

from lsbench.errors import DtypeError, InputError
from lsbench.metrics import expected_calibration_error as ece
from lsbench.training.temperature import Temperature, _Likelihood, fit_temperature
from tests.in_turn import in_turn
from tests.simulations import simulation

KINDS = (
    "plain",
    "smoothed",
    "separable",
    "almost separable",
    "tiny",
    "huge",
    "ties",
    "one example",
    "misleading",
    "constant",
)
PLAIN = len(KINDS)  # the seed of every so many sets is of the kind "plain"


def symmetric(rate: float, num_classes: int) -> Tensor:
    """P(given | true): each label becomes one of the others with probability rate."""
    other = rate / (num_classes - 1)
    return torch.full((num_classes, num_classes), other, dtype=torch.float64).fill_diagonal_(1 - rate)


def uneven(num_classes: int, seed: int) -> Tensor:
    """P(given | true), different from its transpose."""
    rows = np.random.default_rng(seed).dirichlet(np.ones(num_classes), num_classes)
    return 0.5 * torch.eye(num_classes, dtype=torch.float64) + 0.5 * torch.from_numpy(rows)


def pairflip(rate: float, num_classes: int) -> Tensor:
    """P(given | true) that is 0 nearly everywhere: each label becomes the next with probability rate."""
    kept = torch.eye(num_classes, dtype=torch.float64)
    return (1 - rate) * kept + rate * kept.roll(1, 1)


def drawn(probs: Tensor, draws: torch.Generator) -> Tensor:
    return torch.multinomial(probs, 1, generator=draws).squeeze(-1)


def hard_set(seed: int) -> tuple[str, Tensor, Tensor]:
    draws = torch.Generator().manual_seed(seed)
    kind = KINDS[seed % len(KINDS)]
    n, num_classes = (int(torch.randint(2, high, (), generator=draws)) for high in (60, 101 if seed % 2 else 6))
    n = 1 if kind == "one example" else n
    logits = 3 * torch.randn(n, num_classes, generator=draws, dtype=torch.float64)
    labels = drawn((logits / 2).softmax(-1), draws)
    if kind == "smoothed":  # confidences of .9 and all others equal, nearly all right
        logits = math.log(0.9 * (num_classes - 1) / 0.1) * torch.eye(num_classes, dtype=torch.float64)[labels]
        logits += 0.01 * torch.randn(logits.shape, generator=draws, dtype=torch.float64)
        labels = torch.where(torch.rand(n, generator=draws) < 0.02, 0, labels)
    if kind in ("separable", "almost separable"):
        labels = logits.argmax(-1)
    if kind == "almost separable":
        labels[0] = logits[0].argsort()[-2]
    if kind == "ties":
        logits = logits.round()
    if kind == "misleading":
        labels = logits.argmin(-1)
    if kind == "constant":
        logits = logits[:, :1].expand(n, num_classes)
    scale = {"tiny": 1e-30, "huge": 1e30}.get(kind, 1.0)
    return kind, logits * scale, labels


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


# --- against an independent optimiser -------------------------------------------------------------------------


@simulation(short=180, long=2000)
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


@simulation(short=180, long=2000)
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
    derivatives = _Likelihood.derivatives
    monkeypatch.setattr(_Likelihood, "derivatives", lambda self, beta: looks.append(beta) or derivatives(self, beta))
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


# --- by hand --------------------------------------------------------------------------------------------------


def test_two_classes_by_hand() -> None:
    logits = torch.tensor([[2.0, 0.0]]).expand(4, 2)
    fit = fit_temperature(logits, torch.tensor([0, 0, 0, 1]))  # 2/T = logit(3/4)
    assert float(fit.value) == pytest.approx(2 / math.log(3), rel=1e-12)
    assert fit.status == "ok"


def test_two_classes_with_noise_by_hand() -> None:
    logits = torch.tensor([[2.0, 0.0]]).expand(5, 2)
    labels = torch.tensor([0, 0, 0, 1, 1])  # p (1 - .3) + (1 - p) .3 = .6, so p = .75
    fit = fit_temperature(logits, labels, noise=symmetric(0.3, 2))
    assert float(fit.value) == pytest.approx(2 / math.log(3), rel=1e-9)


@pytest.mark.parametrize(
    ("logits", "labels", "status", "value"),
    [
        ([[1.0, 0.0], [0.0, 1.0]], [0, 1], "separable", 1e-6),
        ([[1.0, 0.0], [1.0, 0.0]], [0, 1], "uninformative", 1e6),
        ([[1.0, 0.0], [0.0, 1.0]], [1, 0], "uninformative", 1e6),
        ([[2.0, 2.0], [-1.0, -1.0]], [0, 1], "constant", 1),
        ([[0.0, 0.0]], [1], "constant", 1),
        ([[5.0], [-3.0]], [0, 0], "constant", 1),
        ([[1.0, 0.0, 0.0]], [0], "separable", 1e-6),
        ([[1.0, 1.0, 0.0]], [0], "separable", 1e-6),  # a tie at the top: the NLL falls to log 2
    ],
)
def test_flags_and_their_clamped_values(logits: list, labels: list, status: str, value: float) -> None:
    z, y = torch.tensor(logits), torch.tensor(labels)
    for noise in (None, torch.eye(z.shape[-1])):
        fit = fit_temperature(z, y, noise=noise)
        assert fit.status == status
        assert float(fit.value) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_logits_that_are_not_finite_are_flagged(wrong: float) -> None:
    fit = fit_temperature(torch.tensor([[1.0, wrong], [0.0, 1.0]]), torch.tensor([0, 1]))
    assert fit.status == "not finite"
    assert math.isnan(float(fit.value))


@pytest.mark.parametrize("factor", [1e-300, 1e-8, 0.37, 1e8, 1e300])
def test_scaled_logits_have_the_scaled_temperature(factor: float) -> None:
    _, logits, labels = hard_set(PLAIN)
    noise = symmetric(0.3, logits.shape[-1])
    for matrix in (None, noise):
        plain, scaled = (fit_temperature(c * logits, labels, noise=matrix) for c in (1, factor))
        assert scaled.status == plain.status == "ok"
        assert float(scaled.value) == pytest.approx(factor * float(plain.value), rel=1e-9)


def test_a_shift_of_each_row_changes_nothing() -> None:
    _, logits, labels = hard_set(PLAIN)
    shifted = logits + torch.linspace(-50, 50, len(logits), dtype=torch.float64)[:, None]
    assert float(fit_temperature(shifted, labels).value) == pytest.approx(float(fit_temperature(logits, labels).value))


def test_a_stack_equals_a_loop() -> None:
    draws = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 3, 40, 5, generator=draws)
    labels = drawn(logits.reshape(-1, 5).softmax(-1), draws).view(2, 3, 40)
    labels[1, 2] = logits[1, 2].argmax(-1)
    noises = torch.stack([symmetric(rate / 10, 5) for rate in range(6)]).view(2, 3, 5, 5)
    for noise in (None, noises[1, 1], noises):
        stack = fit_temperature(logits, labels, noise=noise)
        assert stack.value.shape == (2, 3)
        for i, j in np.ndindex(2, 3):
            one = fit_temperature(
                logits[i, j], labels[i, j], noise=noise if noise is None or noise.ndim == 2 else noise[i, j]
            )
            assert (float(stack.value[i, j]), stack.status[i][j]) == (float(one.value), one.status)
    assert fit_temperature(logits, labels).status[1][2] == "separable"


def test_a_stack_of_no_cells_has_no_temperatures() -> None:
    fit = fit_temperature(torch.zeros(0, 5, 3), torch.zeros(0, 5, dtype=torch.long))
    assert (fit.value.shape, fit.status) == ((0,), [])


def test_float32_logits_are_fitted_in_float64() -> None:
    _, logits, labels = hard_set(PLAIN)
    fit = fit_temperature(logits.float().requires_grad_(), labels.int())
    assert fit.value.dtype == torch.float64
    assert not fit.value.requires_grad
    assert torch.equal(fit.value, fit_temperature(logits.float().double(), labels).value)


# --- the trap of noisy validation labels ----------------------------------------------------------------------


def noisy_validation(n: int = 20_000, num_classes: int = 10, rate: float = 0.4) -> tuple[Tensor, Tensor, Tensor]:
    """Logits of a perfectly calibrated model, its clean labels, and those labels with symmetric noise."""
    draws = torch.Generator().manual_seed(0)
    logits = 4 * torch.randn(n, num_classes, generator=draws, dtype=torch.float64)
    clean = drawn(logits.softmax(-1), draws)
    return logits, clean, drawn(symmetric(rate, num_classes)[clean], draws)


def clean_ece(logits: Tensor, clean: Tensor, fit: Temperature) -> float:
    return float(ece((logits / fit.value).softmax(-1), clean))


def test_fitted_on_noisy_labels_it_ruins_calibration_and_corrected_it_does_not() -> None:
    logits, clean, given = noisy_validation()
    oracle, plain = fit_temperature(logits, clean), fit_temperature(logits, given)
    corrected = fit_temperature(logits, given, noise=symmetric(0.4, 10))
    assert float(oracle.value) == pytest.approx(1, abs=0.03)
    assert float(corrected.value) == pytest.approx(1, abs=0.06)
    assert clean_ece(logits, clean, oracle) < 0.01
    assert clean_ece(logits, clean, plain) > 0.2
    assert clean_ece(logits, clean, corrected) < 0.015


# --- errors ---------------------------------------------------------------------------------------------------

Z, Y = torch.zeros(4, 3), torch.zeros(4, dtype=torch.long)


@pytest.mark.parametrize(
    ("logits", "labels", "noise", "message"),
    [
        (Z[0], Y[0], None, r"logits must have shape \(\.\.\., n, K\)"),
        (Z[:0], Y[:0], None, "n and K at least 1"),
        (Z, Y[:3], None, r"labels must have shape \(4,\), got \(3,\)"),
        (Z, Y + 3, None, r"class numbers in \[0, 3\), got 3"),
        (Z, Y - 1, None, "got -1"),
        (Z, Y, torch.eye(4), r"noise must have shape \(3, 3\)"),
        (Z, Y, torch.ones(3, 3), "each row at least 0 and summing to 1"),
        (Z, Y, torch.tensor([[2.0, -1.0, 0.0]] * 3), "each row at least 0"),
        (Z, Y, torch.full((3, 3), math.nan), "each row at least 0"),
        (torch.eye(3), torch.tensor([0, 0, 0]), torch.tensor([[0.0, 0.5, 0.5]] * 3), "a column is all zero"),
    ],
)
def test_what_makes_no_sense_is_an_error(logits: Tensor, labels: Tensor, noise: Tensor | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        fit_temperature(logits, labels, noise=noise)


@pytest.mark.parametrize(
    ("logits", "labels", "noise", "message"),
    [
        (Z.long(), Y, None, "logits must be a floating-point tensor or array, got torch.int64"),
        (Z, Y.float(), None, "labels must be an integer tensor or array, got torch.float32"),
        (Z, Y > 0, None, "got torch.bool"),
        (Z, Y, torch.eye(3).long(), "noise must be a floating-point tensor"),
    ],
)
def test_what_is_of_the_wrong_type_is_an_error(
    logits: Tensor, labels: Tensor, noise: Tensor | None, message: str
) -> None:
    with pytest.raises(DtypeError, match=message):
        fit_temperature(logits, labels, noise=noise)
