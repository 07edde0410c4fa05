"""Every public function of numbers takes tensors, arrays, Series and lists, and gives the same for all of them."""

from dataclasses import asdict, is_dataclass
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch

from lsbench import metrics, noise, statistics
from lsbench.training import temperature
from tests.in_turn import in_turn

GENERATOR = np.random.default_rng(0)
LABELS = GENERATOR.integers(0, 3, 60)
LOGITS = GENERATOR.normal(size=(60, 3)) + np.eye(3)[LABELS]
PROBS = np.exp(LOGITS) / np.exp(LOGITS).sum(-1, keepdims=True)
A, B = GENERATOR.normal(size=6), GENERATOR.normal(size=6)
MATRIX = np.full((3, 3), 0.1) + 0.7 * np.eye(3)
OF_PROBS = {name for name in metrics.__all__ if name not in ("Bins", "BrierParts", "METRICS", "Recalibration")}
NOT_OF_ARRAYS = {"ece_of_bins", "mce_of_bins", "from_sketch", "recalibrate"}  # of what another of them gave


def flipped(labels, **given):
    return noise.flip_labels(labels, 0.5, 3, torch.Generator().manual_seed(0), **given)


CASES = {
    **{f"metrics.{name}": (getattr(metrics, name), PROBS, LABELS) for name in sorted(OF_PROBS - NOT_OF_ARRAYS)},
    "noise.estimate_noise": (noise.estimate_noise, PROBS, LABELS),
    "noise.estimate_matrix": (noise.estimate_matrix, PROBS, LABELS),
    "noise.prune": (noise.prune, PROBS, LABELS),
    "noise.relabel": (noise.relabel, PROBS, LABELS),
    "noise.flip_labels": (flipped, LABELS),
    "noise.noise_record": (
        partial(noise.noise_record, kind="symmetric", rate=0.2, num_classes=3, seed=0),
        LABELS,
        LABELS[::-1],
    ),
    "temperature.fit_temperature": (temperature.fit_temperature, LOGITS, LABELS),
    "statistics.average_ranks": (partial(statistics.average_ranks, better="higher"), LOGITS),
    "statistics.friedman": (statistics.friedman, LOGITS),
    "statistics.two_level_bootstrap": (partial(statistics.two_level_bootstrap, draws=100), LOGITS.T, LOGITS.T[::-1]),
    "statistics.holm": (statistics.holm, np.array([0.01, 0.2, 0.03])),
    "statistics.spread": (statistics.spread, A),
    "statistics.wilson_interval": (statistics.wilson_interval, np.array([3, 4]), np.array([9, 9])),
    "statistics.equivalence_p": (partial(statistics.equivalence_p, margin=0.5), A, B),
    **{
        f"statistics.{name}": (getattr(statistics, name), A, B)
        for name in ("effect_size", "gaps_of", "kendall_tau", "paired_difference", "sign_flip_p", "t_test_p")
    },
    "statistics.cautious_difference": (partial(statistics.cautious_difference, alpha=0.05), A),
    "statistics.cautious_p": (statistics.cautious_p, A),
}
KINDS = {
    "tensor": lambda array: torch.from_numpy(array.copy()),
    "list": lambda array: array.tolist(),
    "tuple": lambda array: tuple(array.tolist()),
    "read-only": lambda array: np.require(array, requirements="C").view(),
    "big-endian": lambda array: array.astype(array.dtype.newbyteorder(">")),
    "pandas": lambda array: pd.Series(array.copy()) if array.ndim == 1 else pd.DataFrame(array.copy()),
}


def plain(value):
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(of) for name, of in asdict(value).items()}
    if isinstance(value, dict):
        return {name: plain(of) for name, of in value.items()}
    if isinstance(value, list | tuple):
        return [plain(of) for of in value]
    return value.tolist() if hasattr(value, "tolist") else value


def flat(value):
    if isinstance(value, dict):
        return [
            (*path, item) for key, of in sorted(value.items()) for *path, item in ((key, *rest) for rest in flat(of))
        ]
    if isinstance(value, list | tuple):
        return [rest for of in value for rest in flat(of)]
    return [(value,)]


@pytest.mark.parametrize("kind", KINDS)
@in_turn("name", CASES)
def test_arrays_lists_series_and_tensors_are_the_same_numbers(name, kind):
    function, *arrays = CASES[name]
    expected, found = (flat(plain(function(*(of(array) for array in arrays)))) for of in (np.copy, KINDS[kind]))
    assert [of[:-1] for of in found] == [of[:-1] for of in expected]
    for *_, left, right in zip(found, expected, strict=True):
        if isinstance(left[-1], float):
            assert left[-1] == pytest.approx(right[-1], rel=1e-12, nan_ok=True)
        else:
            assert left[-1] == right[-1]


def test_every_public_metric_and_noise_is_among_the_cases():
    assert {f"metrics.{name}" for name in OF_PROBS - NOT_OF_ARRAYS} <= CASES.keys()
    assert {f"noise.{name}" for name in noise.__all__ if name[0].islower()} <= CASES.keys()


def test_the_other_arguments_may_be_arrays_too():
    labels = torch.from_numpy(LABELS)
    matrix = temperature.fit_temperature(LOGITS, LABELS, noise=MATRIX.tolist())
    assert (
        matrix.value
        == temperature.fit_temperature(torch.from_numpy(LOGITS), labels, noise=torch.from_numpy(MATRIX)).value
    )
    for kind, given in (
        ("human", {"given": LABELS[::-1]}),
        ("matrix", {"matrix": MATRIX}),
        ("instance", {"images": LOGITS}),
    ):
        of_tensors = {name: torch.from_numpy(value.copy()) for name, value in given.items()}
        of_lists = {name: value.tolist() for name, value in given.items()}
        expected = flipped(labels, kind=kind, **of_tensors)
        assert torch.equal(flipped(LABELS.tolist(), kind=kind, **of_lists), expected)
