"""What a model's factory promises: f(shape, num_classes) -> nn.Module, its weights from torch's generator alone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from lsbench.models.output import problem_of_output
from lsbench.seeding import global_stream
from lsbench.training.contract.checking import CheckResult, run_checks
from lsbench.training.eager_optimizer import eager

CLASSES, ROWS = 7, 6
STEPS = 20

MODULE = "factory(shape, num_classes) gives an nn.Module"
LOGITS = "images (n, channels, height, width) become logits (n, num_classes)"
TRAINED = "its logits have a gradient"
SEEDED = "one seed gives one set of weights, another seed others"
ALONE = "in evaluation an image's logits do not depend on the others"


def check_model(
    factory: Callable[..., nn.Module], shape: tuple[int, ...], num_classes: int = CLASSES
) -> Iterator[CheckResult]:
    """The contract of a factory, for images of that shape (channels, height, width), check by check.

    Without the first three promises there are no others.
    """
    trial = Trial(factory, shape, num_classes)
    return run_checks({promise: partial(find, trial) for promise, find in PROMISES.items()}, basic=3)


@dataclass(frozen=True)
class Trial:
    """A factory, and what to try it with."""

    factory: Callable[..., nn.Module]
    shape: tuple[int, ...]
    classes: int = CLASSES
    kept: dict[int, nn.Module] = field(default_factory=dict)

    def make(self, seed: int = 0) -> nn.Module:
        """A new model."""
        with global_stream(seed, "init"):
            return self.factory(self.shape, self.classes)

    @property
    def model(self) -> nn.Module:
        """One for all that changes nothing, in evaluation."""
        if 0 not in self.kept:
            self.kept[0] = self.make().eval()
        return self.kept[0]

    def images(self, rows: int = ROWS) -> Tensor:
        """Noise, the same each time."""
        return torch.randn(rows, *self.shape, generator=torch.Generator().manual_seed(0))


def find_module(trial: Trial) -> str:
    """A module."""
    made = trial.make()
    if not isinstance(made, nn.Module):
        return f"it returned {type(made).__name__}"
    trial.kept[0] = made.eval()
    return ""


@torch.no_grad()
def find_logits(trial: Trial) -> str:
    """Logits of the right shape, and no probabilities."""
    with global_stream(0, "dropout"):
        trained = trial.model.train()(trial.images())
    logits = trial.model.eval()(trial.images())
    for output in (logits, trained):  # some give more in training
        if problem := problem_of_output(output, ROWS, trial.classes):
            return problem
    sums = logits.sum(-1)
    if logits.min() >= 0 and torch.allclose(sums, torch.ones_like(sums), atol=1e-4):
        return "they are probabilities already; leave the softmax to the loss"
    return "" if logits.isfinite().all() else "they are not finite"


def find_trained(trial: Trial) -> str:
    """Logits that a loss can be trained by."""
    with global_stream(0, "dropout"):
        trained = trial.model.train()(trial.images()).requires_grad
    trial.model.eval()
    return "" if trained else "nothing would be learned: all parameters are frozen, or it runs under torch.no_grad()"


def find_seeded(trial: Trial) -> str:
    """Weights that hang on the seed alone."""
    first, again = list(trial.model.parameters()), trial.make(0)
    if any(map(is_lazy, again.parameters())):
        return "lazy layers draw their weights at the first batch, not when the model is made; give them their sizes"
    if not all(map(torch.equal, first, again.parameters())):
        return "the same seed gave other weights; draw them from torch's own generator"
    if all(map(torch.equal, first, trial.make(1).parameters())):
        return "seeds do not change the weights, so seeds would measure nothing"
    return ""


@torch.no_grad()
def find_alone(trial: Trial) -> str:
    """The same logits alone and in a batch."""
    images = trial.images()
    gap = float((trial.model(images) - torch.cat([trial.model(image[None]) for image in images])).abs().max())
    return f"alone and in a batch they differ by {gap:.2g}" if gap > 1e-3 else ""


def find_gradients(trial: Trial) -> str:
    """A finite gradient for all that is trained."""
    model = trial.make().train()
    model(trial.images()).square().sum().backward()
    learnt = [(name, p.grad) for name, p in model.named_parameters() if p.requires_grad]
    bad = [name for name, gradient in learnt if gradient is None or not gradient.isfinite().all()]
    return f"{', '.join(bad[:3])} got none, or one that is not finite" if bad else ""


def find_learning(trial: Trial) -> str:
    """A loss that falls over a few steps on one batch."""
    model = trial.make().train()
    images, labels = trial.images(), torch.arange(ROWS) % trial.classes
    optimizer = eager(torch.optim.Adam)(model.parameters(), lr=1e-3)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return "" if losses[-1] < losses[0] else f"it went from {losses[0]:.3g} to {losses[-1]:.3g}"


PROMISES: dict[str, Callable[[Trial], str]] = {
    MODULE: find_module,
    LOGITS: find_logits,
    TRAINED: find_trained,
    SEEDED: find_seeded,
    ALONE: find_alone,
    "every parameter that is not frozen gets a finite gradient": find_gradients,
    "the loss falls over a few steps on one batch": find_learning,
}
