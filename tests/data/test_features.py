"""Features of images by a frozen network: they are the plain network's, and a block that is finished stays finished."""

import json
import shutil
import subprocess
import sys
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from lsbench.data.features import compute, extract, files, folder
from lsbench.data.features.arrays import featured_splits
from lsbench.data.features.folder import featured_folder
from lsbench.data.features.network import find_network
from lsbench.data.folder import listing
from lsbench.data.folder.listing import list_images
from lsbench.data.splits import Splits
from lsbench.errors import InputError, StorageError
from tests.data import feature_networks
from tests.data.folder_cases import picture, tree
from tests.in_turn import in_turn

TINY = "tests.data.feature_networks:tiny"


@pytest.fixture(autouse=True)
def seen():
    """The red of each image that the network saw."""
    return feature_networks.reset()


def features(root, cache, network=TINY, *, skip=False):
    listing._listing.cache_clear()  # as in a new process
    return featured_folder(list_images(root), find_network(network), skip, cache)


def plain_features(module, root):
    """What the eager network makes of what torchvision's own transforms make of the files."""
    presets = import_module("torchvision.transforms._presets")
    how = presets.ImageClassification(crop_size=8, resize_size=8, mean=module.mean, std=(module.sd,) * 3)
    batch = [how(Image.open(image.path).convert("RGB")) for image in list_images(root).image_files]
    with torch.no_grad():
        return module(torch.stack(batch)).numpy()


def made(root):
    """Images of several sizes, shapes and colours, none of one colour."""
    draw = np.random.default_rng(0)
    for i, size in enumerate([(8, 8), (13, 20), (31, 9), (64, 48), (8, 30), (9, 9)]):
        path = root / "ab"[i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw.integers(0, 256, (*size, 3), np.uint8)).save(path)
    return root


def test_features_are_those_of_the_plain_eager_network_and_torchvisions_transforms_within_rounding(tmp_path, cache):
    root = made(tmp_path / "photos")
    network = find_network(TINY)
    ours, _ = featured_folder(list_images(root), network, False, cache)
    assert isinstance(ours.images, np.memmap)
    assert (ours.images.dtype, ours.images.shape) == (np.float32, (6, network.width))
    np.testing.assert_allclose(ours.images, plain_features(network.build(), root), rtol=1e-4, atol=1e-5)
    assert ours.images.std(0).min() > 0.001


def test_the_bits_are_the_same_on_one_core_and_on_several_and_threads_elsewhere_stay(tmp_path, cache, monkeypatch):
    root = tree(tmp_path / "photos", count=40)
    before = torch.get_num_threads()
    one = features(root, cache / "a")[0].images
    monkeypatch.setattr(compute, "cores", lambda: 3)
    assert np.array_equal(features(root, cache / "b")[0].images, one)
    assert torch.get_num_threads() == before


def test_features_are_read_again_without_the_network_and_keyed_by_bytes_weights_code_and_preprocessing(
    tmp_path, cache, seen
):
    root = tree(tmp_path / "photos")
    first, content = features(root, cache)
    assert sorted(seen) == sorted([*range(10), *range(20, 30)])
    seen.clear()
    (root / "cat" / "000.png").touch()
    again, same = features(root, cache)
    assert np.array_equal(again.images, first.images)
    assert same == content
    assert not seen
    others = [f"{TINY}:size=10", f"{TINY}:mean=0.3", f"{TINY}:sd=0.3", f"{TINY}:resize=9", f"{TINY}:width=6"]
    networks = [TINY, *others, f"{TINY}:interpolation=bicubic", "tests.data.feature_networks:Tiny"]
    keys = [find_network(name).key for name in networks]
    assert len({*keys}) == len(keys)
    for name in networks[1:3]:
        assert features(root, cache, name)[1] != content


def test_an_image_that_is_added_or_moved_costs_itself_only_and_copies_are_seen_once(tmp_path, cache, seen):
    root = tree(tmp_path / "photos", count=20)
    first = features(root, cache)[0]
    seen.clear()
    picture(root / "cat" / "0005.png", 200)
    shutil.copy(root / "cat" / "001.png", root / "dog" / "copy.png")
    (root / "cat" / "002.png").rename(root / "dog" / "moved.png")
    second = features(root, cache)[0]
    assert seen == [200]
    rows = dict(zip(second.names, second.images, strict=True))
    for name, row in zip(first.names, first.images, strict=True):
        assert np.array_equal(rows["dog/moved.png" if name == "cat/002.png" else name], row)
    assert np.array_equal(rows["dog/copy.png"], rows["cat/001.png"])
    assert second.labels.tolist() == [0] * 20 + [1] * 22


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What `interrupted_features` saw."""
    script = [sys.executable, "-W", "error", "-m", "tests.data.interrupted_features", str(tmp_path_factory.mktemp("a"))]
    return json.loads(subprocess.run(script, capture_output=True, text=True, check=True).stdout)


def test_twenty_kills_at_random_moments_lose_and_repeat_no_finished_block(told):
    assert told["again"] == 0
    assert told["same"]
    assert not told["left"]
    assert len(told["seen"]) == 21
    assert sum(run > 0 for run in told["seen"]) > 10
    assert told["seen"][-1] < 256


def test_two_runs_at_once_share_the_work_and_see_each_image_once(told):
    assert min(told["both"]) > 0
    assert sum(told["both"]) == told["together"] == 256


def test_broken_images_are_named_or_left_out_and_the_others_are_not_computed_again(tmp_path, cache, seen):
    root = tree(tmp_path / "photos")
    (root / "cat" / "000.png").write_bytes(b"no image")
    half = (root / "dog" / "003.png").read_bytes()
    (root / "dog" / "003.png").write_bytes(half[: len(half) // 2])
    (root / "dog" / "004.png").unlink()
    (root / "dog" / "004.png").symlink_to("nowhere")
    with pytest.raises(InputError, match=r"3 of 20 images .*'cat/000.png' \(cannot .*'dog/003.png'.*broken=skip"):
        features(root, cache)
    seen.clear()
    left = features(root, cache, skip=True)[0]
    assert not seen
    assert (len(left.images), len(left.labels), len(left.names)) == (17, 17, 17)
    assert [broken.name for broken in left.broken] == ["cat/000.png", "dog/003.png", "dog/004.png"]
    picture(root / "cat" / "000.png", 77)
    assert len(features(root, cache, skip=True)[0].images) == 18
    assert seen == [77]


def test_a_file_that_changes_while_features_are_computed_is_an_error_and_nothing_wrong_is_kept(tmp_path, cache, seen):
    root = tree(tmp_path / "photos")
    digests = folder.digests_of

    def changed(*arguments):
        try:
            return digests(*arguments)
        finally:
            picture(root / "cat" / "000.png", 201)
            (root / "cat" / "001.png").unlink(missing_ok=True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder, "digests_of", changed)
        with pytest.raises(InputError, match=r"cat/000.png was changed while features were computed; run it again"):
            features(root, cache)
        (root / "cat" / "000.png").touch()
        with pytest.raises(InputError, match=r"cat/001.png can't be read any more .*No such file.*run it again"):
            features(picture(root / "cat" / "001.png", 1) or root, cache)
    assert len(features(root, cache)[0].images) == 19


def test_a_block_or_a_set_that_is_damaged_is_made_again(tmp_path, cache, seen):
    root = tree(tmp_path / "photos")
    first = np.array(features(root, cache)[0].images)
    for name in ("features.npy", "set.json"):
        (file,) = (cache / find_network(TINY).key / "sets").glob(f"*/{name}")
        file.write_bytes(file.read_bytes()[:-7])
        assert np.array_equal(features(root, cache)[0].images, first)


def test_a_full_disk_keeps_what_is_finished_and_says_so(tmp_path, cache, seen, monkeypatch):
    root = tree(tmp_path / "photos", count=100)
    monkeypatch.setattr(compute, "cores", lambda: 1)
    real, calls = files.os.fsync, []

    def fsync(descriptor):
        calls.append(descriptor)
        if len(calls) == 4:  # the third block: the first is the list of digests
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(files.os, "fsync", fsync)
    with pytest.raises(StorageError, match=r"can't write features into .*No space left on device.*finished is kept"):
        features(root, cache)
    seen.clear()
    features(root, cache)
    assert len(seen) == 120 - 64
    monkeypatch.setattr(files.shutil, "disk_usage", lambda _: SimpleNamespace(free=100))
    with pytest.raises(StorageError, match=r"features need .* MiB in .*, and 0 MiB are free; point LSBENCH_DATA"):
        features(root, cache / "other")
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"can't write features into .*Not a directory"):
        features(root, tmp_path / "file")


def test_a_network_that_overflows_on_one_image_names_it_and_keeps_the_blocks_of_the_others(
    tmp_path, cache, monkeypatch
):
    root = tree(tmp_path / "photos", first=1)
    name = "tests.data.feature_networks:odd:how=dark"
    assert len(features(root, cache, name)[0].images) == 20
    Image.new("RGB", (9, 9)).save(root / "dog" / "dark.png")
    with pytest.raises(InputError, match=r"makes NaN or inf of 'dog/dark.png'"):
        features(root, cache, name)


def splits_of(train, test):
    return Splits(train, np.zeros(len(train), np.int64), test, np.zeros(len(test), np.int64))


def test_arrays_of_bytes_have_the_features_of_the_same_images_in_files(tmp_path, cache):
    root = made(tmp_path / "photos")
    images = [np.asarray(Image.open(image.path)).transpose(2, 0, 1) for image in list_images(root).image_files]
    ours = features(root, cache)[0].images
    for i, image in enumerate(images):
        both = featured_splits(splits_of(image[None], image[None]), "made", find_network(TINY), cache)
        for part in (both.train_images, both.test_images):
            np.testing.assert_allclose(part, ours[i : i + 1], rtol=1e-5, atol=1e-6)


def test_floats_are_scaled_by_the_training_images_and_grey_ones_are_repeated(cache, seen):
    whole = np.random.default_rng(0).integers(0, 256, (6, 1, 8, 8), np.uint8)
    whole[0, 0, 0, :2] = 0, 255
    network = find_network(TINY)
    of_bytes = featured_splits(splits_of(whole[:4], whole[4:]), "made", network, cache)
    floats = whole.astype(np.float32) / 51 - 2
    of_floats = featured_splits(splits_of(floats[:4], floats[4:]), "made", network, cache)
    coloured = featured_splits(splits_of(whole[:4].repeat(3, 1), whole[4:].repeat(3, 1)), "made", network, cache)
    for part in ("train_images", "test_images"):
        np.testing.assert_allclose(getattr(of_floats, part), getattr(of_bytes, part), rtol=1e-5, atol=1e-6)
        assert np.array_equal(getattr(coloured, part), getattr(of_bytes, part))
    assert isinstance(of_bytes.train_images, np.memmap)
    assert of_bytes.train_labels.tolist() == [0] * 4


@in_turn("shape", [(3, 2, 8, 8), (3, 20)])
def test_examples_that_are_no_images_of_1_or_3_channels_are_refused(shape):
    with pytest.raises(InputError, match="features are made of images of 1 or 3 channels; made has examples of shape"):
        featured_splits(splits_of(np.zeros(shape), np.zeros(shape)), "made", find_network(TINY), None)


def test_a_module_runs_as_a_copy_in_each_thread_that_shares_the_weights():
    module = find_network(TINY).build()
    twin = extract._twin(module)
    assert twin.layers is not module.layers
    assert twin.layers[0].weight is module.layers[0].weight
