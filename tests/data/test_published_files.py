import hashlib
import os
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.io import savemat

from lsbench.data import published_files
from lsbench.data.dataset import load
from lsbench.data.describe import describe
from lsbench.errors import InputError
from lsbench.names.catalogue import DATASETS


def python_2_pickle(data, labels, key):
    """The bytes that Python 2 wrote for {"data": array, key: list}: protocol 2, text as bytes."""

    def text(value):
        return b"T" + struct.pack("<i", len(value)) + value

    array = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85" + text(b"b") + b"\x87R"
    rows, columns = (b"J" + struct.pack("<i", n) for n in data.shape)
    dtype = (
        b"cnumpy\ndtype\n"
        + text(b"u1")
        + b"K\0K\1\x87R(K\3"
        + text(b"|")
        + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
    )
    array += b"(K\1" + rows + columns + b"\x86" + dtype + b"\x89" + text(data.tobytes()) + b"tb"
    numbers = b"".join(b"K" + bytes([n]) for n in labels)
    return b"\x80\2}(" + text(b"data") + array + text(key.encode()) + b"](" + numbers + b"eu."


def lay_out_cifar(folder, files, key, n=4, classes=10):
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    made = [(rng.integers(0, 256, (n, 3072), dtype=np.uint8), rng.integers(0, classes, n)) for _ in files]
    for name, (data, labels) in zip(files, made, strict=True):
        (folder / name).write_bytes(python_2_pickle(data, labels.tolist(), key))
    return made


def test_cifar10_is_read_from_its_published_pickles(tmp_path):
    entry = DATASETS["cifar10"]
    made = lay_out_cifar(tmp_path / entry.folder, entry.files, "labels")
    splits = published_files.read_files(entry, published_files.find_files("cifar10", tmp_path))
    assert splits.train_images.shape == (20, 3, 32, 32)
    for i in range(20):
        data, labels = made[i // 4]
        assert splits.train_images[i, 1, 2, 3] == data[i % 4, 1024 + 2 * 32 + 3]
        assert splits.train_labels[i] == labels[i % 4]
    assert splits.test_labels.tolist() == made[5][1].tolist()


def test_cifar100_is_read_with_its_fine_labels(tmp_path):
    entry = DATASETS["cifar100"]
    made = lay_out_cifar(tmp_path / entry.folder, entry.files, "fine_labels", classes=100)
    splits = published_files.read_files(entry, published_files.find_files("cifar100", tmp_path))
    assert splits.train_labels.tolist() == made[0][1].tolist()
    assert np.array_equal(splits.test_images.reshape(4, 3072), made[1][0])


def test_cifar10s_fingerprint_is_the_same_from_pickles_and_from_an_npz(tmp_path):
    entry = DATASETS["cifar10"]
    made = lay_out_cifar(tmp_path / "a" / entry.folder, entry.files, "labels")
    images = np.concatenate([data for data, _ in made]).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    labels = np.concatenate([labels for _, labels in made]).astype(np.uint8)
    (tmp_path / "b").mkdir()
    np.savez(
        tmp_path / "b/cifar10.npz", x_train=images[:20], y_train=labels[:20], x_test=images[20:], y_test=labels[20:]
    )
    known = [describe("cifar10", tmp_path / folder) for folder in "ab"]
    assert known[0] == known[1]
    assert torch.equal(load("cifar10", tmp_path / "a").images, load("cifar10", tmp_path / "b").images)
    (tmp_path / "a" / entry.folder / "test_batch").write_bytes(python_2_pickle(made[0][0], [0] * 4, "labels"))
    assert describe("cifar10", tmp_path / "a").fingerprint != known[0].fingerprint


def test_a_published_set_has_no_validation_examples_of_its_own(tmp_path):
    images, labels = np.zeros((20, 8, 8, 3), np.uint8), np.arange(20) % 10
    parts = {f"{kind}_{part}": of for part in ("train", "test", "val") for kind, of in (("x", images), ("y", labels))}
    np.savez(tmp_path / "cifar10.npz", **parts)
    with pytest.raises(InputError, match="validation examples of its own"):
        load("cifar10", tmp_path)
    assert load(str(tmp_path / "cifar10.npz")).val_count == 20


class Bomb:
    def __reduce__(self):
        return (os.system, ("exit 1",))


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps({"data": Bomb(), "labels": [0]}),
        pickle.dumps({"data": np.array([Bomb()]), "labels": [0]}),
        pickle.dumps({"data": np.zeros((1, 3072)), "labels": [0]}),
        pickle.dumps({"data": np.zeros((1, 3072), np.uint8)}),
        pickle.dumps([1]),
        python_2_pickle(np.zeros((1, 3072), np.uint8), [0], "labels")[:-30],
        b"",
    ],
    ids=["a call", "an object", "floats", "no labels", "no dict", "torn", "empty"],
)
def test_a_batch_that_is_no_plain_array_is_refused_and_nothing_in_it_is_called(tmp_path, content, monkeypatch):
    monkeypatch.setattr(os, "system", lambda _: pytest.fail("it was called"))
    entry = DATASETS["cifar10"]
    lay_out_cifar(tmp_path / entry.folder, entry.files, "labels")
    (tmp_path / entry.folder / "data_batch_3").write_bytes(content)
    with pytest.raises(InputError, match=r"data_batch_3 is not a whole CIFAR batch .* fetch it again"):
        describe("cifar10", tmp_path)


def test_svhns_label_10_is_the_digit_0(tmp_path):
    rng = np.random.default_rng(0)
    made = {}
    for part, n in (("train", 6), ("test", 3)):
        made[part] = rng.integers(0, 256, (32, 32, 3, n), dtype=np.uint8), np.arange(10, 10 - n, -1)[:, None]
        savemat(tmp_path / f"{part}_32x32.mat", {"X": made[part][0], "y": made[part][1].astype(np.uint8)})
    splits = published_files.read_files(DATASETS["svhn"], published_files.find_files("svhn", tmp_path))
    assert splits.train_labels.tolist() == [0, 9, 8, 7, 6, 5]
    assert splits.test_images[2, 1, 5, 7] == made["test"][0][5, 7, 1, 2]


def test_a_damaged_svhn_file_is_an_error_that_names_it(tmp_path):
    for part in ("train", "test"):
        (tmp_path / f"{part}_32x32.mat").write_bytes(b"torn")
    with pytest.raises(InputError, match=r"train_32x32\.mat is not a whole SVHN file"):
        describe("svhn", tmp_path)


def test_svhn_is_downloaded_part_by_part(tmp_path, monkeypatch):
    from torchvision import datasets

    asked = []
    monkeypatch.setattr(datasets, "SVHN", lambda root, download, split: asked.append((root, split)))
    published_files.download("svhn", tmp_path)
    assert asked == [(str(tmp_path), "train"), (str(tmp_path), "test")]


def test_nothing_is_downloaded_for_a_path_or_a_function_of_ones_own(tmp_path):
    for name in (str(tmp_path), "a.npz", "package.module:function"):
        published_files.download(name)


@pytest.mark.parametrize("name", [name for name, entry in DATASETS.items() if entry.torchvision_class])
def test_every_set_that_can_be_downloaded_is_one_of_torchvisions_and_says_what_is_missing(name, tmp_path, monkeypatch):
    from torchvision import datasets

    assert hasattr(datasets, DATASETS[name].torchvision_class)
    monkeypatch.setenv("LSBENCH_DATA", str(tmp_path))
    if not DATASETS[name].system_folder:
        with pytest.raises(InputError, match="--download"):
            describe(name)


def test_a_set_has_as_many_class_names_as_classes_or_none():
    for entry in DATASETS.values():
        assert len(entry.classes) in (0, entry.num_classes)
        assert len(set(entry.classes)) == len(entry.classes)


REAL = Path(os.environ.get("LSBENCH_DATA", "/nowhere")) / "cifar10.npz"


@pytest.mark.skipif(not REAL.is_file(), reason="needs cifar10.npz in LSBENCH_DATA")
def test_the_whole_of_cifar10_is_read_and_described(monkeypatch):
    known, data = describe("cifar10"), load("cifar10")
    assert data.images.shape == (50_000, 3, 32, 32)
    assert (known.num_classes, known.train_examples, known.val_examples) == (10, 50_000, 0)
    assert torch.bincount(data.labels).tolist() == [5000] * 10
    torch.testing.assert_close(data.mean, torch.tensor([125.307, 122.950, 113.865]), atol=2e-3, rtol=0)
    with np.load(REAL) as file:
        digest = hashlib.sha256()
        for part in ("train", "test"):
            images = np.ascontiguousarray(file[f"x_{part}"].transpose(0, 3, 1, 2))
            for array in (images, file[f"y_{part}"].astype(np.int64)):
                digest.update(f"{array.dtype.name} {array.shape} ".encode() + array.tobytes())
        for _ in range(2):
            digest.update(b"float64 (0,) ")
    assert known.fingerprint == digest.hexdigest()[:16]
