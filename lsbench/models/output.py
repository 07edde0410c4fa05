"""Whether the output of a model is what it should be: the logits (n, num_classes), and nothing else."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor


def problem_of_output(output: Any, rows: int, num_classes: int | None = None) -> str:
    """What is wrong with a model's output for `rows` images, or "". num_classes None allows any number."""
    if not isinstance(output, Tensor):
        return f"it returned {_what(output)} instead of a tensor; return the logits (n, num_classes) alone"
    if output.ndim != 2 or len(output) != rows or num_classes not in (None, output.shape[1]):
        asked = "" if num_classes is None else f" and {num_classes} classes"
        got = f"{rows} images{asked} gave {tuple(output.shape)} instead of {(rows, num_classes or 'num_classes')}"
        return f"{got}; the last layer has num_classes outputs"
    return ""


def _what(output: Any) -> str:
    if isinstance(output, Mapping):
        return f"a {type(output).__name__} of {', '.join(map(repr, list(output)[:4])) or 'nothing'}"
    if isinstance(output, tuple | list):
        return f"a {type(output).__name__} of {len(output)}"
    return type(output).__name__
