"""A stack trains its cells as if each were alone: compared with a plain nn.Module loop over few steps."""

from dataclasses import replace
from math import ceil, cos, pi

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lsbench.data.dataset import load, split
from lsbench.models import zoo
from lsbench.models.stack import build
from lsbench.seeding import global_stream, stream
from lsbench.spec import Cell, Recipe
from lsbench.training.batches import Examples
from lsbench.training.eager_optimizer import eager
from lsbench.training.loop import clip_gradients, train
from lsbench.training.objective import Objective
from lsbench.training.predict import predict_logits
from lsbench.training.schedule import make_optimizer, make_scheduler
from tests.in_turn import in_turn

SIZE = 70  # training examples: two batches of 32 and one of 6
RECIPE = Recipe(lr=0.1, momentum=0.9, batch_size=32, epochs=2, schedule="constant")
CELLS = [
    ("ce", (), 0),
    ("lsr", (("eps", 0.1),), 0),
    ("fused", (("eps", 0.3),), 1),
    ("fused", (("eps", 0.1),), 1),
    ("keras-bce", (("eps", 0.1),), 2),
]


def cells(recipe=RECIPE, model="linear"):
    return tuple(
        Cell(dataset="blobs", fingerprint="f", model=model, loss=loss, hyper=hyper, seed=seed, recipe=recipe)
        for loss, hyper, seed in CELLS
    )


def objective_of(arms):
    return Objective(arms, torch.eye(10).repeat(len(arms), 1, 1), 2000)


def train_stack(cells, recipe):
    """Logits (cells, 100, K) on test images after training the cells as one program."""
    data, seeds = load("blobs"), [cell.seed for cell in cells]
    model = build(cells[0].model, data.shape, data.num_classes, seeds)
    indices = torch.stack([split(len(data.labels), 0.1, seed, SIZE)[0] for seed in seeds])
    examples = Examples(data.images, data.labels.repeat(len(cells), 1), indices, seeds)
    losses = list(train(model, examples, objective_of(cells), recipe))
    return predict_logits(model, data.test_images, torch.arange(100).unsqueeze(0)), torch.stack(losses)


def train_plainly(cell, recipe):
    """The same with one nn.Module, one torch loss and a loop that any tutorial has."""
    data = load("blobs")
    with global_stream(cell.seed, "init"):
        module = getattr(zoo, cell.model)(data.shape, data.num_classes)
    optimizer, scheduler = torch_optimizer(module, recipe)
    order, (train_indices, _) = stream(cell.seed, "order"), split(len(data.labels), 0.1, cell.seed, SIZE)
    for _ in range(recipe.epochs):
        for index in train_indices[torch.randperm(SIZE, generator=order)].split(recipe.batch_size):
            loss = torch_loss(cell, module(data.images[index]), data.labels[index])
            optimizer.zero_grad()
            loss.backward()
            if recipe.clip is not None:
                nn.utils.clip_grad_norm_(module.parameters(), recipe.clip)
            optimizer.step()
            scheduler.step()
    with torch.no_grad():
        return module(data.test_images[:100])


def torch_optimizer(module, recipe):
    """An optimizer, and the learning rate per step: as it is, or along half a cosine."""
    weights, options = module.parameters(), {"lr": recipe.lr}
    if recipe.optimizer == "sgd":
        optimizer = eager(torch.optim.SGD)(weights, momentum=recipe.momentum, **options)
    else:
        optimizer = eager(torch.optim.AdamW)(weights, betas=(recipe.momentum, 0.999), weight_decay=0, **options)
    steps = recipe.epochs * ceil(SIZE / recipe.batch_size)
    factor = {"constant": lambda _: 1, "cosine": lambda step: (1 + cos(pi * step / steps)) / 2}[recipe.schedule]
    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, factor)


def torch_loss(cell, logits, labels):
    if cell.loss == "keras-bce":
        targets = F.one_hot(labels, logits.shape[1]) * (1 - cell.eps) + cell.eps / 2
        return F.binary_cross_entropy_with_logits(logits, targets)
    return F.cross_entropy(logits, labels, label_smoothing=cell.eps or 0.0)


ADAMW, CLIP, COSINE = {"optimizer": "adamw", "lr": 1e-3}, {"clip": 0.1}, {"schedule": "cosine"}


@pytest.mark.parametrize(
    ("model", "changes"),
    [("linear", [{}, ADAMW, CLIP, COSINE]), *((model, [{}, ADAMW | CLIP | COSINE]) for model in ("mlp", "cnn"))],
    ids=["linear", "mlp", "cnn"],
)
def test_a_cell_in_a_stack_alone_and_in_a_plain_loop_give_the_same_probs(model, changes):
    for change in changes:
        require_same_probs(model, change)


def require_same_probs(model, change):
    recipe = replace(RECIPE, **change)
    stacked, _ = train_stack(cells(recipe, model), recipe)
    for i, cell in enumerate(cells(recipe, model)):
        (alone,), _ = train_stack((cell,), recipe)
        plain = train_plainly(cell, recipe)
        torch.testing.assert_close(alone.softmax(-1), plain.softmax(-1), atol=2e-5, rtol=0)
        torch.testing.assert_close(stacked[i].softmax(-1), plain.softmax(-1), atol=2e-5, rtol=0)


def test_training_twice_gives_the_same_bits():
    first, second = (train_stack(cells(), RECIPE)[0] for _ in range(2))
    assert torch.equal(first, second)


def test_equal_seeds_start_from_equal_weights_and_see_equal_batches():
    same = tuple(replace(cells()[0], seed=3) for _ in range(2))
    logits, losses = train_stack(same, RECIPE)
    assert torch.equal(logits[0], logits[1])
    assert torch.equal(losses[:, 0], losses[:, 1])


def test_each_epoch_has_an_order_of_its_own_that_covers_the_training_set():
    examples = Examples(torch.zeros(9, 1), torch.zeros(2, 9), torch.arange(9).expand(2, 9), [0, 1])
    first, second = (draws.order for draws in examples.epochs(4, count=2))
    assert torch.equal(first.sort(1).values, torch.arange(9).expand(2, 9))
    assert not torch.equal(first, second)
    assert not torch.equal(first[0], first[1])


def test_one_cell_that_diverges_leaves_its_mates_alone():
    data = load("blobs")
    model = build("linear", data.shape, 10, [0, 1])
    with torch.no_grad():
        model.get_parameter("layers.1.weight")[0] = torch.inf
    indices = split(len(data.labels), 0.1, 0, SIZE)[0].expand(2, -1)
    examples = Examples(data.images, data.labels.expand(2, -1), indices, [0, 0])
    *_, losses = train(model, examples, objective_of(cells()[:2]), RECIPE)
    assert not losses[0].isfinite()
    assert losses[1].isfinite()


def test_clipping_limits_each_cells_norm_and_not_their_sum():
    model = build("linear", (1, 4, 4), 3, [0, 1])
    for p in model.parameters():
        p.grad = torch.ones_like(p) * torch.tensor([1.0, 1e-3]).view(2, *[1] * (p.dim() - 1))
    clip_gradients(model, 1.0)
    norms = torch.stack([p.grad.flatten(1).square().sum(1) for p in model.parameters()]).sum(0).sqrt()
    torch.testing.assert_close(norms, torch.tensor([1.0, 1e-3 * 51**0.5]))


def learning_rates(schedule, steps=20):
    recipe = Recipe(lr=1.0, schedule=schedule)
    optimizer = make_optimizer([{"params": nn.Linear(1, 1).parameters()}], recipe, may_fuse=False)
    scheduler = make_scheduler(optimizer, recipe, steps)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def test_schedules_have_their_shapes():
    assert learning_rates("constant") == [1.0] * 20
    assert learning_rates("step") == pytest.approx([1.0] * 10 + [0.1] * 5 + [0.01] * 5)
    cosine = learning_rates("cosine")
    assert cosine[0] == 1.0
    assert cosine == sorted(cosine, reverse=True)
    assert cosine[10] == pytest.approx(0.5)
    cycle = learning_rates("one-cycle")
    assert max(cycle) == pytest.approx(1.0)
    assert cycle[0] == pytest.approx(1 / 25)
    assert cycle[-1] < 1e-4


@pytest.mark.parametrize("schedule", ["constant", "step", "cosine", "one-cycle", "fine-tune"])
@in_turn("steps", [1, 2, 3])
def test_schedules_bear_very_short_trainings(schedule, steps):
    assert all(rate >= 0 for rate in learning_rates(schedule, steps))
