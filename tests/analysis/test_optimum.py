import math

import pytest
import torch

from lsbench.analysis.optimum import optimum
from lsbench.errors import InputError
from lsbench.losses import LOSSES
from lsbench.metrics import evaluate
from lsbench.training.eager_optimizer import eager
from tests.in_turn import in_turn


def symmetric(rate, classes=10):
    return [[1 - rate if i == j else rate / (classes - 1) for j in range(classes)] for i in range(classes)]


@in_turn("eps", [0, 0.05, 0.1, 0.5])
@in_turn(("rate", "classes"), [(0, 2), (0.4, 2), (0, 10), (0.2, 10), (0.6, 10), (0.8, 10), (0.4, 100)])
def test_symmetric_noise_and_smoothing_compose_to_the_closed_form(rate, eps, classes):
    rho = rate * classes / (classes - 1)
    kept = (1 - eps) * (1 - rho)
    found = optimum(symmetric(rate, classes), eps)
    assert found.accuracy == 1
    assert found.confidence == pytest.approx(kept + (1 - kept) / classes, abs=1e-12)
    assert found.ece == pytest.approx((1 - kept) * (classes - 1) / classes, abs=1e-12)


@in_turn(("loss", "form"), [("fused", "softmax"), ("lsr", "softmax"), ("keras-bce", "sigmoid")])
@in_turn("eps", [0.0, 0.1])
def test_it_is_where_gradient_descent_on_the_expected_loss_ends(loss, form, eps):
    """One logit vector per class, the loss averaged over the labels that noise gives it."""
    classes, matrix = 3, [[0.8, 0.15, 0.05], [0.1, 0.7, 0.2], [0.0, 0.3, 0.7]]
    weights = torch.tensor(matrix, dtype=torch.float64)
    logits = torch.zeros(classes, classes, dtype=torch.float64, requires_grad=True)
    optimizer = eager(torch.optim.LBFGS)(
        [logits], max_iter=60, tolerance_grad=1e-12, tolerance_change=0, line_search_fn="strong_wolfe"
    )

    def expected():
        optimizer.zero_grad()
        labels = torch.arange(classes).expand(classes, classes)
        losses = LOSSES[loss](logits[:, None].expand(classes, classes, classes), labels, eps=eps)
        total = (weights * losses).sum()
        total.backward()
        return total

    optimizer.step(expected)
    probs = logits.detach().softmax(-1) if form == "softmax" else logits.detach().sigmoid()
    probs = probs / probs.sum(-1, keepdim=True)
    measured = evaluate(probs, torch.arange(classes), names=("accuracy", "ece", "signed_error", "brier", "nll"))
    found = optimum(matrix, eps, form)
    for name, value in measured.items():
        assert getattr(found, name) == pytest.approx(float(value), abs=1e-4), name


def test_noise_that_hides_a_class_costs_its_accuracy():
    found = optimum([[0.4, 0.6], [0.0, 1.0]])
    assert found.accuracy == 0.5
    assert found.signed_error == pytest.approx(0.5 - 0.8)


def test_negative_smoothing_has_no_optimum_unless_noise_makes_up_for_it():
    assert optimum(symmetric(0), -0.1) is None
    corrected = optimum(symmetric(0.2), -0.2857142857142857)  # backward correction, as generalised smoothing
    assert corrected is None or corrected.confidence == pytest.approx(1, abs=1e-9)


def test_a_class_that_never_occurs_is_left_out():
    assert optimum([[0.9, 0.1, 0.0], [None] * 3, [0.1, 0.0, 0.9]]).confidence == pytest.approx(0.9)


def test_an_infinite_nll_is_none():
    assert optimum([[0.0, 1.0], [0.0, 1.0]]).nll is None
    assert math.isclose(optimum(symmetric(0)).nll, 0, abs_tol=1e-12)


@in_turn(
    "matrix",
    [[], [[None, None], [None, None]], [[0.5, 0.5]], [[0.5, None], [0, 1]], [[2, -1], [0, 1]], [[0.5, 0.4], [0, 1]]],
)
def test_what_is_no_noise_matrix_is_refused(matrix):
    with pytest.raises(InputError):
        optimum(matrix)


@in_turn("eps", [1.1, math.nan, math.inf])
def test_an_eps_above_one_or_not_finite_is_refused(eps):
    with pytest.raises(InputError):
        optimum(symmetric(0), eps)


@in_turn("frequencies", [[0.7, 0.2, 0.1], [70, 20, 10]])
def test_classes_are_weighted_by_how_often_they_are_tested(frequencies):
    """Against the ECE and the accuracy of so many examples of each class."""
    matrix = [[0.8, 0.15, 0.05], [0.1, 0.7, 0.2], [0.0, 0.6, 0.4]]
    labels = torch.tensor([0] * 70 + [1] * 20 + [2] * 10)
    measured = evaluate(torch.tensor(matrix, dtype=torch.float64)[labels], labels, names=("accuracy", "ece", "brier"))
    found = optimum(matrix, frequencies=frequencies)
    for name, value in measured.items():
        assert getattr(found, name) == pytest.approx(float(value), abs=1e-9), name


def test_a_class_that_is_not_tested_costs_nothing():
    assert optimum([[0.9, 0.1], [1.0, 0.0]], frequencies=[5, 0]).nll == pytest.approx(-math.log(0.9))


@in_turn("frequencies", [[1], [1, -1], [0, 0], [1, math.nan]])
def test_frequencies_that_are_none_are_refused(frequencies):
    with pytest.raises(InputError, match="frequencies"):
        optimum([[0.9, 0.1], [0.2, 0.8]], frequencies=frequencies)


@in_turn(("bayes", "rate", "eps", "truth"), [(0.75, 0.4, 0.0, 0.289), (0.75, 0.0, 0.1, 0.065), (0.32, 0.4, 0.0, 0.10)])
def test_where_classes_overlap_the_formula_is_too_high_and_does_not_apply(bayes, rate, eps, truth):
    """The populations of the docstring: their optimum is the formula's times the accuracy above chance."""
    found = optimum(symmetric(rate), eps)
    assert found.ece * (bayes - 0.1) / 0.9 == pytest.approx(truth, abs=0.005)
    assert not found.applies(bayes, 10)
    assert found.applies(0.95, 10)


def test_a_model_that_did_not_learn_noise_beyond_one_half_is_far_from_what_is_assumed():
    swapped = optimum((0.4 * torch.eye(10) + 0.6 * torch.eye(10).roll(1, 1)).tolist())
    assert swapped.accuracy == 0
    assert swapped.applies(0.05, 10)
    assert not swapped.applies(0.9, 10)
