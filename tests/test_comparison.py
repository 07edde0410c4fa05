import pytest
import torch
import torch.nn.functional as F
from torch import nn

import lsbench
from lsbench import compare
from lsbench.errors import InputError
from lsbench.summary import frame

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
    x, y = torch.rand(60, 1, 4, 4), torch.arange(60) % 3
    for _ in range(2):
        table = compare(model="linear", data=(x, y, x, y), losses="ce", seeds=1, recipe={"epochs": 1}, out=tmp_path)
    assert len(list(tmp_path.rglob("cells/*/*.json"))) == 1
    assert len(table) == 1
    compare(model="linear", data=(x + 1, y, x, y), losses="ce", seeds=1, recipe={"epochs": 1}, out=tmp_path)
    assert len(list(tmp_path.rglob("cells/*/*.json"))) == 2


def test_losses_that_are_one_function_are_all_trained_as_they_were_asked_for():
    table = compare(
        model="linear", data="blobs", losses=["ce", "reid", "lsr"], seeds=1, recipe={"epochs": 1}, noise=0.2
    )
    assert sorted(table["loss"]) == ["ce", "lsr", "reid"]
    assert set(table["noise_rate"]) == {0.2}


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
