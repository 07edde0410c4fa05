"""What every metric of the catalogue promises; a new one is tested by being listed."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from lsbench.errors import DtypeError, InputError
from lsbench.metrics import METRICS, evaluate, suite
from lsbench.metrics.contract import Metric
from lsbench.names import catalogue
from tests.in_turn import in_turn

every_metric = in_turn("metric", METRICS.values())


def stack(*shape: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Float64 probs of that shape (..., n, K), and labels."""
    draws = torch.Generator().manual_seed(seed)
    probs = (2 * torch.randn(*shape, generator=draws, dtype=torch.float64)).softmax(-1)
    return probs, torch.randint(shape[-1], shape[:-1], generator=draws)


PROBS, LABELS = stack(50, 10)


def same(a: Tensor, b: Tensor, tolerance: float = 0) -> bool:
    """Equal, or as undefined: a nan is a value like any other."""
    return torch.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)


def test_the_cases_define_every_metric() -> None:
    assert all(bool(metric(PROBS, LABELS).isfinite()) for metric in METRICS.values())


@every_metric
@in_turn("leading", [(), (1,), (4,), (2, 3)])
@in_turn(("n", "num_classes"), [(1, 2), (7, 1), (40, 10), (5, 100)])
def test_a_batch_equals_a_loop(metric: Metric, leading: tuple[int, ...], n: int, num_classes: int) -> None:
    probs, labels = stack(*leading, n, num_classes)
    batch = metric(probs, labels)
    assert (batch.shape, batch.dtype) == (leading, torch.float64)
    loop = [float(metric(p, y)) for p, y in zip(probs.view(-1, n, num_classes), labels.view(-1, n), strict=True)]
    assert batch.flatten().tolist() == pytest.approx(loop, abs=1e-13, nan_ok=True)


@every_metric
def test_numpy_gives_numpy(metric: Metric) -> None:
    probs, labels = stack(3, 20, 5)
    many, one = metric(probs.numpy(), labels.numpy()), metric(probs[0].numpy(), labels[0].numpy())
    assert isinstance(many, np.ndarray)
    assert isinstance(one, np.float64)
    assert many.dtype == np.float64
    np.testing.assert_array_equal(many, metric(probs, labels).numpy())
    assert float(one) == many[0]


@every_metric
@in_turn("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_other_precisions_are_computed_in_float64(metric: Metric, dtype: torch.dtype) -> None:
    eighths = torch.tensor([[0.25, 0.75], [0.5, 0.5], [1.0, 0.0], [0.875, 0.125]])  # exact in every dtype
    labels = torch.tensor([0, 1, 0, 1])
    value = metric(eighths.to(dtype), labels)
    assert value.dtype == torch.float64
    assert same(value, metric(eighths.double(), labels))


@every_metric
@in_turn("dtype", [torch.uint8, torch.int32, torch.int64])
def test_the_dtype_of_the_labels_changes_nothing(metric: Metric, dtype: torch.dtype) -> None:
    assert torch.equal(metric(PROBS, LABELS.to(dtype)), metric(PROBS, LABELS))
    assert metric(PROBS.numpy(), LABELS.to(dtype).numpy()) == float(metric(PROBS, LABELS))


@every_metric
def test_the_input_is_untouched(metric: Metric) -> None:
    probs, labels = PROBS.clone(), LABELS.clone()
    metric(probs, labels)
    metric(probs.numpy(), labels.numpy())
    assert torch.equal(probs, PROBS)
    assert torch.equal(labels, LABELS)


@every_metric
def test_any_memory_layout_is_fine(metric: Metric) -> None:
    probs, labels = stack(4, 30, 5)
    expected = metric(probs, labels)
    turned, strided = probs.permute(2, 1, 0).contiguous().permute(2, 1, 0), labels.T.contiguous().T
    torch.testing.assert_close(metric(turned, strided), expected, rtol=0, atol=1e-13)
    flipped = (probs.flip(1).numpy()[:, ::-1], labels.flip(1).numpy()[:, ::-1])
    np.testing.assert_allclose(metric(*flipped), expected.numpy(), rtol=0, atol=1e-13)


@every_metric
def test_read_only_arrays_are_fine(metric: Metric) -> None:
    probs, labels = PROBS.numpy().copy(), LABELS.numpy().copy()
    probs.flags.writeable = labels.flags.writeable = False
    assert metric(probs, labels) == float(metric(PROBS, LABELS))


@every_metric
def test_labels_shared_by_a_stack_may_be_expanded(metric: Metric) -> None:
    probs, _ = stack(3, 50, 10)
    shared = metric(probs, LABELS.expand(3, 50))
    assert shared.tolist() == [float(metric(p, LABELS)) for p in probs]


@every_metric
def test_probs_that_require_a_gradient_give_plain_numbers(metric: Metric) -> None:
    assert not metric(PROBS.clone().requires_grad_(), LABELS).requires_grad


@every_metric
def test_the_order_of_the_examples_does_not_matter(metric: Metric) -> None:
    order = torch.randperm(50, generator=torch.Generator().manual_seed(0))
    assert same(metric(PROBS[order], LABELS[order]), metric(PROBS, LABELS), tolerance=1e-12)


@every_metric
def test_a_stack_of_no_cells_has_no_values(metric: Metric) -> None:
    assert metric(torch.zeros(0, 5, 3), torch.zeros(0, 5, dtype=torch.long)).shape == (0,)


# --- the suite ------------------------------------------------------------------------------------------------


def test_the_names_are_the_catalogues_in_its_order() -> None:
    assert list(METRICS) == list(evaluate(PROBS, LABELS, names=METRICS)) == list(catalogue.METRICS)


def test_by_default_the_cheap_ones_of_each_epoch_are_evaluated() -> None:
    each_epoch = [name for name, entry in catalogue.METRICS.items() if entry.each_epoch]
    cheap = ["accuracy", "error_rate", "balanced_accuracy", "nll", "brier", "ece"]
    assert list(evaluate(PROBS, LABELS)) == each_epoch == cheap


def test_the_named_ones_are_evaluated_in_their_order() -> None:
    assert list(evaluate(PROBS, LABELS, names=("mce", "accuracy"))) == ["mce", "accuracy"]
    assert evaluate(PROBS, LABELS, names=()) == {}


def test_a_name_that_is_no_metric_is_an_error() -> None:
    with pytest.raises(InputError, match="unknown metric 'smoothece'; did you mean smooth_ece"):
        evaluate(PROBS, LABELS, names=["smoothece"])


def test_evaluate_is_every_metric_alone() -> None:
    probs, labels = stack(3, 40, 10)
    together = evaluate(probs, labels, names=METRICS)
    assert all(torch.equal(value, METRICS[name](probs, labels)) for name, value in together.items())


def test_evaluate_gives_numpy_for_numpy() -> None:
    values = evaluate(PROBS.numpy(), LABELS.numpy(), names=METRICS)
    assert all(isinstance(value, np.float64) for value in values.values())


def test_evaluate_checks_its_input() -> None:
    with pytest.raises(InputError, match="must sum to 1"):
        evaluate(PROBS / 2, LABELS)


# --- errors ---------------------------------------------------------------------------------------------------


def changed(value: float) -> Tensor:
    probs = PROBS.clone()
    probs[3, 2] = value
    return probs


WRONG = {
    "NaN": (changed(float("nan")), LABELS, "finite numbers, got NaN"),
    "inf": (changed(float("inf")), LABELS, r"in \[0, 1\], got inf"),
    "-inf": (changed(float("-inf")), LABELS, r"in \[0, 1\], got -inf"),
    "negative": (torch.tensor([[-1e-5, 1 + 1e-5]]), torch.tensor([0]), r"in \[0, 1\], got -1e-05"),
    "above one": (torch.tensor([[1 + 1e-5, 0]]), torch.tensor([0]), r"in \[0, 1\], got 1\.00001"),
    "logits": (PROBS.log(), LABELS, r"take softmax\(logits, -1\)"),
    "sum": (torch.tensor([[0.5, 0.5], [0.5, 0.4998]]), torch.tensor([0, 0]), "sum to 1 within 0.0001, got one off by"),
    "sigmoids": (torch.tensor([[0.9, 0.8]]), torch.tensor([0]), r"must sum to 1 .* softmax"),
    "label too large": (PROBS, LABELS.clamp(max=8) + 2, r"labels must be class numbers in \[0, 10\), got 10"),
    "label negative": (PROBS, LABELS - 1, r"in \[0, 10\), got -1"),
    "label one-hot": (PROBS, torch.zeros(50, 10, dtype=torch.long), r"labels must have shape \(50,\)"),
    "label missing": (PROBS, LABELS[1:], r"labels must have shape \(50,\) beside probs \(50, 10\), got \(49,\)"),
    "label to broadcast": (PROBS.expand(2, 50, 10), LABELS, r"labels must have shape \(2, 50\)"),
    "no examples": (PROBS[:0], LABELS[:0], r"at least one example and one class, got shape \(0, 10\)"),
    "no classes": (PROBS[:, :0], LABELS, r"at least one example and one class, got shape \(50, 0\)"),
    "no class axis": (PROBS[0], torch.tensor(0), r"must have shape \(\.\.\., n, K\), got \(10,\)"),
}


@every_metric
@in_turn(("probs", "labels", "message"), WRONG.values())
def test_what_are_no_distributions_with_labels_is_an_error(
    metric: Metric, probs: Tensor, labels: Tensor, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        metric(probs, labels)
    with pytest.raises(InputError, match=message):
        metric(probs.numpy(), labels.numpy())


@every_metric
@in_turn(
    ("probs", "labels", "message"),
    [
        (PROBS, LABELS.double(), "labels must be an integer tensor or array, got torch.float64"),
        (PROBS.numpy(), LABELS.double().numpy(), "labels must be an integer tensor or array, got float64"),
        (PROBS, LABELS > 5, "got torch.bool"),
        (PROBS.long(), LABELS, "probs must be a floating-point tensor or array, got torch.int64"),
        (PROBS.numpy().astype(object), LABELS, "got object"),
        ("many", LABELS, "got str"),
        (PROBS.to(torch.complex64), LABELS, "got torch.complex64"),
    ],
)
def test_what_is_of_the_wrong_type_is_an_error(metric: Metric, probs: Any, labels: Any, message: str) -> None:
    with pytest.raises(DtypeError, match=message):
        metric(probs, labels)


@every_metric
def test_rounding_outside_0_to_1_is_forgiven_and_clamped(metric: Metric) -> None:
    rough = torch.tensor([[-5e-7, 1 + 5e-7], [0.5, 0.5]], dtype=torch.float64)
    exact = torch.tensor([[0, 1], [0.5, 0.5]], dtype=torch.float64)
    for labels in (torch.tensor([1, 0]), torch.tensor([0, 1])):
        assert same(metric(rough, labels), metric(exact, labels))


@every_metric
def test_a_sum_that_is_off_by_float32_rounding_is_fine(metric: Metric) -> None:
    many = torch.randn(20, 10_000, generator=torch.Generator().manual_seed(0)).softmax(-1)
    assert many.double().sum(-1).ne(1).any()
    every_other_right = many.argmax(-1) * (torch.arange(20) % 2)
    assert torch.isfinite(metric(many, every_other_right))


def test_what_is_computed_together_is_computed_once_and_is_what_each_gives_alone(monkeypatch):
    probs, labels = stack(3, 40, 5)
    calls = []

    def counting(whole):
        return lambda *tensors: (calls.append(whole), whole(*tensors))[1]

    once = {whole: counting(whole) for whole, _ in suite.TOGETHER.values()}
    table = {name: (once[whole], field) for name, (whole, field) in suite.TOGETHER.items()}
    monkeypatch.setattr(suite, "TOGETHER", table)
    found = evaluate(probs, labels, names=METRICS)
    assert len(calls) == len(set(calls)) == 2
    for name in table:
        assert torch.equal(found[name], METRICS[name](probs, labels)), name
