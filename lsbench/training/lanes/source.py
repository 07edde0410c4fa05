"""The C++ of one network: its layers as types with their sizes, and the loops that call them."""

from collections.abc import Sequence
from itertools import groupby

from lsbench.training.lanes.architecture import Architecture
from lsbench.training.lanes.calls import call_of, join_of, use_running
from lsbench.training.lanes.fused import fused
from lsbench.training.lanes.needs import EACH
from lsbench.training.lanes.pointers import Pointers
from lsbench.training.lanes.schedule import Step

CONVOLUTIONS = ("conv", "winograd")
WEIGHTED = (*CONVOLUTIONS, "linear")
EXPORTED = '#pragma GCC visibility push(default)\nextern "C" {'  # before what is called from Python


def source_of(network: Architecture) -> str:
    """The text of the translation unit; LANES is the compiler's to say."""
    at = Pointers(fused(network))
    lines = ['#include "program.hpp"', "", "namespace {"]
    lines += [f"using {at.name(layer)} = {layer.cpp};" for layer in at.network.layers]
    lines += ["", *_sizes(at), ""]
    exported = []
    for name, steps in at.steps.items():
        at.now, stages = name, stages_of(steps)
        for number, own in enumerate(stages):
            lines += _stage(at, f"{name}_{number}", own, _start(at) if (name, number) == ("backward", 0) else [])
        exported += _exported(at, name, stages)
    return "\n".join([*lines, "}  // namespace", "", EXPORTED, *_exported_sizes(), *exported, '}  // extern "C"', ""])


def stages_of(steps: Sequence[Step]) -> list[list[Step]]:
    """The steps cut where one needs the results of all shares."""
    return [list(group) for _, group in groupby(steps, key=lambda step: step.stage)]


def _sizes(at: Pointers) -> list[str]:
    border = "0L"
    for layer in at.network.layers:
        border = f"longer({border}, {at.name(layer)}::SCRATCH)" if layer.kind in CONVOLUTIONS else border
    return [
        f"constexpr long BORDER = {border};",
        f"constexpr long KEPT = {at.kept}, STATISTICS = {at.statistics}, SLOPES = {at.kept_slopes};",
        f"constexpr long PREDICTED = {at.kept_predictions};",
        f"constexpr long WEIGHTS = {at.count}, SCRATCH = BORDER + {at.scratch};",
    ]


def _start(at: Pointers) -> list[str]:
    """Zeros for those parts of a share's gradient that examples add to."""
    layers = [layer for layer in at.network.layers if layer.kind in CONVOLUTIONS]
    parts = [part for layer in layers for part in zip(layer.parameters, layer.partial, strict=True)]
    return [f"  zero(partial + {at.offset(path)}, {count});" for path, count in parts]


def _stage(at: Pointers, name: str, steps: Sequence[Step], start: Sequence[str]) -> list[str]:
    """A function that runs these steps for one share."""
    lines = [
        f"void {name}(const Call& c, [[maybe_unused]] int share, int first, int last, [[maybe_unused]] V* scratch) {{",
        "  [[maybe_unused]] const long n = c.examples;",
        "  [[maybe_unused]] V* const partial = c.partial + share * WEIGHTS;",
        *start,
    ]
    for _, loop in groupby(steps, key=lambda step: step.loop):
        own = list(loop)
        lines += (
            ["  for (long b = first; b < last; b++) {"]
            if own[0].mode == EACH
            else ["  if (const long b = first; true) {"]
        )
        lines += [f"    {call}" for step in own if (call := call_of(at, step))]
        lines.append("  }")
    return [*lines, "}", ""]


def _exported_sizes() -> list[str]:
    return [
        "void sizes(int64_t* to) {",
        "  const int64_t all[] = {KEPT, PREDICTED, STATISTICS, SLOPES, WEIGHTS, SCRATCH, SHARES};",
        "  std::memcpy(to, all, sizeof all);",
        "}",
    ]


def _exported(at: Pointers, name: str, stages: Sequence[Sequence[Step]]) -> list[str]:
    """The function that Python calls: stage after stage, each share by share."""
    lines = [
        f"void {name}(const Call* call) {{",
        "  const Call& c = *call;",
        "  [[maybe_unused]] const long n = c.examples, b = 0;",
        *(_prepared(at) if name != "backward" else ()),
    ]
    for number, steps in enumerate(stages):
        lines.append(f"  over_shares(c, SCRATCH, {name}_{number});")
        lines += [f"  {join}" for step in steps if (join := join_of(at, step))]
    return [*lines, *(_joined_gradients(at) if name == "backward" else ()), "}"]


def _prepared(at: Pointers) -> list[str]:
    """What is made of the weights, and to predict of the running statistics, before each pass."""
    lines = [
        f"  {at.name(layer)}::transform_weights({at.weight(layer)}, {at.prepared(layer)});"
        for layer in at.network.layers
        if layer.prepared
    ]
    norms = [layer for layer in at.network.layers if layer.kind == "batch_norm" and at.now == "predict"]
    return [*lines, *(f"  {use_running(at, layer)}" for layer in norms)]


def _joined_gradients(at: Pointers) -> list[str]:
    lines = []
    for layer in at.network.layers:
        parts = zip(layer.parameters, layer.counts, strict=True) if layer.kind in WEIGHTED else ()
        for path, count in parts:
            number, offset = at.parameter(path), at.offset(path)
            if layer.prepared and path == layer.parameters[0]:
                wanted, sums = f"c.gradients[{number}]", f"c.partial + {offset}, WEIGHTS, SHARES"
                lines.append(f"  if ({wanted}) {at.name(layer)}::join_gradient({sums}, {wanted});")
            else:
                lines.append(f"  join_gradient(c, {number}, {offset}, {count}, WEIGHTS);")
    return lines
