"""Data sets that a function of the user's makes."""

import sys

import numpy as np
import pytest
import torch
from torch.utils.data import TensorDataset

from lsbench.data.dataset import load
from lsbench.data.describe import describe
from lsbench.errors import InputError

X, Y = torch.rand(12, 3, 5, 5), torch.arange(12) % 3


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A module of the user's, and the name of a function in it that returns what is given."""
    monkeypatch.chdir(tmp_path)

    def make(value, body="return VALUE"):
        name = f"theirs_{abs(hash(str(tmp_path)))}_{len(list(tmp_path.iterdir()))}"
        (tmp_path / f"{name}.py").write_text(
            f"VALUE = None\nCALLS = []\n\ndef make(**o):\n    CALLS.append(o)\n    {body}\n"
        )
        monkeypatch.syspath_prepend(str(tmp_path))
        __import__(name)
        sys.modules[name].VALUE = value
        return f"{name}:make"

    return make


@pytest.mark.parametrize(
    "made",
    [
        (X, Y, X[:6], Y[:6]),
        (X.numpy(), Y.numpy(), X[:6].numpy(), Y[:6].numpy()),
        (TensorDataset(X, Y), TensorDataset(X[:6], Y[:6])),
        {"train": TensorDataset(X, Y), "test": TensorDataset(X[:6], Y[:6])},
    ],
    ids=["tensors", "arrays", "datasets", "dict"],
)
def test_every_form_gives_the_same_set(own, made):
    data = load(own(made))
    assert (data.num_classes, data.shape, data.val_count) == (3, (3, 5, 5), 0)
    assert torch.equal(data.labels, Y)
    raw = data.images * data.sd.view(-1, 1, 1) + data.mean.view(-1, 1, 1)
    torch.testing.assert_close(raw, X, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(data.images.mean((0, 2, 3)), torch.zeros(3), atol=1e-5, rtol=0)
    assert describe(own(made)).fingerprint == describe(own(made)).fingerprint


def test_a_third_data_set_is_held_out(own):
    parts = (TensorDataset(X, Y), TensorDataset(X[:6], Y[:6]), TensorDataset(X[6:], Y[6:]))
    data = load(own(parts))
    assert (len(data.labels), data.val_count, len(data.test_labels)) == (18, 6, 6)


def test_options_of_the_name_are_its_keywords(own):
    name = own((X, Y, X, Y))
    load(f"{name}:side=5:kind=small")
    assert sys.modules[name.split(":")[0]].CALLS[0] == {"side": 5, "kind": "small"}


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (3, "returned int"),
        ((X, Y, X), "returned 3 things"),
        ((X, Y[:5], X, Y), "12 images but 5 labels"),
        ((X, Y, X[:, :, :4], Y), "must share one shape"),
        ((X, Y * 2, X, Y), "the label 1, of 4 examples, which the training"),
        ((X, Y * 0, X, Y * 0), "one class"),
        ((X, Y, X, Y + 5), "the label 5 and 2 more, of 12 examples, which the training"),
        ((X, torch.rand(12), X, Y), "12 different numbers that are not all whole"),
        ((X, torch.ones(12, 3), X, Y), "several labels per example"),
        ((TensorDataset(X, torch.eye(3)[Y] + torch.eye(3)[0]), TensorDataset(X, Y)), "several labels per example"),
        ((X * np.nan, Y, X, Y), "finite"),
        ((X, Y.float() + 0.5, X, Y), "the label 0 and 2 more, of 12 examples, which the training"),
    ],
)
def test_what_is_no_data_set_is_an_error_that_says_what_was_returned(own, made, message):
    with pytest.raises(InputError, match=message):
        load(own(made))


def test_what_the_function_raises_is_told_in_a_sentence(own):
    with pytest.raises(InputError, match="failed: ZeroDivisionError"):
        load(own(None, "1 / 0"))


def test_data_that_differ_each_time_are_an_error(own):
    body = "import torch; y = torch.arange(12) % 3; x = torch.rand(12, 1, 4, 4); return x, y, x, y"
    name = own(None, body)
    describe(name)
    with pytest.raises(InputError, match="gives other data each time"):
        load(name)
