"""Every name the command line knows, as data: what it is, where it lives, where it comes from.

The objects themselves are in other rooms and are imported from `ref` when they are needed: nothing here imports torch.
The contract tests run over these tables: a new entry is tested by being listed.
"""

from lsbench.names.catalogue.data_kinds import FEATURES, IMAGES, KINDS, TABLE, USUAL_MODELS
from lsbench.names.catalogue.datasets import DATASETS
from lsbench.names.catalogue.entries import (
    DatasetEntry,
    Link,
    LossEntry,
    MetricEntry,
    ModelEntry,
    NoiseEntry,
    NoiseInput,
    OptimizerEntry,
    PrecisionEntry,
    TemperatureScaling,
)
from lsbench.names.catalogue.losses import LOSSES
from lsbench.names.catalogue.metrics import METRICS
from lsbench.names.catalogue.models import MODELS
from lsbench.names.catalogue.noises import NOISE_INPUTS, NOISES
from lsbench.names.catalogue.temperatures import TEMPERATURES, temperature_of
from lsbench.names.catalogue.training import (
    BALANCED,
    CLASS_WEIGHT_WORDS,
    NO_WEIGHTS,
    OPTIMIZERS,
    PRECISIONS,
    SAMPLERS,
    SHUFFLE,
)

__all__ = [
    "BALANCED",
    "CLASS_WEIGHT_WORDS",
    "DATASETS",
    "FEATURES",
    "IMAGES",
    "KINDS",
    "LOSSES",
    "METRICS",
    "MODELS",
    "NOISES",
    "NOISE_INPUTS",
    "NO_WEIGHTS",
    "OPTIMIZERS",
    "PRECISIONS",
    "SAMPLERS",
    "SHUFFLE",
    "TABLE",
    "TEMPERATURES",
    "USUAL_MODELS",
    "DatasetEntry",
    "Link",
    "LossEntry",
    "MetricEntry",
    "ModelEntry",
    "NoiseEntry",
    "NoiseInput",
    "OptimizerEntry",
    "PrecisionEntry",
    "TemperatureScaling",
    "temperature_of",
]
