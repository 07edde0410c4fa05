import math

import pytest
import torch
import torch.nn.functional as F

from lsbench.speed import accuracy
from lsbench.speed.accuracy import errors, exactly
from lsbench.speed.forms import FORMS
from lsbench.speed.memory import peak_bytes
from lsbench.speed.step import make_example, step
from tests.in_turn import in_turn

CPU = torch.device("cpu")
HERE = [name for name, form in FORMS.items() if not form.why_not(CPU) and name != "torch-compiled"]


def of(dtype=torch.float32, rows=64, classes=33):
    return make_example(rows, classes, dtype, CPU)


def eps_of(form, eps=0.1):
    return eps if form.smooths else 0.0


@pytest.mark.parametrize("eps", [0.0, 0.3, 1.0])
def test_the_exact_values_are_those_of_plain_python_floats(eps):
    logits, labels = of(torch.float64, rows=3, classes=4)
    losses, gradient = exactly(logits.detach(), labels, eps)
    for z, y, loss, row in zip(logits.tolist(), labels.tolist(), losses.tolist(), gradient.tolist(), strict=True):
        p = [math.exp(x) / math.fsum(map(math.exp, z)) for x in z]
        q = [eps / 4 + (1 - eps) * (c == y) for c in range(4)]
        assert loss == pytest.approx(-math.fsum(qc * math.log(pc) for pc, qc in zip(p, q, strict=True)))
        assert row == pytest.approx([pc - qc for pc, qc in zip(p, q, strict=True)])


@pytest.mark.parametrize("name", HERE)
@in_turn(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.bfloat16, 0.02), (torch.float16, 3e-3)])
def test_every_form_is_the_loss_it_says(name, dtype, tolerance):
    tensors, form = of(dtype), FORMS[name]
    found = errors(*step(form.build(0.1), tensors), tensors, eps_of(form))
    assert max(found) < tolerance


@pytest.mark.parametrize("wrong", ["twice the eps", "sum for mean", "another label"])
def test_a_wrong_form_has_large_errors(wrong):
    tensors = of()
    forms = {
        "twice the eps": lambda z, y: F.cross_entropy(z, y, label_smoothing=0.2),
        "sum for mean": lambda z, y: F.cross_entropy(z, y, label_smoothing=0.1, reduction="sum"),
        "another label": lambda z, y: F.cross_entropy(z, y.roll(1), label_smoothing=0.1),
    }
    loss_error, gradient_error = errors(*step(forms[wrong], tensors), tensors, 0.1)
    assert loss_error > 1e-4
    assert gradient_error > 0.05


def test_one_wrong_entry_of_the_gradient_is_found_in_any_piece(monkeypatch):
    monkeypatch.setattr(accuracy, "PIECE", 100)
    tensors = of()
    value, gradient = step(FORMS["torch"].build(0.1), tensors)
    assert max(errors(value, gradient, tensors, 0.1)) < 1e-6
    for row in (0, 40, 63):
        wrong = gradient.clone()
        wrong[row, 5] += gradient.abs().max()
        assert errors(value, wrong, tensors, 0.1)[1] > 0.5


def test_a_nan_is_an_error_that_is_no_number():
    tensors = of()
    value, gradient = step(FORMS["torch"].build(0.1), tensors)
    gradient[3, 3] = torch.nan
    loss_error, gradient_error = errors(value * torch.nan, gradient, tensors, 0.1)
    assert math.isnan(loss_error)
    assert math.isnan(gradient_error)


def test_the_peak_is_of_what_is_held_at_once():
    def one_after_the_other():
        for _ in range(3):
            torch.ones(1000)

    def together():
        return [torch.ones(1000) for _ in range(3)]

    assert peak_bytes(one_after_the_other, CPU) == 4000
    assert peak_bytes(together, CPU) == 12000
    assert peak_bytes(lambda: None, CPU) == 0


@in_turn("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", HERE)
def test_a_form_needs_no_more_memory_than_is_said_and_not_much_less(name, dtype):
    tensors, form = of(dtype, rows=64, classes=1000), FORMS[name]
    loss = form.build(0.1)
    step(loss, tensors)
    per_logit = peak_bytes(lambda: step(loss, tensors), CPU) / tensors.logits.numel()
    said = form.needs[tensors.logits.element_size() == 2]
    assert said / 2 < per_logit < 1.1 * said


def test_targets_in_memory_cost_more_than_the_fused_kernel():
    tensors = of(rows=64, classes=1000)
    lsr, ours = FORMS["lsr"].build(0.1), FORMS["ours-aten"].build(0.1)
    assert peak_bytes(lambda: step(lsr, tensors), CPU) > 3 * peak_bytes(lambda: step(ours, tensors), CPU)
