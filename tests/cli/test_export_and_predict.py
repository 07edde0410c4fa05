"""`lsbench export` and `lsbench predict`: a trained network, used by others."""

import csv
import io
import json
import runpy
import shutil
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from lsbench.cli.export import row_of
from lsbench.data.describe import read
from lsbench.rows import store
from lsbench.rows.predictions import read_predictions
from lsbench.spec import Cell

TINY = ("--epochs", "1", "--seeds", "1", "--jobs", "1")
ROUNDED = 2e-3  # of a probability whose logarithm is kept in 16 bits
OWN_MODEL = """from torch import nn


def model(shape, num_classes):
    return Net(shape, num_classes)


class Net(nn.Module):
    def __init__(self, shape, num_classes):
        super().__init__()
        self.first = nn.Linear(shape[0] * shape[1] * shape[2], 8)
        self.last = nn.Linear(8, num_classes)

    def forward(self, x):
        return self.last(self.first(x.flatten(1)).tanh())
"""


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """Three classes of ten images that differ in brightness, and three new ones, of which one is broken."""
    monkeypatch.setenv("LSBENCH_DATA", str(tmp_path / "cache"))
    rng = np.random.default_rng(0)
    for k in range(3):
        (tmp_path / f"photos/c{k}").mkdir(parents=True)
        for i in range(10):
            pixels = rng.integers(80 * k, 80 * k + 60, (8, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / f"photos/c{k}/{i}.png")
    shutil.copytree(tmp_path / "photos/c2", tmp_path / "new/below")
    (tmp_path / "new/broken.png").write_bytes(b"no image")
    return tmp_path


def lines(text):
    return list(csv.reader(io.StringIO(text)))


def probabilities(text):
    return np.array([[float(p) for p in line[3:]] for line in lines(text)[1:]])


def loaded(folder):
    """What load.py gives, run as somebody without lsbench runs it."""
    return runpy.run_path(str(folder / "load.py"))


def test_an_exported_network_says_what_its_row_measured_with_torch_alone_and_with_predict(lsbench, photos):
    run = ("run", "--dataset", "./photos", "--model", "linear", "--loss", "ce,keras-bce", *TINY, "--save-models")
    assert lsbench(*run)[0] == 0
    (_, test), description = read("./photos")[0][:3:2], read("./photos")[1]
    for loss in ("ce", "keras-bce"):
        code, _, err = lsbench("export", loss, "--temperature", "none", "--out", f"{loss}-net")
        assert (code, "load.py" in err) == (0, True)
        (row,) = [row for row in store.read(photos / "results")[0] if row.cell.loss == loss]
        kept = read_predictions(store.predictions_path(row.id, photos / "results"))
        own = loaded(photos / f"{loss}-net")
        got = own["probabilities"](torch.from_numpy(np.array(test)))
        assert own["CLASSES"] == list(description.class_names)
        assert np.allclose(got, np.exp(kept.test_log_probs), atol=ROUNDED), loss
        np.save("new.npy", np.array(test).transpose(0, 2, 3, 1))
        _, out, _ = lsbench("predict", f"{loss}-net", "new.npy")
        assert np.allclose(probabilities(out), got, atol=1e-6)


def test_weights_that_were_not_kept_are_trained_again_and_new_images_get_classes(lsbench, photos):
    assert lsbench("run", "--dataset", "./photos", "--model", "linear", "--loss", "ce", *TINY)[0] == 0
    code, out, err = lsbench("predict", "ce", "new")  # exported first
    assert (code, "trained again" in err, "'broken.png'" in err) == (3, True, True)
    assert "(cannot identify image file)" in err  # and no address in memory
    assert "label that would be given" in err
    head, *rest = lines(out)
    assert head == ["path", "class", "probability", "c0", "c1", "c2"]
    assert [line[0] for line in rest] == sorted(f"below/{i}.png" for i in range(10))
    assert {line[1] for line in rest} == {"c2"}
    assert np.allclose(probabilities(out).sum(1), 1, atol=1e-5)
    (exported,) = (photos / "results/exported").iterdir()
    about = json.loads((exported / "network.json").read_text())
    assert (about["test_accuracy"]["labels"], about["temperature"]["way"]) == ("given", "noisy")
    assert lsbench("predict", exported, "new/below/3.png")[1].splitlines()[1] == out.splitlines()[4].replace(
        "below/", ""
    )


def test_a_module_of_the_users_own_is_exported_as_a_program(lsbench, tmp_path):
    (tmp_path / "mine.py").write_text(OWN_MODEL)
    run = ("run", "--dataset", "blobs", "--model", "./mine.py:model", "--loss", "ce", "--train-size", "100", *TINY)
    assert lsbench(*run)[0] == 0
    assert lsbench("export", "ce", "--out", "net")[0] == 0
    (tmp_path / "mine.py").unlink()
    images = torch.as_tensor(read("blobs")[0].test_images[:7])
    assert loaded(tmp_path / "net")["probabilities"](images).shape == (7, 10)
    np.save("x.npy", np.asarray(images))
    assert len(lines(lsbench("predict", "net", "x.npy")[1])) == 8
    assert len(lines(lsbench("predict", "net", "x.npy", "--out", "p.csv")[1])) == 0
    assert len(lines((tmp_path / "p.csv").read_text())) == 8


def test_rows_of_a_table_are_predicted_by_the_names_of_their_columns(lsbench, tmp_path):
    rng = np.random.default_rng(0)
    values = [(*row, "ab"[int(row.sum() > 0)]) for row in rng.normal(size=(60, 2))]
    table = ["big,small,label", *(f"{1e9 + 1e3 * a},{b},{label}" for a, b, label in values), ",0.1,b"]
    (tmp_path / "t.csv").write_text("\n".join(table))
    run = ("run", "--dataset", "./t.csv:label=label", "--model", "linear", "--loss", "ce", *TINY, "--save-models")
    assert lsbench(*run)[0] == 0
    (tmp_path / "new.csv").write_text(f"id,small,big\n1,2.0,{1e9 + 3e3}\n2,-2.0,{1e9 - 3e3}\n3,0.0,\n")
    code, out, err = lsbench("predict", "ce", "new.csv")
    assert (code, "1 missing values" in err) == (0, True)
    assert [line[0] for line in lines(out)] == ["path", "new.csv:2", "new.csv:3", "new.csv:4"]
    (tmp_path / "less.csv").write_text("id,small\n1,2.0\n")
    assert "no column 'big'" in refused(lsbench, "predict", "ce", "less.csv")


def test_features_are_computed_for_new_images_as_they_were_for_training(lsbench, photos):
    (photos / "net.py").write_text(
        "from torch import nn\n\n\ndef frozen():\n    net = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten())\n"
        "    net.size, net.mean, net.sd = 8, (0.5,) * 3, (0.5,) * 3\n    return net\n"
    )
    run = ("run", "--dataset", "./photos", "--features", "./net.py:frozen", "--loss", "ce", *TINY)
    assert lsbench(*run)[0] == 0
    code, out, _ = lsbench("predict", "ce", "photos")
    names = [line[0] for line in lines(out)[1:]]
    assert (code, len(names)) == (0, 30)
    (row,) = store.read(photos / "results")[0]
    kept = read_predictions(store.predictions_path(row.id, photos / "results"))
    description = read(row.cell.dataset)[1]
    scaled = kept.test_log_probs / row.scaled["noisy"]["temperature"]
    expected = np.exp(scaled) / np.exp(scaled).sum(1, keepdims=True)
    tested = [names.index(name) for name in description.test_part.paths]
    assert np.allclose(probabilities(out)[tested], expected, atol=ROUNDED)


def refused(lsbench, *arguments):
    code, out, err = lsbench(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1), (arguments, err)
    return err


def test_what_can_not_be_exported_or_predicted_is_one_sentence(lsbench, photos):
    assert (
        lsbench("run", "--dataset", "./photos", "--model", "linear", "--loss", "ce,lsr", *TINY, "--save-models")[0] == 0
    )
    assert "0 rows" in refused(lsbench, "export", "nothing")
    assert "--temperature" in refused(lsbench, "export", "ce", "--temperature", "warm")
    assert "no temperature 'known'" in refused(lsbench, "export", "ce", "--temperature", "known")
    assert lsbench("export", "ce", "--out", "net")[0] == 0
    assert "no network.json" in refused(lsbench, "predict", "photos", "new")
    assert "no file or folder" in refused(lsbench, "predict", "net", "nowhere")
    assert "no file or folder" in refused(lsbench, "predict", "no-network", "nowhere")  # before one is trained
    (photos / "empty").mkdir()
    assert "has no image" in refused(lsbench, "predict", "net", "empty")
    np.save("grey.npy", np.zeros((2, 8, 8), np.uint8))
    assert "takes examples of 3 x 8 x 8" in refused(lsbench, "predict", "net", "grey.npy")
    (photos / "t.csv").write_text("a,b\n1,2\n")
    assert "is a table" in refused(lsbench, "predict", "net", "t.csv")
    (photos / "net/network.safetensors").write_bytes(b"broken")
    assert "export it again" in refused(lsbench, "predict", "net", "new")
    assert lsbench("run", "--dataset", "./photos", "--model", "mlp", "--loss", "ce", *TINY)[0] == 0
    assert "2 settings" in refused(lsbench, "export", "ce")
    assert "lsbench" not in (photos / "net/load.py").read_text().split('"""', 2)[2]
    assert "lsbench" in sys.modules


def test_a_loss_is_exported_by_its_name_also_where_the_id_of_another_begins_so(tmp_path):
    rows = [
        SimpleNamespace(id=row_id, status="ok", cell=Cell(dataset="a", fingerprint="f", model="linear", loss=loss))
        for row_id, loss in (("ce00000000000000", "mae"), ("0123456789abcdef", "ce"))
    ]
    assert row_of("ce", rows, tmp_path).cell.loss == "ce"
    assert row_of("ce0", rows, tmp_path).cell.loss == "mae"


def test_the_temperature_can_be_fitted_to_looked_at_labels(lsbench, photos):
    run = ("run", "--dataset", "./photos:test=0.5", "--model", "linear", "--loss", "ce,lsr", "--epochs", "1")
    assert lsbench(*run, "--seeds", "2", "--jobs", "1", "--save-models")[0] == 0
    assert lsbench("verify", "--n", "15")[0] == 0
    with (photos / "results/verify/verify.csv").open(newline="") as file:
        asked = list(csv.DictReader(file))
    answered = io.StringIO()
    writer = csv.DictWriter(answered, list(asked[0]))
    writer.writeheader()
    writer.writerows(line | {"label": f"c{i % 3}"} for i, line in enumerate(asked))
    (photos / "verified.csv").write_text(answered.getvalue())
    said = refused(lsbench, "export", "ce", "--verified", "verified.csv")
    assert "25 looked-at labels or more, got 15" in said
    said = refused(lsbench, "export", "ce", "--verified", "verified.csv", "--temperature", "none")
    assert "leave out --temperature" in said
