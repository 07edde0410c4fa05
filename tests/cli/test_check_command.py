import pytest

OWN = """
import torch.nn.functional as F
from torch import nn

def loss(logits, labels):
    return -F.log_softmax(logits.float(), -1).gather(-1, labels.unsqueeze(-1)).squeeze(-1)

def mean(logits, labels):
    return loss(logits, labels).mean()

def model(shape, num_classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(shape[0] * shape[1] * shape[2], num_classes))

def three(a, b, c):
    return a

number = 3
"""


@pytest.fixture
def folder(lsbench, tmp_path):
    (tmp_path / "own_parts.py").write_text(OWN)
    return tmp_path


@pytest.mark.parametrize(("name", "kind"), [("loss", "loss"), ("model", "model")])
def test_what_keeps_its_contract_ends_with_0(folder, lsbench, name, kind):
    code, out, err = lsbench("check", f"./own_parts.py:{name}")
    assert code == 0, err
    assert f"as a {kind}" in out
    assert "BROKEN" not in out


def test_what_breaks_it_ends_with_3_and_says_why(folder, lsbench):
    code, out, _ = lsbench("check", "own_parts:mean")
    assert code == 3
    assert "don't take the mean" in out


def test_the_toy_data_set_may_be_checked_by_name(lsbench):
    assert "as a data set" in lsbench("check", "blobs")[1]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["./own_parts.py:three"], "say --kind loss or model or data set"),
        (["./own_parts.py:number"], "must be callable, got int"),
        (["./own_parts.py:lss"], "did you mean loss"),
        (["./own_parts.py:loss", "--kind", "los"], "must be one of loss, model, data set"),
        (["./own_parts.py:model", "--shape", "3"], "channels,height,width"),
    ],
)
def test_bad_input_ends_with_2_and_a_sentence(folder, lsbench, arguments, problem):
    code, _, err = lsbench("check", *arguments)
    assert code == 2
    assert problem in err
