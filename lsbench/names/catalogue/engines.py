"""The engines that compute the steps of a stack beside torch: a new one is its own folder and an entry here."""

from collections.abc import Mapping
from dataclasses import dataclass

AUTO, TORCH = "auto", "torch"


@dataclass(frozen=True, kw_only=True)
class StepEngineEntry:
    """What is known of an engine before it is imported. It rounds otherwise than torch, and is no part of an id."""

    ref: str  # f(model, shape, num_classes, seeds, batch, threads) -> StackedModel; `NotTaken` says why it can't
    takes: str  # f(model, shape, num_classes) -> whether it takes every layer of the model and is likely to be faster
    why_not: str  # f() -> what is missing on this machine, "" if nothing is; imports no torch
    most: int  # cells of a stack
    fewest: int  # below which `auto` takes torch
    threads: int  # that one stack can use
    summary: str  # a few words, for --help


STEP_ENGINES: dict[str, StepEngineEntry] = {
    "lanes": StepEngineEntry(
        ref="lsbench.training.lanes.engine:build",
        takes="lsbench.training.lanes.engine:takes",
        why_not="lsbench.training.lanes.compiler:why_not",
        most=16,
        fewest=4,
        threads=4,
        summary="small networks in compiled C++, a cell per SIMD lane",
    ),
}
STEP_ENGINE_WORDS: Mapping[str, str] = {
    AUTO: "what is faster here",
    TORCH: "torch",
    **{name: entry.summary for name, entry in STEP_ENGINES.items()},
}
