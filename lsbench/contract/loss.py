"""What a loss promises: one number per example, from that example alone, for a whole stack of cells at once."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import torch
from torch import Tensor

from lsbench.contract.outcome import Outcome, run_checks
from lsbench.data.dataset import load

ROWS, CLASSES = 12, 5
CHANCE, STEPS = 0.1, 60  # of the toy data set's ten classes; of a linear model with adam


def check_loss(function: Callable[..., Tensor], hyper: Mapping[str, float]) -> Iterator[Outcome]:
    """The contract of a loss f(logits (..., n, K), labels (..., n), *, hyper) -> (..., n), check by check.

    hyper: the values of its keyword-only arguments to check it with, all of them.
    """
    loss = partial(function, **hyper)
    checks = {
        "it gives one finite number per example, for any leading shape": lambda: _shape(loss),
        "an example's loss does not depend on the others in the batch": lambda: _alone(loss),
        "equal inputs give equal losses, and are not written to": lambda: _pure(loss),
        "its gradient is finite": lambda: _gradient(loss),
        "huge logits (10,000) give finite losses and gradients": lambda: _huge(loss),
        "half precision gives finite losses": lambda: _half(loss),
        "zero examples give zero losses": lambda: _empty(loss),
        "hyperparameters may be tensors, one number per cell": lambda: _per_cell(loss, hyper),
        "a linear model learns with it": lambda: _learns(loss),
    }
    return run_checks(checks.items())


def _batch(rows: int = ROWS, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    logits = 3 * torch.randn(rows, CLASSES, generator=generator)
    return logits.to(dtype), torch.randint(CLASSES, (rows,), generator=generator)


def _shape(loss: Callable) -> str:
    logits, labels = _batch()
    flat = None
    for leading in ((ROWS,), (3, 4), (1, ROWS)):
        losses = loss(logits.reshape(*leading, CLASSES), labels.reshape(leading))
        if not isinstance(losses, Tensor):
            return f"it returned {type(losses).__name__}; return a tensor"
        if losses.shape != leading:
            advice = "don't take the mean: lsbench does" if losses.ndim == 0 else "index with ... and the last axis"
            return f"logits {(*leading, CLASSES)} gave losses {tuple(losses.shape)} instead of {leading}; {advice}"
        if not losses.isfinite().all():
            return f"it gave {losses.flatten().tolist()[:4]}"
        flat = losses if flat is None else flat
        if not torch.allclose(losses.flatten(), flat, rtol=1e-4, atol=1e-5):
            return f"as {(*leading, CLASSES)} the same logits gave other losses; classes are the last axis, not axis 1"
    return ""


def _alone(loss: Callable) -> str:
    logits, labels = _batch()
    together = loss(logits, labels)
    alone = torch.cat([loss(logits[i : i + 1], labels[i : i + 1]) for i in range(ROWS)])
    gap = float((together - alone).abs().max())
    return f"alone and in a batch it differs by {gap:.2g}" if gap > 1e-4 * (1 + float(alone.abs().max())) else ""


def _pure(loss: Callable) -> str:
    logits, labels = _batch()
    kept = logits.clone(), labels.clone()
    first, second = loss(logits, labels), loss(logits, labels)
    if not (torch.equal(logits, kept[0]) and torch.equal(labels, kept[1])):
        return "it changed its logits or labels; work on a copy"
    return "" if torch.equal(first, second) else "the same inputs gave other losses; draw nothing at random"


def _gradient_of(loss: Callable, logits: Tensor, labels: Tensor) -> Tensor:
    leaf = logits.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(leaf, labels).sum(), leaf)
    return gradient


def _gradient(loss: Callable) -> str:
    gradient = _gradient_of(loss, *_batch())
    if not gradient.isfinite().all():
        return "it has NaN or inf in it"
    return "" if gradient.any() else "it is 0 everywhere, so nothing would be learned"


def _huge(loss: Callable) -> str:
    logits = torch.tensor([[1e4, -1e4, 0, 0, 0], [-1e4, 1e4, 1e4, 0, 0]])
    labels = torch.tensor([1, 0])
    if not loss(logits, labels).isfinite().all():
        return f"it gave {loss(logits, labels).tolist()}; use log_softmax, and clamp probabilities before a log"
    return "" if _gradient_of(loss, logits, labels).isfinite().all() else "the gradient is not finite"


def _half(loss: Callable) -> str:
    losses = loss(*_batch(dtype=torch.float16))
    return "" if losses.isfinite().all() else f"it gave {losses.tolist()[:4]}; compute in logits.float()"


def _empty(loss: Callable) -> str:
    losses = loss(torch.zeros(0, CLASSES), torch.zeros(0, dtype=torch.long))
    return "" if losses.shape == (0,) else f"it gave the shape {tuple(losses.shape)}"


def _per_cell(loss: Callable, hyper: Mapping[str, float]) -> str:
    logits, labels = _batch()
    logits, labels = logits.reshape(3, 4, CLASSES), labels.reshape(3, 4)
    for name, default in hyper.items():
        values = [0.9 * default, default, 0.8 * default] if default else [0.0, 0.05, 0.1]
        together = loss(logits, labels, **{name: torch.tensor(values).unsqueeze(1)})
        for cell, value in enumerate(values):
            alone = loss(logits[cell], labels[cell], **{name: value})
            if not torch.allclose(together[cell], alone, rtol=1e-4, atol=1e-5):
                return f"{name} as a tensor (cells, 1) beside logits (cells, n, K) gave other losses than as a number"
    return ""


def _learns(loss: Callable) -> str:
    data = load("blobs")
    images, labels = data.images.flatten(1), data.labels
    weight = torch.zeros(images.shape[1], data.num_classes, requires_grad=True)
    optimizer = torch.optim.Adam([weight], lr=0.05)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss(images @ weight, labels).mean().backward()
        optimizer.step()
    with torch.no_grad():
        accuracy = float(((data.test_images.flatten(1) @ weight).argmax(1) == data.test_labels).double().mean())
    learn = partial("its accuracy on the toy data set is {:.0%} after {} steps, chance is {:.0%}".format, accuracy)
    return "" if accuracy > 3 * CHANCE else learn(STEPS, CHANCE)
