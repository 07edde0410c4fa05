"""Losses and gradients of every kernel against the definition in float64, and against torch where that is right."""

import math

import pytest
import torch
import torch.nn.functional as F

from lsbench.kernels import smoothed_cross_entropy
from tests.in_turn import in_turn
from tests.kernels.kernel_cases import (
    INTERPRETED,
    assert_same,
    batch,
    every_backend,
    every_reduction,
    expected,
    got,
    gradient_error,
    random,
)

OPTIONS = {
    "smoothed": {},
    "not smoothed": {"eps": 0.0},
    "only smoothed": {"eps": 1.0},
    "eps negative": {"eps": -8.0},
    "eps per row": {"eps": random(6) - 0.5},
    "one eps as a tensor": {"eps": torch.tensor(0.2)},
    "scale": {"scale": 3.0},
    "scale per row": {"scale": random(6)},
    "weight": {"weight": random(7)},
    "weight, eps per row": {"weight": random(7), "eps": random(6)},
    "z-loss": {"z_loss": 0.1},
    "all": {"weight": random(7), "eps": random(6), "z_loss": 0.1, "scale": random(6, seed=2)},
}
every_option = in_turn("options", OPTIONS.values())


@every_backend
@every_option
def test_labels_give_the_loss_and_gradient_of_the_definition(backend, options):
    logits, labels = batch()
    assert_same(got(logits, labels, backend=backend, **options), expected(logits, labels, **options))


@every_backend
@every_option
def test_targets_give_the_loss_and_gradient_of_the_definition(backend, options):
    logits, _ = batch()
    targets = random(6, 7)  # that a row sums to 1 is the caller's affair
    ours = got(logits, targets=targets, backend=backend, **options)
    assert_same(ours, expected(logits, targets=targets, **options))


@every_backend
@in_turn("classes", [1, 2, 15, 16, 17, 31, 33, 1025])
def test_any_number_of_classes_will_do(backend, classes):
    logits, labels = batch(classes=classes)
    assert_same(got(logits, labels, backend=backend), expected(logits, labels))
    narrow = got(logits.float(), labels, backend=backend, weight=random(classes))
    assert_same(narrow, expected(logits.float(), labels, weight=random(classes)), rtol=1e-5, atol=1e-5)


@every_backend
@every_reduction
@in_turn("weight", [None, random(7)])
@in_turn("ignored", [0, 2])
def test_reductions_are_those_of_torch(backend, reduction, weight, ignored):
    logits, labels = batch()
    labels[:ignored] = -100
    leaf = logits.clone().requires_grad_()
    torchs = F.cross_entropy(leaf, labels, weight, label_smoothing=0.1, reduction=reduction)
    torchs.sum().backward()
    ours = got(logits, labels, weight=weight, reduction=reduction, backend=backend)
    assert_same(ours, (torchs.detach(), leaf.grad))


@every_backend
def test_the_mean_over_targets_divides_by_the_rows_as_torchs_does(backend):
    logits, targets = batch()[0], random(6, 7)
    ours = smoothed_cross_entropy(logits, targets=targets, weight=random(7), reduction="mean", backend=backend)
    torch.testing.assert_close(ours, F.cross_entropy(logits, targets, random(7), label_smoothing=0.1))


@every_backend
@pytest.mark.parametrize("shape", [(5,), (2, 3, 5), (2, 1, 3, 5)], ids=str)
def test_rows_may_have_any_shape(backend, shape):
    rows = math.prod(shape[:-1])
    logits, labels = batch(rows=rows, classes=5)
    eps = random(*shape[:-1])
    losses, gradient = got(logits.view(shape), labels.view(shape[:-1]), eps=eps, backend=backend)
    assert losses.shape == shape[:-1]
    assert_same((losses.view(rows), gradient.view(rows, 5)), expected(logits, labels, eps=eps.reshape(rows)))


@every_backend
def test_eps_and_scale_broadcast_to_the_rows(backend):
    logits, labels = (part.unflatten(0, (2, 3)) for part in batch())
    eps, scale = random(3), random(2, 1)
    ours = got(logits, labels, eps=eps, scale=scale, backend=backend)
    assert_same(ours, expected(logits, labels, eps=eps.expand(2, 3), scale=scale.expand(2, 3)))


@every_backend
@pytest.mark.parametrize("dtype", [torch.int8, torch.uint8, torch.int16, torch.int32], ids=str)
def test_labels_may_have_any_integer_dtype(backend, dtype):
    logits, labels = batch()
    assert_same(got(logits, labels.to(dtype), backend=backend), expected(logits, labels))


@every_backend
@pytest.mark.parametrize("layout", ["transposed", "strided columns", "strided rows", "expanded"])
def test_logits_need_not_be_contiguous(backend, layout):
    logits, labels = batch(rows=6, classes=7)
    views = {
        "transposed": logits.t().contiguous().t(),
        "strided columns": logits.repeat_interleave(2, 1)[:, ::2],
        "strided rows": logits.repeat_interleave(2, 0)[::2],
        "expanded": logits[:1].expand(6, 7),
    }
    view = views[layout]
    leaf = view.detach().requires_grad_()
    losses = smoothed_cross_entropy(leaf, labels, backend=backend)
    (gradient,) = torch.autograd.grad(losses.sum(), leaf)
    assert_same((losses.detach(), gradient), expected(view, labels))


@every_backend
def test_labels_and_targets_need_not_be_contiguous(backend):
    logits, labels = batch()
    assert_same(got(logits, torch.stack([labels, labels], 1)[:, 0], backend=backend), expected(logits, labels))
    targets = random(7, 6).t()
    assert_same(got(logits, targets=targets, backend=backend), expected(logits, targets=targets))


@every_backend
@in_turn("shape", [(32, 10), (32, 100), (32, 1000), (2, 50257)])
@in_turn("spread", [1.0, 10.0])
def test_in_float32_the_gradient_is_about_as_exact_as_torchs(backend, shape, spread):
    ours, torchs = [], []  # both are sums of roundings, which another version of torch does in another order
    for seed in range(1 if INTERPRETED else 10):
        logits, labels = batch(*shape, spread, torch.float32, seed)
        exact = expected(logits, labels)[1]
        leaf = logits.clone().requires_grad_()
        F.cross_entropy(leaf, labels, label_smoothing=0.1, reduction="sum").backward()
        torchs.append(gradient_error(leaf.grad, exact))
        ours.append(gradient_error(got(logits, labels, backend=backend)[1], exact))
    (worst, norm), (torchs_worst, torchs_norm) = (map(max, zip(*errors, strict=True)) for errors in (ours, torchs))
    assert norm <= 2 * torchs_norm
    assert worst <= 2 * max(torchs_worst, 2**-24)  # half a unit in the last place of 1


@every_backend
@pytest.mark.parametrize("offset", [0.0, 1e4, -1e4])
def test_a_large_offset_costs_the_loss_no_digits(backend, offset):
    logits, labels = batch(rows=32, classes=100, scale=0.5, dtype=torch.float32)
    logits = (logits * 64).round() / 64 + offset  # so that the sum is exact
    losses, _ = got(logits, labels, backend=backend)
    torch.testing.assert_close(losses.double(), expected(logits, labels)[0], rtol=1e-6, atol=0)
