"""The engines that compute the steps of a stack beside torch: a new one is its own folder and an entry here."""

from collections.abc import Mapping
from dataclasses import dataclass

from lsbench.names.registry import load

AUTO, TORCH = "auto", "torch"


@dataclass(frozen=True, kw_only=True)
class StepEngineEntry:
    """What is known of an engine before it is imported. It may round otherwise than torch, and is no part of an id."""

    ref: str  # f(model, shape, num_classes, seeds, batch, threads) -> StackedModel; `NotTaken` says why it can't
    takes: str  # f(model, shape, num_classes) -> whether it takes every layer of the model and is likely to be faster
    why_not: str = ""  # f() -> what is missing on this machine, "" if nothing is; imports no torch
    device: str = "cpu"  # that it runs on
    takes_steps: bool = False  # of torch's own networks in its own way: no other layers that are to be tried and timed
    precisions: tuple[str, ...] = ()  # that it computes in; () is any
    own_code: bool = True  # whether unasked it takes losses and networks of the user
    most: int = 0  # cells of a stack; 0 is as many as torch takes
    best: str = ""  # f() -> cells of the stacks that it trains fastest on this machine; imports no torch; "" is `most`
    fewest: int = 1  # below which `auto` takes torch
    threads: int = 1  # that one stack can use
    summary: str  # a few words, for --help

    def missing(self) -> str:
        """What is missing on this machine; "" if nothing is."""
        return load(self.why_not)() if self.why_not else ""

    def best_cells(self) -> int:
        """Cells of the stacks that it trains fastest on this machine."""
        return load(self.best)() if self.best else self.most


STEP_ENGINES: dict[str, StepEngineEntry] = {
    "lanes": StepEngineEntry(
        ref="lsbench.training.lanes.engine:build",
        takes="lsbench.training.lanes.engine:takes",
        why_not="lsbench.training.lanes.compiler:why_not",
        precisions=("highest",),
        most=16,
        best="lsbench.training.lanes.compiler:lanes",
        fewest=4,
        threads=4,
        summary="small networks in compiled C++, a cell per SIMD lane",
    ),
    "graph": StepEngineEntry(
        ref="lsbench.training.graphs.engine:build",
        takes="lsbench.training.graphs.engine:takes",
        device="cuda",
        takes_steps=True,
        own_code=False,
        summary="a step of torch on a GPU, recorded once and replayed as a CUDA graph",
    ),
}
STEP_ENGINE_WORDS: Mapping[str, str] = {
    AUTO: "what is faster here",
    TORCH: "torch",
    **{name: entry.summary for name, entry in STEP_ENGINES.items()},
}
