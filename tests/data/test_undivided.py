"""Data in one piece: arrays, a torch Dataset or an .npz without a test set."""

import numpy as np
import pytest
from torch.utils.data import TensorDataset

from lsbench import compare
from lsbench.data.dataset import load
from lsbench.data.describe import describe, units_of
from lsbench.errors import InputError
from lsbench.names.reference import keep_object
from tests.data.test_near_duplicates import changed, scenes


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def whole():
    """100 images of 2 classes; the last 20 are the first, a little brighter, and one of them has the other label."""
    images, labels = scenes(80, side=16), np.arange(80) % 2
    copies = np.stack([changed(image, "brighter") for image in images[:20]])
    return np.concatenate([images, copies]), np.concatenate([labels, labels[:19], [0]])


def own(value):
    return keep_object("data", lambda: value)


def test_arrays_a_dataset_and_an_archive_are_divided_alike_by_class_with_copies_on_one_side(whole):
    images, labels = whole
    np.savez("mine.npz", x=images, y=labels)
    import torch

    dataset = TensorDataset(torch.from_numpy(images), torch.from_numpy(labels))
    names = [own((images, labels)), own((torch.from_numpy(images), labels)), own(dataset), "./mine.npz"]
    assert len({describe(name).fingerprint for name in names}) == 1
    known, data = describe(names[0]), load(names[0])
    assert known.counts["test"] == (10, 10)
    places = {image.tobytes(): i for i, image in enumerate(images)}
    raw = [
        (part * data.sd.view(-1, 1, 1) + data.mean.view(-1, 1, 1)).round() for part in (data.images, data.test_images)
    ]
    train, test = ([places[image.numpy().astype(np.uint8).tobytes()] % 80 for image in part] for part in raw)
    assert not set(train) & set(test)
    assert len(train) + len(test) == 100
    assert units_of(names[0]).sizes == (2,) * sum(train.count(i) == 2 for i in set(train))
    assert sorted(map(int, known.paths)) == list(range(100))
    assert "20 examples, 20 % of each class, are for testing" in known.notes[0]
    assert "40 of 100 images look alike, in 20 units of up to 2" in known.notes[1]
    assert "in 1 of these the labels differ" in known.notes[1]


def test_share_choice_and_copies_are_options_of_the_name(whole):
    np.savez("mine.npz", images=whole[0], labels=np.array(["cat", "dog"])[whole[1]])
    first = describe("./mine.npz")
    assert first.class_names == ("cat", "dog")
    assert describe("./mine.npz:test=0.5").test_examples == pytest.approx(50, abs=2)
    assert describe("./mine.npz:split=1").fingerprint != first.fingerprint
    ignored = describe("./mine.npz:alike=ignored")
    assert (len(ignored.notes), units_of(ignored.name).sizes) == (2, ())
    assert units_of(first.name).sizes
    for option, message in (("test=2", "test must be"), ("alike=maybe", "alike must be one of"), ("size=3", "option")):
        with pytest.raises(InputError, match=message):
            describe(f"./mine.npz:{option}")


def test_options_of_a_division_go_to_a_function_that_has_them_and_not_with_a_test_set(whole):
    def mine(test=1):
        return whole[0][: 10 * test], whole[1][: 10 * test]

    name = keep_object("data", mine)
    assert describe(f"{name}:test=5:split=1").train_examples == 40
    np.savez("parts.npz", x_train=whole[0], y_train=whole[1], x_test=whole[0], y_test=whole[1])
    with pytest.raises(InputError, match="has its own test set; leave out the options test, alike"):
        describe("./parts.npz:test=0.3:alike=together")


def test_equal_rows_of_vectors_stay_on_one_side():
    vectors = np.random.default_rng(0).normal(size=(60, 3))
    vectors[40:] = vectors[:20]
    name = own((vectors, np.arange(60) % 2))
    assert "40 of 60 examples are equal to another, in 20 units of up to 2" in describe(name).notes[1]
    data = load(name)
    assert not {tuple(row.tolist()) for row in data.images} & {tuple(row.tolist()) for row in data.test_images}


def test_what_can_not_be_divided_is_a_sentence(whole):
    for value, message in (
        ((whole[0], whole[1][:5]), "has 100 images but 5 labels"),
        (
            (whole[0][:2], whole[1][:2]),
            "left for testing: its 2 images have 2 classes, each of which keeps one for",
        ),
        ((whole[0], np.linspace(0, 1, 100)), "must be classes, got 100 different numbers that are not all whole"),
        ((whole[0], np.ones(100)), "has one class in train"),
    ):
        with pytest.raises(InputError, match=message):
            describe(own(value))


def test_compare_takes_data_in_one_piece(whole, capsys):
    table = compare(data=whole, model="linear", losses=["ce"], seeds=1, recipe={"epochs": 1})
    assert table["status"].tolist() == ["ok"]
    assert "it has no test set" in capsys.readouterr().err
