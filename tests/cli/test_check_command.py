import pytest

from tests import quick

pytestmark = pytest.mark.usefixtures("a_quarter_of_the_toy_data")

OWN = """
import torch
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

class Focal(nn.Module):
    def __init__(self, gamma=2.0):
        super().__init__()
        self.gamma = gamma

    def forward(self, logits, target):
        return F.cross_entropy(logits, target, reduction="none") ** self.gamma

class Net(nn.Module):
    def __init__(self, shape, num_classes):
        super().__init__()
        self.layer = nn.Linear(shape[0] * shape[1] * shape[2], num_classes)

    def forward(self, x):
        return self.layer(x.flatten(1))

class Photos(torch.utils.data.Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, i):
        return torch.zeros(1, 4, 4), i

focal, net = Focal(), Net((1, 8, 8), 3)
criterion = nn.CrossEntropyLoss(reduction="none")
averaged = nn.CrossEntropyLoss()

def factory(input_shape, k):
    return Net(input_shape, k)

def unnamed(a, b):
    return Net(a, b)

def make_focal(gamma=2.0):
    return Focal(gamma)

def wrong_axis(logits, labels):
    return F.cross_entropy(logits, labels, reduction="none")

def nothing(logits, labels):
    return float("nan") * loss(logits, labels)

def metric(probs, labels):
    return probs.argmax(-1).eq(labels).float().mean()
"""


@pytest.fixture
def folder(lsbench, tmp_path):
    (tmp_path / "own_parts.py").write_text(OWN)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("loss", "loss"),
        ("model", "model"),
        ("focal", "loss"),
        ("criterion", "loss"),
        ("Net", "model"),
        ("factory", "model"),
        ("unnamed", "model"),
    ],
)
def test_what_keeps_its_contract_ends_with_0(folder, lsbench, name, kind):
    code, out, err = lsbench("check", f"./own_parts.py:{name}")
    assert code == 0, err
    assert f"as a {kind}" in out
    assert "BROKEN" not in out


def test_what_an_id_covers_is_told_and_what_it_can_not(folder, lsbench, tmp_path):
    (tmp_path / "with_check.py").write_text(
        "from helper_check import ce\n\ndef loss(logits, labels):\n    return ce(logits, labels)\n"
    )
    helper = "import json\nX = json.load\n\ndef ce(z, y):\n    with open('w.json'):\n        return own(z, y)\n"
    (tmp_path / "helper_check.py").write_text("from own_parts import loss as own\n" + helper)
    (tmp_path / "w.json").write_text("{}")
    code, out, _ = lsbench("check", "./with_check.py:loss")
    assert code == 0
    assert "in its id: ./with_check.py, helper_check, own_parts\n" in out
    assert "NOT in its id, if it is not always the same: what is read by helper_check, line 6: open('w.json')\n" in out
    assert "in its id" not in lsbench("check", "ce")[1]


def test_what_breaks_it_ends_with_3_and_says_why(folder, lsbench):
    code, out, _ = lsbench("check", "own_parts:mean")
    assert code == 3
    assert "don't take the mean" in out


def test_the_toy_data_set_may_be_checked_by_name(lsbench):
    assert "as a data set" in lsbench("check", "blobs")[1]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["./own_parts.py:three"], "say --kind loss, model or dataset"),
        (["./own_parts.py:lss"], "did you mean loss"),
        (["./own_parts.py:loss", "--kind", "los"], "--kind must be loss, model or dataset; got 'los'"),
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


def test_a_torchvision_model_is_known_for_what_it_is(lsbench):
    quick.leave_out("imports torchvision")
    assert "as a model" in lsbench("check", "torchvision:squeezenet1_1", "--shape", "3,64,64")[1]


def test_a_function_with_options_is_known_for_what_it_is(folder, lsbench, tmp_path):
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


@pytest.mark.parametrize(
    ("name", "kind", "code", "said"),
    [
        ("Focal", "loss", 2, "is a class, and a loss is called as f(logits, labels); make an object of it"),
        ("averaged", "loss", 2, "make it with reduction='none', such as CrossEntropyLoss(reduction='none')"),
        ("net", "model", 2, "must be a factory f(shape, num_classes), as each seed starts anew"),
        ("make_focal", "data set", 3, "returned a Focal, which can be called"),
        ("Photos", "data set", 3, "is left for testing: its 4 images have 4 classes"),
        ("wrong_axis", "loss", 3, "classes are the last axis, not axis 1"),
        ("nothing", "loss", 3, "it gave [nan, nan, nan, nan]"),
    ],
)
def test_classes_objects_and_factories_are_known_for_what_they_are_and_one_cause_is_told_once(
    folder, lsbench, name, kind, code, said
):
    found, out, err = lsbench("check", f"./own_parts.py:{name}")
    assert found == code
    assert f"as a {kind}" in out
    assert said in out + err
    if code == 3:
        assert out.count("BROKEN") == 1
        assert err == "lsbench: 1 promise is broken\n"


def test_a_metric_is_not_taken_for_a_loss(folder, lsbench):
    code, _, err = lsbench("check", "./own_parts.py:metric")
    assert (code, "looks like a metric" in err) == (2, True)


@pytest.mark.parametrize("word", ["dataset", "data-set", "data_set", "data", "data set", "Dataset"])
def test_a_data_set_may_be_said_without_quotes(folder, lsbench, word):
    assert "blobs as a data set" in lsbench("check", "blobs", "--kind", word)[1]


def test_what_was_read_of_a_folder_is_printed(lsbench, tmp_path):
    from PIL import Image

    for part, counts in (("train", (6, 3)), ("val", (2, 2)), ("test", (4, 1))):
        for name, count in zip(("cat", "dog"), counts, strict=True):
            (tmp_path / "photos" / part / name).mkdir(parents=True)
            for i in range(count):
                shade = len(list(tmp_path.rglob("*.png"))) + 1
                Image.new("RGB", (12, 10), (shade, i, 0)).save(tmp_path / "photos" / part / name / f"{i}.png")
    code, out, err = lsbench("check", "./photos")
    assert code == 0, out + err
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "images: 9 training, 4 validation, 5 test; 3x10x12 (channels, height, width), uint8" in lines
    assert "class training validation test" in lines
    assert "0 cat 6 2 4" in lines
    assert "1 dog 3 2 1" in lines


def test_what_is_doubtful_about_a_table_is_told(lsbench, tmp_path):
    rows = [f"{i * i if i % 7 else ''},{i + 0.5},{i % 2},{'ab'[i % 2]}" for i in range(60)]
    (tmp_path / "rows.csv").write_text("\n".join(["size,weight,copy,label", *rows]))
    code, out, _ = lsbench("check", "./rows.csv")
    assert code == 0
    assert "warning: 9 missing values are filled in" in out
    assert "warning: column 'copy' has one value for each class" in out
    assert "images" not in out


def test_classes_that_are_written_in_two_ways_are_told(lsbench, tmp_path):
    rows = [f"{i % 7 + i / 60},{('cat', 'Cat')[i % 2]}" for i in range(60)]
    (tmp_path / "rows.csv").write_text("\n".join(["size,label", *rows]))
    code, out, _ = lsbench("check", "./rows.csv")
    assert code == 0
    assert "warning: classes 'Cat' and 'cat' differ by capitals" in out


def test_a_file_without_an_object_is_told_how_to_name_one(folder, lsbench):
    code, _, err = lsbench("check", "./own.py")
    assert code == 2
    assert "name the object in it, such as ./own.py:my_loss" in err


def test_a_misspelt_name_is_told_what_it_is_near_to_and_a_loss_for_k_classes_what_to_say(folder, lsbench):
    code, out, err = lsbench("check", "ge")
    assert (code, out) == (2, "")
    assert "did you mean gce" in err
    (folder / "ten.py").write_text(
        "import torch\nW = torch.ones(10)\n\n\ndef loss(logits, labels):\n"
        "    return -(logits * W).log_softmax(-1).gather(-1, labels.unsqueeze(-1)).squeeze(-1)\n"
    )
    code, _, err = lsbench("check", "./ten.py:loss")
    assert (code, "--classes K" in err) == (3, True)
    assert lsbench("check", "./ten.py:loss", "--classes", "10")[0] == 0


@pytest.mark.parametrize("place", ["./nowhere", "nowhere.npz", "/nowhere/at/all"])
def test_a_folder_or_file_that_is_not_there_is_bad_input(folder, lsbench, place):
    code, out, err = lsbench("check", place)
    assert (code, out) == (2, "")
    assert f"no file or folder {place}" in err
