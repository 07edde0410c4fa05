"""`lsbench order`, and labels made from what it prints."""

import csv
import io
import json

import numpy as np
import pytest
from PIL import Image

RUN = ("run", "--model", "linear", "--epochs", "1", "--loss", "ce", "--seeds", "1", "--jobs", "1")


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """Twelve classes of five images, whose names sort as text in another order than as numbers."""
    monkeypatch.setenv("LSBENCH_DATA", str(tmp_path / "cache"))
    rng = np.random.default_rng(0)
    for k in range(12):
        (tmp_path / f"photos/{k}").mkdir(parents=True)
        for i in range(5):
            pixels = rng.integers(0, 256, (4, 4), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / f"photos/{k}/{i}.png")
    return tmp_path


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def noise_of(folder):
    (row,) = folder.glob("results/cells/*/*.json")
    record = json.loads(row.read_text())["passport"]
    row.unlink()
    return record["changed"]


def test_labels_printed_are_taken_back_and_a_changed_one_is_wrong_whatever_the_order(lsbench, photos):
    code, out, err = lsbench("order", "./photos")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "number,part,path,class,label"
    assert [row["class"] for row in rows(out)[:48:4]] == [str(k) for k in range(12)]  # 4 of 5 are to train on
    (photos / "same.csv").write_text("\n".join([lines[0], *reversed(lines[1:])]))
    assert lsbench(*RUN, "--dataset", "./photos", "--noise-kind", "human:same.csv")[0] == 0
    assert noise_of(photos) == 0
    (photos / "other.csv").write_text(out.replace("train,2/0.png,2,2", "train,2/0.png,2,11"))
    assert "train,2/0.png,2,2" in out
    assert lsbench(*RUN, "--dataset", "./photos", "--noise-kind", "human:other.csv")[0] == 0
    assert noise_of(photos) == pytest.approx(1 / 48)


def test_labels_in_the_order_of_the_numbers_are_right(lsbench, photos):
    np.save(photos / "labels.npy", np.repeat(np.arange(12), 4))
    assert lsbench(*RUN, "--dataset", "./photos", "--noise-kind", "human:labels.npy")[0] == 0
    assert noise_of(photos) == 0


def test_a_label_file_that_does_not_go_with_the_folder_is_exit_code_2_before_anything_is_trained(lsbench, photos):
    (photos / "labels.csv").write_text("path,label\n0/0.png,0\n0/0.png,1\nnone.png,1\n")
    for command in (RUN, ("plan", "--model", "linear")):
        code, _, err = lsbench(*command, "--dataset", "./photos", "--noise-kind", "human:labels.csv")
        assert code == 2
        assert "human:labels.csv does not go with the data set: 4" in err
        assert "have no label" in err
        assert "1 names are of no example ('none.png'); 1 names are given twice ('0/0.png')" in err
        assert err.count("\n") == 1


def test_a_set_without_files_has_numbers(lsbench, tmp_path):
    y = np.array([1, 2] * 6)
    np.savez(tmp_path / "a.npz", x_train=np.zeros((12, 4, 4)), y_train=y, x_test=np.zeros((2, 4, 4)), y_test=y[:2])
    code, out, _ = lsbench("order", "a.npz")
    assert code == 0
    assert out.splitlines()[:3] == ["number,part,class,label", "0,train,0,1", "1,train,1,2"]
    assert out.splitlines()[-1] == "13,test,1,2"
    assert len(rows(lsbench("order", "blobs")[1])) == 3000


def test_what_is_left_out_is_said_by_run_plan_report_and_check(lsbench, photos):
    (photos / "photos/0/a.heic").write_text("no image")
    (photos / "photos/1/0.png").write_text("no image")
    for command in (RUN, ("plan", "--model", "linear")):
        _, _, err = lsbench(*command, "--dataset", "./photos:broken=skip")
        assert "1 file that Pillow can't decode, 1 .heic" in err
        assert "1 of 60 images, which can't be read (1 of '1'): '1/0.png' (" in err
    (row,) = photos.glob("results/cells/*/*.json")
    assert len(json.loads(row.read_text())["data"]["notes"]) == 2
    for command in (("report",), ("check", "./photos:broken=skip")):
        _, out, err = lsbench(*command)
        assert "1 file that Pillow can't decode, 1 .heic" in " ".join((out + err).split())
