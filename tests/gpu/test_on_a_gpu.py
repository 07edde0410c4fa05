"""A GPU gives what a CPU gives, to the tolerances that are written here, and the same bits twice.

Skipped where there is no GPU. LSBENCH_GPU_TESTS=cpu runs them with a CPU in its place: what is compared is then the
same, and what fails is the tests' own fault.
"""

import copy
import gc
import os

import pytest
import torch
from torch import nn
from torch.nn.functional import one_hot

from lsbench.kernels import smoothed_cross_entropy
from lsbench.kernels.choose import why_not
from lsbench.losses import LOSSES
from lsbench.metrics import METRICS, evaluate
from lsbench.models.convolutions import DIRECT, GROUPED, forms_for
from lsbench.models.layers import StackedConv2d
from lsbench.models.stack import build
from lsbench.planning import plan
from lsbench.spec import Grid, Place
from lsbench.training.precision import matmul_precision
from lsbench.training.stack import run_stack
from tests.in_turn import in_turn
from tests.training.small_trainings import CASES, trained

GPU = os.environ.get("LSBENCH_GPU_TESTS", "cuda")
if GPU == "cuda" and not torch.cuda.is_available():
    pytest.skip("torch finds no GPU here", allow_module_level=True)

OWN_MASKS = {"dropout"}  # a CPU and a GPU draw different ones


@in_turn("name", LOSSES)
def test_losses_and_their_gradients_agree(name):
    generator = torch.Generator().manual_seed(0)
    for dtype, near in ((torch.float32, 2e-6), (torch.float64, 1e-12)):
        logits = 3 * torch.randn(4, 64, 10, generator=generator).to(dtype)
        labels = torch.randint(10, (4, 64), generator=generator)
        results = [with_gradient(name, logits.to(device), labels.to(device)) for device in ("cpu", GPU)]
        for own, other in zip(*results, strict=True):
            torch.testing.assert_close(other.cpu(), own, rtol=near, atol=near)


def with_gradient(name, logits, labels):
    logits = logits.clone().requires_grad_()
    losses = LOSSES[name](logits, labels)
    losses.sum().backward()
    return losses.detach(), logits.grad


@in_turn("classes", [3, 1000, 50_257])
def test_the_kernel_that_is_chosen_agrees_with_torchs_operations(classes):
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(8, classes, generator=generator).to(GPU)
    labels = torch.randint(classes, (8,), generator=generator).to(GPU)
    for given in ({"labels": labels}, {"targets": one_hot(labels, classes).float()}):
        own, plain = (with_kernel(logits, backend, **given) for backend in (None, "aten"))
        for one, other in zip(own, plain, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-7)


def with_kernel(logits, backend, **given):
    logits = logits.clone().requires_grad_()
    losses = smoothed_cross_entropy(logits, **given, eps=0.1, backend=backend)
    losses.sum().backward()
    return losses.detach(), logits.grad


def test_metrics_agree():
    generator = torch.Generator().manual_seed(0)
    probs = (2 * torch.randn(3, 500, 10, generator=generator, dtype=torch.float64)).softmax(-1)
    labels = torch.randint(10, (3, 500), generator=generator)
    own, other = (evaluate(probs.to(device), labels.to(device), names=METRICS) for device in ("cpu", GPU))
    for name, values in own.items():
        torch.testing.assert_close(other[name].cpu(), values, rtol=1e-8, atol=1e-9, equal_nan=True, msg=name)


@in_turn("case", CASES)
def test_a_training_gives_the_same_weights_and_twice_the_same_bits(case):
    """Every loss, optimiser and schedule, clip, ema, mixup, augmentation: six steps, within 3e-5 in float32."""
    first, again = (trained(**CASES[case], device=GPU) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        assert torch.equal(one, other)
    if case not in OWN_MASKS:
        for own, expected in zip(first, trained(**CASES[case]), strict=True):
            torch.testing.assert_close(own.cpu(), expected, rtol=1e-4, atol=3e-5)


@in_turn("model", ["linear", "mlp", "cnn", "resnet8"])
def test_logits_of_models_alone_and_in_stacks_agree(model):
    shape = (1, 28, 28) if model != "resnet8" else (3, 32, 32)
    images = torch.randn(1, 16, *shape, generator=torch.Generator().manual_seed(0))
    for cells in (1, 3):
        stack = build(model, shape, 10, range(cells)).eval()
        with torch.no_grad(), matmul_precision("highest", GPU):
            own = stack(images.expand(cells, *images.shape[1:]))
            other = stack.to(GPU)(images.expand(cells, *images.shape[1:]).to(GPU))
        torch.testing.assert_close(other.cpu(), own, rtol=1e-4, atol=1e-4)


LAYERS = [  # of cnn and resnet8, and a width of which no tile is full
    (nn.Conv2d(10, 20, 5), 12),
    (nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False), 16),
    (nn.Conv2d(3, 5, 1, stride=2), 7),
]


@in_turn("layer, size", LAYERS)
def test_forms_of_convolutions_agree_with_torchs_in_float64_on_a_cpu_and_twice_to_the_last_bit(layer, size):
    """Values and gradients, of as many images as the direct form adds up in two parts, and an odd number of them."""
    generator, count = torch.Generator().manual_seed(0), 33 if GPU == "cuda" else 3
    stack = StackedConv2d([layer] * 3)
    x = torch.randn(3, count, layer.in_channels, size, size, generator=generator)
    with torch.no_grad():
        stack.weight.copy_(torch.randn(stack.weight.shape, generator=generator))
    exact = of_a_convolution(copy.deepcopy(stack).double(), GROUPED, x.double())
    stack = stack.to(GPU)
    for form in forms_for(stack.geometry, stack.weight):
        with matmul_precision("highest", GPU):
            own, again = (of_a_convolution(stack, form, x.to(GPU)) for _ in range(2))
        for one, other, expected in zip(own, again, exact, strict=True):
            assert torch.equal(one, other), form
            assert (one.cpu().double() - expected).norm() < 1e-5 * expected.norm(), form


def of_a_convolution(layer, form, x):
    layer.form, x = form, x.clone().requires_grad_()
    y = layer(x)
    return [y.detach(), *torch.autograd.grad(y.square().sum(), [x, *layer.parameters()])]


def test_a_gpu_is_offered_the_direct_form_where_triton_is():
    layer = StackedConv2d([nn.Conv2d(3, 5, 3)] * 2).to(GPU)
    assert (DIRECT in forms_for(layer.geometry, layer.weight)) == (not why_not("triton", layer.weight.device))


def cells_of(**changes):
    settings = {
        "losses": ("ce", "lsr", "forward", "prune"),
        "datasets": ("blobs",),
        "models": ("mlp",),
        "noise_rates": (0.2,),
        "seeds": (0, 1),
        "train_size": 300,
        "recipe": {"epochs": 2, "batch_size": 32},
    }
    return tuple(plan.check(Grid(**{**settings, **changes})).cells())


@pytest.fixture(scope="module")
def rows():
    """Of the same cells on a CPU, on a GPU, and there again."""
    return [run_stack(cells_of(), Place(device=device, engine="torch")) for device in ("cpu", GPU, GPU)]


def test_rows_agree_from_end_to_end_and_twice_to_the_last_bit(rows):
    for own, other, again in zip(*rows, strict=True):
        assert (other.status, other.metrics, other.curves, other.scaled) == (
            *(again.status, again.metrics, again.curves, again.scaled),
        )
        assert own.status == other.status
        assert other.metrics["nll"] == pytest.approx(own.metrics["nll"], abs=2e-3)
        assert other.metrics["accuracy"] == pytest.approx(own.metrics["accuracy"], abs=5e-3)


def test_a_row_names_card_driver_and_versions(rows):
    _, (row, *_), _ = rows
    if GPU == "cuda":
        assert row.provenance["device"] == torch.cuda.get_device_name()
        assert row.provenance["driver"]
        assert row.provenance["cuda"] == torch.version.cuda
        assert row.provenance["cudnn"] == torch.backends.cudnn.version()
    assert row.provenance["arithmetic"] == "float32"
    assert row.seconds > 0


def test_recorded_steps_give_the_same_rows(rows):
    """`--engine graph`, which gives its reason where it does not take a stack."""
    recorded = run_stack(cells_of(losses=("ce", "lsr")), Place(device=GPU, engine="graph"))
    by_id = {row.id: row for row in rows[1]}
    for row in recorded:
        expected = by_id[row.id].metrics
        assert row.metrics["nll"] == pytest.approx(expected["nll"], abs=2e-3), row.engine


def test_nothing_is_left_in_memory():
    cells, place = cells_of(losses=("ce",)), Place(device=GPU, engine="torch")
    kept = []
    for _ in range(3):
        run_stack(cells, place)
        gc.collect()
        kept.append(torch.cuda.memory_allocated() if GPU == "cuda" else 0)
    assert kept[2] <= kept[1] + 2**16
