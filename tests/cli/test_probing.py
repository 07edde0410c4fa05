"""What `check` finds is found by `run` before it trains: broken ends it, doubts are told, stored and shown."""

import json
import sys

import numpy as np
import pytest

from lsbench.rows import store

PARTS = """
import torch
import torch.nn.functional as F
from torch import nn

def wrong_axis(logits, labels):
    return F.cross_entropy(logits, labels, reduction="none")

def mean(logits, labels):
    return F.cross_entropy(logits.flatten(0, -2), labels.flatten())

def capped(logits, labels, *, cap=4.0):
    l = F.cross_entropy(logits.flatten(0, -2), labels.flatten(), reduction="none").view_as(labels)
    return l.clamp(max=float(cap)) if isinstance(cap, float) else l.clamp(max=float(cap.flatten()[0]))

def net(shape, num_classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(256, num_classes))

def one_more(shape, num_classes):
    return net(shape, num_classes + 1)

def softmax(shape, num_classes):
    return nn.Sequential(*net(shape, num_classes), nn.Softmax(-1))

class Pair(nn.Module):
    def __init__(self, shape, num_classes):
        super().__init__()
        self.net = net(shape, num_classes)

    def forward(self, x):
        return self.net(x), x

class Named(Pair):
    def forward(self, x):
        return {"logits": self.net(x)}

class InTraining(Pair):
    def forward(self, x):
        return (self.net(x), x) if self.training else self.net(x)

class Batchwise(Pair):
    def forward(self, x):
        return self.net(x - x.mean(0))

def frozen(shape, num_classes):
    return net(shape, num_classes).requires_grad_(False)

def shrinks(shape, num_classes):
    pools = [nn.AvgPool2d(16), nn.BatchNorm2d(1), nn.Flatten()]
    return nn.Sequential(*pools, nn.Linear(1, num_classes))

def positional(logits, labels, cap=4.0):
    return capped(logits, labels, cap=cap)

def leaves(*args):
    raise SystemExit(0)

def halves(labels, rate, num_classes, generator):
    return labels / 2

def many(probs, labels):
    return probs

def leaky():
    x = torch.rand(300, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    fresh = torch.rand(21, 1, 16, 16, generator=torch.Generator().manual_seed(1))
    return x, torch.arange(300) % 4, torch.cat([x[:45], fresh]), torch.arange(66) % 3

def grey():
    y = torch.arange(20) % 2
    return torch.ones(20, 1, 16, 16), y, torch.rand(20, 1, 16, 16, generator=torch.Generator().manual_seed(0)), y
"""
TINY = ("--epochs", "1", "--seeds", "1", "--loss", "ce")
LINEAR = ("--model", "linear")


@pytest.fixture
def folder(lsbench, tmp_path):
    (tmp_path / "parts.py").write_text(PARTS)
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--loss", "./parts.py:wrong_axis"], "classes are the last axis, not axis 1"),
        (["--loss", "./parts.py:mean"], "don't take the mean"),
        (["--loss", "./parts.py:capped:cap=3,./parts.py:capped:cap=2"], "cap as a tensor (cells, 1)"),
        (["--loss", "./parts.py:leaves"], "it raised SystemExit: 0"),
        (["--model", "./parts.py:leaves"], "it raised SystemExit: 0"),
        (["--metric", "./parts.py:leaves"], "it raised SystemExit: 0"),
        (["--dataset", "./parts.py:leaves"], "failed: SystemExit: 0"),
        (["--model", "./parts.py:frozen"], "all parameters are frozen"),
        (["--model", "./parts.py:one_more"], "6 images and 10 classes gave (6, 11)"),
        (["--model", "./parts.py:softmax"], "leave the softmax to the loss"),
        (["--model", "./parts.py:Pair"], "it returned a tuple of 2 instead of a tensor"),
        (["--model", "./parts.py:Named"], "it returned a dict of 'logits' instead of a tensor"),
        (["--model", "./parts.py:InTraining"], "it returned a tuple of 2 instead of a tensor"),
        (["--noise-kind", "./parts.py:halves", "--noise", "0.2"], "must be an integer tensor or array"),
        (["--metric", "./parts.py:many"], "f(probs (n, K), labels (n,)) gives one number"),
        (["--dataset", "./parts.py:grey"], "all training images are the same"),
    ],
)
def test_what_is_broken_ends_with_2_and_one_sentence_before_anything_is_trained(folder, lsbench, asked, said):
    code, _, err = lsbench("run", "--dataset", "blobs", *TINY, *LINEAR, *asked)
    assert code == 2
    *few, line = err.splitlines()
    assert all("few test examples" in text for text in few)
    assert said in line
    if "loss" in asked[0] or "model" in asked[0]:
        assert "lsbench check ./parts.py:" in line
    assert not list(folder.glob("results/cells/*/*"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--loss", "./parts.py:wrong_axis"], "classes are the last axis, not axis 1"),
        (["--model", "./parts.py:one_more"], "6 images and 10 classes gave (6, 11)"),
        (["--dataset", "./parts.py:grey"], "all training images are the same"),
    ],
)
def test_plan_measure_tries_what_is_the_users_own_before_it_trains(folder, lsbench, monkeypatch, asked, said):
    monkeypatch.setattr("lsbench.workers.trial.run_all", lambda *_: pytest.fail("trained"))
    code, out, err = lsbench("plan", "--dataset", "blobs", *TINY, *LINEAR, *asked, "--measure")
    assert (code, out) == (2, "")
    assert said in err.splitlines()[-1]


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        ("./parts.py:positional:cap=3", "a hyperparameter is keyword-only: def f(logits, labels, *, cap=1.0)"),
        ("gce:q", "if you mean the loss 'gce', write gce:key=value"),
    ],
)
def test_how_a_hyperparameter_is_written_is_said(folder, lsbench, loss, said):
    code, _, err = lsbench("plan", "--dataset", "blobs", "--loss", loss)
    assert code == 2
    assert said in err


@pytest.mark.usefixtures("figures_as_words")
def test_doubts_are_one_line_each_and_are_stored_and_shown(folder, lsbench):
    code, _, err = lsbench("run", "--dataset", "./parts.py:leaky", *TINY, "--model", "./parts.py:Batchwise")
    few, *told = [line.removeprefix("lsbench: warning: ") for line in err.splitlines() if "warning" in line]
    assert "few test examples of class 3 (0), 0 (22)" in few
    assert code == 0, err
    assert [text.partition(":")[0] for text in told] == ["data set './parts.py", "model './parts.py"]
    assert "45 of 66 test images equal one of the training images" in told[0]
    assert "alone and in a batch they differ" in told[1]
    (row,) = store.read(folder / "results")[0]
    assert row.warnings == told
    assert [json.loads(lsbench("report", "--format", "json")[1])[0]["warnings"]] == ["; ".join(told)]
    shown = lsbench("report")[1]
    assert all(shown.count(f"warning: {text}") == 1 for text in told)
    assert shown.index(told[0]) < shown.index("accuracy %"), "above the table"
    assert "45 of 66 test images equal one of the training images" in lsbench("report", "--format", "html")[1]
    code, _, again = lsbench("run", "--dataset", "./parts.py:leaky", *TINY, "--model", "./parts.py:Batchwise")
    assert (code, "test images are" in again) == (0, False), "nothing is trained, so nothing is tried"
    assert "equal, bit for bit" in lsbench("rerun", row.id, "--verify")[1]


def test_a_module_that_keeps_one_loss_per_example_is_a_loss(folder, lsbench):
    (folder / "modules.py").write_text("from torch import nn\ncriterion = nn.CrossEntropyLoss(reduction='none')\n")
    code, _, err = lsbench("run", "--dataset", "blobs", *TINY, *LINEAR, "--loss", "./modules.py:criterion")
    assert code == 0, err
    nlls = {row.cell.loss: row.metrics["nll"] for row in store.read(folder / "results")[0]}
    assert nlls["./modules.py:criterion"] == pytest.approx(nlls["ce"], rel=1e-4)


def test_few_copies_are_no_doubt(folder, lsbench):
    x = np.random.default_rng(0).integers(0, 255, (600, 8, 8), np.uint8)
    y = np.arange(600) % 2
    test = np.concatenate([x[:2], 255 - x[:298]])
    np.savez("few.npz", x_train=x, y_train=y, x_test=test, y_test=y[:300])
    assert "warning" not in lsbench("run", "--dataset", "few.npz", *TINY, *LINEAR)[2]
    test[:3] = x[:3]
    np.savez("some.npz", x_train=x, y_train=y, x_test=test, y_test=y[:300])
    assert "3 of 300 test images" in lsbench("run", "--dataset", "some.npz", *TINY, *LINEAR)[2]


def test_without_own_parts_nothing_is_imported_to_try_them():
    import subprocess

    code = (
        "import sys; from lsbench.planning import plan; from lsbench.spec import Grid;"
        "from lsbench.training.contract.probe import probe;"
        "print(probe(plan.expand(Grid(datasets=('blobs', 'mnist'), noise_rates=(0.0, 0.2)))), 'torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "() False\n"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--model", "parts.py:shrinks", "--train-size", "1025", "--batch-size", "64"), "leave one over"),
        (  # of 258 examples the first networks have 129
            ("--model", "parts.py:shrinks", "--loss", "prune", "--train-size", "258", "--batch-size", "64"),
            "129 training examples in batches of 64 leave one over",
        ),
        (
            ("--loss", "backward:matrix=known", "--noise", "1", "--noise-kind", "matrix:onto_two.csv"),
            "matrix is singular",
        ),
    ],
)
def test_parts_that_fail_only_together_are_refused_before_anything_is_trained(folder, lsbench, asked, said):
    rows = ["0,1" + ",0" * 8, "1,0" + ",0" * 8] * 5
    (folder / "onto_two.csv").write_text("\n".join(rows) + "\n")
    code, _, err = lsbench("run", "--dataset", "blobs", "--model", "linear", "--seeds", "1", "--epochs", "1", *asked)
    assert code == 2
    assert said in err
    assert not list(folder.rglob("cells/*/*.json"))


def test_a_model_that_takes_a_single_example_is_trained_on_what_is_left_over(folder, lsbench):
    asked = ("--loss", "ce", "--seeds", "1", "--epochs", "1", "--train-size", "129", "--batch-size", "128")
    assert lsbench("run", "--dataset", "blobs", "--model", "linear", *asked)[0] == 0
