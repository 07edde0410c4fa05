"""Where the numbers of a network lie: which layers work in place, what is kept for the gradient, what is scratch.

Layers run example after example, so that what lies between them stays in the processor's cache; linear layers take all
examples of a share at once. Such a run of layers is a loop. What another loop reads, or the gradient needs, is kept for
all examples of the batch; all else is one example's scratch.
"""

from dataclasses import dataclass, field

from lsbench.training.lanes.architecture import Architecture, Layer

OVERWRITABLE = (
    "conv",
    "winograd",
    "linear",
    "max_pool",
    "avg_pool",
    "batch_norm",
    "add",
)  # their gradient does not need their output
IN_PLACE = ("elementwise", "dropout", "add")  # they may overwrite what they read
EACH, SHARE = "each", "share"  # a loop over examples; a call for all examples of a share
LOGITS, KEPT, SCRATCH = "logits", "kept", "scratch"


@dataclass
class Step:
    """One call of a layer, in one of the loops."""

    call: str  # gather, forward, measure, backward, measure_slopes
    layer: Layer | None
    mode: str
    loop: int
    stage: int  # loops of one stage need no other share's results
    reads: tuple[int, ...] = ()  # values, or their slopes
    writes: tuple[int, ...] = ()
    adds: tuple[int, ...] = ()  # of `writes`, those with a slope already


@dataclass
class Places:
    """Where values are, by the number of their buffer: a region, and an offset in numbers of each cell."""

    region: dict[int, str] = field(default_factory=dict)
    offset: dict[int, int] = field(default_factory=dict)
    size: dict[str, int] = field(default_factory=lambda: dict.fromkeys((LOGITS, KEPT, SCRATCH), 0))  # of each region


class Schedule:
    """The steps of a list, cut into loops and stages."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.loop: int = 0
        self.stage: int = 0
        self.mode: str = ""

    def add(self, call: str, layer: Layer | None, mode: str, **values: tuple[int, ...]) -> None:
        """One more step, in the present loop if its mode is that of the loop."""
        if mode != self.mode and self.mode:
            self.loop += 1
        self.mode = mode
        self.steps.append(Step(call, layer, mode, self.loop, self.stage, **values))

    def barrier(self) -> None:
        """What follows needs the results of all shares."""
        self.loop, self.stage, self.mode = self.loop + 1, self.stage + 1, ""


def buffers_of(network: Architecture) -> list[int]:
    """Of each value the number of its buffer: that of the value which its layer may overwrite, else its own."""
    buffer = list(range(len(network.sizes)))
    for layer in network.layers:
        if layer.kind in IN_PLACE and not needs_input(layer) and _may_overwrite(network, layer):
            buffer[layer.output] = buffer[layer.inputs[0]]
    return buffer


def _may_overwrite(network: Architecture, layer: Layer) -> bool:
    value = layer.inputs[0]
    producer = network.producer(value)
    if producer is None or len(network.consumers(value)) > 1:
        return False
    may_scale = layer.kind == "dropout" and producer.options.get("needs_sign", False)
    return producer.kind in OVERWRITABLE or needs_input(producer) or may_scale


def needs_input(layer: Layer) -> bool:
    """Whether its gradient is computed from what it reads."""
    return layer.kind in ("conv", "winograd", "linear", "batch_norm") or layer.options.get("needs_input", False)


def learns(network: Architecture) -> list[bool]:
    """Of each value whether it depends on a parameter."""
    depends = [False] * len(network.sizes)
    for layer in network.layers:
        depends[layer.output] = bool(layer.parameters) or any(depends[value] for value in layer.inputs)
    return depends


def forward_steps(network: Architecture) -> list[Step]:
    """The steps from examples to logits."""
    made = Schedule()
    made.add("gather", None, EACH, writes=(0,))
    for layer in network.layers:
        if layer.kind == "batch_norm":
            made.add("measure", layer, EACH, reads=layer.inputs)
            made.barrier()
        made.add("forward", layer, _mode(layer), reads=layer.inputs, writes=(layer.output,))
    return made.steps


def backward_steps(network: Architecture) -> list[Step]:
    """The steps from the slopes of the logits to those of the parameters."""
    made, depends, buffer = Schedule(), learns(network), buffers_of(network)
    written: set[int] = set()
    for layer in reversed(network.layers):
        wanted = tuple(value for value in layer.inputs if depends[value])
        if not (wanted or layer.parameters):
            continue
        if layer.kind == "batch_norm":
            made.add("measure_slopes", layer, EACH, reads=(layer.output,))
            made.barrier()
        fresh = [value for value in wanted if buffer[value] != buffer[layer.output]]
        adds = tuple(value for value in fresh if buffer[value] in written)
        made.add("backward", layer, _mode(layer), reads=(layer.output,), writes=wanted, adds=adds)
        written |= {buffer[value] for value in fresh}
    return made.steps


def _mode(layer: Layer) -> str:
    return SHARE if layer.kind == "linear" else EACH


def places_of_values(network: Architecture, steps: list[Step]) -> Places:
    """Where the values are: what a gradient needs, or another loop reads, is kept."""
    buffer, needed = buffers_of(network), set[int]()
    for layer in network.layers:
        if needs_input(layer):
            needed |= {buffer[value] for value in layer.inputs}
        elif layer.kind == "elementwise":
            needed.add(buffer[layer.output])
    return _placed(network, steps, buffer, needed)


def places_of_slopes(network: Architecture, steps: list[Step]) -> Places:
    """Where the slopes are: what another loop reads is kept."""
    return _placed(network, steps, buffers_of(network), set())


def _placed(network: Architecture, steps: list[Step], buffer: list[int], needed: set[int]) -> Places:
    loops: dict[int, set[int]] = {}
    in_shares: set[int] = set()
    for step in steps:
        for value in (*step.reads, *step.writes):
            loops.setdefault(buffer[value], set()).add(step.loop)
            if step.mode == SHARE:
                in_shares.add(buffer[value])
    made, last = Places(), buffer[-1]
    for number in loops:
        is_kept = number in needed or number in in_shares or len(loops[number]) > 1
        made.region[number] = LOGITS if number == last else KEPT if is_kept else SCRATCH
        made.offset[number] = made.size[made.region[number]]
        made.size[made.region[number]] += network.sizes[number]
    return made
