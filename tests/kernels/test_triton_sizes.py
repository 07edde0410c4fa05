"""The Triton kernel at the sizes at which it takes other ways, in each dtype: values, and gradients to the last bit."""

import math
from typing import ClassVar

import pytest
import torch
import torch.nn.functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from lsbench.kernels import fused_linear_smoothed_cross_entropy
from lsbench.kernels.in_triton import launch
from lsbench.kernels.in_triton.sizes import Chip, sizes_of
from lsbench.kernels.rows import Rows
from lsbench.kernels.selftest import works
from tests.in_turn import in_turn
from tests.kernels.kernel_cases import HALF, ON, assert_same, batch, expected, got, random

ROWS = 3  # the second and third of which begin between two groups of 16 bytes where the number of classes is odd
BF16, FP16, FP32 = torch.bfloat16, torch.float16, torch.float32
SHORT = [(1, FP32), (2, BF16), (3, FP16)]
SHORT += [(classes, dtype) for classes in (17, 1000, 1031) for dtype in (FP32, BF16, FP16)]
LONG = [(32000, FP32), (32000, BF16), (50257, BF16), (50257, FP32)]
EPS = torch.tensor([0.0, 1.0, 0.1], device=ON)  # of the rows
at_any_size = in_turn("size", SHORT + LONG)
in_turns = [(size, i % 2 == 1) for i, size in enumerate(SHORT + LONG)]  # each dtype has both, short and long


def of_size(size):
    """Logits and labels; a single row of the longest in float32, which take long to interpret."""
    classes, dtype = size
    return batch(1 if size == LONG[-1] else ROWS, classes, dtype=dtype)


def rows_of(logits, labels):
    return Rows(logits, labels, None, 0.1, 1.0, None, -100, 0.0)


def assert_within_the_floor(gradient, logits, exact):
    """No further from the exact gradient than the roundings of float32 on the way, and one of the dtype, explain.

    Those on the way: of z - max z, which exp makes a relative error of p, and of the last sums of p, eps/K and 1 - eps.
    """
    z = logits.double()
    shifted = (z - z.max(1, keepdim=True).values).clamp(min=-200)
    way = 2**-23 * (shifted.exp() * (shifted.abs() + 4) + exact.abs() + 1e-3)
    once = HALF.get(logits.dtype, 2**-24) * exact.abs() + (2**-25 if logits.dtype == FP16 else 0)
    assert ((gradient.double() - exact).abs() <= way + 1.001 * once).all()


@at_any_size
def test_the_gradient_is_within_the_rounding_of_its_dtype(size):
    logits, labels = of_size(size)
    eps = EPS[-len(labels) :]
    losses, gradient = launch.forward(rows_of(logits, labels)._replace(eps=eps), True)
    exact = expected(logits, labels, eps=eps)
    torch.testing.assert_close(losses.double(), exact[0], rtol=2e-6, atol=2e-6)
    assert_within_the_floor(gradient, logits, exact[1])


@in_turn(("size", "with_targets"), in_turns)
def test_all_options_at_once_give_the_definition_at_every_size(size, with_targets):
    logits, labels = of_size(size)
    count, classes = logits.shape
    what = {"targets": random(count, classes)} if with_targets else {"labels": labels}
    options = {"weight": random(classes), "eps": random(count) - 0.5, "scale": random(count, seed=3), "z_loss": 1e-3}
    losses, gradient = launch.forward(
        Rows(logits, None if with_targets else labels, what.get("targets"), *options_of(options)), True
    )
    exact = expected(logits, **what, **options)
    torch.testing.assert_close(losses.double(), exact[0], rtol=1e-5, atol=1e-5)
    tolerance = 2 * HALF.get(logits.dtype, 2**-20)
    torch.testing.assert_close(gradient.double(), exact[1], rtol=tolerance, atol=2e-5 * exact[1].abs().max().item())


def options_of(options):
    return options["eps"], options["scale"], options["weight"], -100, options["z_loss"]


@in_turn("size", [(3, FP32), (1000, BF16), (1031, FP32), (32000, FP32), (50257, BF16)])
@in_turn("reduction", ["mean", "sum"])
def test_a_mean_leaves_ignored_rows_out_at_every_size(size, reduction):
    logits, labels = of_size(size)
    labels[1], logits[1] = -100, math.nan
    loss, gradient = got(logits, labels, reduction=reduction, backend="triton")
    kept = torch.tensor([0, 2], device=ON)
    exact = expected(logits[kept], labels[kept])
    share = 0.5 if reduction == "mean" else 1.0
    torch.testing.assert_close(loss.double(), exact[0].sum() * share, rtol=2e-6, atol=0)
    assert_within_the_floor(gradient[kept], logits[kept], exact[1] * share)
    assert (gradient[1] == 0).all()


@at_any_size
def test_a_class_that_is_impossible_has_no_gradient_at_any_size(size):
    logits, labels = of_size(size)
    logits[:, 1::2] = -math.inf
    labels = labels // 2 * 2
    losses, gradient = launch.forward(rows_of(logits, labels)._replace(eps=0.0), True)
    exact = expected(logits, labels, eps=0.0)
    torch.testing.assert_close(losses.double(), exact[0], rtol=2e-6, atol=2e-6)
    assert_within_the_floor(gradient, logits, exact[1])
    assert (gradient[:, 1::2] == 0).all()


@in_turn("size", [(1, FP32), (17, BF16), (1000, FP32), (1031, BF16), (40001, BF16)])
@in_turn("largest", [1e4, 1e30])
def test_logits_may_be_huge_at_any_size(size, largest):
    logits, labels = of_size(size)
    logits = logits * largest
    losses, gradient = launch.forward(rows_of(logits, labels)._replace(eps=EPS), True)
    shifted = (
        logits.double() - logits.double().max(1, keepdim=True).values
    )  # log 2 is no share of 1e30, even in float64
    exact = expected(shifted, labels, eps=EPS)
    torch.testing.assert_close(losses.double(), exact[0], rtol=1e-5, atol=1e-5)
    assert_within_the_floor(gradient, logits, exact[1])


@in_turn("size", [(3, FP32), (1000, BF16), (1031, BF16), (32000, BF16), (50257, BF16)])
def test_the_gradient_may_take_the_logits_place(size):
    rows = rows_of(*of_size(size))
    losses, gradient = launch.forward(rows, True)
    own = rows.logits.clone()
    in_place = launch.forward(rows._replace(logits=own), True, overwrites=True)
    assert in_place[1].data_ptr() == own.data_ptr()
    assert torch.equal(in_place[0], losses)
    assert torch.equal(in_place[1], gradient)
    assert torch.equal(launch.forward(rows, False)[0], losses)


LAYOUTS = {
    "part of wider rows": lambda k: (k + 9, 0),
    "begins between": lambda k: (k, 1),
    "apart": lambda k: (2 * k, 0),
}


@in_turn(("classes", "layout"), [*((k, name) for k in (1031, 1032) for name in LAYOUTS), (32771, "begins between")])
def test_rows_may_lie_anywhere_in_memory(classes, layout):
    logits, labels = batch(ROWS, classes, dtype=BF16)
    stride, first = LAYOUTS[layout](classes)
    storage = torch.full((first + ROWS * stride,), math.nan, dtype=BF16, device=ON)
    view = storage.as_strided(logits.shape, (stride, 1), first).copy_(logits)
    plain = launch.forward(rows_of(logits, labels), True)
    assert_same(launch.forward(rows_of(view, labels), True), plain, rtol=2**-7, atol=1e-9)


@in_turn(("classes", "width"), [(1031, 1088), (1031, 1033), (1032, 1096), (32771, 32832)])
def test_rows_of_a_padded_vocabulary_are_read_and_written_16_bytes_at_once(classes, width):
    plain, labels = batch(2, classes, dtype=BF16)
    logits = torch.full((2, width), math.nan, dtype=BF16, device=ON)[:, :classes].copy_(plain)
    losses, gradient = launch.forward(rows_of(logits, labels), True)
    exact = expected(plain, labels, eps=0.1)
    torch.testing.assert_close(losses.double(), exact[0], rtol=2e-6, atol=2e-6)
    assert_within_the_floor(gradient, plain, exact[1])
    assert gradient.stride(0) - classes < 8
    assert sizes_of(logits, gradient, 1, launch.INTERPRETED).VEC == 8


def test_nothing_beside_the_rows_is_written():
    logits, labels = batch(ROWS, 1031, dtype=BF16)
    storage = torch.full((ROWS * 1031 + 16,), 7.0, dtype=BF16, device=ON)
    gradient = storage[8:-8].view(ROWS, 1031)
    launch.rewrite(rows_of(logits, labels), gradient, torch.tensor([3.0, 1.0, 3.0], device=ON))
    assert (storage[:8] == 7).all()
    assert (storage[-8:] == 7).all()
    assert (gradient[1] == 7).all()
    tripled = 3 * launch.forward(rows_of(logits, labels), True)[1].double()
    assert_same((gradient[[0, 2]],), (tripled[[0, 2]],), rtol=2**-6, atol=1e-9)


def test_the_kernel_passes_its_self_test():
    assert works.__wrapped__("lsbench.kernels.in_triton.launch", ON)


def test_numbers_are_arguments_and_need_no_launch_of_their_own():
    class Counts(TorchDispatchMode):
        names: ClassVar[list[str]] = []

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            self.names.append(function.overloadpacket.__name__)
            return function(*args, **(kwargs or {}))

    rows = rows_of(*of_size((17, FP32)))._replace(scale=0.5, z_loss=0.1)
    places = torch.empty(ROWS, device=ON), torch.empty_like(rows.logits)
    with Counts() as counts:
        launch.prepare(rows, *places, None, launch.INTERPRETED)
    assert not counts.names


@in_turn("dtype", [FP32, BF16])
def test_the_fused_linear_layer_lets_the_kernel_write_over_its_logits(monkeypatch, dtype):
    monkeypatch.setenv("LSBENCH_KERNEL", "triton")
    hidden, weight = random(ROWS, 8).to(dtype).requires_grad_(), random(1031, 8, seed=2).to(dtype).requires_grad_()
    labels = of_size((1031, FP32))[1]
    fused_linear_smoothed_cross_entropy(hidden, weight, labels, eps=0.1, reduction="sum").backward()
    exact = [leaf.detach().double().requires_grad_() for leaf in (hidden, weight)]
    F.cross_entropy(exact[0] @ exact[1].t(), labels, label_smoothing=0.1, reduction="sum").backward()
    for leaf, right in zip((hidden, weight), exact, strict=True):
        tolerance = 4 * HALF.get(dtype, 2**-18)
        torch.testing.assert_close(leaf.grad.double(), right.grad, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(
    ("classes", "dtype", "heavy", "cut"),
    [
        (10, FP32, 1, (2, True, 16, 128, 1, 4)),
        (1000, BF16, 1, (8, True, 1024, 2, 1, 4)),
        (32000, BF16, 1, (8, True, 1 << 15, 1, 3, 32)),
        (32000, FP32, 1, (4, True, 1 << 15, 1, 2, 32)),
        (32000, BF16, 2, (8, True, 4096, 0, 4, 8)),
        (50257, BF16, 1, (8, False, 4096, 0, 4, 8)),
    ],
)
def test_rows_are_cut_as_the_chip_can_hold_them(classes, dtype, heavy, cut):
    logits = torch.empty(256, classes, dtype=dtype)
    assert sizes_of(logits, torch.empty_like(logits), heavy, Chip(132, 227 << 10))[:6] == cut


def test_a_chip_with_little_shared_memory_reads_nothing_ahead():
    logits = torch.empty(256, 32000)
    assert sizes_of(logits, None, 1, Chip(100, 99 << 10)).STAGES == 1
