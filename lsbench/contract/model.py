"""What a model's factory promises: f(shape, num_classes) -> nn.Module, its weights from torch's generator alone."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from lsbench.contract.outcome import Outcome, run_checks
from lsbench.seeding import global_stream

CLASSES, ROWS = 7, 6
STEPS = 20


def check_model(factory: Callable[..., nn.Module], shape: tuple[int, ...]) -> Iterator[Outcome]:
    """The contract of a factory, for images of that shape (channels, height, width), check by check."""
    checks = {
        "factory(shape, num_classes) gives an nn.Module": lambda: _module(factory, shape),
        "images (n, channels, height, width) become logits (n, num_classes)": lambda: _logits(factory, shape),
        "one seed gives one set of weights, another seed others": lambda: _seeded(factory, shape),
        "in evaluation an image's logits do not depend on the others": lambda: _alone(factory, shape),
        "every parameter that is not frozen gets a finite gradient": lambda: _gradients(factory, shape),
        "the loss falls over a few steps on one batch": lambda: _learns(factory, shape),
    }
    return run_checks(checks.items())


def _make(factory: Callable[..., nn.Module], shape: tuple[int, ...], seed: int = 0) -> nn.Module:
    with global_stream(seed, "init"):
        return factory(shape, CLASSES)


def _images(shape: tuple[int, ...], rows: int = ROWS) -> Tensor:
    return torch.randn(rows, *shape, generator=torch.Generator().manual_seed(0))


def _module(factory: Callable[..., nn.Module], shape: tuple[int, ...]) -> str:
    made = _make(factory, shape)
    return "" if isinstance(made, nn.Module) else f"it returned {type(made).__name__}"


def _logits(factory: Callable[..., nn.Module], shape: tuple[int, ...]) -> str:
    logits = _make(factory, shape)(_images(shape))
    if not isinstance(logits, Tensor):
        return f"it returned {type(logits).__name__} instead of a tensor"
    if logits.shape != (ROWS, CLASSES):
        return f"{ROWS} images and {CLASSES} classes gave {tuple(logits.shape)}; the last layer has num_classes outputs"
    sums = logits.detach().softmax(-1).sum(-1)
    if logits.detach().min() >= 0 and torch.allclose(logits.detach().sum(-1), sums, atol=1e-4):
        return "they are probabilities already; leave the softmax to the loss"
    return "" if logits.isfinite().all() else "they are not finite"


def _seeded(factory: Callable[..., nn.Module], shape: tuple[int, ...]) -> str:
    first, again, other = (list(_make(factory, shape, seed).parameters()) for seed in (0, 0, 1))
    if not all(map(torch.equal, first, again)):
        return "the same seed gave other weights; draw them from torch's own generator"
    return (
        "seeds do not change the weights, so seeds would measure nothing" if all(map(torch.equal, first, other)) else ""
    )


def _alone(factory: Callable[..., nn.Module], shape: tuple[int, ...]) -> str:
    model, images = _make(factory, shape).eval(), _images(shape)
    with torch.no_grad():
        gap = float((model(images) - torch.cat([model(image[None]) for image in images])).abs().max())
    return f"alone and in a batch they differ by {gap:.2g}" if gap > 1e-3 else ""


def _gradients(factory: Callable[..., nn.Module], shape: tuple[int, ...]) -> str:
    model = _make(factory, shape).train()
    model(_images(shape)).square().sum().backward()
    learnt = [(name, p.grad) for name, p in model.named_parameters() if p.requires_grad]
    bad = [name for name, gradient in learnt if gradient is None or not gradient.isfinite().all()]
    return f"{', '.join(bad[:3])} got none, or one that is not finite" if bad else ""


def _learns(factory: Callable[..., nn.Module], shape: tuple[int, ...]) -> str:
    model = _make(factory, shape).train()
    images, labels = _images(shape), torch.arange(ROWS) % CLASSES
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return "" if losses[-1] < losses[0] else f"it went from {losses[0]:.3g} to {losses[-1]:.3g}"
