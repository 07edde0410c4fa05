"""Residual networks with batch normalisation in stacks: compared with the plain modules, trained apart."""

from copy import deepcopy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lsbench.data.dataset import load as load_data
from lsbench.errors import InputError
from lsbench.models import resnet
from lsbench.models.residual import Residual
from lsbench.models.stack import StackedModel, build
from lsbench.spec import Recipe
from lsbench.training.batches import Examples
from lsbench.training.eager_optimizer import eager
from lsbench.training.loop import clip_gradients, train
from lsbench.training.predict import predict_logits
from tests.models.channels_last import channels_last

CLASSES = 3


def small(channels=2, wide=6):
    """One of everything that a residual network is made of, the pooling of plain ones and groups besides."""
    body = nn.Sequential(nn.Conv2d(4, wide, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(wide), nn.ReLU())
    mixed = nn.Sequential(nn.Conv2d(wide, wide, 1, groups=2), nn.BatchNorm2d(wide, eps=1e-3, momentum=0.3))
    shortcut = nn.Sequential(nn.Conv2d(4, wide, 1, stride=2, bias=False), nn.BatchNorm2d(wide))
    return nn.Sequential(
        nn.Conv2d(channels, 4, 3, padding=1, bias=False),
        nn.BatchNorm2d(4),
        nn.Sequential(nn.ReLU(), nn.MaxPool2d(2)),
        Residual(nn.Sequential(body, mixed), shortcut),
        Residual(nn.Sequential(nn.Conv2d(wide, wide, 3, padding=1), nn.BatchNorm2d(wide)), nn.Identity()),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(wide, CLASSES),
    )


def batches(cells, shape, steps=3, n=5):
    generator = torch.Generator().manual_seed(1)
    for _ in range(steps):
        yield torch.randn(cells, n, *shape, generator=generator), torch.arange(n).expand(cells, n) % CLASSES


def fit(model, data):
    """Logits and gradients of every step of training, then the logits of the last images in evaluation."""
    seen, x = [], torch.empty(0)
    optimizer = eager(torch.optim.SGD)(model.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
    model.train()
    for x, y in data:
        logits = model(x)
        optimizer.zero_grad()
        (F.cross_entropy(logits.flatten(0, -2), y.flatten(), reduction="sum") / y.shape[-1]).backward()
        gradients = model.gradients() if isinstance(model, StackedModel) else [p.grad for p in model.parameters()]
        seen += [logits.detach(), *(gradient.clone() for gradient in gradients)]
        optimizer.step()
    with torch.no_grad():
        return [*seen, model.eval()(x)]


@pytest.mark.parametrize(
    ("factory", "shape", "steps"),
    [
        (resnet.resnet8, (3, 16, 16), 3),
        (resnet.resnet8, (1, 9, 11), 3),
        (resnet.resnet20, (3, 8, 8), 2),
        (resnet.resnet18, (3, 8, 8), 2),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_stack_of_one_trains_to_the_plain_modules_bits(factory, shape, steps):
    torch.manual_seed(0)
    plain = channels_last(factory(shape, CLASSES))
    stack = StackedModel([deepcopy(plain)])
    data = list(batches(1, shape, steps))
    alone = fit(plain, [(x[0].contiguous(memory_format=torch.channels_last), y[0]) for x, y in data])
    together = fit(stack, data)
    assert all(torch.equal(a, b[0]) for a, b in zip(alone, together, strict=True))
    assert all(torch.equal(value, stack.copy_state(0)[name]) for name, value in plain.state_dict().items())


@pytest.mark.parametrize("factory", [small, lambda: resnet.resnet8((2, 8, 8), CLASSES)], ids=["small", "resnet8"])
@pytest.mark.parametrize(("dtype", "error"), [(torch.float64, 1e-10), (torch.float32, 3e-5)], ids=str)
def test_a_stack_trains_as_its_plain_modules_do_apart(factory, dtype, error):
    torch.manual_seed(0)
    copies = [factory().to(dtype) for _ in range(3)]
    stack = StackedModel([deepcopy(copy) for copy in copies])
    data = [(x.to(dtype), y) for x, y in batches(3, (2, 8, 8))]
    together = fit(stack, data)
    for cell, copy in enumerate(copies):
        alone = fit(copy, [(x[cell], y[cell]) for x, y in data])
        for a, b in zip(alone, together, strict=True):
            torch.testing.assert_close(b[cell], a, atol=error, rtol=error)
        for name, value in stack.copy_state(cell).items():
            torch.testing.assert_close(value, copy.state_dict()[name], atol=error, rtol=error)


@pytest.mark.parametrize("other", [0.5, torch.nan, torch.inf], ids=str)
def test_a_cells_inputs_leave_the_other_cells_alone(other):
    torch.manual_seed(0)
    stack = StackedModel([small() for _ in range(3)])
    changed = deepcopy(stack)
    data = list(batches(3, (2, 8, 8)))
    before, after = fit(stack, data), fit(changed, [(at_cell(1, x, other), y) for x, y in data])
    for cell in (0, 2):
        assert all(torch.equal(a[cell], b[cell]) for a, b in zip(before, after, strict=True))
        assert all(torch.equal(v, changed.copy_state(cell)[k]) for k, v in stack.copy_state(cell).items())
    assert not torch.equal(before[0][1], after[0][1])


def at_cell(cell, x, value):
    x = x.clone()
    x[cell] = value
    return x


def test_a_cells_state_loads_strictly_into_the_plain_module_running_statistics_included():
    stack = StackedModel([small() for _ in range(2)])
    logits = fit(stack, batches(2, (2, 8, 8)))[-1]
    *_, (x, _) = batches(2, (2, 8, 8))
    for cell in range(2):
        plain = small()
        plain.load_state_dict(stack.copy_state(cell), strict=True)
        assert plain.get_buffer("1.num_batches_tracked") == 3
        torch.testing.assert_close(plain.eval()(x[cell]), logits[cell])


def test_every_parameter_and_buffer_has_a_leading_axis_of_cells():
    stack = StackedModel([small() for _ in range(3)])
    assert {len(value) for value in stack.state_dict().values()} == {3}
    for p in stack.parameters():
        p.grad = torch.ones_like(p)
    clip_gradients(stack, 1.0)
    norms = torch.stack([p.grad.flatten(1).square().sum(1) for p in stack.parameters()]).sum(0).sqrt()
    torch.testing.assert_close(norms, torch.ones(3))


def test_the_images_of_one_cell_stay_channels_last_forth_and_back():
    stack = StackedModel([resnet.resnet8((3, 16, 16), CLASSES)])
    seen, inner = [], [m for m in stack.modules() if not list(m.children())]

    def look(module, _, output):
        if output.dim() == 4 and output.shape[-1] > 1:
            seen.append((type(module).__name__, output))
            output.register_hook(lambda gradient: seen.append((f"gradient of {type(module).__name__}", gradient)))

    for module in [*inner, *(m for m in stack.modules() if isinstance(m, Residual))]:
        module.register_forward_hook(look)
    stack(torch.randn(1, 4, 3, 16, 16)).sum().backward()
    strided = [name for name, x in seen if not x.is_contiguous(memory_format=torch.channels_last)]
    assert len(seen) > 40
    assert strided == ["gradient of Residual"]  # the last one's: the pooled mean's, which ReLU's backward puts right


def test_the_images_of_several_cells_are_views_of_channels_side_by_side():
    stack = StackedModel([resnet.resnet8((3, 16, 16), CLASSES) for _ in range(3)])
    x = torch.randn(3, 4, 3, 16, 16)
    for layer in stack.layers:
        x = layer(x)
        assert x.dim() < 5 or x.transpose(0, 1).is_contiguous()


def test_prediction_leaves_the_running_statistics_alone_and_training_goes_on_with_them():
    data = load_data("blobs")
    model = build("resnet8", data.shape, data.num_classes, [0, 1])
    examples = Examples(data.images, data.labels.expand(2, -1), torch.arange(40).expand(2, -1), [0, 1])
    recipe = Recipe(lr=0.05, batch_size=16, epochs=2, schedule="constant")
    tracked = []
    for losses in train(model, examples, lambda z, y, _: F.cross_entropy(z.mT, y, reduction="none"), recipe):
        before = {name: value.clone() for name, value in model.state_dict().items()}
        assert predict_logits(model, data.images, torch.arange(30).unsqueeze(0)).isfinite().all()
        assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
        assert losses.isfinite().all()
        tracked.append(model.copy_state(1)["1.num_batches_tracked"].item())
    assert tracked == [3, 6]


def test_a_single_value_per_channel_is_an_error_in_training_alone():
    stack = StackedModel([resnet.resnet18((1, 8, 8), CLASSES)] * 2)
    with pytest.raises(InputError, match="try a batch size that does not leave a single example over"):
        stack(torch.randn(2, 1, 1, 8, 8))
    assert stack.eval()(torch.randn(2, 1, 1, 8, 8)).shape == (2, 1, CLASSES)


@pytest.mark.parametrize(
    ("layer", "known"),
    [
        (nn.Dropout2d(), "no stacked form of Dropout2d; known: Sequential, Residual, Linear, Conv2d, .*, Dropout$"),
        (nn.BatchNorm1d(2, momentum=None), "no stacked form of BatchNorm1d.*with running statistics and a momentum"),
        (nn.BatchNorm2d(2, momentum=None), "no stacked form of BatchNorm2d.*with running statistics and a momentum"),
        (nn.BatchNorm2d(2, affine=False), "no stacked form of BatchNorm2d.*known: affine"),
        (nn.Conv2d(2, 2, 3, padding=1, padding_mode="reflect"), "no stacked form of Conv2d.*padding_mode='zeros'"),
    ],
    ids=str,
)
def test_a_layer_that_a_stack_would_compute_wrongly_is_an_error(layer, known):
    with pytest.raises(TypeError, match=known):
        StackedModel([nn.Sequential(Residual(nn.Sequential(layer), nn.Identity()))] * 2)
