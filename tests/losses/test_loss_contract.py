"""What every loss of the catalogue promises; a new entry is tested by being listed there."""

import inspect
import math
from functools import partial

import pytest
import torch

from lsbench.errors import DtypeError, InputError
from lsbench.losses import LOSSES
from lsbench.losses.probability import log_probs
from lsbench.names import catalogue
from lsbench.names.registry import load
from tests.in_turn import in_turn
from tests.losses.loss_reference import batch, value_and_gradient

LABEL_DTYPES = [torch.uint8, torch.int8, torch.int16, torch.int32]
every_loss = in_turn("name", LOSSES)
every_half = in_turn("half", [torch.float16, torch.bfloat16])


def others(default):
    """Two other values of a hyperparameter, of which some may not exceed 1 and some not fall below 0."""
    step = 0.05 if default < 0.5 else -0.05
    return [default + step, default + 6 * step]


def test_the_room_has_every_loss_of_the_catalogue_that_is_a_function_and_no_other():
    assert list(LOSSES) == [name for name, entry in catalogue.LOSSES.items() if entry.ref]
    assert [name for name, entry in catalogue.LOSSES.items() if entry.cleans] == ["prune", "relabel"]


@every_loss
def test_the_keyword_only_arguments_are_the_hyperparameters_of_the_catalogue(name):
    parameters = inspect.signature(LOSSES[name]).parameters.values()
    keywords = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
    entry = catalogue.LOSSES[name]
    also = (*entry.given, *("targets",) * bool(entry.memory), *("inverse",) * entry.inverts)
    assert keywords == {**entry.hyper, **dict.fromkeys(also)}
    assert [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY] == ["logits", "labels"]


@in_turn("name", [name for name, entry in catalogue.LOSSES.items() if entry.of_log_probs])
def test_a_loss_that_is_made_of_log_probs_is_the_same_made_of_these(name):
    logits, labels = batch()
    entry = catalogue.LOSSES[name]
    hyper = {word: value + 0.05 for word, value in entry.hyper.items()}
    of_log_probs = load(entry.of_log_probs)
    losses, gradient = value_and_gradient(partial(LOSSES[name], **hyper), logits, labels)
    shared, its_gradient = value_and_gradient(lambda z, y: of_log_probs(log_probs(z, y), **hyper), logits, labels)
    assert torch.equal(shared, losses)
    assert torch.equal(its_gradient, gradient)


@every_loss
def test_the_docstring_gives_shapes_errors_and_a_source(name):
    documentation = inspect.getdoc(LOSSES[name])
    assert "(..., n, K)" in documentation
    assert "InputError" in documentation


@every_loss
@in_turn("leading", [(4,), (3, 4), (2, 1, 3, 4)])
def test_any_leading_shape_gives_one_loss_per_example(name, leading):
    logits, labels = batch(rows=math.prod(leading), classes=5)
    losses = LOSSES[name](logits.reshape(*leading, 5), labels.reshape(leading))
    assert losses.shape == leading
    torch.testing.assert_close(losses.flatten(), LOSSES[name](logits, labels))


@every_loss
def test_a_single_example_needs_no_batch_axis(name):
    logits, labels = batch()
    torch.testing.assert_close(LOSSES[name](logits[0], labels[0]), LOSSES[name](logits, labels)[0])


@every_loss
def test_an_example_does_not_see_its_neighbours(name):
    logits, labels = batch()
    alone = torch.cat([LOSSES[name](logits[i : i + 1], labels[i : i + 1]) for i in range(len(labels))])
    torch.testing.assert_close(LOSSES[name](logits, labels), alone)


@every_loss
@in_turn("shape", [(0, 5), (3, 0, 5)])
def test_zero_rows_give_zero_losses_and_a_gradient(name, shape):
    logits = torch.zeros(shape)
    losses, gradient = value_and_gradient(LOSSES[name], logits, torch.zeros(shape[:-1], dtype=torch.long))
    assert losses.shape == shape[:-1]
    assert gradient.shape == shape


@every_loss
@in_turn("classes", [1, 2, 131072])
def test_any_number_of_classes_gives_finite_losses_and_gradients(name, classes):
    logits, labels = batch(rows=2, classes=classes, dtype=torch.float32)
    losses, gradient = value_and_gradient(LOSSES[name], logits, labels)
    assert losses.isfinite().all()
    assert gradient.isfinite().all()


@every_loss
@in_turn("dtype", [torch.float32, torch.float64])
def test_single_and_double_precision_stay_what_they_are(name, dtype):
    losses, gradient = value_and_gradient(LOSSES[name], *batch(dtype=dtype))
    assert losses.dtype == gradient.dtype == dtype


@every_loss
@every_half
def test_half_precision_is_computed_in_float32_and_the_gradient_comes_back_in_half(name, half):
    logits, labels = batch(dtype=half)
    losses, gradient = value_and_gradient(LOSSES[name], logits, labels)
    expected, wide = value_and_gradient(LOSSES[name], logits.float(), labels)
    assert losses.dtype == torch.float32
    torch.testing.assert_close(losses, expected)
    torch.testing.assert_close(gradient, wide.to(half))


@every_loss
@in_turn("dtype", [torch.float16, torch.float32, torch.float64])
def test_huge_logits_give_finite_losses_and_gradients(name, dtype):
    logits = torch.tensor([[1e4, -1e4, 0], [-1e4, 1e4, 1e4], [1e4, 1e4, 1e4]], dtype=dtype)
    losses, gradient = value_and_gradient(LOSSES[name], logits, torch.tensor([1, 0, 2]))
    assert losses.isfinite().all()
    assert gradient.isfinite().all()


@every_loss
def test_the_gradient_is_that_of_finite_differences(name):
    logits, labels = batch(rows=4, classes=3)
    assert torch.autograd.gradcheck(lambda z: LOSSES[name](z, labels), logits.requires_grad_())


@every_loss
def test_the_second_derivative_is_that_of_finite_differences(name):
    logits, labels = batch(rows=2, classes=3)
    assert torch.autograd.gradgradcheck(lambda z: LOSSES[name](z, labels), logits.requires_grad_())


@every_loss
def test_without_a_gradient_asked_for_there_is_none(name):
    assert not LOSSES[name](*batch()).requires_grad


@every_loss
@in_turn("dtype", LABEL_DTYPES)
def test_labels_may_have_any_integer_dtype(name, dtype):
    logits, labels = batch()
    torch.testing.assert_close(LOSSES[name](logits, labels.to(dtype)), LOSSES[name](logits, labels))


@every_loss
def test_strides_do_not_matter(name):
    logits, labels = batch(rows=6, classes=4)
    strided = logits.T.contiguous().T
    assert not strided.is_contiguous()
    expected = value_and_gradient(LOSSES[name], logits, labels)
    torch.testing.assert_close(value_and_gradient(LOSSES[name], strided, labels), expected)


@every_loss
@in_turn("dtype", [torch.float16, torch.float64])
def test_nothing_is_written_into_the_inputs(name, dtype):
    logits, labels = batch(dtype=dtype)
    copies = logits.clone(), labels.clone()
    leaf = logits.requires_grad_()
    LOSSES[name](leaf, labels).sum().backward()
    assert torch.equal(leaf.detach(), copies[0])
    assert torch.equal(labels, copies[1])
    assert leaf._version == labels._version == 0


@every_loss
def test_one_hyperparameter_per_cell_equals_separate_calls(name):
    logits, labels = batch(rows=12, classes=5)
    logits, labels = logits.reshape(3, 4, 5), labels.reshape(3, 4)
    for hyper, default in catalogue.LOSSES[name].hyper.items():
        values = [default, *others(default)]
        per_cell = torch.tensor(values, dtype=torch.float64)[:, None]
        together = value_and_gradient(partial(LOSSES[name], **{hyper: per_cell}), logits, labels)
        for cell, value in enumerate(values):
            alone = value_and_gradient(partial(LOSSES[name], **{hyper: value}), logits[cell], labels[cell])
            torch.testing.assert_close(together[0][cell], alone[0])
            torch.testing.assert_close(together[1][cell], alone[1])


@every_loss
def test_vmap_over_cells_with_their_own_hyperparameters_equals_a_loop(name):
    logits, labels = batch(rows=12, classes=5)
    logits, labels = logits.reshape(3, 4, 5), labels.reshape(3, 4)
    hyper = {h: torch.tensor([d, *others(d)]).double() for h, d in catalogue.LOSSES[name].hyper.items()}

    def mean(z, y, hyper):
        return LOSSES[name](z, y, **hyper).mean()

    both = torch.func.grad_and_value(mean)
    gradients, means = torch.func.vmap(both)(logits, labels, hyper)
    for cell in range(3):
        gradient, value = both(logits[cell], labels[cell], {h: v[cell] for h, v in hyper.items()})
        torch.testing.assert_close(means[cell], value)
        torch.testing.assert_close(gradients[cell], gradient)


@every_loss
def test_torch_compile_takes_it_as_one_graph(name):
    logits, labels = batch(dtype=torch.float32)
    torch._dynamo.reset()
    compiled = torch.compile(LOSSES[name], backend="aot_eager", fullgraph=True)
    expected = value_and_gradient(LOSSES[name], logits, labels)
    torch.testing.assert_close(value_and_gradient(compiled, logits, labels), expected)


@every_loss
def test_labels_of_another_shape_are_refused_with_both_shapes(name):
    with pytest.raises(InputError, match=r"\(4,\).*\(4, 3\).*\(5,\)"):
        LOSSES[name](torch.zeros(4, 3), torch.zeros(5, dtype=torch.long))


@every_loss
@in_turn("dtype", [torch.float32, torch.bool, torch.complex64])
def test_labels_that_are_no_class_numbers_are_refused_with_their_dtype(name, dtype):
    with pytest.raises(DtypeError, match=f"labels.*{dtype}"):
        LOSSES[name](torch.zeros(4, 3), torch.zeros(4, dtype=dtype))


@every_loss
def test_integer_logits_are_refused(name):
    with pytest.raises(DtypeError, match=r"floating point.*int64"):
        LOSSES[name](torch.zeros(4, 3, dtype=torch.long), torch.zeros(4, dtype=torch.long))


@every_loss
def test_logits_without_a_class_are_refused(name):
    with pytest.raises(InputError, match="at least one class"):
        LOSSES[name](torch.zeros(4, 0), torch.zeros(4, dtype=torch.long))


@every_loss
def test_what_is_no_tensor_is_refused(name):
    with pytest.raises(DtypeError, match=r"torch\.Tensor.*list"):
        LOSSES[name]([[1.0, 2.0]], torch.zeros(1, dtype=torch.long))
    with pytest.raises(DtypeError, match=r"torch\.Tensor.*list"):
        LOSSES[name](torch.zeros(1, 2), [0])
