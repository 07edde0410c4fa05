"""LSR, LabelSmoothingCrossEntropy and torchreid's CrossEntropyLoss, in other people's loops."""

import math

import pytest
import torch
import torch.nn.functional as F

from lsbench.errors import DtypeError, InputError
from lsbench.losses import (
    LSR,
    CrossEntropyLoss,
    LabelSmoothingCrossEntropy,
    NothingToAverageWarning,
    SmoothedCrossEntropy,
)
from tests.in_turn import in_turn
from tests.losses.loss_reference import batch, softmax_and_log, value_and_gradient

Z = torch.tensor([[1, 2, 3], [3, 1, 0.5]], dtype=torch.float64)
Y = torch.tensor([0, 2])


def torchreid(eps, **arguments):
    return CrossEntropyLoss(3, eps, **arguments)


MODULES = {"LSR": LSR, "LabelSmoothingCrossEntropy": LabelSmoothingCrossEntropy, "CrossEntropyLoss": torchreid}
REDUCING = {"LSR": LSR, "LabelSmoothingCrossEntropy": LabelSmoothingCrossEntropy}

every_module = pytest.mark.parametrize("make", MODULES.values(), ids=MODULES)
every_reducing_module = pytest.mark.parametrize("make", REDUCING.values(), ids=REDUCING)


@every_module
@in_turn(("eps", "expected"), [(0, 2.552170030682), (0.1, 2.452170030682), (1, 1.552170030682)])
def test_the_mean_has_the_published_value(make, eps, expected):
    assert make(eps)(Z, Y).item() == pytest.approx(expected, abs=1e-12)


@every_reducing_module
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_every_reduction_is_torchs(make, reduction):
    logits, labels = batch(rows=9, classes=4)
    ours = value_and_gradient(make(0.2, reduction=reduction), logits, labels)
    torchs = value_and_gradient(lambda z: F.cross_entropy(z, labels, label_smoothing=0.2, reduction=reduction), logits)
    torch.testing.assert_close(ours, torchs, rtol=1e-12, atol=1e-12)


def test_torchreids_label_smooth_switches_the_smoothing_off():
    torch.testing.assert_close(CrossEntropyLoss(3, 0.3, label_smooth=False)(Z, Y), F.cross_entropy(Z, Y))


def test_torchreids_device_is_the_inputs_whatever_use_gpu_says():
    assert CrossEntropyLoss(3, use_gpu=True)(Z, Y).device == Z.device


def test_another_number_of_classes_than_torchreid_was_told_is_refused():
    with pytest.raises(InputError, match=r"num_classes is 4.*3 classes"):
        CrossEntropyLoss(4)(Z, Y)


@in_turn("num_classes", [0, -1, 2.0, "3", True])
def test_a_number_of_classes_that_is_none_is_refused(num_classes):
    with pytest.raises(InputError, match="num_classes"):
        CrossEntropyLoss(num_classes)


@in_turn("shape", [(5,), (4, 5), (2, 5, 3)])
def test_fastais_has_the_classes_on_the_second_axis(shape):
    logits = torch.randn(shape, dtype=torch.float64)
    labels = torch.randint(5, (*shape[:-1],) if len(shape) < 3 else (2, 3))
    losses = LabelSmoothingCrossEntropy(0.1, reduction="none")(logits, labels)
    torch.testing.assert_close(losses, F.cross_entropy(logits, labels, label_smoothing=0.1, reduction="none"))


def fastais(logits, labels, eps, weight, reduction):
    """In plain floats: eps/K sum_c(-log p_c), not weighted, and (1 - eps) w_y (-log p_y), each reduced on its own."""
    rows = [softmax_and_log(z)[1] for z in logits.tolist()]
    even = [-sum(log_p) / len(log_p) for log_p in rows]
    own = [-weight[y] * log_p[y] for log_p, y in zip(rows, labels.tolist(), strict=True)]
    if reduction == "none":
        return [eps * a + (1 - eps) * b for a, b in zip(even, own, strict=True)]
    mass = sum(weight[y] for y in labels.tolist())
    parts = (sum(even), sum(own)) if reduction == "sum" else (sum(even) / len(even), sum(own) / mass)
    return eps * parts[0] + (1 - eps) * parts[1]


@in_turn("reduction", ["none", "mean", "sum"])
@in_turn("eps", [0.0, 0.1, 1.0])
@in_turn("weight", [[1.0, 2.0, 3.0, 0.5], [0.0, 1.0, 0.0, 2.0]])
def test_fastais_class_weights_weigh_the_labels_part_only(reduction, eps, weight):
    logits, labels = batch(rows=9, classes=4)
    loss = LabelSmoothingCrossEntropy(eps, torch.tensor(weight), reduction)(logits, labels)
    assert loss.tolist() == pytest.approx(fastais(logits, labels, eps, weight, reduction), abs=1e-12)


def test_fastais_mean_where_no_row_has_a_weight_is_the_even_part_with_a_warning():
    loss = LabelSmoothingCrossEntropy(0.1, torch.tensor([0.0, 1.0, 0.0]))
    even = LabelSmoothingCrossEntropy(1.0)(Z, Y)
    with pytest.warns(NothingToAverageWarning, match="weight of 0"):
        torch.testing.assert_close(loss(Z, Y), 0.1 * even)


def test_fastais_learner_finds_what_it_asks_a_loss_for():
    loss = LabelSmoothingCrossEntropy()
    assert loss.y_int
    torch.testing.assert_close(loss.activation(Z), Z.softmax(-1))
    assert loss.decodes(Z).tolist() == [2, 0]


@in_turn(
    ("make", "names"),
    [(LabelSmoothingCrossEntropy, ("eps", "epsilon")), (SmoothedCrossEntropy, ("eps", "label_smoothing"))],
)
def test_two_names_of_the_smoothing_are_one_argument(make, names):
    assert [getattr(make(**{name: 0.3}), other) for name in names for other in names] == [0.3] * 4
    with pytest.raises(InputError, match=rf"{names[1]}.*give one: got 0.1 and 0.2"):
        make(**dict(zip(names, (0.1, 0.2), strict=True)))


@pytest.mark.parametrize("make", [LSR, torchreid], ids=["LSR", "CrossEntropyLoss"])
@pytest.mark.parametrize("shape", [(3,), (2, 3, 4)])
def test_other_than_two_dimensions_are_refused_with_what_was_got(make, shape):
    labels = torch.zeros(shape[0], dtype=torch.long)
    with pytest.raises(InputError, match=rf"2 dimensions.*got {len(shape)}"):
        make(0.1)(torch.zeros(shape), labels)


@every_module
def test_batches_of_two_sizes_are_refused_with_both(make):
    with pytest.raises(InputError, match=r"\(2, 3\).*\(3,\)"):
        make(0.1)(Z, torch.tensor([0, 1, 2]))


@every_reducing_module
def test_an_unknown_reduction_is_refused_with_what_was_got(make):
    with pytest.raises(InputError, match=r"none, mean, sum.*'batchmean'"):
        make(0.1, reduction="batchmean")


@every_module
def test_negative_smoothing_is_refused_with_a_hint_at_the_loss_that_takes_it(make):
    with pytest.raises(InputError, match=r"\[0, 1\], got -0.1; SmoothedCrossEntropy"):
        make(-0.1)


@every_module
@in_turn("eps", [1.01, math.nan, math.inf, "0.1", True])
def test_smoothing_that_is_no_number_up_to_one_is_refused(make, eps):
    with pytest.raises(InputError, match="e"):
        make(eps)


@every_module
@in_turn("label", [3, -1, -100])
def test_a_class_number_out_of_range_is_named_with_the_range(make, label):
    with pytest.raises(InputError, match=rf"\[0, 2\]; got {label}"):
        make(0.1)(Z, torch.tensor([0, label]))


@every_module
def test_dtypes_that_do_not_fit_are_refused_with_what_was_got(make):
    with pytest.raises(DtypeError, match=r"floating point.*int64"):
        make(0.1)(Z.long(), Y)
    with pytest.raises(DtypeError, match=r"integer.*bool"):
        make(0.1)(Z, Y.bool())
    with pytest.raises(DtypeError, match=r"integer.*float64"):
        make(0.1)(Z, Y.double())


@every_module
def test_the_mean_of_an_empty_batch_is_zero_with_a_warning(make):
    with pytest.warns(NothingToAverageWarning, match="empty"):
        value, gradient = value_and_gradient(make(0.1), Z[:0], Y[:0])
    assert value == 0
    assert gradient.shape == (0, 3)


@every_module
def test_half_precision_is_computed_in_float32(make):
    value, gradient = value_and_gradient(make(0.1), Z.half(), Y)
    assert value.dtype == torch.float32
    assert gradient.dtype == torch.float16


@every_module
def test_vmap_and_compile_give_what_a_plain_call_gives(make):
    loss = make(0.1)
    stacked = torch.func.vmap(loss)(torch.stack([Z, Z + 1]), torch.stack([Y, Y]))
    torch.testing.assert_close(stacked, loss(Z, Y).expand(2))
    torch._dynamo.reset()
    torch.testing.assert_close(torch.compile(loss, backend="eager", fullgraph=True)(Z, Y), loss(Z, Y))


@every_module
def test_printing_shows_the_smoothing(make):
    assert "=0.25" in repr(make(0.25))
