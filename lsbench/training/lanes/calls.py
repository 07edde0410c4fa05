"""The C++ call of each step of each kind of layer."""

from collections.abc import Callable

from lsbench.training.lanes.architecture import Layer
from lsbench.training.lanes.needs import SHARE, is_activated, mode_of, needs_input
from lsbench.training.lanes.pointers import Pointers
from lsbench.training.lanes.schedule import Step

Call = Callable[[Pointers, Layer, Step], str]

WEIGHTED = {"conv": "scratch", "linear": "last - first"}  # what a layer with weights takes beside its tensors


def call_of(at: Pointers, step: Step) -> str:
    """One line of C++."""
    if step.layer is None:
        return f"gather(c, b, {at.value(0)}, {at.network.sizes[0]});"
    return CALLS[step.layer.kind, step.call](at, step.layer, step)


def _adds(step: Step) -> str:
    """Whether slopes are added to those that are there."""
    return str(bool(step.adds)).lower()


def _unweighted_forward(at: Pointers, layer: Layer, _: Step) -> str:
    return f"{at.name(layer)}::forward({at.x(layer)}, {at.y(layer)});"


def _weighted_forward(at: Pointers, layer: Layer, _: Step) -> str:
    return f"{at.name(layer)}::forward({at.x(layer)}, {at.weights(layer)}, {at.y(layer)}, {WEIGHTED[layer.kind]});"


def _weighted_backward(at: Pointers, layer: Layer, step: Step) -> str:
    name, dy, room = at.name(layer), at.dy(layer), WEIGHTED[layer.kind]
    weights = f"{name}::weight_gradient({at.x(layer)}, {dy}, {at.partial_gradients(layer)}, {room});"
    if not step.writes:
        return weights
    return f"{weights} {name}::input_gradient({at.weight(layer)}, {dy}, {at.dx(layer)}, {room}, {_adds(step)});"


def _winograd_forward(at: Pointers, layer: Layer, _: Step) -> str:
    tensors = f"{at.x(layer)}, {at.prepared(layer)}, {at.weights(layer).split(', ')[1]}, {at.y(layer)}"
    return f"{at.name(layer)}::forward({tensors}, scratch, {_examples(layer)});"


def _examples(layer: Layer) -> str:
    """How many it takes at once."""
    return "last - first" if mode_of(layer) == SHARE else "1"


def _winograd_backward(at: Pointers, layer: Layer, step: Step) -> str:
    dx = at.dx(layer) if step.writes else "nullptr"
    tensors = f"{at.x(layer)}, {at.prepared(layer)}, {at.dy(layer)}, {at.partial_gradients(layer)}, {dx}"
    return f"{at.name(layer)}::backward({tensors}, scratch, {_examples(layer)}, {_adds(step)});"


def _elementwise_backward(at: Pointers, layer: Layer, step: Step) -> str:
    values = at.x(layer) if needs_input(layer) else at.y(layer)
    return f"{at.name(layer)}::backward({values}, {at.dy(layer)}, {at.dx(layer)}, {_adds(step)});"


def _max_pool_forward(at: Pointers, layer: Layer, _: Step) -> str:
    if at.now == "predict":
        return f"{at.name(layer)}::forward<false>({at.x(layer)}, {at.y(layer)}, nullptr);"
    return f"{at.name(layer)}::forward<true>({at.x(layer)}, {at.y(layer)}, {at.maxima(layer)});"


def _max_pool_backward(at: Pointers, layer: Layer, step: Step) -> str:
    return f"{at.name(layer)}::backward({at.dy(layer)}, {at.dx(layer)}, {at.maxima(layer)}, {_adds(step)});"


def _avg_pool_backward(at: Pointers, layer: Layer, step: Step) -> str:
    return f"{at.name(layer)}::backward({at.dy(layer)}, {at.dx(layer)}, {_adds(step)});"


def _add_forward(at: Pointers, layer: Layer, _: Step) -> str:
    return f"{at.name(layer)}::forward({at.x(layer, 0)}, {at.x(layer, 1)}, {at.y(layer)});"


def _add_backward(at: Pointers, layer: Layer, step: Step) -> str:
    others = [value for value in step.writes if not at.are_one(value, layer.output)]
    add, dy = f"Add<{at.network.sizes[layer.output]}>", at.dy(layer)
    return " ".join(f"{add}::backward({dy}, {at.slope(v)}, {str(v in step.adds).lower()});" for v in others)


def _dropout_forward(at: Pointers, layer: Layer, _: Step) -> str:
    mask = "nullptr" if at.now == "predict" else at.mask(layer)
    return f"{at.name(layer)}::forward({at.x(layer)}, {mask}, {at.y(layer)});"


def _dropout_backward(at: Pointers, layer: Layer, step: Step) -> str:
    return f"{at.name(layer)}::backward({at.mask(layer)}, {at.dy(layer)}, {at.dx(layer)}, {_adds(step)});"


def _norm_measure(at: Pointers, layer: Layer, _: Step) -> str:
    return f"{at.name(layer)}::measure({at.x(layer)}, {at.moments(layer)});"


def _norm_forward(at: Pointers, layer: Layer, _: Step) -> str:
    added = at.x(layer, 1) if len(layer.inputs) > 1 else "nullptr"
    arguments = f"{at.x(layer)}, {at.statistics_of(layer)}, {at.weights(layer)}, {added}, {at.y(layer)}"
    return f"{at.name(layer)}::forward({arguments});"


def _norm_measure_slopes(at: Pointers, layer: Layer, _: Step) -> str:
    y = at.y(layer) if is_activated(layer) else "nullptr"
    arguments = f"{at.x(layer)}, {at.statistics_of(layer)}, {y}, {at.dy(layer)}, {at.sums(layer)}"
    return f"{at.name(layer)}::measure_slopes({arguments});"


def _norm_backward(at: Pointers, layer: Layer, step: Step) -> str:
    if not step.writes:
        return ""
    before = f"{at.x(layer)}, {at.statistics_of(layer)}, {at.weight(layer)}, {at.gradients(layer)}"
    return f"{at.name(layer)}::backward({before}, {at.dy(layer)}, {at.dx(layer)}, n, {_adds(step)});"


CALLS: dict[tuple[str, str], Call] = {  # by kind of layer and step
    ("conv", "forward"): _weighted_forward,
    ("conv", "backward"): _weighted_backward,
    ("winograd", "forward"): _winograd_forward,
    ("winograd", "backward"): _winograd_backward,
    ("linear", "forward"): _weighted_forward,
    ("linear", "backward"): _weighted_backward,
    ("elementwise", "forward"): _unweighted_forward,
    ("elementwise", "backward"): _elementwise_backward,
    ("max_pool", "forward"): _max_pool_forward,
    ("max_pool", "backward"): _max_pool_backward,
    ("avg_pool", "forward"): _unweighted_forward,
    ("avg_pool", "backward"): _avg_pool_backward,
    ("add", "forward"): _add_forward,
    ("add", "backward"): _add_backward,
    ("dropout", "forward"): _dropout_forward,
    ("dropout", "backward"): _dropout_backward,
    ("batch_norm", "measure"): _norm_measure,
    ("batch_norm", "forward"): _norm_forward,
    ("batch_norm", "measure_slopes"): _norm_measure_slopes,
    ("batch_norm", "pass_on"): _add_backward,
    ("batch_norm", "backward"): _norm_backward,
}


def join_of(at: Pointers, step: Step) -> str:
    """What is done with the results of all shares at the end of a stage; nothing of most."""
    layer = step.layer
    if layer is None or step.call not in ("measure", "measure_slopes"):
        return ""
    name = at.name(layer)
    if step.call == "measure_slopes":
        return f"{name}::join_slopes({at.sums(layer)}, n, {at.gradients(layer)});"
    moments, statistics, running = at.moments(layer), at.statistics_of(layer), at.running(layer)
    momentum, tiny = layer.options["momentum"], layer.options["tiny"]
    return f"{name}::join({moments}, n, {statistics}, {running}, {momentum!r}, {tiny!r});"


def use_running(at: Pointers, layer: Layer) -> str:
    """The running statistics in place of a batch's."""
    arguments = f"{at.running(layer)}, {at.statistics_of(layer)}, {layer.options['tiny']!r}"
    return f"{at.name(layer)}::use_running({arguments});"
