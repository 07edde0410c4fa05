"""The balanced sampler's draws, against its definition and numpy."""

import numpy as np
import torch

from lsbench.seeding import stream
from lsbench.training.batches import Examples
from lsbench.training.sampler import draw_places

COUNTS = (90, 9, 1)


def examples(seeds=(0, 0), chances=None):
    images = torch.arange(100.0).view(100, 1, 1, 1)
    indices = torch.arange(100).repeat(len(seeds), 1)
    return Examples(images, torch.zeros(len(seeds), 100, dtype=torch.int64), indices, seeds, chances=chances)


def test_places_are_drawn_as_often_as_their_chances_say():
    chances = torch.tensor([0.0, 3.0, 0.0, 1.0, 0.0])
    drawn = draw_places(chances, 40_000, stream(0, "order")).bincount(minlength=5)
    assert drawn[[0, 2, 4]].tolist() == [0, 0, 0]
    assert abs(drawn[1].item() / 40_000 - 0.75) < 0.01  # 4.6 standard errors


def test_a_draw_at_the_very_end_takes_the_last_place_that_has_a_chance(monkeypatch):
    monkeypatch.setattr(torch, "rand", lambda *_, **__: torch.ones(3, dtype=torch.float64))
    assert draw_places(torch.tensor([0.5, 0.5, 0.0]), 3, torch.Generator()).tolist() == [1, 1, 1]


def test_draws_are_numpys_inverse_of_the_cumulated_chances():
    chances = torch.rand(50, generator=torch.Generator().manual_seed(1))
    uniform = torch.rand(200, generator=stream(3, "order"), dtype=torch.float64).numpy()
    cumulated = np.cumsum(chances.numpy().astype(float))
    expected = np.searchsorted(cumulated / cumulated[-1], uniform, side="right")
    assert draw_places(chances, 200, stream(3, "order")).tolist() == expected.tolist()


def test_cells_of_a_seed_share_their_draws_where_their_chances_are_the_same():
    weights = torch.rand(3, 100, generator=torch.Generator().manual_seed(2))
    made = examples((0, 0, 1), weights[0].repeat(3, 1))
    order = next(made.epochs(10)).order
    assert torch.equal(order[0], order[1])
    assert not torch.equal(order[0], order[2])
    other = examples((0, 0), torch.stack([weights[0], weights[1]]))
    assert len(set(other.keys)) == 2
    assert torch.equal(next(other.epochs(10)).order[0], order[0])  # whatever it stands beside
