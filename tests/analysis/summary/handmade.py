"""Rows with the numbers that a test wants."""

from lsbench.rows.row import Row
from lsbench.spec import Cell


def a_row(loss="ce", seed=0, accuracy=0.9, eps=None, status="ok", rate=0.2, parts=None, **metrics):
    hyper = () if eps is None else (("eps", eps),)
    kind = "symmetric" if rate else "none"
    cell = Cell(
        dataset="blobs", fingerprint="f", model="linear", loss=loss, hyper=hyper, noise=kind, noise_rate=rate, seed=seed
    )
    numbers = {"accuracy": accuracy, "error_rate": 1 - accuracy, "ece": 0.1, "nll": 1.0, "brier": 0.5, **metrics}
    return Row(
        cell=cell, status=status, metrics=numbers, seconds=10.0, **{"noise_record": {"realised": 0.2}, **(parts or {})}
    )


def rows_of(loss, accuracies, **changes):
    return [a_row(loss, seed, accuracy, **changes) for seed, accuracy in enumerate(accuracies)]


def curves_of(**curves):
    """The part of a row that selection reads."""
    return {"parts": {"curves": curves}}
