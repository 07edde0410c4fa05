"""The Triton kernel beside a copy of the logits, Liger and torch.compile, from a study of `lsbench speed`."""

from collections.abc import Mapping, Sequence
from typing import Any

from gpu_bench import Row

OURS = "ours-triton"
OTHERS = {"of Liger's time": "liger", "of torch.compile's time": "torch-compiled", "of torch's time": "torch"}
HALF_UNIT = {"float32": 2.0**-24, "bfloat16": 2.0**-8, "float16": 2.0**-11}  # of the last place, of 1


def shares(shapes: Sequence[Mapping[str, Any]], ours: str = OURS) -> list[Row]:
    """A row per shape: which share of a copy's bandwidth, and of the others' time; None where one can't run.

    A copy reads and writes the logits once, which is the least that a loss and its gradient need.
    """
    return [{"rows": at["rows"], "classes": at["classes"], "dtype": at["dtype"], **share(at, ours)} for at in shapes]


def share(at: Mapping[str, Any], ours: str) -> Row:
    """The numbers of one shape."""
    costs = {cost["form"]: cost for cost in at["costs"]}
    own = costs[ours]
    seconds, copies, error = own.get("seconds"), own.get("copies"), own.get("gradient_error")
    times: Row = {
        name: seconds / other if seconds and (other := costs.get(form, {}).get("seconds")) else None
        for name, form in OTHERS.items()
    }
    roundings = None if error is None else error / HALF_UNIT[at["dtype"]]
    return {
        "copy GB/s": at["copy_bandwidth"] / 1e9 if at.get("copy_bandwidth") else None,
        "% of a copy's bandwidth": 100 / copies if copies else None,
        **times,
        "gradient error in half units of the last place of the largest": roundings,
    }
