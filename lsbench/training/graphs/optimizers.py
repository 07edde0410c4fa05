"""torch's optimisers with numbers that lie on the device: the same operations, so on a CPU the same bits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lsbench.models.average import WeightAverage
from lsbench.training.eager_optimizer import eager
from lsbench.training.graphs.numbers import Group, Numbers, StepNumbers

PLAIN: dict[str, float] = {"nesterov": False, "dampening": 0, "amsgrad": False, "maximize": False}  # no rule has others


@dataclass(frozen=True)
class Rule:
    """An optimiser."""

    states: int  # how many tensors it keeps for a parameter
    numbers: StepNumbers
    update: Callable[[Tensor, Tensor, Sequence[Tensor], Sequence[Tensor], Group], None]  # p, gradient, states, numbers


def sgd_numbers(group: Group, _t: int) -> tuple[float, float]:
    """Learning rate and momentum."""
    return group["lr"], group["momentum"]


def sgd(p: Tensor, gradient: Tensor, states: Sequence[Tensor], numbers: Sequence[Tensor], group: Group) -> None:
    """V = mu v + g; p = p - lr v."""
    (v,), (lr, mu) = states, numbers
    gradient = _decayed(p, gradient, group)
    p.addcmul_(v.mul_(mu).add_(gradient) if group["momentum"] else gradient, lr, value=-1)


def adam_numbers(group: Group, t: int) -> tuple[float, float, float, float]:
    """Learning rate with the first moment's correction, the root of the second's, 1 - beta, and AdamW's decay."""
    beta, beta_of_squares = group["betas"]
    rate = group["lr"] / (1 - beta**t)
    return -rate, (1 - beta_of_squares**t) ** 0.5, 1 - beta, 1 - group["lr"] * group["weight_decay"]


def adam(p: Tensor, gradient: Tensor, states: Sequence[Tensor], numbers: Sequence[Tensor], group: Group) -> None:
    """Kingma and Ba (2015)."""
    _adam(p, _decayed(p, gradient, group), states, numbers, group)


def adamw(p: Tensor, gradient: Tensor, states: Sequence[Tensor], numbers: Sequence[Tensor], group: Group) -> None:
    """Loshchilov and Hutter (2019)."""
    if group["weight_decay"]:
        p.mul_(numbers[3])
    _adam(p, gradient, states, numbers, group)


def _adam(p: Tensor, gradient: Tensor, states: Sequence[Tensor], numbers: Sequence[Tensor], group: Group) -> None:
    (mean, squares), (rate, root, share, _) = states, numbers
    beta_of_squares = group["betas"][1]
    mean.lerp_(gradient, share)
    squares.mul_(beta_of_squares).addcmul_(gradient, gradient, value=1 - beta_of_squares)
    p.add_((mean * rate).div_((squares.sqrt() / root).add_(group["eps"])))


def adagrad_numbers(group: Group, t: int) -> tuple[float]:
    """The learning rate."""
    return (-group["lr"] / (1 + (t - 1) * group["lr_decay"]),)


def adagrad(p: Tensor, gradient: Tensor, states: Sequence[Tensor], numbers: Sequence[Tensor], group: Group) -> None:
    """Duchi et al. (2011)."""
    (squares,), (rate,) = states, numbers
    gradient = _decayed(p, gradient, group)
    squares.addcmul_(gradient, gradient)
    p.add_((gradient * rate).div_(squares.sqrt().add_(group["eps"])))


def _decayed(p: Tensor, gradient: Tensor, group: Group) -> Tensor:
    return gradient.add(p, alpha=group["weight_decay"]) if group["weight_decay"] else gradient


RULES: dict[type, Rule] = {
    torch.optim.SGD: Rule(1, sgd_numbers, sgd),
    torch.optim.Adam: Rule(2, adam_numbers, adam),
    torch.optim.AdamW: Rule(2, adam_numbers, adamw),
    torch.optim.Adagrad: Rule(1, adagrad_numbers, adagrad),
}


def rule_of(optimizer: object) -> Rule | None:
    """The rule of an optimiser of torch, None where there is none; a class of the user's is another optimiser."""
    kind = type(optimizer)
    return RULES.get(kind.__mro__[1] if kind.__module__ == eager.__module__ else kind)


def why_no_rule(optimizer: object) -> str:
    """Why an optimiser has no rule here; "" if it has one."""
    name = type(optimizer).__name__
    if rule_of(optimizer) is None or not isinstance(optimizer, torch.optim.Optimizer):
        return f"the optimizer {name} can't be recorded"
    groups = optimizer.param_groups
    options = {word for group in groups for word, value in PLAIN.items() if group.get(word, value) != value}
    return f"the optimizer {name} can't be recorded with {', '.join(sorted(options))}" if options else ""


class DeviceOptimizer:
    """Moves what an optimiser of torch would, by numbers on the device; all that it keeps is there from the start."""

    def __init__(self, optimizer: torch.optim.Optimizer, rule: Rule, numbers: Numbers) -> None:
        self._update = rule.update
        self._groups = optimizer.param_groups
        self._states = {
            p: [torch.zeros_like(p, memory_format=torch.preserve_format) for _ in range(rule.states)]
            for group in self._groups
            for p in group["params"]
        }
        self.changed: list[Tensor] = [state for states in self._states.values() for state in states]
        width = len(rule.numbers(self._groups[0], 1))
        self._numbers = [numbers.now[i * width : (i + 1) * width].unbind() for i in range(len(self._groups))]

    def zero_grad(self) -> None:
        """Forget the gradients, so that the next ones are not added to them."""
        for p in self._states:
            p.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move each parameter that has a gradient."""
        for group, numbers in zip(self._groups, self._numbers, strict=True):
            for p in group["params"]:
                if p.grad is not None:
                    self._update(p, p.grad, self._states[p], numbers, group)


class DeviceAverage:
    """Moves a weights' average by a share on the device."""

    def __init__(self, average: WeightAverage, numbers: Numbers) -> None:
        self._average = average
        self.changed: list[Tensor] = average.values
        self._share = numbers.now[-1]

    def update(self) -> None:
        """As `WeightAverage.update`, which counts by itself."""
        self._average.move(self._share)
