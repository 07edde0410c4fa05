"""The drop-in for torch.nn.CrossEntropyLoss against torch itself, and where it is to differ from it."""

import math

import pytest
import torch
import torch.nn.functional as F

from lsbench.losses import NothingToAverageWarning, SmoothedCrossEntropy
from tests.in_turn import in_turn
from tests.losses.loss_reference import batch, value_and_gradient

Z = torch.tensor([[1, 2, 3], [3, 1, 0.5]], dtype=torch.float64)
Y = torch.tensor([0, 2])
WEIGHTS = [None, [1.0, 2.0, 3.0, 0.5, 0.1], [0.0, 1.0, 0.0, 2.0, 1.0]]
SHAPES = [(5,), (8, 5), (4, 5, 3), (2, 5, 3, 2)]

every_reduction = in_turn("reduction", ["none", "mean", "sum"])
every_weight = in_turn("weight", WEIGHTS)
every_shape = in_turn("shape", SHAPES)


def make_batch(shape, ignore_every=0):
    """Logits and labels with the class axis where torch has it."""
    axis = 0 if len(shape) == 1 else 1
    logits, labels = batch(rows=math.prod(shape) // 5, classes=5)
    lead = shape[:axis] + shape[axis + 1 :]
    logits, labels = logits.reshape(*lead, 5).movedim(-1, axis), labels.reshape(lead)
    if ignore_every:
        labels.view(-1)[::ignore_every] = -100
    return logits, labels


def as_weight(weight):
    return None if weight is None else torch.tensor(weight, dtype=torch.float64)


@in_turn(("eps", "expected"), [(0, 2.552170030682), (0.1, 2.452170030682), (1, 1.552170030682), (-0.1, 2.652170030682)])
def test_the_mean_has_the_published_value(eps, expected):
    assert SmoothedCrossEntropy(eps)(Z, Y).item() == pytest.approx(expected, abs=1e-12)


def test_the_weighted_mean_has_the_published_value():
    loss = SmoothedCrossEntropy(0.1, weight=torch.tensor([1.0, 2.0, 3.0]))
    assert loss(Z, Y).item() == pytest.approx(2.521390527156, abs=1e-12)


@every_reduction
@every_weight
@every_shape
@in_turn("eps", [0.0, 0.1, 1.0])
def test_class_numbers_give_what_torch_gives(shape, weight, reduction, eps):
    logits, labels = make_batch(shape, ignore_every=3 if len(shape) > 1 else 0)
    weight = as_weight(weight)
    ours = value_and_gradient(SmoothedCrossEntropy(eps, weight, reduction=reduction), logits, labels)
    torchs = value_and_gradient(
        lambda z: F.cross_entropy(z, labels, weight, label_smoothing=eps, reduction=reduction), logits
    )
    torch.testing.assert_close(ours, torchs, rtol=1e-12, atol=1e-12)


@every_reduction
@every_weight
@every_shape
@in_turn("eps", [0.0, 0.1, 1.0])
def test_distributions_give_what_torch_gives(shape, weight, reduction, eps):
    logits, _ = make_batch(shape)
    targets = logits.flip(0).softmax(0 if len(shape) == 1 else 1)
    weight = as_weight(weight)
    ours = value_and_gradient(SmoothedCrossEntropy(eps, weight, reduction=reduction), logits, targets)
    torchs = value_and_gradient(
        lambda z: F.cross_entropy(z, targets, weight, label_smoothing=eps, reduction=reduction), logits
    )
    torch.testing.assert_close(ours, torchs, rtol=1e-12, atol=1e-12)


@every_weight
@pytest.mark.parametrize("eps", [-0.1, -8.0])
def test_negative_smoothing_is_the_line_through_no_smoothing_and_some(eps, weight):
    logits, labels = make_batch((8, 5), ignore_every=3)
    none, half, negative = (SmoothedCrossEntropy(e, as_weight(weight))(logits, labels) for e in (0.0, 0.5, eps))
    torch.testing.assert_close(negative, none + eps * (half - none) / 0.5)


@every_weight
@in_turn("eps", [-0.5, 0.0, 0.1])
def test_a_one_hot_distribution_is_a_class_number_where_rows_are_summed(eps, weight):
    logits, labels = make_batch((8, 5))
    one_hot = F.one_hot(labels, 5).double()
    loss = SmoothedCrossEntropy(eps, reduction="sum")
    torch.testing.assert_close(loss(logits, one_hot), loss(logits, labels))


def test_an_impossible_class_of_weight_zero_costs_nothing():
    logits = torch.tensor([[1.0, 1.0, -math.inf]], dtype=torch.float64)
    loss = SmoothedCrossEntropy(0.3, weight=torch.tensor([1.0, 1.0, 0.0]), reduction="sum")
    for target in (torch.tensor([0]), torch.tensor([[1.0, 0.0, 0.0]])):
        value, gradient = value_and_gradient(loss, logits, target)
        assert value.item() == pytest.approx(0.9 * math.log(2))
        torch.testing.assert_close(gradient, torch.tensor([[-0.35, 0.35, 0.0]], dtype=torch.float64))


@every_reduction
@in_turn("poison", [math.nan, math.inf, -math.inf])
@in_turn("ignore_index", [-100, 3, -1])
def test_what_stands_in_an_ignored_row_leaks_neither_into_the_loss_nor_the_gradient(poison, ignore_index, reduction):
    logits, labels = batch(rows=6, classes=5)
    labels = labels % 3
    labels[2] = ignore_index
    poisoned = logits.clone()
    poisoned[2] = poison
    loss = SmoothedCrossEntropy(0.1, ignore_index=ignore_index, reduction=reduction)
    clean, got = value_and_gradient(loss, logits, labels), value_and_gradient(loss, poisoned, labels)
    torch.testing.assert_close(got, clean)
    assert (got[1][2] == 0).all()


def test_an_ignored_nan_does_not_leak_into_the_second_derivative():
    logits, labels = batch(rows=3, classes=4)
    logits[1], labels[1] = math.nan, -100
    logits.requires_grad_()
    (first,) = torch.autograd.grad(SmoothedCrossEntropy(0.1)(logits, labels), logits, create_graph=True)
    (second,) = torch.autograd.grad(first.square().sum(), logits)
    assert second.isfinite().all()
    assert (second[1] == 0).all()


@every_weight
def test_the_mean_over_ignored_rows_only_is_zero_with_a_warning_and_a_zero_gradient(weight):
    logits = torch.full((3, 5), math.nan, dtype=torch.float64)
    with pytest.warns(NothingToAverageWarning, match="every row is ignored"):
        value, gradient = value_and_gradient(
            SmoothedCrossEntropy(0.1, as_weight(weight)), logits, torch.full((3,), -100)
        )
    assert value == 0
    assert (gradient == 0).all()


def test_the_mean_over_rows_of_weight_zero_is_zero_with_a_warning():
    loss = SmoothedCrossEntropy(0.1, weight=torch.tensor([0.0, 1.0, 1.0]))
    with pytest.warns(NothingToAverageWarning, match="class weight of 0"):
        value, gradient = value_and_gradient(loss, Z, torch.tensor([0, 0]))
    assert value == 0
    assert (gradient == 0).all()


def test_the_mean_over_an_empty_batch_is_zero_with_a_warning():
    for target in (torch.zeros(0, dtype=torch.long), torch.zeros(0, 3)):
        with pytest.warns(NothingToAverageWarning):
            assert SmoothedCrossEntropy()(torch.zeros(0, 3), target) == 0


@in_turn("reduction", ["none", "sum"])
def test_other_reductions_of_ignored_rows_are_zero_without_a_warning(reduction):
    losses = SmoothedCrossEntropy(reduction=reduction)(Z, torch.tensor([-100, -100]))
    assert (losses == 0).all()


@pytest.mark.parametrize("half", [torch.float16, torch.bfloat16], ids=str)
@every_weight
def test_half_precision_is_computed_and_returned_in_float32(half, weight):
    logits, labels = batch(rows=6, classes=5, scale=50.0, dtype=half)
    loss = SmoothedCrossEntropy(0.1, None if weight is None else torch.tensor(weight).to(half))
    value, gradient = value_and_gradient(loss, logits, labels)
    expected, wide = value_and_gradient(loss, logits.float(), labels)
    assert value.dtype == torch.float32
    torch.testing.assert_close(value, expected)
    torch.testing.assert_close(gradient, wide.to(half))


def test_the_callers_tensors_are_not_written_into():
    logits, labels = make_batch((4, 5, 3), ignore_every=2)
    weight = torch.ones(5)
    copies = [t.clone() for t in (logits, labels, weight)]
    leaf = logits.requires_grad_()
    SmoothedCrossEntropy(0.1, weight)(leaf, labels).backward()
    for tensor, copy in zip((leaf.detach(), labels, weight), copies, strict=True):
        assert torch.equal(tensor, copy)
    assert leaf._version == logits._version


def test_the_weight_is_a_buffer_of_its_own_that_moves_with_the_module():
    weight = torch.ones(3)
    loss = SmoothedCrossEntropy(weight=weight)
    weight.zero_()
    assert loss.state_dict()["weight"].tolist() == [1, 1, 1]
    assert loss.double().weight.dtype == torch.float64
    assert "weight" not in SmoothedCrossEntropy().state_dict()


@every_weight
def test_double_backward_is_that_of_finite_differences(weight):
    logits, labels = make_batch((3, 5))
    loss = SmoothedCrossEntropy(0.1, as_weight(weight))
    assert torch.autograd.gradgradcheck(lambda z: loss(z, labels), logits.requires_grad_())


def test_targets_that_are_learned_get_their_gradient():
    logits, _ = make_batch((3, 5))
    targets = logits.softmax(1).requires_grad_()
    assert torch.autograd.gradcheck(lambda t: SmoothedCrossEntropy(0.1)(logits, t), targets)


@every_weight
def test_vmap_over_batches_equals_a_loop_even_where_a_lane_ignores_everything(weight):
    logits, labels = batch(rows=12, classes=5)
    logits, labels = logits.reshape(3, 4, 5), labels.reshape(3, 4)
    labels[0, 1], labels[2] = -100, -100
    loss = SmoothedCrossEntropy(0.1, as_weight(weight))
    gradients, values = torch.func.vmap(torch.func.grad_and_value(loss))(logits, labels)
    for lane in range(2):
        value, gradient = value_and_gradient(loss, logits[lane], labels[lane])
        torch.testing.assert_close((values[lane], gradients[lane]), (value, gradient))
    assert values[2] == 0
    assert (gradients[2] == 0).all()


@every_weight
def test_torch_compile_takes_it_as_one_graph(weight):
    logits, labels = make_batch((4, 5, 3), ignore_every=3)
    loss = SmoothedCrossEntropy(0.1, as_weight(weight))
    torch._dynamo.reset()
    compiled = torch.compile(loss, backend="aot_eager", fullgraph=True)
    for target in (labels, logits.softmax(1)):
        got = value_and_gradient(compiled, logits, target)
        torch.testing.assert_close(got, value_and_gradient(loss, logits, target))


def test_the_input_may_be_named_as_torch_names_it():
    assert SmoothedCrossEntropy()(input=Z, target=Y) == SmoothedCrossEntropy()(Z, Y)


def test_ignored_labels_may_have_an_unsigned_dtype():
    loss = SmoothedCrossEntropy(0.1, ignore_index=255)
    got = loss(Z, torch.tensor([0, 255], dtype=torch.uint8))
    torch.testing.assert_close(got, SmoothedCrossEntropy(0.1)(Z[:1], Y[:1]))
