import gzip
import hashlib
import struct
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lsbench.data import published_files
from lsbench.data.blobs import make_splits
from lsbench.data.dataset import load, split
from lsbench.data.idx import read_idx
from lsbench.errors import InputError
from lsbench.names.catalogue import DATASETS

FASHION = Path(DATASETS["fashion-mnist"].system_folder)
NAMES = DATASETS["fashion-mnist"].files


def idx(array, kind=8):
    return struct.pack(f">HBB{array.ndim}I", 0, kind, array.ndim, *array.shape) + array.tobytes()


def lay_out(folder, n=30, zipped=False, label=9):
    """A tiny Fashion-MNIST in torchvision's layout."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for name, size in zip(NAMES, (n, n, 10, 10), strict=True):
        shape = (size, 28, 28) if "images" in name else (size,)
        content = idx(rng.integers(0, label + 1, shape, dtype=np.uint8))
        (folder / (name + ".gz" * zipped)).write_bytes(gzip.compress(content) if zipped else content)


def test_all_of_mnist_is_in_the_package():
    data = load("mnist")
    assert data.images.shape == (60_000, 1, 28, 28)
    assert data.test_images.shape == (10_000, 1, 28, 28)
    counts = Counter(data.labels.tolist())
    assert [counts[c] for c in range(10)] == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert data.test_labels[:8].tolist() == [7, 2, 1, 0, 4, 1, 4, 9]


def test_images_are_normalised_by_the_training_sets_own_mean_and_spread():
    data = load("mnist")
    assert abs(float(data.images.mean())) < 1e-5
    assert float(data.images.std()) == pytest.approx(1, abs=1e-4)
    assert float(data.images.min()) == pytest.approx(-0.1307 / 0.3081, abs=1e-3)


def test_mnist_ships_with_its_licence():
    folder = Path(published_files.__file__).parent / "mnist"
    assert "Attribution-Share Alike 3.0" in (folder / "LICENSE.txt").read_text()


def test_the_fingerprint_in_the_catalogue_is_that_of_the_files():
    paths = published_files.find_files("mnist")
    hashes = b"".join(hashlib.sha256(gzip.decompress(path.read_bytes())).digest() for path in paths)
    assert hashlib.sha256(hashes).hexdigest()[:16] == DATASETS["mnist"].fingerprint


def test_a_fingerprint_is_the_same_gzipped_or_not_and_changes_with_the_data(tmp_path):
    for name, options in (("a", {}), ("b", {"zipped": True}), ("c", {"n": 29})):
        lay_out(tmp_path / name / "FashionMNIST/raw", **options)
    a, b, c = (published_files.fingerprint("fashion-mnist", tmp_path / name) for name in "abc")
    assert a == b != c


@pytest.mark.parametrize("zipped", [False, True])
def test_fashion_mnist_is_read_in_torchvisions_layout(tmp_path, zipped):
    lay_out(tmp_path / "FashionMNIST/raw", zipped=zipped)
    data = load("fashion-mnist", tmp_path)
    assert data.images.shape == (30, 1, 28, 28)
    assert len(data.test_labels) == 10


def test_the_data_dir_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("LSBENCH_DATA", str(tmp_path))
    lay_out(tmp_path / "FashionMNIST/raw")
    assert published_files.find_files("fashion-mnist")[0].parent == tmp_path / "FashionMNIST/raw"


def test_a_missing_data_set_is_an_error_that_names_folder_flag_and_package(tmp_path, monkeypatch):
    elsewhere = replace(DATASETS["fashion-mnist"], system_folder="/nowhere")
    monkeypatch.setitem(DATASETS, "fashion-mnist", elsewhere)
    with pytest.raises(InputError) as caught:
        published_files.find_files("fashion-mnist", tmp_path)
    for hint in (str(tmp_path), "FashionMNIST/raw", "--download", "--data-dir", "dataset-fashion-mnist"):
        assert hint in str(caught.value)


@pytest.mark.skipif(not FASHION.exists(), reason="needs Debian's package dataset-fashion-mnist")
def test_debians_fashion_mnist_is_found_by_itself(tmp_path):
    data = load("fashion-mnist", tmp_path)
    assert data.images.shape == (60_000, 1, 28, 28)
    assert torch.bincount(data.labels).tolist() == [6000] * 10


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\0\x08", idx(np.zeros((2, 2), np.uint8))[:-1], idx(np.zeros(3, np.uint8), kind=13), b"\x1f\x8b broken"],
    ids=["empty", "torn header", "torn data", "floats", "not IDX"],
)
def test_a_broken_file_is_an_error_that_names_it(tmp_path, content):
    path = tmp_path / "train-images"
    path.write_bytes(content)
    with pytest.raises(InputError, match="train-images is not a whole IDX file"):
        read_idx(path)


def test_a_torn_gzip_is_an_error_that_names_it(tmp_path):
    path = tmp_path / "labels.gz"
    path.write_bytes(gzip.compress(idx(np.zeros(9, np.uint8)))[:-3])
    with pytest.raises(InputError, match=r"labels\.gz is not a whole IDX file"):
        read_idx(path)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("damage", [lambda c: c[:-9], lambda c: c[:12] + b"xxxx" + c[16:], lambda _: b""])
def test_a_damaged_download_is_a_sentence_before_anything_is_planned(tmp_path, damage, zipped):
    folder = tmp_path / "FashionMNIST/raw"
    lay_out(folder, zipped=zipped)
    path = folder / (NAMES[0] + ".gz" * zipped)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match="remove it and fetch it again"):
        published_files.fingerprint("fashion-mnist", tmp_path)


def test_labels_out_of_range_are_an_error(tmp_path):
    lay_out(tmp_path / "FashionMNIST/raw", label=12)
    with pytest.raises(InputError, match=r"run from \d to 1[12].*0\.\.9"):
        load("fashion-mnist", tmp_path)


def test_blobs_are_always_the_same_and_have_every_class():
    first, second = make_splits(), make_splits()
    assert all(torch.equal(a, b) for a, b in zip(first[:4], second[:4], strict=True))
    assert set(first.train_labels.tolist()) == set(first.test_labels.tolist()) == set(range(10))


def test_train_and_val_are_disjoint_and_cover_everything():
    train, val = split(1000, 0.1, seed=3)
    assert (len(train), len(val)) == (900, 100)
    assert sorted([*train.tolist(), *val.tolist()]) == list(range(1000))


def test_the_split_follows_the_seed_and_can_be_switched_off():
    assert torch.equal(split(50, 0.2, 1)[1], split(50, 0.2, 1)[1])
    assert not torch.equal(split(50, 0.2, 1)[1], split(50, 0.2, 2)[1])
    assert [len(part) for part in split(50, 0.0, 1)] == [50, 0]


def test_a_smaller_training_set_is_the_start_of_the_whole_one_and_leaves_val_alone():
    (whole, val), (part, same_val) = split(1000, 0.1, 0), split(1000, 0.1, 0, train_size=30)
    assert torch.equal(part, whole[:30])
    assert torch.equal(val, same_val)


@pytest.mark.parametrize("train_size", [None, 7])
def test_a_sets_own_validation_examples_are_what_is_held_out_whatever_the_fraction(train_size):
    train, val = split(30, 0.5, seed=3, train_size=train_size, own_val=10)
    assert val.tolist() == list(range(20, 30))
    assert len(train) == (train_size or 20)
    assert set(train.tolist()) <= set(range(20))
    assert torch.equal(train, split(20, 0, 3, train_size)[0])


def test_with_val_0_nothing_is_held_out_and_own_validation_examples_are_not_trained_on():
    train, val = split(30, 0, seed=3, own_val=10)
    assert sorted(train.tolist()) == list(range(20))
    assert not len(val)


def test_loading_keeps_the_raw_mean_and_spread_per_channel():
    data, raw = load("blobs"), make_splits().train_images
    torch.testing.assert_close(data.mean, raw.mean((0, 2, 3)))
    torch.testing.assert_close(data.sd, raw.std((0, 2, 3), correction=0))
    torch.testing.assert_close(data.images * data.sd.view(-1, 1, 1) + data.mean.view(-1, 1, 1), raw, atol=1e-5, rtol=0)


def test_the_toy_sets_fingerprint_names_its_version():
    assert published_files.fingerprint("blobs") == "blobs-1"
