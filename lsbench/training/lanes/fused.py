"""Layers that become one: a batch normalisation, what a residual block adds to it, and its activation."""

from dataclasses import replace

from lsbench.training.lanes.architecture import Architecture, Layer
from lsbench.training.lanes.needs import needs_input


def fused(network: Architecture) -> Architecture:
    """The same network, in which a normalisation takes in what follows it, if nothing else reads what is between."""
    made = Architecture(network.inputs, [], network.sizes)
    for layer in network.layers:
        if not (made.layers and _takes_in(network, made.layers[-1], layer)):
            made.layers.append(layer)
            continue
        norm = made.layers.pop()
        made.layers.append(_with_sum(norm, layer) if layer.kind == "add" else _activated(norm, layer))
    return made


def _takes_in(network: Architecture, norm: Layer, layer: Layer) -> bool:
    reads = norm.kind == "batch_norm" and layer.inputs[0] == norm.output and len(network.consumers(norm.output)) == 1
    if not reads or norm.options["activation"] != "Same":
        return False
    if layer.kind == "add":
        return len(norm.inputs) == 1
    return layer.kind == "elementwise" and not needs_input(layer)


def _with_sum(norm: Layer, layer: Layer) -> Layer:
    return replace(norm, inputs=(*norm.inputs, layer.inputs[1]), output=layer.output)


def _activated(norm: Layer, layer: Layer) -> Layer:
    activation = layer.options["function"]
    channels, area = norm.options["channels"], norm.options["area"]
    options = {**norm.options, "activation": activation, "needs_sign": layer.options["needs_sign"]}
    cpp = f"BatchNorm<{channels}, {area}, {activation}>"
    return replace(norm, output=layer.output, cpp=cpp, options=options)
