"""What the kernels are compared with: the formula in float64, differentiated by autograd and not by hand."""

import os

import pytest
import torch

from lsbench.kernels import cpp, smoothed_cross_entropy
from tests.in_turn import in_turn

WITHOUT_CPP = cpp.why_not()
INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1"  # set by test_triton_kernel.py, which runs these tests again
ON = torch.device(os.environ.get("LSBENCH_TEST_KERNELS_ON", "cpu"))  # cuda where benchmarks/gpu.py asks for it
NEEDS_COMPILER = pytest.mark.skipif(bool(WITHOUT_CPP), reason=f"cpp {WITHOUT_CPP}")
BACKENDS = ["triton"] if INTERPRETED or ON.type == "cuda" else ["aten", pytest.param("cpp", marks=NEEDS_COMPILER)]
HALF = {torch.float16: 2**-11, torch.bfloat16: 2**-7 if INTERPRETED else 2**-8}  # Triton's interpreter cuts digits off
every_backend = pytest.mark.parametrize("backend", BACKENDS)
every_reduction = in_turn("reduction", ["none", "mean", "sum"])


def batch(rows=6, classes=7, scale=3.0, dtype=torch.float64, seed=0):
    """Random logits (rows, classes) and labels (rows)."""
    generator = torch.Generator().manual_seed(seed)
    logits = scale * torch.randn(rows, classes, generator=generator, dtype=torch.float64)
    return logits.to(ON, dtype), torch.randint(classes, (rows,), generator=generator).to(ON)


def random(*shape, seed=1, dtype=torch.float64):
    """Uniform numbers in [0, 1)."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(ON, dtype)


def plain(logits, labels=None, *, targets=None, eps=0.1, scale=1.0, weight=None, z_loss=0.0):
    """Losses by the definition, in float64: -sum_c w_c q_c log p_c + z_loss lse^2, times scale."""
    z = logits.double()
    classes = z.shape[-1]
    t = torch.nn.functional.one_hot(labels, classes).double() if targets is None else targets.double()
    eps, scale = (torch.as_tensor(number, dtype=torch.float64).unsqueeze(-1) for number in (eps, scale))
    q = (1 - eps) * t + eps / classes
    q = q if weight is None else q * weight.double()
    lse = z.logsumexp(-1, keepdim=True)
    return (scale * (torch.where(q == 0, 0.0, q * (lse - z)).sum(-1, keepdim=True) + z_loss * lse**2)).squeeze(-1)


def expected(logits, labels=None, **options):
    """The losses, and the gradient of their sum, in float64."""
    leaf = logits.detach().double().requires_grad_()
    losses = plain(leaf, labels, **options)
    return losses.detach(), torch.autograd.grad(losses.sum(), leaf)[0]


def got(logits, labels=None, upstream=None, **options):
    """The operation's losses, and its gradient for what comes from above."""
    leaf = logits.detach().clone().requires_grad_()
    losses = smoothed_cross_entropy(leaf, labels, **options)
    losses.backward(torch.ones_like(losses) if upstream is None else upstream)
    return losses.detach(), leaf.grad


def assert_same(ours, reference, rtol=1e-12, atol=1e-12):
    """Loss and gradient agree; the dtypes may differ."""
    for a, b in zip(ours, reference, strict=True):
        torch.testing.assert_close(a.double(), b.double(), rtol=rtol, atol=atol)


def gradient_error(gradient, reference):
    """The largest, and the root of the sum of squares."""
    error = gradient.double() - reference
    return error.abs().max().item(), error.norm().item()


def assert_rounded_once(gradient, exact, half):
    """Within half a unit in the last place of what float32 gives, which has an error of its own."""
    floor = 2**-25 if half == torch.float16 else 0.0
    worst = (
        (gradient.double() - exact).abs() - HALF[half] * exact.abs() * 1.001 - floor - 2e-7 * exact.abs().max()
    ).max()
    assert worst <= 0
