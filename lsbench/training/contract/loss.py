"""What a loss promises: one number per example, from that example alone, for a whole stack of cells at once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor

from lsbench.data.dataset import load
from lsbench.losses.modules import as_function
from lsbench.losses.output import AXIS, problem_of_losses
from lsbench.names.percent import percent
from lsbench.training.contract.checking import CheckResult, run_checks
from lsbench.training.eager_optimizer import eager

ROWS, CLASSES = 12, 5
TOY_CLASSES, STEPS = 10, 60  # of the toy data set; of a linear model with adam
ABOVE_CHANCE = 0.2  # of the accuracy: less is not learning

SHAPE = "it gives one finite number per example, for any leading shape"
GRADIENT = "its gradient is finite"
PURE = "equal inputs give equal losses, and are not written to"
ALONE = "an example's loss does not depend on the others in the batch"
PER_CELL = "hyperparameters may be tensors, one number per cell"


def check_loss(
    given: Callable[..., Tensor], hyper: Mapping[str, float], name: str = "", num_classes: int | None = None
) -> Iterator[CheckResult]:
    """The contract of a loss f(logits (..., n, K), labels (..., n), *, hyper) -> (..., n), check by check.

    hyper: the values of its keyword-only arguments to check it with, all of them. num_classes: the K that it is made
    for, at least 2; None is one per class weight of an `nn.Module` that has some, else any. Without the first three
    promises there are no others. `InputError` for an `nn.Module` that is no loss of single examples.
    """
    trial = Trial.of(given, hyper, name, num_classes)
    return run_checks({promise: partial(find, trial) for promise, find in PROMISES.items()}, basic=3)


@dataclass(frozen=True)
class Trial:
    """A loss with its hyperparameters, and the number of classes to try it with."""

    loss: Callable[..., Tensor]
    hyper: Mapping[str, float]
    classes: int = CLASSES
    toy_classes: int = TOY_CLASSES  # of the logits that a linear model gives for the toy data set

    @classmethod
    def of(cls, given: Any, hyper: Mapping[str, float], name: str = "", num_classes: int | None = None) -> "Trial":
        """Of a function, or of an `nn.Module` that is called as torch's losses are."""
        own_name = name or getattr(given, "__name__", type(given).__name__)
        made_for = num_classes or weighted_classes(given)
        return cls(partial(as_function(own_name, given), **hyper), hyper, made_for or CLASSES, made_for or TOY_CLASSES)

    def batch(self, rows: int = ROWS, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
        """Logits and labels that are the same each time."""
        generator = torch.Generator().manual_seed(0)
        logits = 3 * torch.randn(rows, self.classes, generator=generator)
        return logits.to(dtype), torch.randint(self.classes, (rows,), generator=generator)

    def gradient(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Of the sum of the losses."""
        leaf = logits.detach().clone().requires_grad_()
        (gradient,) = torch.autograd.grad(self.loss(leaf.clone(), labels).sum(), leaf)  # of no leaf, as in training
        return gradient


def weighted_classes(given: Any) -> int | None:
    """How many classes a module has a weight for, as torch's losses keep them; None where it has none."""
    weight = getattr(given, "weight", None)
    return len(weight) if isinstance(weight, Tensor) and weight.ndim == 1 and len(weight) > 1 else None


def find_shape(trial: Trial) -> str:
    """One finite number per example, for any leading shape."""
    logits, labels = trial.batch()
    flat = trial.loss(logits.clone(), labels.clone())
    if problem := problem_of_losses(flat, logits.shape, labels.shape):
        return problem
    if not flat.isfinite().all():
        return f"it gave {flat.tolist()[:4]}"
    for leading in ((3, 4), (1, ROWS)):
        if problem := _problem_of_leading(trial, flat, leading):
            return problem
    return ""


def _problem_of_leading(trial: Trial, flat: Tensor, leading: tuple[int, ...]) -> str:
    """What is wrong with the losses of the same examples under another leading shape."""
    logits, labels = (tensor.reshape(*leading, *tensor.shape[1:]) for tensor in trial.batch())
    try:
        losses = trial.loss(logits.clone(), labels.clone())
    except Exception:
        if _takes_axis_1(trial, flat, leading):
            return f"it raises an error for logits {tuple(logits.shape)}; {AXIS}"
        raise
    if problem := problem_of_losses(losses, logits.shape, labels.shape):
        return problem
    equal = torch.allclose(losses.flatten(), flat, rtol=1e-4, atol=1e-5)
    if equal or find_pure(trial):  # which says more
        return ""
    return f"as {tuple(logits.shape)} the same logits gave other losses; {AXIS}"


def _takes_axis_1(trial: Trial, flat: Tensor, leading: tuple[int, ...]) -> bool:
    """Whether it gives the right losses for logits with the classes on axis 1."""
    logits, labels = (tensor.reshape(*leading, *tensor.shape[1:]) for tensor in trial.batch())
    try:
        losses = trial.loss(logits.movedim(-1, 1), labels)
    except Exception:  # noqa: BLE001 - then that is not what is wrong
        return False
    return losses.shape == labels.shape and torch.allclose(losses.flatten(), flat, rtol=1e-4, atol=1e-5)


def find_gradient(trial: Trial) -> str:
    """A finite gradient that is not 0."""
    logits, labels = trial.batch()
    if not trial.loss(logits.clone().requires_grad_(), labels).requires_grad:
        return "it has none: the losses are detached from the logits, or made under torch.no_grad()"
    gradient = trial.gradient(logits, labels)
    if not gradient.isfinite().all():
        return "it has NaN or inf in it"
    return "" if gradient.any() else "it is 0 everywhere, so nothing would be learned"


def find_alone(trial: Trial) -> str:
    """The same loss alone and in a batch."""
    logits, labels = trial.batch()
    together = trial.loss(logits.clone(), labels.clone())
    alone = torch.cat([trial.loss(logits[i : i + 1].clone(), labels[i : i + 1].clone()) for i in range(ROWS)])
    if find_pure(trial):  # which says more
        return ""
    gap = float((together - alone).abs().max())
    return f"alone and in a batch it differs by {gap:.2g}" if gap > 1e-4 * (1 + float(alone.abs().max())) else ""


def find_pure(trial: Trial) -> str:
    """The same losses each time, and no change to what it was given."""
    logits, labels = trial.batch()
    given = logits.clone(), labels.clone()
    first = trial.loss(*given)
    if not (_same(given[0], logits) and _same(given[1], labels)):
        return "it changed its logits or labels; work on a copy"
    again = trial.loss(*given)
    return "" if _same(first, again) else "the same inputs gave other losses; draw nothing at random"


def _same(a: Tensor, b: Tensor) -> bool:
    """Equal, a NaN to a NaN too."""
    return a.shape == b.shape and bool(((a == b) | ((a != a) & (b != b))).all())


def find_huge(trial: Trial) -> str:
    """Finite losses and gradients where a probability is 0."""
    logits, labels = torch.zeros(2, trial.classes), torch.tensor([1, 0])
    logits[0, 0], logits[0, 1], logits[1, 0], logits[1, 1:3] = 1e4, -1e4, -1e4, 1e4
    losses = trial.loss(logits, labels)
    if not losses.isfinite().all():
        return f"it gave {losses.tolist()}; use log_softmax, and clamp probabilities before a log"
    return "" if trial.gradient(logits, labels).isfinite().all() else "the gradient is not finite"


def find_half(trial: Trial) -> str:
    """Finite losses of logits in half precision."""
    losses = trial.loss(*trial.batch(dtype=torch.float16))
    return "" if losses.isfinite().all() else f"it gave {losses.tolist()[:4]}; compute in logits.float()"


def find_empty(trial: Trial) -> str:
    """No loss for no example."""
    losses = trial.loss(torch.zeros(0, trial.classes), torch.zeros(0, dtype=torch.long))
    return "" if losses.shape == (0,) else f"it gave the shape {tuple(losses.shape)}"


def find_per_cell(trial: Trial) -> str:
    """A hyperparameter per cell gives what each cell's number gives."""
    logits, labels = trial.batch()
    logits, labels = logits.reshape(3, 4, trial.classes), labels.reshape(3, 4)
    for name, default in trial.hyper.items():
        values = [0.9 * default, default, 0.8 * default] if default else [0.0, 0.05, 0.1]
        together = trial.loss(logits, labels, **{name: torch.tensor(values).unsqueeze(1)})
        for cell, value in enumerate(values):
            alone = trial.loss(logits[cell], labels[cell], **{name: value})
            if not torch.allclose(together[cell], alone, rtol=1e-4, atol=1e-5):
                return f"{name} as a tensor (cells, 1) beside logits (cells, n, K) gave other losses than as a number"
    return ""


def find_learning(trial: Trial) -> str:
    """A linear model gets well above chance on the toy data set, or on those of its classes that the loss can take."""
    data = load("blobs")
    trained, tested = data.labels < trial.toy_classes, data.test_labels < trial.toy_classes
    images, labels = data.images[trained].flatten(1), data.labels[trained]
    weight = torch.zeros(images.shape[1], trial.toy_classes, requires_grad=True)
    optimizer = eager(torch.optim.Adam)([weight], lr=0.05)
    for _ in range(STEPS):
        optimizer.zero_grad()
        trial.loss(images @ weight, labels).mean().backward()
        optimizer.step()
    with torch.no_grad():
        predicted = (data.test_images[tested].flatten(1) @ weight).argmax(1)
    accuracy, chance = (
        float((predicted == data.test_labels[tested]).double().mean()),
        1 / min(trial.toy_classes, TOY_CLASSES),
    )
    learnt, guessed = percent(accuracy, 0), percent(chance, 0)
    sentence = f"its accuracy on the toy data set is {learnt} after {STEPS} steps, chance is {guessed}"
    return "" if accuracy > chance + ABOVE_CHANCE else sentence


PROMISES: dict[str, Callable[[Trial], str]] = {
    SHAPE: find_shape,
    PURE: find_pure,
    GRADIENT: find_gradient,
    ALONE: find_alone,
    "huge logits (10,000) give finite losses and gradients": find_huge,
    "half precision gives finite losses": find_half,
    "zero examples give zero losses": find_empty,
    PER_CELL: find_per_cell,
    "a linear model learns with it": find_learning,
}
