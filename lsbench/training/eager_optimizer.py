"""An optimiser of torch that does not import torch's compiler: its first step comes more than a second sooner."""

from inspect import unwrap
from typing import Any, TypeVar, cast

import torch
from torch.optim import Optimizer

Kind = TypeVar("Kind", bound=Optimizer)

LOOKED_AFTER = ("add_param_group", "zero_grad")  # methods that torch keeps out of compiled programs


def eager(kind: type[Kind]) -> type[Kind]:
    """The same class for a program that is not compiled; a class that is not torch's own as it is.

    torch wraps some methods of an optimiser to tell its compiler about them, and imports it to do so, 1.2 s on one
    core. Here they are called as they were written; `step` is without gradients, as the wrapper has it.
    """
    if not kind.__module__.startswith("torch.optim"):
        return kind
    methods: dict[str, Any] = {name: unwrap(getattr(kind, name)) for name in LOOKED_AFTER}
    methods["step"] = torch.no_grad()(unwrap(kind.step))
    return cast("type[Kind]", type(kind.__name__, (kind,), methods))
