from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import lsbench
from lsbench import compare
from lsbench.analysis.summary import frame
from lsbench.errors import DoubtWarning, InputError
from tests.in_turn import in_turn

RECIPE = {"epochs": 2, "batch_size": 64}


def test_names_give_a_line_per_loss_and_the_cells_beside_it():
    table = lsbench.compare(model="linear", data="blobs", losses=["ce", "lsr", "gce:q=0.5"], seeds=2, recipe=RECIPE)
    assert list(table["loss"]) == ["ce", "lsr", "gce"]
    assert list(table["n"]) == [2, 2, 2]
    cells = table.attrs["cells"]
    assert len(cells) == 6
    lsr = cells[cells.loss == "lsr"]
    assert table.accuracy[1] == pytest.approx(lsr.accuracy.mean())
    assert table.accuracy_sd[1] == pytest.approx(lsr.accuracy.std())
    ce = cells[cells.loss == "ce"].set_index("seed").accuracy
    assert table.delta_accuracy[1] == pytest.approx((lsr.set_index("seed").accuracy - ce).mean())
    assert table.q[2] == 0.5


def test_objects_of_ones_own_are_compared(tmp_path):
    def squared(logits, labels, *, scale=1.0):
        target = F.one_hot(labels, logits.shape[-1])
        return scale * (logits.softmax(-1) - target).square().sum(-1)

    def model(shape, num_classes):
        return nn.Sequential(nn.Flatten(), nn.Linear(16, num_classes))

    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(120) % 3
    images = F.one_hot(labels, 16).float().reshape(120, 1, 4, 4) + 0.1 * torch.rand(120, 1, 4, 4, generator=generator)
    data = images[:90], labels[:90], images[90:], labels[90:]
    asked = {"model": model, "data": data, "losses": ["ce", squared], "seeds": 2, "recipe": {"epochs": 8, "lr": 0.1}}
    table = lsbench.compare(**asked, out=tmp_path)
    assert list(table["loss"]) == ["ce", "python:squared"]
    assert (table.accuracy > 0.9).all()
    kept = sorted(tmp_path.glob("cells/*/*.json"))
    assert len(kept) == 4
    times = [path.stat().st_mtime_ns for path in kept]
    again = lsbench.compare(**asked, out=tmp_path)
    assert [path.stat().st_mtime_ns for path in kept] == times
    assert again.accuracy.equals(table.accuracy)


def test_a_module_instead_of_a_factory_is_refused():
    with pytest.raises(InputError, match="each seed starts anew"):
        lsbench.compare(model=nn.Linear(2, 2), data="blobs")


def test_frames_of_rows_and_tables_do_not_share_columns_by_accident():
    table = lsbench.compare(model="linear", data="blobs", losses=["ce"], seeds=1, recipe={"epochs": 1})
    assert set(frame([]).columns) <= set(table.attrs["cells"].columns)
    assert table.delta_accuracy.isna().all()


def test_equal_arrays_given_again_are_not_trained_again(tmp_path):
    x, z, y = torch.rand(60, 1, 4, 4), torch.rand(60, 1, 4, 4), torch.arange(60) % 3
    for _ in range(2):
        table = compare(model="linear", data=(x, y, z, y), losses="ce", seeds=1, recipe={"epochs": 1}, out=tmp_path)
    assert len(list(tmp_path.rglob("cells/*/*.json"))) == 1
    assert len(table) == 1
    compare(model="linear", data=(x + 1, y, z, y), losses="ce", seeds=1, recipe={"epochs": 1}, out=tmp_path)
    assert len(list(tmp_path.rglob("cells/*/*.json"))) == 2


def test_losses_that_are_one_function_are_all_trained_as_they_were_asked_for():
    table = compare(
        model="linear", data="blobs", losses=["ce", "reid", "lsr"], seeds=2, recipe={"epochs": 1}, noise=0.2
    ).set_index("loss")
    assert sorted(table.index) == ["ce", "lsr", "reid"]
    assert set(table["noise_rate"]) == {0.2}
    assert table.same_function_as.fillna("").to_dict() == {"ce": "", "lsr": "", "reid": "lsr 0.1"}
    assert table.delta_accuracy.isna().to_dict() == {"ce": True, "lsr": False, "reid": True}
    assert table.finding["lsr"] in ("better", "worse", "equivalent", "undecided")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"recipe": {"epoch": 3}}, "field of a recipe 'epoch'; did you mean epochs"),
        ({"losses": "c"}, "unknown loss 'c'"),
        ({"noise_kind": "human:nowhere.npy"}, "no file nowhere.npy"),
    ],
)
def test_what_can_not_be_is_an_error_in_a_sentence(asked, message):
    with pytest.raises(InputError, match=message):
        compare(**{"data": "blobs", "model": "linear", "seeds": 1, "losses": "ce", **asked})


def test_a_loss_module_of_torchs_is_the_function_that_it_is():
    asked = {"model": "linear", "data": "blobs", "seeds": 1, "recipe": {"epochs": 1}}
    smoothed = nn.CrossEntropyLoss(reduction="none", label_smoothing=0.1)
    table = compare(losses=["ce", nn.CrossEntropyLoss(reduction="none"), smoothed, "lsr:eps=0.1"], **asked)
    nll = table.set_index("loss").nll
    assert nll["python:CrossEntropyLoss"] == pytest.approx(nll["ce"], rel=1e-4)
    assert nll["python:CrossEntropyLoss2"] == pytest.approx(nll["lsr"], rel=1e-4)


class Learnt(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, logits, labels):
        return self.scale * F.cross_entropy(logits, labels, reduction="none")


@in_turn(
    ("loss", "said"),
    [
        (nn.CrossEntropyLoss(), r"one number per batch.*CrossEntropyLoss\(reduction='none'\)"),
        (nn.CrossEntropyLoss(reduction="sum"), "reduction='sum'"),
        (nn.CrossEntropyLoss, "is a class.*make an object of it"),
        (Learnt(), "has parameters, which nothing would train"),
        (F.cross_entropy, "don't take the mean"),
        (partial(F.cross_entropy, reduction="none"), "classes are the last axis, not axis 1"),
        (lambda logits: logits, r"is called as f\(logits, labels\)"),
        (3, "loss must be a name or callable, got 3"),
    ],
)
def test_what_is_no_loss_is_refused_with_what_to_do(loss, said):
    with pytest.raises(InputError, match=said):
        compare(losses=[loss], model="linear", data="blobs", seeds=1)


def numbers_of(**asked):
    known = {"model": "linear", "data": "blobs", "losses": ["lsr"], "recipe": {"epochs": 1}, "train_size": 64}
    return compare(**{**known, **asked}).attrs["cells"].drop(columns=["seconds"])


@pytest.mark.parametrize(
    "asked",
    [
        {"seeds": np.int64(2)},
        {"seeds": np.array(2)},
        {"seeds": torch.tensor(2)},
        {"seeds": range(2)},
        {"seeds": np.arange(2)},
        {"seeds": pd.Series([0, 1])},
        {"seeds": (seed for seed in (0, 1))},
        {"seeds": {0, 1}},
        {"eps": np.float64(0.1)},
        {"eps": np.array([0.1])},
        {"eps": pd.Series([0.1])},
        {"noise": np.float64(0)},
        {"noise": np.zeros(1)},
        {"losses": np.array(["lsr"])},
        {"model": pd.Series(["linear"])},
        {"noise_kind": np.array(["symmetric"])},
        {"val": np.float64(0.1)},
        {"train_size": np.int64(64)},
        {"recipe": {"epochs": np.int64(1)}},
        {"device": torch.device("cpu")},
    ],
    ids=lambda asked: f"{next(iter(asked))}-{type(next(iter(asked.values()))).__name__}",
)
def test_numbers_of_numpy_pandas_and_torch_are_numbers(tmp_path, asked):
    found = numbers_of(**{"seeds": 2, "out": tmp_path, **asked})
    pd.testing.assert_frame_equal(found, numbers_of(seeds=2))
    assert len(list(tmp_path.rglob("cells/*/*.json"))) == 2


@in_turn(
    ("asked", "said"),
    [
        ({"seeds": 0}, "seeds, as a count, must be a whole number"),
        ({"seeds": 2.5}, "seeds, as a count, must be a whole number, got 2.5"),
        ({"seeds": "five"}, "whole number"),
        ({"seeds": []}, "seeds is empty"),
        ({"eps": "much"}, "eps must be a number, got 'much'"),
        ({"noise": [0.1, None]}, "noise rate must be a number, got None"),
        ({"train_size": 2.5}, "train size must be a whole number"),
        ({"device": "gpu"}, "--device must be one of"),
        ({"recipe": 3}, "recipe must be a recipe's name, or its fields .* got 3"),
        ({"out": ""}, "out is empty; give a folder, or None"),
        ({"data_dir": ""}, "data_dir is empty"),
    ],
)
def test_values_that_make_no_sense_are_refused_in_a_sentence(asked, said):
    with pytest.raises(InputError, match=said):
        compare(**{"model": "linear", "data": "blobs", "losses": "ce", **asked})


def test_doubts_are_warnings_and_stay_with_the_table(tmp_path):
    x, y = torch.rand(60, 1, 4, 4, generator=torch.Generator().manual_seed(0)), torch.arange(60) % 3
    asked = {"model": "linear", "data": (x, y, x[:10], y[:10]), "losses": "ce", "seeds": 1, "recipe": {"epochs": 1}}
    with pytest.warns(DoubtWarning, match="10 of 10 test images equal one of the training images"):
        table = compare(**asked, out=tmp_path)
    (said,) = table.attrs["warnings"]
    assert said.startswith("data set 'python:given")
    assert list(table.attrs["cells"].warnings) == [said]
    assert compare(**asked, out=tmp_path).attrs["warnings"] == [said]  # no second warning: nothing is trained


def test_a_class_without_test_examples_is_a_warning():
    x, y = torch.rand(60, 1, 4, 4, generator=torch.Generator().manual_seed(0)), torch.arange(60) % 3
    with pytest.warns(DoubtWarning, match="no test example of class 2"):
        compare(model="linear", data=(x, y, 1 - x, y % 2), losses="ce", seeds=1, recipe={"epochs": 1})


def test_what_is_broken_is_refused_before_anything_is_trained():
    with pytest.raises(InputError, match=r"model 'python:<lambda>.*|model 'python:model.* gave \(6, 11\)"):
        compare(
            model=lambda shape, k: nn.Sequential(nn.Flatten(), nn.Linear(256, k + 1)),
            data="blobs",
            losses="ce",
            seeds=1,
        )


def test_of_unbalanced_classes_balanced_accuracy_and_macro_f1_are_columns():
    labels = torch.arange(300) % 50 // 49  # 98 to 2
    images = torch.randn(400, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    table = compare(
        model="linear",
        data=(images[:300], labels, images[300:], labels[:100]),
        losses=["ce"],
        seeds=1,
        recipe={"epochs": 1},
    )
    assert table["balanced_accuracy"].between(0, 1).all()
    assert {"macro_f1", "macro_f1_sd"} <= {*table.columns}


def test_losses_that_fail_or_diverge_are_lines_with_what_they_lost():
    def raising(logits, labels):
        if labels.shape[-1] == 64:  # no probe has such a batch
            raise RuntimeError("boom")
        return F.cross_entropy(logits.flatten(0, -2), labels.flatten(), reduction="none").view(labels.shape)

    def diverging(logits, labels):
        losses = -logits.log_softmax(-1).gather(-1, labels.unsqueeze(-1)).squeeze(-1)
        return losses * float("inf") if labels.shape[-1] == 64 else losses

    asked = {"model": "linear", "data": "blobs", "seeds": 2, "recipe": {"epochs": 1, "batch_size": 64}}
    table = compare(losses=["ce", raising, diverging], **asked).set_index("loss")
    assert list(table["n"]) == [2, 0, 0]
    assert list(table["lost"]) == [0, 2, 2]
    assert table.status.to_dict() == {"ce": "ok", "python:raising": "failed", "python:diverging": "diverged"}
    assert table.error["python:raising"] == "RuntimeError: boom"
    assert "not finite" in table.error["python:diverging"]
    assert table.delta_accuracy.isna().all()
    assert table.accuracy.notna().tolist() == [True, False, False]


def test_an_eps_that_a_loss_passes_by_is_said_and_one_that_no_loss_takes_is_refused():
    with pytest.warns(DoubtWarning, match=r"nls takes only eps below 0, its own is -0\.4"):
        compare(model="linear", data="blobs", recipe=RECIPE, losses=["ce", "lsr", "nls"], eps=0.1, seeds=1)
    with pytest.raises(InputError, match=r"eps is for losses that smooth; ce takes none"):
        compare(model="linear", data="blobs", recipe=RECIPE, losses=["ce"], eps=0.1, seeds=1)


def test_tuned_losses_are_compared_by_what_is_picked_of_each_at_each_seed(tmp_path):
    asked = {"data": "blobs", "model": "linear", "losses": ["ce", "gce"], "seeds": 2, "recipe": RECIPE, "out": tmp_path}
    every = compare(**asked, tune=["lr", "gce.q"])
    assert list(every["loss"].value_counts()[["ce", "gce"]]) == [3, 9]
    table = compare(**asked, tune=["lr", "gce.q"], select=["lr", "gce.q"])  # nothing is trained again
    assert list(table["loss"]) == ["ce", "gce"]
    assert list(table["candidates"]) == [3, 9]
    assert "recipe.lr" not in table
    cells = table.attrs["cells"]
    assert len(cells) == 24
    assert (table["oracle"] >= table["accuracy"]).all()
    best = [cells[(cells.loss == "gce") & (cells.seed == seed)].accuracy.max() for seed in (0, 1)]
    assert table.oracle[1] == pytest.approx(sum(best) / 2)
    assert sum(int(text.rpartition("(")[2].rstrip(")")) for text in table.picked[1].split(", ")) == 2


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"select": "lr"}, "select takes what has several values here, got 'lr'; add tune"),
        ({"select": "q", "tune": "lr"}, "got 'q'; that is lr"),
        ({"select": "lr", "tune": "lr", "by": "selective"}, "take --by"),
        ({"select": "lr", "tune": "lr", "val": 0}, "holds out none"),
        ({"tune": "q"}, r"gce\.q"),
    ],
)
def test_what_can_not_be_picked_is_refused_before_anything_is_trained(asked, said):
    with pytest.raises(InputError, match=said):
        compare(data="blobs", model="linear", losses=["ce", "gce"], **asked)
