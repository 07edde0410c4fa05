"""The steps of the three passes: layers run example after example, so that what lies between them stays in the cache.

Such a run of layers is a loop; linear layers take all examples of a share at once, in a loop of their own. Batch
normalisation waits for the whole batch: then a new stage begins, as late as can be.
"""

from dataclasses import dataclass

from lsbench.training.lanes.architecture import Architecture, Layer
from lsbench.training.lanes.needs import EACH, is_activated, learns, mode_of, needs_input, needs_output, remade


@dataclass
class Step:
    """One call of a layer, in one of the loops.

    What it reads and writes are values; in the backward pass slopes, and of a value that is made again there ~value.
    """

    call: str  # gather, forward, measure, backward, measure_slopes, pass_on
    layer: Layer | None
    mode: str
    loop: int
    stage: int  # loops of one stage need no other share's results
    reads: tuple[int, ...] = ()
    writes: tuple[int, ...] = ()
    adds: tuple[int, ...] = ()  # of `writes`, those with a slope already


class Schedule:
    """The steps of a pass, cut into loops and stages."""

    def __init__(self, network: Architecture) -> None:
        self.network: Architecture = network
        self.steps: list[Step] = []
        self.loop: int = 0
        self.stage: int = 0
        self.mode: str = ""
        self.remade: set[int] = remade(network)
        self.made: set[int] = set()  # of these, in the present loop
        self.measured: dict[int, int] = {}  # layer -> the stage that measures for it

    def add(self, call: str, layer: Layer | None, mode: str, **values: tuple[int, ...]) -> None:
        """One more step, in the present loop if its mode is that of the loop."""
        if mode != self.mode and self.mode:
            self.next_loop()
        self.mode = mode
        self.steps.append(Step(call, layer, mode, self.loop, self.stage, **values))

    def next_loop(self) -> None:
        """What was made again is no longer there."""
        self.loop, self.mode, self.made = self.loop + 1, "", set()

    def measure(self, call: str, layer: Layer, *reads: int) -> None:
        """What a normalisation must know of all examples."""
        self.add(call, layer, EACH, reads=reads)
        self.measured[id(layer)] = self.stage

    def wait(self, layer: Layer) -> None:
        """What follows needs what all shares have measured for this layer."""
        if self.measured[id(layer)] == self.stage:
            self.next_loop()
            self.stage += 1

    def enter(self, layer: Layer) -> None:
        """Start a loop of the layer's mode, if the present one is another."""
        if self.mode not in ("", mode_of(layer)):
            self.next_loop()


def forward_steps(network: Architecture) -> list[Step]:
    """The steps from examples to logits, in training."""
    made = Schedule(network)
    made.add("gather", None, EACH, writes=(0,))
    for layer in network.layers:
        if layer.kind == "batch_norm":
            _require(made, layer.inputs[:1])
            made.measure("measure", layer, *layer.inputs[:1])
        if layer.output not in made.remade:
            _forward(made, layer)
    return made.steps


def _forward(made: Schedule, layer: Layer) -> None:
    _wait_for(made, layer)
    made.enter(layer)
    _require(made, layer.inputs)
    made.add("forward", layer, mode_of(layer), reads=layer.inputs, writes=(layer.output,))


def _wait_for(made: Schedule, layer: Layer) -> None:
    """For all that it and those values need which are made again for it."""
    if layer.kind == "batch_norm":
        made.wait(layer)
    for value in layer.inputs:
        producer = made.network.producer(value)
        if producer is not None and value in made.remade:
            _wait_for(made, producer)


def _require(made: Schedule, values: tuple[int, ...]) -> None:
    for value in values:
        producer = made.network.producer(value)
        if producer is not None and value in made.remade and value not in made.made:
            _forward(made, producer)
            made.made.add(value)


def predict_steps(network: Architecture) -> list[Step]:
    """The steps from examples to logits, after training: none waits for another."""
    made = Schedule(network)
    made.add("gather", None, EACH, writes=(0,))
    for layer in network.layers:
        made.add("forward", layer, mode_of(layer), reads=layer.inputs, writes=(layer.output,))
    return made.steps


def backward_steps(network: Architecture, buffer: list[int]) -> list[Step]:
    """The steps from the slopes of the logits to those of the parameters; buffer: of each value's slopes."""
    return _Backward(network, buffer).steps()


class _Backward:
    """Layers in reverse; what a normalisation must know of its slopes is measured once these are complete."""

    def __init__(self, network: Architecture, buffer: list[int]) -> None:
        self.network, self.buffer = network, buffer
        self.depends = learns(network)
        self.made = Schedule(network)
        self.written: set[int] = set()
        self.missing = [sum(layer.inputs.count(value) for layer in network.layers) for value in range(len(buffer))]

    def steps(self) -> list[Step]:
        self._complete(self.network.layers[-1].output)
        for layer in reversed(self.network.layers):
            wanted = tuple(value for value in layer.inputs if self.depends[value])
            if layer.kind == "batch_norm":
                self.made.wait(layer)
                wanted = tuple(value for value in layer.inputs[:1] if self.depends[value])
            if wanted or layer.parameters:
                self._step("backward", layer, wanted)
            self._deliver(wanted)
        return self.made.steps

    def _step(self, call: str, layer: Layer, wanted: tuple[int, ...]) -> None:
        fresh = [value for value in wanted if self.buffer[value] != self.buffer[layer.output]]
        adds = tuple(value for value in fresh if self.buffer[value] in self.written)
        self.made.enter(layer)
        again = self._make(_values_of(layer)) if call == "backward" else ()
        self.made.add(call, layer, mode_of(layer), reads=(layer.output, *again), writes=wanted, adds=adds)
        self.written |= {self.buffer[value] for value in fresh}

    def _make(self, values: tuple[int, ...]) -> tuple[int, ...]:
        """Those of these values that are made again, which they are then."""
        again = tuple(value for value in values if value in self.made.remade)
        for value in again:
            producer = self.network.producer(value)
            if producer is not None and value not in self.made.made:
                others = self._make(producer.inputs)
                self.made.add("forward", producer, EACH, reads=others, writes=(~value,))
                self.made.made.add(value)
        return tuple(~value for value in again)

    def _deliver(self, values: tuple[int, ...]) -> None:
        for value in values:
            self.missing[value] -= 1
            if not self.missing[value]:
                self._complete(value)

    def _complete(self, value: int) -> None:
        """The slopes of a value are all there."""
        layer = self.network.producer(value)
        if layer is None or layer.kind != "batch_norm":
            return
        self.made.enter(layer)
        again = self._make((*layer.inputs[:1], *((value,) if is_activated(layer) else ())))
        self.made.measure("measure_slopes", layer, value, *again)
        added = tuple(other for other in layer.inputs[1:] if self.depends[other])
        if added:
            self._step("pass_on", layer, added)
            self._deliver(added)


def _values_of(layer: Layer) -> tuple[int, ...]:
    """What its gradient is computed from, but for what `measure_slopes` has done."""
    inputs = layer.inputs[:1] if needs_input(layer) else ()
    return (*inputs, layer.output) if needs_output(layer) and not is_activated(layer) else inputs
