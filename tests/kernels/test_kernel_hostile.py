"""Inputs that break losses: infinities, NaN, nothing, one row, very many classes, labels that are no classes."""

import math

import pytest
import torch

from lsbench.errors import DtypeError, InputError
from lsbench.kernels import aten, smoothed_cross_entropy
from tests.in_turn import in_turn
from tests.kernels.kernel_cases import (
    INTERPRETED,
    assert_same,
    batch,
    every_backend,
    every_reduction,
    expected,
    got,
    random,
)

every_poison = in_turn("poison", [math.nan, math.inf, -math.inf])


@every_backend
@every_reduction
@every_poison
@in_turn(("ignore_index", "dtype"), [(-100, torch.float32), (3, torch.float16), (-1, torch.float32)])
def test_what_stands_in_an_ignored_row_leaks_nowhere(backend, reduction, poison, ignore_index, dtype):
    logits, labels = batch(rows=4, dtype=dtype)
    labels = labels % 3
    labels[2] = ignore_index
    poisoned = logits.clone()
    poisoned[2] = poison
    options = {"ignore_index": ignore_index, "reduction": reduction, "backend": backend, "weight": random(7)}
    clean, ours = got(logits, labels, **options), got(poisoned, labels, **options)
    assert_same(ours, clean)
    assert (ours[1][2] == 0).all()
    if reduction == "none":
        assert ours[0][2] == 0


@every_backend
def test_an_ignored_nan_does_not_leak_into_the_second_derivative(backend):
    logits, labels = batch(rows=3, classes=4)
    logits[1], labels[1] = math.nan, -100
    logits.requires_grad_()
    loss = smoothed_cross_entropy(logits, labels, reduction="mean", z_loss=0.1, backend=backend)
    (first,) = torch.autograd.grad(loss, logits, create_graph=True)
    (second,) = torch.autograd.grad(first.square().sum(), logits)
    assert second.isfinite().all()
    assert (second[1] == 0).all()


@every_backend
@every_reduction
def test_rows_that_are_all_ignored_have_no_loss_and_no_gradient(backend, reduction):
    logits = torch.full((3, 5), math.nan)
    losses, gradient = got(logits, torch.full((3,), -100), reduction=reduction, backend=backend)
    assert (losses == 0).all()
    assert (gradient == 0).all()


@every_backend
def test_the_mean_over_rows_of_weight_zero_is_zero(backend):
    logits, _ = batch(rows=2, classes=3)
    weight = torch.tensor([0.0, 1.0, 1.0])
    loss, gradient = got(logits, torch.tensor([0, 0]), weight=weight, reduction="mean", backend=backend)
    assert loss == 0
    assert (gradient == 0).all()


@every_backend
@every_reduction
def test_no_rows_are_no_loss(backend, reduction):
    logits = torch.zeros(0, 3, requires_grad=True)
    for options in ({"labels": torch.zeros(0, dtype=torch.long)}, {"targets": torch.zeros(0, 3)}):
        losses = smoothed_cross_entropy(logits, reduction=reduction, backend=backend, **options)
        assert losses.tolist() == ([] if reduction == "none" else 0.0)
        losses.sum().backward()
        assert logits.grad.shape == (0, 3)


@every_backend
@in_turn("eps", [0.0, 0.1, 1.0, -8.0])
@in_turn("large", [1e4, -1e4])
def test_logits_of_ten_thousand_are_no_trouble(backend, eps, large):
    logits, labels = batch(rows=4, classes=5, dtype=torch.float32)
    logits[:, 1] = large
    logits[3] = large
    assert_same(got(logits, labels, eps=eps, backend=backend), expected(logits, labels, eps=eps), rtol=1e-5, atol=1e-5)


@every_backend
@pytest.mark.parametrize("eps", [0.0, torch.zeros(2)], ids=["number", "tensor"])
def test_an_impossible_class_costs_nothing_without_smoothing(backend, eps):
    logits = torch.tensor([[0.0, 0.0, -math.inf], [-math.inf, 1.0, 1.0]])
    losses, gradient = got(logits, torch.tensor([0, 1]), eps=eps, backend=backend)
    torch.testing.assert_close(losses, torch.full((2,), math.log(2)))
    torch.testing.assert_close(gradient, torch.tensor([[-0.5, 0.5, 0], [0, -0.5, 0.5]]))


@every_backend
def test_an_impossible_class_costs_infinity_with_smoothing_and_has_a_finite_gradient(backend):
    logits = torch.tensor([[0.0, 0.0, -math.inf]])
    losses, gradient = got(logits, torch.tensor([0]), eps=0.3, backend=backend)
    assert losses.item() == math.inf
    torch.testing.assert_close(gradient, torch.tensor([[-0.3, 0.4, -0.1]]))


@every_backend
def test_an_impossible_label_costs_infinity_unless_it_has_no_mass(backend):
    logits = torch.tensor([[0.0, 0.0, -math.inf]])
    assert smoothed_cross_entropy(logits, torch.tensor([2]), eps=0.0, backend=backend).item() == math.inf
    weight = torch.tensor([1.0, 1.0, 0.0])
    for options in ({"labels": torch.tensor([2])}, {"targets": torch.tensor([[0.0, 0.0, 1.0]])}):
        losses = smoothed_cross_entropy(logits, eps=0.3, weight=weight, backend=backend, **options)
        assert losses.item() == pytest.approx(0.2 * math.log(2))


@every_backend
@every_poison
@in_turn("classes", [3, 40])
def test_a_row_that_makes_no_sense_says_so_in_its_loss_and_in_its_whole_gradient(backend, poison, classes):
    logits, labels = batch(rows=3, classes=classes, dtype=torch.float32)
    logits[1] = poison
    losses, gradient = got(logits, labels, backend=backend)
    assert losses.isnan().tolist() == [False, True, False]
    assert gradient[1].isnan().all()
    assert gradient[::2].isfinite().all()


@every_backend
@pytest.mark.parametrize("place", [0, 20, 39])
def test_one_nan_in_a_row_reaches_its_loss_and_its_whole_gradient(backend, place):
    logits, labels = batch(rows=1, classes=40, dtype=torch.float32)
    logits[0, place] = math.nan
    losses, gradient = got(logits, labels, backend=backend)
    assert losses.isnan().all()
    assert gradient.isnan().all()


@every_backend
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_131072_classes_are_summed_without_losing_digits(backend, dtype):
    logits, labels = batch(rows=2, classes=131_072, dtype=dtype)
    losses, gradient = got(logits, labels, backend=backend)
    exact, slope = expected(logits, labels)
    torch.testing.assert_close(losses.double(), exact, rtol=1e-6, atol=0)
    coarse = (2**-7 if INTERPRETED else 2**-8) if dtype == torch.bfloat16 else 2e-6
    torch.testing.assert_close(gradient.double(), slope, rtol=coarse, atol=1e-9)


@every_backend
def test_one_row_is_a_batch(backend):
    logits, labels = batch(rows=1)
    losses, gradient = expected(logits, labels)
    assert_same(got(logits, labels, reduction="mean", backend=backend), (losses.squeeze(), gradient))


@every_backend
def test_many_rows_are_each_worked_on_once(backend, monkeypatch):
    monkeypatch.setattr(aten, "CACHED", 1 << 14)  # rows at once: 163
    rows = 40 if INTERPRETED else 3000
    logits, labels = batch(rows=rows, classes=100, dtype=torch.float32)
    labels[::7] = -100
    eps = random(rows, dtype=torch.float32)
    losses, gradient = got(logits, labels, eps=eps, backend=backend)
    kept = labels >= 0
    assert_same((losses[kept], gradient[kept]), expected(logits[kept], labels[kept], eps=eps[kept]), 1e-5, 1e-5)
    assert (gradient[~kept] == 0).all()
    assert (losses[~kept] == 0).all()


@every_backend
def test_rows_may_lie_2_to_the_31_logits_apart(backend):
    try:
        storage = torch.empty(2**31 + 8, dtype=torch.float16)  # 4 GiB of addresses, of which three pages are used
    except RuntimeError:
        pytest.skip("this machine does not lend 4 GiB of addresses")
    logits, labels = batch(rows=3, classes=5, dtype=torch.float16)
    far = storage.as_strided((3, 5), (2**30, 1)).copy_(logits).requires_grad_()
    losses = smoothed_cross_entropy(far, labels, reduction="none", backend=backend)
    (gradient,) = torch.autograd.grad(losses.sum(), far)
    assert_same((losses.detach(), gradient), expected(logits, labels), rtol=1e-3, atol=1e-5)


@every_backend
@pytest.mark.parametrize("bad", [-1, 7, 1 << 40])
def test_a_label_that_is_no_class_is_refused(backend, bad):
    logits, labels = batch()
    labels[2] = bad
    with pytest.raises(InputError, match=rf"labels must lie in \[0, 6\], or be ignore_index -100; got {bad}"):
        smoothed_cross_entropy(logits, labels, backend=backend)


Z, Y = torch.zeros(2, 3), torch.zeros(2, dtype=torch.long)
REFUSALS = {
    "neither": ({}, "either labels"),
    "both": ({"labels": Y, "targets": Z}, "and not both"),
    "labels' shape": ({"labels": Y[:1]}, r"\(2,\); got \(1,\)"),
    "targets' shape": ({"targets": Z[:1]}, r"\(2, 3\), got \(1, 3\)"),
    "weight's shape": ({"labels": Y, "weight": torch.ones(2)}, "each of 3 classes"),
    "eps above 1": ({"labels": Y, "eps": 1.5}, "at most 1"),
    "eps NaN": ({"labels": Y, "eps": math.nan}, "finite"),
    "eps' shape": ({"labels": Y, "eps": torch.zeros(3)}, "must broadcast"),
    "scale's shape": ({"labels": Y, "scale": torch.zeros(1, 2)}, "must broadcast"),
    "scale infinite": ({"labels": Y, "scale": math.inf}, "finite"),
    "z_loss": ({"labels": Y, "z_loss": math.nan}, "finite"),
    "reduction": ({"labels": Y, "reduction": "average"}, "none, mean, sum"),
    "backend": ({"labels": Y, "backend": "cuda"}, "aten, cpp, triton"),
}


@pytest.mark.parametrize(("options", "said"), REFUSALS.values(), ids=REFUSALS)
def test_what_does_not_fit_is_refused_with_what_was_got_and_what_is_allowed(options, said):
    with pytest.raises(InputError, match=said):
        smoothed_cross_entropy(Z, **options)


@pytest.mark.parametrize(
    "options",
    [{"labels": Y.float()}, {"labels": Y.bool()}, {"labels": [0, 0]}, {"targets": Y}, {"labels": Y, "eps": Y}],
    ids=str,
)
def test_a_wrong_dtype_is_refused(options):
    with pytest.raises(DtypeError):
        smoothed_cross_entropy(Z, **options)
