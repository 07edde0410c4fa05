"""Where the numbers of a network lie: what is kept for all examples of a batch, and what is one example's scratch.

What another loop reads, or the gradient needs, is kept, but for what is made again. Scratch is used again as soon as it
is not read any more, so that it stays in the cache.
"""

from dataclasses import dataclass, field

from lsbench.training.lanes.architecture import Architecture
from lsbench.training.lanes.needs import SHARE, buffers_of, needs_input, needs_output, remade
from lsbench.training.lanes.schedule import Step

LOGITS, KEPT, SCRATCH = "logits", "kept", "scratch"


@dataclass
class Places:
    """Where values are, by the number of their buffer: a region, and an offset in numbers of each cell."""

    region: dict[int, str] = field(default_factory=dict)
    offset: dict[int, int] = field(default_factory=dict)
    length: dict[int, int] = field(default_factory=dict)
    size: dict[str, int] = field(default_factory=lambda: dict.fromkeys((LOGITS, KEPT, SCRATCH), 0))  # of each region


def places_of_values(network: Architecture, steps: list[Step]) -> Places:
    """Where the values of a training pass are."""
    buffer, needed, again = buffers_of(network), set[int](), remade(network)
    for layer in network.layers:
        if needs_input(layer) or layer.output in again:
            needed |= {buffer[value] for value in layer.inputs if layer.output in again or value == layer.inputs[0]}
        if needs_output(layer):
            needed.add(buffer[layer.output])
    return _placed(network, steps, buffer, needed - again, again)


def places_of_predictions(network: Architecture, steps: list[Step]) -> Places:
    """Where they are after training: no gradient needs them."""
    return _placed(network, steps, buffers_of(network), set(), set())


def places_of_slopes(network: Architecture, steps: list[Step], buffer: list[int]) -> Places:
    """Where the slopes are, and what is made again for them."""
    again = {~value for value in remade(network)}
    return _placed(network, steps, [*buffer, *range(-len(buffer), 0)], set(), again)


def _placed(network: Architecture, steps: list[Step], buffer: list[int], needed: set[int], again: set[int]) -> Places:
    """buffer: of each value, and at its end of each that is made again, as ~value counts from the end."""
    uses: dict[int, dict[int, tuple[int, int]]] = {}  # buffer -> loop -> the first and the last step
    in_shares: set[int] = set()
    for number, step in enumerate(steps):
        for value in (*step.reads, *step.writes):
            loops = uses.setdefault(buffer[value], {})
            loops[step.loop] = (loops.get(step.loop, (number,))[0], number)
            if step.mode == SHARE:
                in_shares.add(buffer[value])
    made, last = Places(), buffer[len(network.sizes) - 1]
    for own in uses:
        is_kept = own not in again and (own in needed or own in in_shares or len(uses[own]) > 1)
        made.region[own] = LOGITS if own == last else KEPT if is_kept else SCRATCH
    for own, region in made.region.items():
        _put(made, own, region, network.sizes[_value(own)], uses)
    return made


def _value(buffer: int) -> int:
    """The value that a buffer holds: itself, or that which is made again."""
    return buffer if buffer >= 0 else ~buffer


def _put(made: Places, own: int, region: str, size: int, uses: dict[int, dict[int, tuple[int, int]]]) -> None:
    """At the end of a region; within scratch at the first place that is free while it is used."""
    start = made.size[region]
    if region == SCRATCH:
        start = 0
        others = [other for other in made.offset if made.region[other] == SCRATCH and _meet(uses[own], uses[other])]
        for other in sorted(others, key=lambda other: made.offset[other]):
            if made.offset[other] < start + size:
                start = max(start, made.offset[other] + made.length[other])
    made.offset[own], made.length[own] = start, size
    made.size[region] = max(made.size[region], start + size)


def _meet(a: dict[int, tuple[int, int]], b: dict[int, tuple[int, int]]) -> bool:
    """Whether there is a loop in which both are used at the same time."""
    return any(a[loop][0] <= b[loop][1] and b[loop][0] <= a[loop][1] for loop in a.keys() & b.keys())
