"""What the drop-in for torch.nn.CrossEntropyLoss refuses, and what it says."""

import math

import pytest
import torch

from lsbench.errors import DtypeError, InputError
from lsbench.losses import SmoothedCrossEntropy
from tests.in_turn import in_turn

Z = torch.tensor([[1, 2, 3], [3, 1, 0.5]], dtype=torch.float64)
Y = torch.tensor([0, 2])


@in_turn("label", [3, -1, 1000])
def test_a_class_number_out_of_range_is_named_with_the_range(label):
    with pytest.raises(InputError, match=rf"\[0, 2\].*ignore_index -100; got {label}"):
        SmoothedCrossEntropy()(Z, torch.tensor([0, label]))


@in_turn("eps", [1.1, math.nan, -math.inf, "0.1", True])
def test_eps_that_is_no_number_up_to_one_is_refused(eps):
    with pytest.raises(InputError, match="eps"):
        SmoothedCrossEntropy(eps)


@in_turn(
    ("arguments", "says"),
    [
        ({"reduction": "average"}, "none, mean, sum.*'average'"),
        ({"ignore_index": 1.5}, "ignore_index.*1.5"),
        ({"weight": [1.0]}, "weight.*list"),
        ({"weight": torch.ones(3, dtype=torch.long)}, "weight.*int64"),
        ({"weight": torch.ones(3, 1)}, r"weight.*\(3, 1\)"),
        ({"weight": torch.tensor([1.0, -1.0])}, r"not negative.*-1\.0"),
        ({"weight": torch.tensor([1.0, math.nan])}, r"finite.*nan"),
    ],
)
def test_arguments_that_make_no_sense_are_refused_at_construction(arguments, says):
    with pytest.raises(InputError, match=says):
        SmoothedCrossEntropy(**arguments)


@in_turn(
    ("logits", "target", "says"),
    [
        (torch.tensor(1.0), Y, r"at least one class.*\(\)"),
        (Z, torch.tensor([[0, 1]]), r"\(2,\).*\(2, 3\).*\(1, 2\)"),
        (torch.zeros(2, 3, 4), torch.zeros(2, 3, dtype=torch.long), r"\(2, 4\).*\(2, 3, 4\).*\(2, 3\)"),
        (Z, torch.zeros(2), r"\(2, 3\) and \(2,\)"),
        (torch.zeros(2, 4), Y, r"3 entries.*4 classes"),
    ],
)
def test_shapes_that_do_not_fit_are_refused_with_what_was_got(logits, target, says):
    with pytest.raises(InputError, match=says):
        SmoothedCrossEntropy(weight=torch.ones(3))(logits, target)


def test_dtypes_that_do_not_fit_are_refused_with_what_was_got():
    with pytest.raises(DtypeError, match=r"input.*int64"):
        SmoothedCrossEntropy()(Z.long(), Y)
    with pytest.raises(DtypeError, match=r"labels.*bool"):
        SmoothedCrossEntropy()(Z, Y.bool())
    with pytest.raises(DtypeError, match=r"labels.*list"):
        SmoothedCrossEntropy()(Z, [0, 2])
