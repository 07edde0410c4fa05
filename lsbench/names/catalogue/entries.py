"""The types of the catalogue's entries: what is written down about a loss, a model, a noise, a metric, ..."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lsbench.names.catalogue.allowed import ANY, Allowed
from lsbench.names.catalogue.data_kinds import IMAGES

Link = str  # "softmax": probs are softmax(logits); "sigmoid": K sigmoids, normalised to sum 1


@dataclass(frozen=True, kw_only=True)
class LossEntry:
    """A per-example loss: `ref` is a function f(logits, labels, *, hyper, given) -> losses.

    Some train other networks first, which predict the examples that they were not trained on: those have options of
    this cross-fit, some of them words, in `cross_fit`.
    """

    ref: str  # "" for one that cleans the labels, and has another loss on what is left
    summary: str
    source: str
    of_log_probs: str = ""  # the same f(log_probs, *, hyper), see `lsbench.losses.probability`; "": of the logits alone
    use: str = ""  # when to take it, in a sentence or two
    hyper: Mapping[str, float] = field(default_factory=dict)  # the keyword-only arguments, with their defaults
    allowed: Mapping[str, Allowed] = field(default_factory=dict)  # what each may be; any number where nothing is said
    tuned: Mapping[str, tuple[float, ...]] = field(default_factory=dict)  # what `--tune` tries; three, one the default
    later: tuple[str, ...] = ()  # hyperparameters newer than the first ids: a cell has them only where not the default
    link: Link = "softmax"
    optimum: str = ""  # the form of the perfect fit, see `lsbench.analysis.optimum`; "" where no closed form is known
    given: tuple[str, ...] = ()  # what else it takes, by keyword, None by default: "matrix", P(given | true); "prior",
    # the classes' shares of the labels that are trained on
    inverts: bool = False  # takes the inverse of that matrix, which must not be singular
    cross_fit: Mapping[str, float | str] = field(default_factory=dict)  # options of what is trained first, see above
    cleans: str = ""  # a function (probs, given, *, options) -> `lsbench.noise.clean.Cleaned`
    memory: str = ""  # an nn.Module, of a loss that remembers examples; has its own `of_log_probs`, see `losses.elr`
    smoke: float = 0.8  # accuracy that the smoke run demands; what learns some classes late is held to less
    negative_eps: bool = False  # takes no other eps; values of the grid that are not below 0 are not used for it

    def require(self, name: str, hyper: str, value: Any) -> None:
        """Raise an `InputError` unless the hyperparameter of the loss of that name may have this value."""
        self.allowed.get(hyper, ANY).require(f"{hyper} of {name}", value)


@dataclass(frozen=True, kw_only=True)
class ModelEntry:
    """A model: `ref` is a factory f(shape, num_classes, **options) -> nn.Module."""

    ref: str
    summary: str
    source: str
    recipe: Mapping[str, Any]  # what `Recipe` takes where the user is silent
    vector_recipe: Mapping[str, Any] | None = None  # the same of vectors (n, d); None: it takes images alone
    adam_lr: float = 1e-3  # instead of the recipe's, for optimisers of Adam's kind
    stack_cpu: int  # how many cells train as one program on a CPU; 1 where stacking does not pay
    stack_cuda: int
    most_cpu: int = 0  # likewise, of so many cells that each core has a stack all the same; 0: no more than that
    options: Mapping[str, Any] = field(default_factory=dict)  # what the factory takes by keyword, with the defaults
    allowed: Mapping[str, Allowed] = field(default_factory=dict)  # what each option may be
    smallest: int = 1  # pixels per side that its images have at least
    engines: tuple[str, ...] = ()  # beside torch, that train it faster on a CPU: see `lsbench.names.catalogue.engines`
    pairs: bool = False  # whether a batch of one example can't be trained on: batch normalisation of flat features

    def recipe_of(self, kind: str) -> Mapping[str, Any]:
        """What a recipe takes where the user is silent, of that kind of data."""
        return self.recipe if kind == IMAGES or self.vector_recipe is None else self.vector_recipe


@dataclass(frozen=True, kw_only=True)
class OptimizerEntry:
    """An optimiser: `ref` is a class f(groups, lr=, weight_decay=) that updates element by element.

    Were an update to mix elements, the cells of a stack would feel each other.
    """

    ref: str
    lr: float | str  # where the user says none: a number, or whose of the model's: "recipe" (made for sgd), "adam_lr"
    momentum: str = ""  # how it takes the recipe's: "momentum"; "betas", the first of them; "" has none
    fused: bool = False  # whether it takes `fused=`, to go through the weights in one pass


@dataclass(frozen=True, kw_only=True)
class PrecisionEntry:
    """How exactly matrices are multiplied in training."""

    float32: str  # torch's word for products of float32: highest, high or medium
    autocast: str = ""  # the dtype that a forward pass is cast to, "" for none


@dataclass(frozen=True, kw_only=True)
class DatasetEntry:
    """A data set: `ref` is a function f(files) -> `Splits`, found by `lsbench.data.published_files`."""

    ref: str
    summary: str
    source: str
    num_classes: int
    train_examples: int
    test_examples: int
    shape: tuple[int, int, int]  # of an image: channels, height, width
    asymmetric: Mapping[int, int] = field(default_factory=dict)  # class -> the class it is mistaken for
    classes: tuple[str, ...] = ()  # their names, or () where they are digits
    files: tuple[str, ...] = ()  # in the order the reader takes them, gzipped or not
    npz: str = ""  # a file in --data-dir that is read where those are not there
    fingerprint: str = ""  # of a set that never changes; others are hashed
    hash_arrays: bool = False  # hashed is what was read, not the files: the same set comes in several kinds of them
    embedded: str = ""  # the folder beside lsbench/data that holds them
    folder: str = ""  # below --data-dir, torchvision's layout
    system_folder: str = ""  # where a Debian package puts the files
    system_package: str = ""
    torchvision_class: str = ""  # downloads the files on request
    torchvision_parts: tuple[str, ...] = ()  # its `split=`, where it fetches each alone


@dataclass(frozen=True, kw_only=True)
class NoiseEntry:
    """A kind of label noise: `ref` is a function (labels, rate, num_classes, generator, *, inputs) -> labels."""

    ref: str
    summary: str
    source: str
    inputs: tuple[str, ...] = ()  # what else it takes, by keyword: names of `NOISE_INPUTS`
    symmetric: str = ""  # which classes a label becomes with equal chances: "others"; "all", its own too; "" unequal


@dataclass(frozen=True, kw_only=True)
class NoiseInput:
    """What some kinds of noise take beside labels and a rate: `ref` is a function (noise, description, data) -> value.

    noise is the noise's full name, description a `lsbench.data.describe.Description`, data the loaded
    `lsbench.data.dataset.Dataset`, or None where only the description is there.
    """

    ref: str
    meaning: str  # as an error says it: what it is, its shape, where it comes from
    file: str = ""  # how {kind} is written where it is read from a file, "" where it is not
    required: bool = True  # False where a kind has a default for it
    from_description: bool = False  # whether the catalogue's description of a data set suffices: it is checked early


@dataclass(frozen=True, kw_only=True)
class MetricEntry:
    """A number per row: `ref` is a function f(probs, labels) -> (...)."""

    ref: str
    summary: str
    source: str
    better: str  # "higher" or "lower"; "zero" for a signed number, "none" for a description
    percent: bool = False  # shown, and compared by --fail-if, as a percentage
    each_epoch: bool = False  # in the curves; the others are measured once, at the end
    moved: bool = True  # by a temperature; False where only the labels or the largest prob's class count


@dataclass(frozen=True, kw_only=True)
class TemperatureScaling:
    """A way of temperature scaling: `ref` is a function f(log_probs, given, *, needs) -> `Temperature`, of one cell."""

    ref: str
    summary: str
    by: str  # what it makes likely, as a footnote says it
    needs: tuple[str, ...] = ()  # by keyword: "matrix", P(given | true); "clean", the published labels. Where no label
    # is wrong, a way that needs one of them gives what the first way gives, and is not fitted.
