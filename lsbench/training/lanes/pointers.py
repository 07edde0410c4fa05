"""C++ expressions for where the numbers of a network are, for example b of a batch of n."""

from lsbench.training.lanes.architecture import Architecture, Layer
from lsbench.training.lanes.memory import (
    KEPT,
    LOGITS,
    SCRATCH,
    Places,
    places_of_predictions,
    places_of_slopes,
    places_of_values,
)
from lsbench.training.lanes.needs import buffers_of, remade, slope_buffers_of
from lsbench.training.lanes.schedule import Step, backward_steps, forward_steps, predict_steps


class Pointers:
    """The expressions of one network, and the sizes of its memory: numbers of each cell, per example where not said."""

    def __init__(self, network: Architecture) -> None:
        self.network: Architecture = network
        self._buffer = buffers_of(network)
        self._slope_buffer = slope_buffers_of(network)
        self._remade = remade(network)
        self.steps: dict[str, list[Step]] = {  # of each pass
            "forward": forward_steps(network),
            "backward": backward_steps(network, self._slope_buffer),
            "predict": predict_steps(network),
        }
        self.now: str = "forward"  # the pass that is written
        self._values = places_of_values(network, self.steps["forward"])
        self._predictions = places_of_predictions(network, self.steps["predict"])
        self._slopes = places_of_slopes(network, self.steps["backward"], self._slope_buffer)
        self._numbers = {id(layer): i for i, layer in enumerate(network.layers)}
        self._parameters = {path: i for i, path in enumerate(network.parameters)}
        self.kept: int = self._values.size[KEPT]
        self.kept_slopes: int = self._slopes.size[KEPT]
        self.kept_predictions: int = self._predictions.size[KEPT]
        parts = (self._values, self._slopes, self._predictions)
        self.scratch: int = max(places.size[SCRATCH] for places in parts)  # of one example
        self.statistics: int = 0  # of the whole batch
        self._extra: dict[tuple[str, int], int] = {}
        for layer in network.layers:
            self._reserve(layer)

    def _reserve(self, layer: Layer) -> None:
        """Room for what a layer keeps beside its values."""
        number = self._numbers[id(layer)]
        if layer.kind == "batch_norm":
            count = 2 * layer.options["channels"]
            self._extra["moments", number], self.kept = self.kept, self.kept + count
            self._extra["sums", number], self.kept_slopes = self.kept_slopes, self.kept_slopes + count
            self._extra["statistics", number], self.statistics = self.statistics, self.statistics + count
        if layer.prepared:
            self._extra["prepared", number], self.statistics = self.statistics, self.statistics + layer.prepared
        if layer.kind == "max_pool":
            self._extra["places", number], self.kept = self.kept, self.kept + self._bytes(layer)

    def name(self, layer: Layer) -> str:
        """The layer's C++ type."""
        return f"L{self._numbers[id(layer)]}"

    def x(self, layer: Layer, place: int = 0) -> str:
        """What the layer reads."""
        return self.value(layer.inputs[place])

    def y(self, layer: Layer) -> str:
        """What the layer writes."""
        return self.value(layer.output)

    def dx(self, layer: Layer) -> str:
        """The slopes of what it reads."""
        return self.slope(layer.inputs[0])

    def dy(self, layer: Layer) -> str:
        """The slopes of what it writes."""
        return self.slope(layer.output)

    def value(self, value: int) -> str:
        """A value of the network."""
        if self.now == "predict":
            return self._pointer(self._predictions, self._buffer[value], "c.kept")
        if self.now == "backward" and value in self._remade:
            return self._pointer(self._slopes, ~value, "")
        return self._pointer(self._values, self._buffer[value], "c.kept")

    def slope(self, value: int) -> str:
        """The slopes of a value."""
        return self._pointer(self._slopes, self._slope_buffer[value], "c.slopes")

    def are_one(self, a: int, b: int) -> bool:
        """Whether the slopes of two values are at one place."""
        return self._slope_buffer[a] == self._slope_buffer[b]

    def _pointer(self, places: Places, buffer: int, kept: str) -> str:
        size, offset, region = places.length[buffer], places.offset[buffer], places.region[buffer]
        if region == LOGITS:
            return f"c.logits + {size} * b"
        return f"{kept} + {offset} * n + {size} * b" if region == KEPT else f"scratch + BORDER + {offset}"

    def _per_example(self, name: str, layer: Layer, base: str) -> str:
        size = 2 * layer.options["channels"]
        return f"{base} + {self._extra[name, self._numbers[id(layer)]]} * n + {size} * b"

    def moments(self, layer: Layer) -> str:
        """What batch normalisation has measured of an example."""
        return self._per_example("moments", layer, "c.kept")

    def sums(self, layer: Layer) -> str:
        """The same of its slopes."""
        return self._per_example("sums", layer, "c.slopes")

    def _once(self, name: str, layer: Layer) -> str:
        before = "PREDICTED" if self.now == "predict" else "KEPT"
        return f"c.kept + {before} * n + {self._extra[name, self._numbers[id(layer)]]}"

    def statistics_of(self, layer: Layer) -> str:
        """Means and 1 / sd of the batch, or the running ones."""
        return self._once("statistics", layer)

    def prepared(self, layer: Layer) -> str:
        """What is made of the weights before each pass."""
        return self._once("prepared", layer)

    def maxima(self, layer: Layer) -> str:
        """Where the maxima were."""
        base = f"c.kept + {self._extra['places', self._numbers[id(layer)]]} * n"
        return f"reinterpret_cast<Places*>({base} + {self._bytes(layer)} * b)"

    def _bytes(self, layer: Layer) -> int:
        """In numbers of 4 bytes, what a byte for each of its outputs takes."""
        return self.network.sizes[layer.output] // 4 + 1

    def weights(self, layer: Layer) -> str:
        """Weight and bias, or a null pointer."""
        return _two(f"c.parameters[{self.parameter(path)}]" for path in layer.parameters)

    def weight(self, layer: Layer) -> str:
        """The weight alone."""
        return f"c.parameters[{self.parameter(layer.parameters[0])}]"

    def gradients(self, layer: Layer) -> str:
        """Those of weight and bias."""
        return _two(f"c.gradients[{self.parameter(path)}]" for path in layer.parameters)

    def partial_gradients(self, layer: Layer) -> str:
        """A share's part of them."""
        return _two(f"partial + {self.offset(path)}" for path in layer.parameters)

    def parameter(self, path: str) -> int:
        """The number of a parameter."""
        return self._parameters[path]

    def offset(self, path: str) -> int:
        """Where a share's part of its gradient begins."""
        return sum(self._counts()[: self.parameter(path)])

    @property
    def count(self) -> int:
        """How many weights there are."""
        return sum(self._counts())

    def _counts(self) -> list[int]:
        return [count for layer in self.network.layers for count in layer.partial]

    def mask(self, layer: Layer) -> str:
        """The factors of dropout."""
        return f"c.masks[{self._place_among(layer)}] + {self.network.sizes[layer.output]} * b"

    def running(self, layer: Layer) -> str:
        """Running means and variances."""
        place = self._place_among(layer)
        return f"c.buffers[{2 * place}], c.buffers[{2 * place + 1}]"

    def _place_among(self, layer: Layer) -> int:
        """How many layers of its kind come before it."""
        alike = [id(other) for other in self.network.layers if other.kind == layer.kind]
        return alike.index(id(layer))


def _two(names: object) -> str:
    return ", ".join([*names, "nullptr"][:2])  # pyright: ignore[reportGeneralTypeIssues]
