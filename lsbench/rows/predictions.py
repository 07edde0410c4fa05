"""Log-probs of a network for what it was not trained on, in a file beside its row: held-out and test examples."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsbench.data.archive import ODD
from lsbench.errors import InputError

UNITS = "held_out_units"  # an array that a file may lack
LOWEST = float(np.finfo(np.float16).min)  # -65,504: what is lower, -inf too, is kept as this


@dataclass(frozen=True)
class HeldOutPredictions:
    """Predictions of one cell after its last epoch, natural logarithms with 11 significant bits.

    Of the last epoch alone: other epochs, picks and temperatures have used the labels of the held-out examples.
    """

    held_out: NDArray[np.int64]  # (v,): numbers of the examples in the data set's order, as `lsbench order` prints them
    held_out_given: NDArray[np.int64]  # (v,): their labels as given, wrong ones included
    held_out_log_probs: NDArray[np.float64]  # (v, K)
    test_log_probs: NDArray[np.float64]  # (n, K), in the order of the test set
    held_out_units: NDArray[np.int64] | None = None  # (v,): those with one number share a fold; None: each stands alone


def pack_predictions(predictions: HeldOutPredictions) -> bytes:
    """As an npz file, which numpy alone reads: 2 K bytes per example before compression."""
    content, units = BytesIO(), predictions.held_out_units
    arrays: dict[str, Any] = {
        "held_out": predictions.held_out.astype(np.int32),
        "held_out_given": predictions.held_out_given.astype(np.int32),
        "held_out_log_probs": _half(predictions.held_out_log_probs),
        "test_log_probs": _half(predictions.test_log_probs),
        **({} if units is None else {UNITS: units.astype(np.int32)}),
    }
    np.savez_compressed(content, **arrays)
    return content.getvalue()


def read_predictions(path: Path) -> HeldOutPredictions | None:
    """The predictions of a file, None where there is none; `InputError` for a file that `run` did not write."""
    if not path.exists():
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return _checked(
                HeldOutPredictions(
                    arrays["held_out"].astype(np.int64),
                    arrays["held_out_given"].astype(np.int64),
                    arrays["held_out_log_probs"].astype(float),
                    arrays["test_log_probs"].astype(float),
                    arrays[UNITS].astype(np.int64) if UNITS in arrays else None,
                )
            )
    except ODD as error:
        raise InputError(f"{path}: not the predictions that `run` writes ({error})") from error


def _half(log_probs: NDArray[np.floating]) -> NDArray[np.float16]:
    return np.maximum(log_probs, LOWEST).astype(np.float16)


def _checked(predictions: HeldOutPredictions) -> HeldOutPredictions:
    held_out, test = predictions.held_out_log_probs, predictions.test_log_probs
    if held_out.ndim != 2 or test.ndim != 2 or held_out.shape[1] != test.shape[1]:
        raise ValueError(f"shapes {held_out.shape} and {test.shape}")
    if not predictions.held_out.shape == predictions.held_out_given.shape == held_out.shape[:1]:
        raise ValueError(f"{len(predictions.held_out)} numbers of {len(held_out)} held-out examples")
    units = predictions.held_out_units
    if units is not None and units.shape != predictions.held_out.shape:
        raise ValueError(f"{len(units)} units of {len(predictions.held_out)} held-out examples")
    if not all(np.isfinite(log_probs).all() and (log_probs <= 0).all() for log_probs in (held_out, test)):
        raise ValueError("a log-prob above 0, or none")
    given = predictions.held_out_given
    if len(given) and not (predictions.held_out.min() >= 0 and given.min() >= 0 and given.max() < test.shape[1]):
        raise ValueError("a number below 0, or a label that is no class")
    return predictions
