"""What a stack predicts for the examples that it is measured on."""

from types import SimpleNamespace

import torch

from lsbench.models.stack import build
from lsbench.training import predict
from lsbench.training.predict import chunk_of, predict_logits

SEEDS = [0, 0, 1, 1, 1, 2]


def test_where_most_examples_are_asked_for_all_are_predicted_at_once_and_picked(monkeypatch):
    images = torch.randn(40, 1, 3, 3)
    model = build("mlp", (1, 3, 3), 4, SEEDS)
    order_of = {seed: torch.randperm(40) for seed in SEEDS}
    indices = torch.stack([order_of[seed][:35] for seed in SEEDS])
    inputs = []
    model.register_forward_pre_hook(lambda _, given: inputs.append(given[0].shape[:2]))
    at_once = predict_logits(model, images, indices)
    monkeypatch.setattr(predict, "AT_ONCE", 0)
    torch.testing.assert_close(at_once, predict_logits(model, images, indices))
    assert inputs == [(1, 40), (3, 35)]
    for cell, own in enumerate(indices):
        torch.testing.assert_close(at_once[cell], model(images[own].unsqueeze(0), (6,))[cell])


def test_few_examples_are_predicted_alone(monkeypatch):
    monkeypatch.setattr(predict, "_picked", None)
    indices = torch.tensor(SEEDS).unsqueeze(1) + torch.arange(20)
    assert predict_logits(build("linear", (1, 3, 3), 4, SEEDS), torch.randn(40, 1, 3, 3), indices).shape == (6, 20, 4)


def test_a_gpu_is_given_as_many_examples_at_once_as_surely_fit():
    images = torch.empty(1, 1, 28, 28)
    assert chunk_of(images, 96) == 256
    on_gpu = SimpleNamespace(device=torch.device("cuda"), shape=(60_000, 1, 28, 28))
    assert [chunk_of(on_gpu, cells) for cells in (1, 96, 10_000)] == [2048, 1783, 256]
