"""What is measured, fitted and summarised of nothing: zero cells, zero examples, zero rows, cells that diverged."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from lsbench.analysis.decide import decide
from lsbench.analysis.summary import (
    COLUMNS,
    arms_of,
    by_setting,
    changes_since,
    choose_eps,
    commands_of,
    frame,
    label_sets,
    multiverse,
    provenance_of,
    records,
    summarise,
)
from lsbench.errors import InputError
from lsbench.metrics import METRICS, brier_parts, ece_of_bins, evaluate, from_sketch, mce_of_bins, recalibrate, sketch
from lsbench.metrics.contract import metric
from lsbench.metrics.selective import risk_at_coverage
from lsbench.metrics.smooth import smooth_ece_at
from lsbench.noise import estimate_noise, noise_record
from lsbench.planning import plan
from lsbench.planning.stacks import make_stacks
from lsbench.rows.sketch import CELLS, Sums, merge, pack, unpack
from lsbench.spec import Grid, Place
from lsbench.statistics import (
    cautious_difference,
    cautious_p,
    choose,
    effect_size,
    equivalence_p,
    holm,
    kendall_tau,
    paired_difference,
    sequential_test,
    sign_flip_p,
    spread,
    t_test_p,
    wilson_interval,
)
from lsbench.training.after_training import AfterTraining, measure_after_training
from lsbench.training.measure import memorisation, metrics_of, read
from lsbench.training.predict import Predictions
from lsbench.training.stack import run_stack
from lsbench.training.temperature import fit_temperature
from tests.in_turn import in_turn

N, K = 5, 3
LEADING = [(0,), (2, 0), (0, 3)]
UNIFORM = torch.full((N, K), 1 / K, dtype=torch.float64)
FUNCTIONS = {**METRICS, "smooth_ece_at": lambda p, y: smooth_ece_at(p, y, 0.1), "risk_at_coverage": risk_at_coverage}


def no_cells(*leading):
    return torch.zeros(*leading, N, K, dtype=torch.float64), torch.zeros(*leading, N, dtype=torch.long)


@in_turn("leading", LEADING)
@in_turn("name", FUNCTIONS)
def test_a_metric_of_no_cells_is_empty_in_the_kind_and_shape_of_one_cell(name, leading):
    probs, labels = no_cells(*leading)
    one = FUNCTIONS[name](UNIFORM, labels.new_zeros(N))
    none, numpy_none = FUNCTIONS[name](probs, labels), FUNCTIONS[name](probs.numpy(), labels.numpy())
    assert (none.shape, none.dtype) == (leading + one.shape, torch.float64)
    assert (numpy_none.shape, numpy_none.dtype) == (tuple(none.shape), np.float64)


@in_turn("name", FUNCTIONS)
def test_a_metric_of_no_examples_is_an_error(name):
    with pytest.raises(InputError, match="at least one example"):
        FUNCTIONS[name](torch.zeros(2, 0, K), torch.zeros(2, 0, dtype=torch.long))


def test_a_formula_never_meets_an_empty_stack():
    met = metric(lambda probs, labels: probs.reshape(-1, *probs.shape[-2:]).amax(0).amax((0, 1)))  # of none: an error
    assert met(*no_cells(0)).shape == (0,)


def test_many_metrics_of_no_cells_are_all_empty():
    values = evaluate(*no_cells(2, 0), names=METRICS)
    assert {name: tuple(value.shape) for name, value in values.items()} == dict.fromkeys(METRICS, (2, 0))


def test_a_sketch_and_bins_of_no_cells_are_empty():
    bins = sketch(*no_cells(0))
    assert {tuple(of.shape) for of in vars(bins).values()} == {(0, CELLS)}
    fifteen = from_sketch(bins, 15)
    assert ece_of_bins(fifteen).shape == mce_of_bins(fifteen).shape == (0,)
    with pytest.raises(InputError, match="at least one example"):
        sketch(torch.zeros(0, K), torch.zeros(0, dtype=torch.long))
    empty = Sums(*np.zeros((3, CELLS)))
    assert merge(unpack(pack(empty)), 10).count.tolist() == [0.0] * 10


def test_parts_of_no_cells_are_empty():
    assert {tuple(of.shape) for of in vars(brier_parts(*no_cells(0))).values()} == {(0,)}
    assert {tuple(of.shape) for of in vars(recalibrate(torch.zeros(0, N), torch.zeros(0, N))).values()} == {(0,)}


@in_turn("leading", LEADING)
@in_turn("noise", [None, torch.eye(K, dtype=torch.float64)])
def test_no_cells_have_no_temperatures_and_no_examples_are_an_error(noise, leading):
    fit = fit_temperature(*no_cells(*leading), noise=noise)
    assert tuple(fit.value.shape) == leading
    assert fit.status == fit.value.tolist()  # nested alike
    with pytest.raises(InputError, match="n and K at least 1"):
        fit_temperature(torch.zeros(2, 0, K), torch.zeros(2, 0, dtype=torch.long), noise=noise)


def test_noise_of_no_examples_has_no_rate():
    none = torch.zeros(0, dtype=torch.long)
    found = estimate_noise(torch.zeros(0, K), none)
    assert (found.rate, found.count, found.joint) == (None, 0, ((0.0,) * K,) * K)
    assert found.matrix == ((None,) * K,) * K
    assert noise_record(none, none, kind="symmetric", rate=0.2, num_classes=K, seed=0).realised is None


def predictions(test, cells, held_out=4):
    labels = torch.zeros(cells, held_out, dtype=torch.long)
    tested = torch.zeros(cells, N, dtype=torch.long)
    return Predictions(test, tested, test[:, :held_out], labels, labels, tested, *[labels[:, :0]] * 3)


def test_no_cells_and_cells_without_numbers_are_examined_and_measured():
    assert measure_after_training(predictions(no_cells(0)[0], 0), []) == []
    assert metrics_of("", *no_cells(0), METRICS) == []
    bad = torch.full((2, N, K), math.nan, dtype=torch.float64)
    assert measure_after_training(predictions(bad, 2), [torch.eye(K).tolist()] * 2) == [AfterTraining()] * 2
    assert (
        metrics_of("val_", bad, torch.zeros(2, N, dtype=torch.long), METRICS)
        == [{f"val_{name}": None for name in METRICS}] * 2
    )


def test_what_was_memorised_of_no_cells_or_no_examples_is_unknown():
    assert read(memorisation(*(torch.zeros(0, N) for _ in range(3)))) == []
    nothing = {"train_accuracy_clean": None, "train_accuracy_wrong": None}
    assert read(memorisation(*(torch.zeros(2, 0) for _ in range(3)))) == [nothing] * 2


NONE = np.zeros(0)
OF_NO_PAIRS = {
    "spread": lambda: spread([]),
    "paired_difference": lambda: paired_difference([], []),
    "t_test_p": lambda: t_test_p([], []),
    "sign_flip_p": lambda: sign_flip_p([], []),
    "equivalence_p": lambda: equivalence_p([], [], 0.1),
    "effect_size": lambda: effect_size([], []),
    "kendall_tau": lambda: kendall_tau([], []),
    "cautious_p": lambda: cautious_p(NONE),
    "cautious_difference": lambda: cautious_difference(NONE, 0.05),
    "choose": lambda: choose({}, better="higher"),
    "multiverse": lambda: multiverse([]),
}


@in_turn("name", OF_NO_PAIRS)
def test_a_statistic_of_no_pairs_is_none(name):
    assert OF_NO_PAIRS[name]() is None


def test_other_statistics_of_nothing_are_empty_or_unknown():
    assert holm([]) == []
    assert np.isnan(wilson_interval(0, 0)).all()
    assert sequential_test([], [3], [0.05]).look == 0


def test_no_rows_are_summarised_as_nothing():
    for of in (arms_of, summarise, records, choose_eps, label_sets, provenance_of, commands_of):
        assert of([]) == [], of.__name__
    assert changes_since([], []) == []
    assert by_setting([]) == {}
    assert decide([]) == []
    assert list(frame([]).columns) == list(COLUMNS)
    assert len(frame([])) == 0


# --- a real training that diverges ------------------------------------------------------------------------------

WILD = """
import torch

def wild(logits, labels, *, scale=1.0):
    return -logits.log_softmax(-1).gather(-1, labels.unsqueeze(-1)).squeeze(-1) * scale


def picky(probs, labels):
    assert not probs.isnan().any(), "a metric of one's own need not take NaN"
    return float(probs.max())
"""


@pytest.fixture
def own_code(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wild.py").write_text(WILD)


def trained(losses, **changes):
    grid = Grid(datasets=("blobs",), models=("linear",), losses=losses, train_size=200, **changes)
    (stack,) = make_stacks(plan.expand(replace(grid, recipe={"epochs": 1})))
    return run_stack(stack, Place(metrics=("./wild.py:picky",)))


def test_a_whole_stack_that_diverges_is_diverged_rows(own_code):
    rows = trained(("./wild.py:wild:scale=1e38",), seeds=(0, 1, 2))
    assert [row.status for row in rows] == ["diverged"] * 3
    assert all(set(row.metrics.values()) == {None} and "--lr" in row.error for row in rows)
    (summary,) = summarise(rows)
    assert ([arm.n for arm in summary.arms], len(summary.lost)) == ([0], 3)
    assert decide(rows) == []
    assert len(frame(rows, wide=True)) == 3


def test_one_cell_that_diverges_costs_its_stack_mates_nothing(own_code):
    bad, good = trained(("./wild.py:wild:scale=1e38", "./wild.py:wild"), seeds=(0,))
    assert (bad.status, good.status) == ("diverged", "ok")
    assert good.metrics["./wild.py:picky"] > 0
    assert good.scaled
    assert bad.scaled == {}
