"""A folder of images: its layouts, what is decoded, split, kept, and said of what can't be read."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lsbench.data.dataset import load, split
from lsbench.data.describe import describe
from lsbench.data.folder import kept
from lsbench.data.folder.picture import decode, look_at
from lsbench.errors import InputError

SIDE = 6


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("LSBENCH_DATA", str(folder))
    return folder


def picture(path, value, size=(SIDE, SIDE), mode="RGB"):
    """One colour, which tells where the picture came from."""
    path.parent.mkdir(parents=True, exist_ok=True)
    colour = (value, 0, 255 - value) if mode == "RGB" else value
    Image.new(mode, size, colour).save(path)


def tree(root, classes=("cat", "dog"), count=10, first=0):
    for k, name in enumerate(classes):
        for i in range(count):
            picture(root / name / f"{i:03d}.png", first + 20 * k + i)
    return root


def reds(data, images):
    """The first channel of each raw image, which is of one colour."""
    return (images[:, 0, 0, 0] * data.sd[0] + data.mean[0]).round().int().tolist()


def test_a_tree_is_split_by_class_and_seed_and_every_image_is_there_once(tmp_path):
    data = load(str(tree(tmp_path / "photos")))
    assert data.shape == (3, SIDE, SIDE)
    assert (data.num_classes, len(data.labels), len(data.test_labels)) == (2, 16, 4)
    assert torch.bincount(data.test_labels).tolist() == [2, 2]
    found = sorted(reds(data, data.images) + reds(data, data.test_images))
    assert found == sorted([*range(10), *range(20, 30)])
    for images, labels in ((data.images, data.labels), (data.test_images, data.test_labels)):
        assert [value >= 20 for value in reds(data, images)] == labels.bool().tolist()


def test_the_split_is_the_same_again_and_another_one_for_another_seed_or_share(tmp_path):
    root = tree(tmp_path / "photos")
    first, again = load(str(root)), load(f"{root}:split=0:test=0.2")
    assert torch.equal(first.test_images, again.test_images)
    other = load(f"{root}:split=1")
    assert sorted(reds(other, other.test_images)) != sorted(reds(first, first.test_images))
    assert len(load(f"{root}:test=0.5").test_labels) == 10
    assert describe(f"{root}:split=1").fingerprint != describe(str(root)).fingerprint


@pytest.mark.parametrize("names", [("train", "val", "test"), ("Training", "validation", "testing")])
def test_train_val_and_test_folders_are_taken_at_their_word(tmp_path, names):
    for i, name in enumerate(names):
        tree(tmp_path / name, count=6 - i, first=60 * i)
    data = load(str(tmp_path))
    assert (len(data.labels), data.val_count, len(data.test_labels)) == (12 + 10, 10, 8)
    assert min(reds(data, data.test_images)) == 120
    train, held_out = split(len(data.labels), 0.1, 0, own_val=data.val_count)
    assert max(reds(data, data.images[train])) < 60 <= min(reds(data, data.images[held_out]))
    assert torch.allclose(data.mean, mean_of(data.images[train], data), atol=1e-3)  # of what is trained on, alone


def mean_of(images, data):
    return (images * data.sd.view(-1, 1, 1) + data.mean.view(-1, 1, 1)).mean((0, 2, 3))


def test_val_without_test_is_the_test_set(tmp_path):
    tree(tmp_path / "train")
    tree(tmp_path / "val", count=3, first=100)
    data = load(str(tmp_path))
    assert (data.val_count, len(data.test_labels), min(reds(data, data.test_images))) == (0, 6, 100)


@pytest.mark.parametrize(
    ("layout", "message"),
    [
        ({"a": 3}, "has one class"),
        ({"train/a": 3, "train/b": 3, "test/a": 1, "test/c": 1}, "has the class 'c', which .*train lacks"),
        ({"test/a": 3, "test/b": 3}, "but no train"),
        ({"train/a": 3, "train/b": 3, "training/a": 1}, "both train and training"),
        ({"train/a": 3, "train/b": 3, "dev/a": 3, "dev/b": 3}, "dev, which is none of train"),
    ],
)
def test_a_layout_that_can_be_misread_is_an_error(tmp_path, layout, message):
    for folder, count in layout.items():
        for i in range(count):
            picture(tmp_path / folder / f"{i}.png", i)
    with pytest.raises(InputError, match=message):
        load(str(tmp_path))


def test_an_empty_class_and_a_folder_that_is_not_there_are_errors(tmp_path):
    tree(tmp_path / "photos")
    (tmp_path / "photos/empty").mkdir()
    with pytest.raises(InputError, match=r"'empty' of .* has no image"):
        load(str(tmp_path / "photos"))
    with pytest.raises(InputError, match="no folder"):
        load(str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="own test set; leave out"):
        tree(tmp_path / "b/train"), tree(tmp_path / "b/test"), load(f"{tmp_path / 'b'}:test=0.3")


def test_hidden_files_other_files_and_deeper_folders(tmp_path):
    root = tree(tmp_path / "photos", count=4)
    (root / "cat/notes.txt").write_text("no image")
    picture(root / "cat/.hidden.png", 99)
    picture(root / ".cache/x.png", 99)
    picture(root / "cat/more/deep.PNG", 7)
    data = load(str(root))
    assert sorted(reds(data, data.images) + reds(data, data.test_images)) == sorted([0, 1, 2, 3, 7, 20, 21, 22, 23])


def test_broken_images_are_named_and_left_out_on_request_only(tmp_path, capfd):
    root = tree(tmp_path / "photos")
    (root / "cat/000.png").write_bytes(b"not a picture")
    whole = (root / "dog/003.png").read_bytes()
    (root / "dog/003.png").write_bytes(whole[:50])
    with pytest.raises(InputError, match=r"1 of 20 images .*'cat/000.png'.*:broken=skip"):
        load(str(root))
    (root / "cat/000.png").unlink()
    with pytest.raises(InputError, match=r"1 of 19 images .*'dog/003.png'"):
        load(str(root))
    (root / "cat/000.png").write_bytes(b"not a picture")
    data = load(f"{root}:broken=skip")
    assert len(data.labels) + len(data.test_labels) == 18
    assert "left out: 2 of 20" in capfd.readouterr().err


def test_sizes_are_their_own_if_shared_and_small_else_64_or_what_was_asked(tmp_path):
    root = tree(tmp_path / "a", count=3)
    assert load(f"{root}:size=9").shape == (3, 9, 9)
    picture(root / "cat/wide.png", 3, size=(10, 20))
    assert load(str(root)).shape == (3, 64, 64)
    large = tmp_path / "b"
    for name in "xy":
        for i in range(2):
            picture(large / name / f"{i}.png", i, size=(300, 280))
    assert load(str(large)).shape == (3, 64, 64)
    assert load(f"{large}:size=280").shape == (3, 280, 280)


def test_grey_images_have_one_channel_and_mixed_ones_three(tmp_path):
    for name in "ab":
        for i in range(3):
            picture(tmp_path / name / f"{i}.png", 10 * i, mode="L")
    assert load(str(tmp_path)).shape == (1, SIDE, SIDE)
    picture(tmp_path / "a/colour.png", 9)
    assert load(str(tmp_path)).shape == (3, SIDE, SIDE)


def test_pixels_are_those_that_pillow_shows(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert np.array_equal(decode(str(tmp_path / "a.png"), 5, 7, False), pixels.transpose(2, 0, 1))
    clear = np.dstack([pixels, np.zeros((5, 7), np.uint8)])
    Image.fromarray(clear).save(tmp_path / "clear.png")
    assert (decode(str(tmp_path / "clear.png"), 5, 7, False) == 255).all()  # transparency shows white
    deep = (np.arange(35, dtype=np.uint16).reshape(5, 7) * 257).astype(np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    assert np.array_equal(decode(str(tmp_path / "deep.png"), 5, 7, True)[0], np.arange(35).reshape(5, 7))


def test_a_photograph_that_lies_on_its_side_is_turned(tmp_path):
    image = Image.new("RGB", (8, 4), "blue")
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.jpg", exif=exif)
    assert look_at(str(tmp_path / "a.jpg"))[:2] == (8, 4)
    assert decode(str(tmp_path / "a.jpg"), 8, 4, False).shape == (3, 8, 4)


def test_what_was_decoded_is_kept_and_not_decoded_again(tmp_path, monkeypatch, cache):
    root = tree(tmp_path / "photos")
    first = describe(str(root)).fingerprint
    monkeypatch.setattr(kept, "decode_all", lambda *_: pytest.fail("decoded again"))
    listing = kept_listing(root)
    images, _ = kept.decoded(listing, None, False, cache / "folders")
    assert isinstance(images.images, np.memmap)
    assert describe(str(root)).fingerprint == first


def kept_listing(root):
    from lsbench.data.folder.listing import list_pictures

    return list_pictures(root)


def test_a_torn_cache_is_made_again(tmp_path, cache):
    root = tree(tmp_path / "photos")
    listing = kept_listing(root)
    made, content = kept.decoded(listing, None, False, cache / "x")
    (place,) = (cache / "x").iterdir()
    (place / "images.npy").write_bytes(b"torn")
    again, same = kept.decoded(listing, None, False, cache / "x")
    assert same == content
    assert np.array_equal(again.images, made.images)


def test_a_changed_folder_is_another_data_set(tmp_path):
    root = tree(tmp_path / "photos")
    first = describe(str(root))
    picture(root / "cat/sub/new.png", 77)
    second = describe(str(root))
    assert (second.train_examples + 0 >= first.train_examples, second.fingerprint != first.fingerprint) == (True, True)
    os.remove(root / "cat/sub/new.png")
    assert describe(str(root)).fingerprint == first.fingerprint


def test_the_fingerprint_is_of_content_not_of_place_or_file(tmp_path):
    first = describe(str(tree(tmp_path / "a"))).fingerprint
    other = tree(tmp_path / "b")
    assert describe(str(other)).fingerprint == first
    for path in Path(other).rglob("*.png"):
        Image.open(path).save(path.with_suffix(".bmp"))
        path.unlink()
    assert describe(str(other), None).fingerprint != ""
    relabelled = tree(tmp_path / "c", classes=("cat", "fox"))
    assert describe(str(relabelled)).fingerprint != first


@pytest.mark.parametrize(
    ("option", "message"),
    [("size=0", "size"), ("size=x", "size"), ("broken=maybe", "broken"), ("test=0.99", "test"), ("sizes=3", "size")],
)
def test_an_option_that_can_not_be_is_an_error(tmp_path, option, message):
    with pytest.raises(InputError, match=message):
        load(f"{tree(tmp_path / 'photos')}:{option}")
