"""What the gradient of a layer needs, which layers work in place, and which values are made again in place of kept."""

from lsbench.training.lanes.architecture import Architecture, Layer

FREE = ("conv", "winograd", "linear", "max_pool", "avg_pool", "batch_norm", "add")  # their gradient needs no output
IN_PLACE = ("elementwise", "dropout", "add")  # they may overwrite what they read
EACH, SHARE = "each", "share"  # a loop over examples; a call for all examples of a share


def mode_of(layer: Layer) -> str:
    """Linear layers and convolutions of few tiles take all examples of a share at once, others one by one."""
    return SHARE if layer.kind == "linear" or layer.options.get("in_shares", False) else EACH


def needs_input(layer: Layer) -> bool:
    """Whether its gradient is computed from what it reads."""
    return layer.kind in ("conv", "winograd", "linear", "batch_norm") or layer.options.get("needs_input", False)


def needs_output(layer: Layer) -> bool:
    """Whether its gradient is computed from what it writes."""
    return is_activated(layer) or (layer.kind == "elementwise" and not needs_input(layer))


def is_activated(layer: Layer) -> bool:
    """Whether a batch normalisation has an activation within."""
    return layer.kind == "batch_norm" and layer.options["activation"] != "Same"


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
    if needs_output(producer):
        return layer.kind == "dropout" and producer.options.get("needs_sign", False)
    return producer.kind in FREE or needs_input(producer)


def slope_buffers_of(network: Architecture) -> list[int]:
    """The same of slopes: what a normalisation adds has the slopes of the sum, where these are read first."""
    buffer = buffers_of(network)
    for i, layer in reversed(list(enumerate(network.layers))):
        if layer.kind == "batch_norm" and len(layer.inputs) > 1 and _may_share(network, i, layer.inputs[1]):
            buffer[layer.inputs[1]] = buffer[layer.output]
    return buffer


def _may_share(network: Architecture, place: int, added: int) -> bool:
    producer, consumers = network.producer(added), network.consumers(added)
    is_last = not any(added in layer.inputs for layer in network.layers[place + 1 :])
    changes_early = producer is not None and is_activated(producer) and len(consumers) == 1
    in_place = any(layer.kind in IN_PLACE for layer in (*consumers, *([producer] if producer else ())))
    return producer is not None and is_last and not changes_early and not in_place


def learns(network: Architecture) -> list[bool]:
    """Of each value whether it depends on a parameter."""
    depends = [False] * len(network.sizes)
    for layer in network.layers:
        depends[layer.output] = bool(layer.parameters) or any(depends[value] for value in layer.inputs)
    return depends


def remade(network: Architecture) -> set[int]:
    """The values that are made again wherever they are read: what normalisations write.

    They take less time than memory would: a batch's values don't fit into the cache. Those stay that depend on another
    one which depends on a third.
    """
    buffer, made = buffers_of(network), dict[int, int]()  # and how many others each takes
    for layer in network.layers:
        depth = 1 + max(made.get(value, 0) for value in layer.inputs)
        if layer.kind == "batch_norm" and depth <= 2 and _is_read_alone(network, layer.output, buffer):
            made[layer.output] = depth
    return set(made)


def _is_read_alone(network: Architecture, value: int, buffer: list[int]) -> bool:
    """Whether only loops over examples read a value, and nothing works in its place."""
    readers = network.consumers(value)
    return bool(readers) and buffer.count(buffer[value]) == 1 and all(mode_of(layer) == EACH for layer in readers)
