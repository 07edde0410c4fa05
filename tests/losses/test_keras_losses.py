"""The drop-ins for Keras's cross-entropies against the values Keras gives, and the one it should have given."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lsbench.errors import DtypeError, InputError
from lsbench.losses import (
    LOSSES,
    BinaryCrossentropy,
    CategoricalCrossentropy,
    NothingToAverageWarning,
    SmoothedCrossEntropy,
)
from tests.in_turn import in_turn
from tests.losses.loss_reference import batch, value_and_gradient

TRUE = torch.tensor([[0, 1, 0], [0, 0, 1]])
PRED = torch.tensor([[0.05, 0.95, 0], [0.1, 0.8, 0.1]], dtype=torch.float64)
CATEGORICAL = {0.0: 1.176939, 0.1: 1.459136, 0.3: 2.023529}
BINARY = {0.0: 0.686662, 0.1: 0.858501, 0.3: 1.202179}

every_module = pytest.mark.parametrize("make", [CategoricalCrossentropy, BinaryCrossentropy])


@pytest.mark.parametrize("eps", CATEGORICAL)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_categorical_cross_entropy_has_keras_values(eps, dtype):
    loss = CategoricalCrossentropy(label_smoothing=eps)(TRUE, PRED.to(dtype))
    assert loss.item() == pytest.approx(CATEGORICAL[eps], abs=1e-6)


@pytest.mark.parametrize("eps", BINARY)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_binary_cross_entropy_has_keras_values(eps, dtype):
    loss = BinaryCrossentropy(label_smoothing=eps)(TRUE, PRED.to(dtype))
    assert loss.item() == pytest.approx(BINARY[eps], abs=1e-5 if dtype == torch.float32 else 1e-6)


def test_smoothing_counts_the_classes_on_the_axis_and_not_on_the_last_one():
    pred = torch.tensor([[[0.8, 0.1], [0.1, 0.8], [0.1, 0.1]]])  # (batch, 3 classes, 2 places)
    true = torch.tensor([[[1, 0], [0, 1], [0, 0]]])
    loss = CategoricalCrossentropy(label_smoothing=0.1, axis=1)
    assert loss(true, pred).item() == pytest.approx(0.361773, abs=1e-6)  # Keras up to 3.15: 0.442245


@every_module
@in_turn("from_logits", [False, True])
@in_turn("axis", [0, 1, -3, 2])
def test_the_class_axis_may_stand_anywhere(make, from_logits, axis):
    pred = batch(rows=6, classes=4)[0].reshape(2, 3, 4).softmax(-1)
    true = pred.flip(0)
    loss = make(from_logits, 0.1, reduction="none")
    moved = make(from_logits, 0.1, axis=axis, reduction="none")
    torch.testing.assert_close(moved(true.movedim(-1, axis), pred.movedim(-1, axis)), loss(true, pred))


@every_module
@pytest.mark.parametrize("eps", [0.0, 0.1, 1.0])
def test_logits_and_their_probabilities_give_the_same_loss(make, eps):
    logits, labels = batch()
    true = F.one_hot(labels, 7)
    probs = logits.softmax(-1) if make is CategoricalCrossentropy else logits.sigmoid()
    torch.testing.assert_close(make(True, eps)(true, logits), make(False, eps)(true, probs))


@in_turn(("make", "name"), [(CategoricalCrossentropy, "keras-cce"), (BinaryCrossentropy, "keras-bce")])
@in_turn("eps", [0.0, 0.1, 1.0])
def test_from_logits_it_is_the_loss_of_the_catalogue(make, name, eps):
    logits, labels = batch()
    losses = make(True, eps, reduction="none")(F.one_hot(labels, 7), logits)
    torch.testing.assert_close(losses, LOSSES[name](logits, labels, eps=eps))


@every_module
@pytest.mark.parametrize("from_logits", [False, True])
def test_the_gradient_is_that_of_finite_differences(make, from_logits):
    pred = batch(rows=3, classes=4, scale=1)[0].softmax(-1).requires_grad_()
    true = pred.detach().flip(0)
    assert torch.autograd.gradcheck(lambda p: make(from_logits, 0.1)(true, p), pred)


def test_probabilities_are_renormalised_along_the_axis():
    loss = CategoricalCrossentropy(label_smoothing=0.1)
    torch.testing.assert_close(loss(TRUE, 5 * PRED), loss(TRUE, PRED))


@every_module
def test_a_probability_of_zero_is_clipped(make):
    loss = make(reduction="none")(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]]))
    assert loss.item() == pytest.approx(-math.log(1e-7), rel=0.01)


@every_module
def test_an_impossible_logit_costs_nothing_where_there_is_no_target(make):
    loss = make(from_logits=True)(torch.tensor([[0.0, 1.0]]), torch.tensor([[-math.inf, 40.0]]))
    assert loss.item() == pytest.approx(0, abs=1e-6)


@every_module
def test_the_reductions_are_keras(make):
    losses = make(reduction="none")(TRUE, PRED)
    assert losses.shape == (2,)
    assert torch.equal(make(reduction=None)(TRUE, PRED), losses)
    torch.testing.assert_close(make(reduction="sum")(TRUE, PRED), losses.sum())
    torch.testing.assert_close(make(reduction="mean")(TRUE, PRED), losses.mean())
    torch.testing.assert_close(make()(TRUE, PRED), losses.mean())


@every_module
def test_the_mean_is_over_all_samples_of_any_shape(make):
    pred = batch(rows=6, classes=4)[0].reshape(2, 3, 4).softmax(-1)
    losses = make(reduction="none")(pred, pred)
    assert losses.shape == (2, 3)
    torch.testing.assert_close(make()(pred, pred), losses.sum() / 6)


@every_module
def test_sample_weights_multiply_the_losses_and_leave_the_divisor(make):
    losses = make(reduction="none")(TRUE, PRED)
    weighted = make()(TRUE, PRED, sample_weight=torch.tensor([2.0, 0.0]))
    torch.testing.assert_close(weighted, losses[0])
    with pytest.raises(InputError, match=r"sample_weight.*\(3,\).*\(2,\)"):
        make()(TRUE, PRED, torch.ones(3))


@every_module
@in_turn("dtype", [torch.bool, torch.uint8, torch.int64, torch.float16, torch.float64])
def test_targets_are_cast_to_the_predictions_dtype(make, dtype):
    loss = make(label_smoothing=0.1)(TRUE.to(dtype), PRED.float())
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, make(label_smoothing=0.1)(TRUE.float(), PRED.float()))


@every_module
def test_half_precision_is_computed_in_float32(make):
    value, gradient = value_and_gradient(lambda p: make(label_smoothing=0.1)(TRUE, p), PRED.half())
    assert value.dtype == torch.float32
    assert gradient.dtype == torch.float16
    torch.testing.assert_close(value, make(label_smoothing=0.1)(TRUE, PRED.half().float()))


@every_module
def test_the_mean_of_an_empty_batch_is_zero_with_a_warning(make):
    with pytest.warns(NothingToAverageWarning, match="empty"):
        assert make()(TRUE[:0], PRED[:0]) == 0


@every_module
def test_vmap_and_compile_give_what_a_plain_call_gives(make):
    loss = make(label_smoothing=0.1)
    stacked = torch.func.vmap(loss)(torch.stack([TRUE, TRUE]), torch.stack([PRED, PRED]))
    torch.testing.assert_close(stacked, loss(TRUE, PRED).expand(2))
    torch._dynamo.reset()
    torch.testing.assert_close(torch.compile(loss, backend="eager", fullgraph=True)(TRUE, PRED), loss(TRUE, PRED))


def test_they_are_named_as_in_keras():
    assert CategoricalCrossentropy().name == "categorical_crossentropy"
    assert BinaryCrossentropy().name == "binary_crossentropy"
    assert BinaryCrossentropy(name="mine").name == "mine"


@every_module
@in_turn(
    ("arguments", "says"),
    [
        ({"label_smoothing": -0.1}, "got -0.1; SmoothedCrossEntropy"),
        ({"label_smoothing": 1.1}, "label_smoothing.*1.1"),
        ({"label_smoothing": math.nan}, "label_smoothing.*nan"),
        ({"reduction": "average"}, "sum_over_batch_size.*'average'"),
        ({"axis": 1.0}, "axis.*1.0"),
        ({"dtype": "int8"}, "dtype must be.*'int8'"),
    ],
)
def test_arguments_that_make_no_sense_are_refused_at_construction(make, arguments, says):
    with pytest.raises(InputError, match=says):
        make(**arguments)


@every_module
def test_inputs_that_do_not_fit_are_refused_with_what_was_got(make):
    with pytest.raises(InputError, match=r"same shape.*\(1, 3\).*\(2, 3\)"):
        make()(TRUE[:1], PRED)
    with pytest.raises(InputError, match=r"axis.*\[-2, 1\].*got 2"):
        make(axis=2)(TRUE, PRED)
    with pytest.raises(InputError, match="at least one class"):
        make()(torch.tensor(1), torch.tensor(1.0))
    with pytest.raises(DtypeError, match=r"y_pred.*int64"):
        make()(TRUE, TRUE)
    with pytest.raises(DtypeError, match=r"y_true.*list"):
        make()([[0, 1, 0], [0, 0, 1]], PRED)
    with pytest.raises(DtypeError, match=r"y_true.*complex"):
        make()(TRUE.to(torch.complex64), PRED)


@in_turn("weight", ["heavy", {"a": 1.0}, [[1.0], [2.0, 3.0]]])
def test_a_sample_weight_that_is_no_numbers_is_an_error(weight):
    with pytest.raises(DtypeError, match="sample_weight must be a tensor, an array or a list of numbers, got"):
        CategoricalCrossentropy()(torch.eye(2), torch.full((2, 2), 0.5), weight)


WEIGHT = [0.25, 0.75]


@every_module
@in_turn(
    "weight",
    [torch.tensor(WEIGHT), torch.tensor(WEIGHT).unsqueeze(1), np.array(WEIGHT), np.array([WEIGHT]).T, WEIGHT],
)
def test_sample_weights_are_a_vector_or_a_column_of_any_kind(make, weight):
    losses = make(reduction="none")(TRUE, PRED)
    weighted = losses * torch.tensor(WEIGHT, dtype=torch.float64)
    torch.testing.assert_close(make(reduction="none")(TRUE, PRED, weight).flatten(), weighted)
    torch.testing.assert_close(make()(TRUE, PRED, weight), weighted.sum() / 2)  # not an outer product's mean
    torch.testing.assert_close(make(reduction="mean_with_sample_weight")(TRUE, PRED, weight), weighted.sum())


@every_module
def test_sample_weights_of_a_sequence_may_have_one_axis_more(make):
    pred = batch(rows=6, classes=4)[0].reshape(2, 3, 4).softmax(-1)
    weight = torch.rand(2, 3, dtype=torch.float64)
    expected = make()(pred, pred, weight)
    torch.testing.assert_close(make()(pred, pred, weight.unsqueeze(-1)), expected)
    assert make(reduction="none")(pred, pred, weight.unsqueeze(-1)).shape == (2, 3)


@every_module
def test_the_weighted_mean_of_no_weight_is_zero_with_a_warning(make):
    with pytest.warns(NothingToAverageWarning, match="weight of 0"):
        assert make(reduction="mean_with_sample_weight")(TRUE, PRED, torch.zeros(2)) == 0


def test_binary_targets_may_be_a_vector_beside_predictions_in_a_column():
    pred, true = torch.tensor([[0.9], [0.2], [0.6]]), torch.tensor([1, 0, 0])
    loss = BinaryCrossentropy()
    assert torch.equal(loss(true, pred), loss(true.unsqueeze(1), pred))


@every_module
@in_turn("dtype", ["float32", torch.float32, "mixed_float16", "bfloat16", "float64"])
def test_a_dtype_is_that_of_the_loss_and_of_the_predictions(make, dtype):
    loss = make(label_smoothing=0.1, dtype=dtype)
    named = str(dtype).removeprefix("torch.").removeprefix("mixed_")
    assert str(loss.dtype) == f"torch.{named}"
    value = loss(TRUE, PRED)
    assert value.dtype == loss.dtype
    torch.testing.assert_close(value, make(label_smoothing=0.1)(TRUE, PRED.to(loss.dtype)).to(loss.dtype))


def test_numpy_scalars_are_numbers():
    assert CategoricalCrossentropy(label_smoothing=np.float32(0.5), axis=np.int64(-1)).axis == -1
    assert float(SmoothedCrossEntropy(eps=np.float32(0.5))(torch.zeros(1, 2), torch.tensor([0]))) > 0
