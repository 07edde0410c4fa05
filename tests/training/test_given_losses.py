"""What losses are called that `lsbench.compare` is given as objects."""

import pytest
import torch
from torch import nn

from lsbench.errors import InputError
from lsbench.names.digest import digest
from lsbench.names.reference import load_own
from lsbench.training.contract.given_losses import names_of_losses


def capped(logits, labels, *, cap=4.0):
    """A loss with a hyperparameter."""
    return torch.clamp(nn.functional.cross_entropy(logits, labels, reduction="none"), max=cap)


class Scaled(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = scale

    def forward(self, logits, labels):
        return self.scale * nn.functional.cross_entropy(logits, labels, reduction="none")


def test_a_hyperparameter_of_an_object_is_named_by_the_objects_own_name():
    assert names_of_losses(["ce", capped], {"capped.cap": [2, 8]}) == (
        "ce",
        "python:capped:cap=2",
        "python:capped:cap=8",
    )
    again = type(capped)(capped.__code__, {**globals(), "other": 1}, "capped", (), None)
    again.__kwdefaults__ = {"cap": 5.0}
    assert names_of_losses(again, {"capped.cap": [3]}) == ("python:capped2:cap=3",)


def test_a_dict_names_objects_of_one_class_apart():
    names = names_of_losses({"ce": "ce", "soft": Scaled(0.5), "hard": Scaled(2.0)}, {})
    assert names == ("ce", "python:soft", "python:hard")
    assert [load_own(name).scale for name in names[1:]] == [0.5, 2.0]


@pytest.mark.parametrize(
    ("given", "hyper", "words"),
    [
        ({"soft": "ce"}, {}, "'soft' can't name 'ce'"),
        ({"a b": Scaled(1.0)}, {}, "letters, digits"),
        ([Scaled], {}, r"is a class.*make an object of it, Scaled\(\.\.\.\)"),
        ([3], {}, "must be a name or callable, got 3"),
        (["ce"], {"capped.cap": [1]}, "add capped to them"),
        ([capped], {"cap": [1]}, "got the key 'cap'"),
    ],
)
def test_what_is_no_loss_or_no_name_is_said_in_a_sentence(given, hyper, words):
    with pytest.raises(InputError, match=words):
        names_of_losses(given, hyper)


def test_tensors_of_every_dtype_have_a_digest_that_tells_them_apart():
    numbers = torch.arange(4.0)
    digests = [digest(numbers.to(kind)) for kind in (torch.float32, torch.bfloat16, torch.float8_e4m3fn)]
    assert len(set(digests)) == 3
    assert digest(numbers.bfloat16()) == digest(numbers.bfloat16().clone()) != digest(numbers.bfloat16() + 1)
