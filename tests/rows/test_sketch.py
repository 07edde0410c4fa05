import base64
import zlib

import numpy as np
import pytest
import torch

from lsbench import metrics
from lsbench.errors import InputError
from lsbench.rows.sketch import CELLS, Sums, merge, pack, unpack
from tests.in_turn import in_turn


def a_sketch(n=5000, classes=10, seed=0, sharp=3.0):
    generator = torch.Generator().manual_seed(seed)
    probs = (sharp * torch.randn(n, classes, generator=generator, dtype=torch.float64)).softmax(-1)
    labels = torch.randint(classes, (n,), generator=generator)
    sums = metrics.sketch(probs, labels)
    return probs, labels, Sums(sums.count.numpy(), sums.confidence.numpy(), sums.correct.numpy())


@in_turn("bins", [1, 2, 15, 16, 32, 240, 3840])
@in_turn("sharp", [0.01, 1.0, 30.0])
def test_any_usual_binning_can_be_had_again_from_the_text(bins, sharp):
    probs, labels, sums = a_sketch(sharp=sharp)
    binned = merge(unpack(pack(sums)), bins)
    ece = np.abs(binned.correct - binned.confidence).sum() / binned.count.sum()
    assert ece == pytest.approx(float(metrics.expected_calibration_error(probs, labels, bins)), abs=1e-8)
    assert binned.count.sum() == len(labels)


@in_turn("confidence", [1.0, 1 / 15, 0.5])
def test_a_confidence_on_an_edge_stays_in_its_bin(confidence):
    probs = torch.tensor([[confidence, 1 - confidence]], dtype=torch.float64)
    sums = metrics.sketch(probs, torch.tensor([0]))
    kept = unpack(pack(Sums(*(of.numpy() for of in (sums.count, sums.confidence, sums.correct)))))
    assert np.array_equal(kept.count, sums.count.numpy())
    assert kept.confidence == pytest.approx(sums.confidence.numpy(), abs=1e-8)


def test_ten_thousand_examples_take_less_than_twenty_kilobytes():
    *_, sums = a_sketch(10_000)
    assert len(pack(sums)) < 20_000


def test_an_empty_sketch_is_one_too():
    zeros = np.zeros(CELLS)
    assert unpack(pack(Sums(zeros, zeros, zeros))).count.sum() == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no base64!",
        base64.b64encode(b"not deflated").decode(),
        base64.b64encode(zlib.compress(b"1234567")).decode(),
        base64.b64encode(zlib.compress(b"\xff" * 12)).decode(),
        base64.b64encode(zlib.compress(bytes(10**8))).decode(),  # a bomb
    ],
    ids=["empty", "base64", "deflate", "length", "cell", "bomb"],
)
def test_what_is_no_sketch_is_refused(text):
    with pytest.raises(InputError):
        unpack(text)


@in_turn("bins", [0, -15, 7, 3841])
def test_bins_that_do_not_nest_are_refused(bins):
    *_, sums = a_sketch(10)
    with pytest.raises(InputError, match="divide"):
        merge(sums, bins)
