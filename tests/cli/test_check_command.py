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
        (["./own_parts.py:lss"], "did you mean loss"),
        (["./own_parts.py:loss", "--kind", "los"], "must be one of loss, model, data set"),
        (["./own_parts.py:model", "--shape", "3"], "channels,height,width"),
    ],
)
def test_bad_input_ends_with_2_and_a_sentence(folder, lsbench, arguments, problem):
    code, _, err = lsbench("check", *arguments)
    assert code == 2
    assert problem in err


def test_a_number_is_no_data_set(folder, lsbench):
    code, out, _ = lsbench("check", "./own_parts.py:number")
    assert (code, "returned int; it may return" in out) == (3, True)


def test_options_are_checked_with_the_values_that_they_were_given(folder, lsbench):
    assert lsbench("check", "gce:q=0.3")[0] == 0
    assert lsbench("check", "gce:quality=3")[0] == 2
    assert lsbench("check", "mlp:widths=8:dropout=0.1", "--shape", "1,8,8")[0] == 0
    assert lsbench("check", "mlp:wide=8")[0] == 2


def test_a_torchvision_model_and_a_function_with_options_are_known_for_what_they_are(folder, lsbench, tmp_path):
    assert "as a model" in lsbench("check", "torchvision:squeezenet1_1", "--shape", "3,64,64")[1]
    (tmp_path / "sized.py").write_text(
        "import torch\ndef make(side=4):\n    x = torch.arange(20.0 * side * side).view(20, 1, side, side)\n"
        "    y = torch.arange(20) % 2\n    return x, y, -1 - x, y\n"
    )
    code, out, _ = lsbench("check", "./sized.py:make")
    assert (code, "as a data set" in out) == (0, True), out


def test_a_data_set_that_is_another_one_each_time_is_found_out(folder, lsbench, tmp_path):
    (tmp_path / "random_set.py").write_text(
        "import torch\ndef make():\n    x, y = torch.rand(20, 1, 4, 4), torch.arange(20) % 2\n    return x, y, x, y\n"
    )
    code, out, _ = lsbench("check", "./random_set.py:make")
    assert (code, "gives other data each time" in out) == (3, True)
