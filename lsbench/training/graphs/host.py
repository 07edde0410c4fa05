"""Whether a step takes from the host, or gives to it, what a recorded one would not take or give again."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves

from lsbench.training.graphs.dispatch import EagerDispatchMode

WAITS = {  # operations whose result, or the size of it, the host waits for
    "_local_scalar_dense",
    "equal",
    "is_nonzero",
    "nonzero",
    "masked_select",
    "_unique2",
    "unique_dim",
    "unique_consecutive",
    "bincount",
    "repeat_interleave",
}
LIFTED = "lift_fresh"  # what torch.tensor gives a list of Python through
INDEXED = {"index", "index_put", "index_put_", "_index_put_impl_"}
Signature = list[tuple[Any, ...]]


class Observed(EagerDispatchMode):
    """The operations of a block: `problem` says what of them can't be recorded, "" if nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.problem: str = ""
        self.signature: Signature = []  # of each operation its name, the shapes of its tensors and its numbers

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Look at an operation and do it."""
        leaves, name = tree_leaves((args, kwargs)), func.overloadpacket.__name__
        self.signature.append((str(func), *map(_plain, leaves)))
        self.problem = self.problem or _problem(name, args, kwargs or {}, leaves)
        return func(*args, **(kwargs or {}))


def _problem(name: str, args: Sequence[Any], kwargs: dict[str, Any], leaves: Sequence[Any]) -> str:
    if name in WAITS and kwargs.get("output_size") is None:
        return f"the host waits for {name.strip('_')}"
    if name == LIFTED:
        return "numbers of Python become a tensor in each step"
    if name in INDEXED and any(_chooses(leaf) for leaf in tree_leaves(args[1])):
        return "the host waits for how many examples a mask chooses"
    moved = kwargs.get("device") if name == "_to_copy" else None
    devices = {leaf.device.type for leaf in leaves if isinstance(leaf, Tensor) and (name == "copy_" or moved)}
    devices |= {torch.device(moved).type} if moved else set()
    return f"tensors move between {' and '.join(sorted(devices))} in each step" if len(devices) > 1 else ""


def _chooses(index: Any) -> bool:
    return isinstance(index, Tensor) and index.dtype in (torch.bool, torch.uint8)


def _plain(leaf: Any) -> Any:
    """What of an argument must be the same in each step."""
    if isinstance(leaf, Tensor):
        return tuple(leaf.shape)
    return leaf if isinstance(leaf, bool | int | float | str) else type(leaf).__name__


def difference(first: Signature, second: Signature) -> str:
    """In what two steps differ that are to be recorded as one; "" if in nothing."""
    return next(_differences(first, second), "")


def _differences(first: Signature, second: Signature) -> Iterator[str]:
    if len(first) != len(second):
        yield f"a step has {len(first)} operations, another {len(second)}"
    for one, other in zip(first, second, strict=False):
        if one != other:
            yield f"{one[0]} has other numbers or shapes in another step"
