"""The sketch: whatever binning is made from it is the one made from the probs."""

import numpy as np
import pytest
import torch

from lsbench.errors import DtypeError, InputError
from lsbench.metrics import (
    ece_of_bins,
    expected_calibration_error,
    from_sketch,
    maximum_calibration_error,
    mce_of_bins,
    sketch,
)
from lsbench.metrics.binning import top_label_bins
from lsbench.metrics.histogram import CELLS
from tests.in_turn import in_turn
from tests.metrics.metric_cases import SIZES, random_case, two_classes

NESTING = [1, 2, 5, 10, 15, 16, 20, 30, 60, 256, 3840]


@in_turn(("n", "num_classes"), SIZES)
@in_turn("bins", NESTING)
def test_bins_from_the_sketch_are_the_bins(n: int, num_classes: int, bins: int) -> None:
    case = random_case(n, num_classes)
    merged, direct = from_sketch(sketch(*case), bins), top_label_bins(*case, bins, "right")
    for name in ("count", "confidence", "correct"):
        torch.testing.assert_close(getattr(merged, name), getattr(direct, name), rtol=0, atol=1e-12)
    assert float(ece_of_bins(merged)) == pytest.approx(float(expected_calibration_error(*case, bins)), abs=1e-12)
    assert float(mce_of_bins(merged)) == pytest.approx(float(maximum_calibration_error(*case, bins)), abs=1e-12)


def test_a_stack_is_sketched_cell_by_cell() -> None:
    cases = [random_case(30, 4, seed) for seed in range(3)]
    probs, labels = (torch.stack(parts) for parts in zip(*cases, strict=True))
    stack = from_sketch(sketch(probs.numpy(), labels.numpy()), 15)
    assert stack.count.shape == (3, 15)
    torch.testing.assert_close(ece_of_bins(stack), expected_calibration_error(probs, labels), rtol=0, atol=1e-12)


@in_turn("bins", NESTING)
def test_the_edges_of_all_binnings_are_edges_of_cells(bins: int) -> None:
    cells = torch.arange(1, CELLS, dtype=torch.float64) / CELLS
    edges = torch.arange(1, bins, dtype=torch.float64) / bins
    assert torch.isin(edges, cells).all()


@in_turn(("bins", "moved"), [(2, []), (15, []), (16, []), (256, []), (10, [6, 7]), (20, [12, 14, 17, 19])])
def test_on_an_edge_only_where_linspace_rounds_up_a_confidence_goes_one_bin_higher(bins: int, moved: list) -> None:
    edges = {k: edge for k, edge in enumerate(np.linspace(0, 1, bins + 1).tolist()) if 0.5 <= edge < 1}
    assert [k for k, edge in edges.items() if edge != k / bins] == moved
    for k, edge in edges.items():
        case = two_classes(edge), torch.tensor([0])
        assert int(top_label_bins(*case, bins, "right").count.argmax()) == k - 1
        assert int(from_sketch(sketch(*case), bins).count.argmax()) == (k if k in moved else k - 1)


def test_right_closed_cells_by_hand() -> None:
    probs = two_classes(0.5, np.nextafter(0.5, 1), 1.0)
    sums = sketch(probs, torch.tensor([0, 1, 0]))
    assert sums.count.nonzero().flatten().tolist() == [1919, 1920, 3839]
    assert float(sums.confidence[3839]) == 1
    assert sums.correct[[1919, 1920, 3839]].tolist() == [1, 0, 1]


@in_turn(
    ("bins", "error", "message"),
    [(7, InputError, "must divide 3840, such as 10, 15"), (0, InputError, "at least 1"), (1.0, DtypeError, "integer")],
)
def test_bins_that_do_not_nest_are_an_error(bins: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        from_sketch(sketch(two_classes(0.7), torch.tensor([0])), bins)


def test_a_sketch_checks_its_input() -> None:
    with pytest.raises(InputError, match="must sum to 1"):
        sketch(torch.ones(2, 2), torch.tensor([0, 1]))
