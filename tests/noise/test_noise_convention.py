"""What a rate of one convention is in another: the formula, and the share that comes out."""

import subprocess
import sys

import pytest
import torch
from torch import Generator

from lsbench.names.catalogue import NOISES
from lsbench.noise import flip_labels
from lsbench.noise.convention import symmetric_rate
from tests.in_turn import in_turn
from tests.noise.noise_cases import needs

CONVERTED = {"symmetric": 1.0, "symmetric-count": 1.0, "coteaching-symmetric": 1.0, "uniform": 0.75}


@in_turn("kind", NOISES)
@in_turn("rate", [0.0, 0.2, 1.0])
def test_symmetric_conventions_convert_and_the_others_have_no_symmetric_rate(kind: str, rate: float) -> None:
    expected = pytest.approx(CONVERTED[kind] * rate, abs=1e-15) if kind in CONVERTED else None
    assert symmetric_rate(kind, rate, 4) == expected


@in_turn("kind", CONVERTED)
@in_turn("num_classes", [2, 4, 10])
def test_the_converted_rate_is_the_share_that_comes_out(kind: str, num_classes: int) -> None:
    labels = torch.arange(60_000) % num_classes
    noisy = flip_labels(labels, 0.4, num_classes, Generator().manual_seed(0), kind, **needs(kind, labels, num_classes))
    assert (noisy != labels).double().mean() == pytest.approx(symmetric_rate(kind, 0.4, num_classes), abs=0.008)


@in_turn("name", ["human:labels.npy", "matrix:rows.csv", "none", "./own.py:noise"])
def test_full_names_and_unknown_kinds_have_no_symmetric_rate(name: str) -> None:
    assert symmetric_rate(name, 0.2, 10) is None


@in_turn("module", ["files", "convention"])
def test_what_plans_and_reports_read_needs_no_torch(module: str) -> None:
    code = f"import sys, lsbench.noise.{module}; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"


def test_the_rooms_names_are_there_whatever_was_imported_before() -> None:
    code = (
        "import lsbench.noise.record, lsbench.noise as n\n"
        "assert all(callable(getattr(n, name)) for _ in range(2) for name in n.__all__)\n"
        "assert set(n.HOMES) == set(n.__all__) and not hasattr(n, 'other')"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr == ""
