"""A message quotes a value in a few words, whatever the value is."""

from itertools import product

import numpy as np
import pytest
import torch

from lsbench import losses
from lsbench.errors import LONGEST, InputError, require_choice, require_number, require_whole, shown
from lsbench.losses import LSR, BinaryCrossentropy, CrossEntropyLoss, LabelSmoothingCrossEntropy, SmoothedCrossEntropy
from lsbench.metrics.binning import require_bins
from lsbench.noise.checks import require_num_classes
from lsbench.spec import Recipe
from lsbench.statistics import wilson_interval
from lsbench.statistics.checks import finite
from tests.in_turn import in_turn

HUGE = {
    "tensor": torch.rand(1000, 3),
    "array": np.ones(10_000, dtype=complex),
    "list": list(range(100_000)),
    "text": "x" * 5000,
    "whole number": 10**6000,
    "module": torch.nn.Sequential(*[torch.nn.Linear(2, 2) for _ in range(50)]),
}
REFUSING = {
    "require_number": lambda value: require_number("lr", value, 0, 1),
    "require_whole": lambda value: require_whole("seed", value, 0, 1),
    "require_choice": lambda value: require_choice("reduction", value, ("sum",)),
    "require_bins": require_bins,
    "num_classes": require_num_classes,
    "augment": lambda value: Recipe(augment=value),
    "statistics": lambda value: finite("a", [value, value], 1),
    "SmoothedCrossEntropy": SmoothedCrossEntropy,
    "both names": lambda value: SmoothedCrossEntropy(value, label_smoothing=value),
    "ignore_index": lambda value: SmoothedCrossEntropy(ignore_index=value),
    "LSR": LSR,
    "LabelSmoothingCrossEntropy": LabelSmoothingCrossEntropy,
    "torchreid": CrossEntropyLoss,
    "axis": lambda value: BinaryCrossentropy(axis=value),
    "dtype": lambda value: BinaryCrossentropy(dtype=value),
    "a loss": lambda value: losses.LOSSES["focal"](torch.zeros(1, 2), torch.tensor([0]), gamma=value),
}


ALLOWED = {  # what is no error, at least not there
    *(("augment", "text"), ("statistics", "list"), ("statistics", "tensor"), ("require_bins", "whole number")),
    *(("num_classes", "whole number"), ("ignore_index", "whole number"), ("axis", "whole number")),
    ("torchreid", "whole number"),
}


@in_turn(("asked", "kind"), sorted({*product(REFUSING, HUGE)} - ALLOWED))
def test_no_message_prints_a_large_value_whole(asked, kind):
    with pytest.raises(InputError) as refused:
        REFUSING[asked](HUGE[kind])
    assert len(str(refused.value)) < 2 * LONGEST + 150
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (torch.zeros(2, 3), "a Tensor of shape (2, 3) and dtype torch.float32"),
        (np.zeros(4, dtype=np.int8), "a ndarray of shape (4,) and dtype int8"),
        (torch.tensor(0.5), "tensor(0.5000)"),
        (-0.1, "-0.1"),
        (np.float32(0.5), "0.5"),
        ("0.1", "'0.1'"),
        (None, "None"),
        pytest.param(10**5000, "a number of thousands of digits", id="5000 digits"),
        ("x" * 200, "'" + "x" * (LONGEST - 2) + "…"),
    ],
)
def test_a_value_is_shown_as_a_reader_would_quote_it(value, text):
    assert shown(value) == text


def test_a_bound_is_not_rounded_to_what_is_refused():
    with pytest.raises(InputError, match=r"in \[1e-06, 0\.999999999\], got 1\.0$"):
        Recipe(ema=1.0)


def test_a_wrong_class_weight_is_named_alone():
    with pytest.raises(InputError, match=r"not negative, got -1\.0 for class 500$"):
        SmoothedCrossEntropy(weight=torch.ones(1000).index_fill(0, torch.tensor(500), -1.0))


def test_a_wrong_count_is_named_alone():
    with pytest.raises(InputError, match=r"in \[0, n\], got 7 of 5$"):
        wilson_interval([1] * 1000 + [7], 5)
