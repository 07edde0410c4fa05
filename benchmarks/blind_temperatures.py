"""What temperatures fitted on held-out given labels do to the true ECE of plain cross-entropy.

`noisy` is fitted on the given labels as they are, `estimated` through the noise matrix that the same predictions
suggest, `known` through the true one, which only this study has. Each is fitted for each seed on what that network
held out, from the log-probs that `--save-logits` keeps, by the functions that a run uses.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from lsbench.metrics import evaluate
from lsbench.rows import store
from lsbench.rows.row import Row
from lsbench.training.temperature_fits import fit_estimated, fit_given, fit_known

WAYS = ("none", "noisy", "estimated", "known")


def true_eces(rows: Iterable[Row], folder: Path, true: np.ndarray, matrix: np.ndarray) -> dict[str, float]:
    """The mean over rows of the true ECE after each way; matrix (K, K) is the true P(given | true)."""
    each = [_of_row(store.logits_path(row.id, folder / "logits"), true, torch.from_numpy(matrix)) for row in rows]
    return {way: float(np.mean([one[way] for one in each])) for way in WAYS}


def _of_row(path: Path, true: np.ndarray, matrix: torch.Tensor) -> dict[str, float]:
    with np.load(path) as arrays:
        val, given, test = (torch.from_numpy(arrays[name]) for name in ("val", "val_given", "test"))
    val, test, given = val.double(), test.double(), given.long()
    fits = (fit_given(val, given), fit_estimated(val, given), fit_known(val, given, matrix=matrix))
    temperatures = dict(zip(WAYS, (1.0, *(fit.value for fit in fits)), strict=True))
    return {way: _ece(test, true, value) for way, value in temperatures.items()}


def _ece(log_probs: torch.Tensor, true: np.ndarray, temperature: float) -> float:
    probs = (log_probs / temperature).softmax(-1).numpy()
    return float(evaluate(probs, true, names=["ece"])["ece"])
