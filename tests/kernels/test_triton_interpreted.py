"""What is special to the Triton kernel: rows too long for the chip, rewriting in place, labels that are no class."""

import pytest
import torch

from lsbench.kernels.in_triton import launch, sizes
from lsbench.kernels.rows import Rows
from tests.kernels.kernel_cases import assert_same, batch, expected, got, random


@pytest.fixture
def short(monkeypatch):
    """As if 8 classes were all that fits, 4 all that is read at once, and even short rows worth wide reads."""
    monkeypatch.setattr(sizes, "CACHED", 8 * 4)  # of float64, and fewer where there are weights or targets
    monkeypatch.setattr(sizes, "STREAMED", 4 * 8)
    monkeypatch.setattr(sizes, "LONG_ENOUGH", 1)


@pytest.mark.parametrize(
    ("classes", "options"),
    [
        (9, {}),
        (12, {}),
        (9, {"eps": -8.0}),
        (12, {"z_loss": 0.1}),
        (9, {"weight": True, "eps": random(6)}),
        (12, {"scale": random(6)}),
    ],
    ids=str,
)
def test_a_row_that_does_not_fit_on_the_chip_is_streamed_by_triton(short, classes, options):
    logits, labels = batch(classes=classes)
    if "weight" in options:
        options = options | {"weight": random(classes)}
    ours = got(logits, labels, backend="triton", **options)
    assert_same(ours, expected(logits, labels, **options))
    targets = random(6, classes)
    ours = got(logits, targets=targets, backend="triton", **options)
    assert_same(ours, expected(logits, targets=targets, **options))


def test_a_streamed_row_of_triton_may_begin_with_impossible_classes(short):
    logits, labels = batch(classes=20)
    logits[:, :9] = -torch.inf
    labels = labels % 11 + 9
    assert_same(got(logits, labels, eps=0.0, backend="triton"), expected(logits, labels, eps=0.0))


def test_a_streamed_row_of_triton_keeps_its_digits_under_an_offset(short):
    logits, labels = batch(classes=20, scale=0.5, dtype=torch.float32)
    logits = (logits * 64).round() / 64 + 1e4
    losses, _ = got(logits, labels, backend="triton")
    torch.testing.assert_close(losses.double(), expected(logits, labels)[0], rtol=1e-6, atol=0)


def test_an_ignored_streamed_row_of_triton_is_zero(short):
    logits, labels = batch(classes=20)
    logits[1], labels[1] = torch.nan, -100
    losses, gradient = got(logits, labels, backend="triton")
    assert losses[1] == 0
    assert (gradient[1] == 0).all()


@pytest.mark.parametrize("classes", [7, 20])
def test_triton_rewrites_rows_whose_upstream_is_not_one_and_leaves_the_others_alone(short, classes):
    logits, labels = batch(classes=classes)
    labels[5] = -100
    rows = Rows(logits, labels, None, 0.1, 1.0, None, -100, 0.0)
    upstream = torch.tensor([1.0, 3.0, 1.0, 0.0, -2.0, 5.0], dtype=torch.float64)
    gradient = torch.full_like(logits, 7.0)
    launch.rewrite(rows, gradient, upstream)
    assert (gradient[[0, 2]] == 7).all()
    exact = expected(logits[:5], labels[:5])[1] * upstream[:5, None]
    torch.testing.assert_close(gradient[[1, 3, 4]], exact[[1, 3, 4]])
    assert (gradient[5] == 0).all()


def test_a_label_that_is_no_class_is_a_nan_where_triton_finds_it():
    logits, labels = batch()
    labels[2] = 7
    losses, gradient = launch.forward(Rows(logits, labels, None, 0.1, 1.0, None, -100, 0.0), True)
    assert losses.isnan().tolist() == [row == 2 for row in range(6)]
    assert gradient[2].isnan().all()
