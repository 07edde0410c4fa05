"""A folder of images: its layouts, and what is split, listed, kept, and said of what can't be read."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lsbench.data.dataset import load, split
from lsbench.data.describe import describe
from lsbench.data.folder import image_cache
from lsbench.data.folder.suffixes import readable
from lsbench.data.order import examples
from lsbench.errors import InputError
from tests.data.folder_cases import SIDE, forget, picture, reds, tree

pytestmark = pytest.mark.usefixtures("cache")


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


def test_broken_images_are_all_named_at_once_and_left_out_on_request_only(tmp_path):
    root = tree(tmp_path / "photos")
    (root / "cat/000.png").write_bytes(b"not a picture")
    whole = (root / "dog/003.png").read_bytes()
    (root / "dog/003.png").write_bytes(whole[:50])
    with pytest.raises(InputError, match=r"2 of 20 images .*'cat/000.png' .*'dog/003.png' .*:broken=skip"):
        load(str(root))  # the second one has a whole header
    data = load(f"{root}:broken=skip")
    assert len(data.labels) + len(data.test_labels) == 18
    for _ in range(2):  # decoded, and as it was kept
        (note,) = describe(f"{root}:broken=skip").notes
        assert "2 of 20 images, which can't be read (1 of 'cat', 1 of 'dog'): 'cat/000.png' (cannot" in note
        assert note.count(str(tmp_path)) == 1  # as the folder was given, and not with every image
        forget()


def test_of_many_broken_images_20_are_named_and_all_counted(tmp_path):
    root = tree(tmp_path / "photos", count=15)
    for path in root.rglob("*.png"):
        path.write_bytes(b"")
    with pytest.raises(InputError, match=r"30 of 30 images .* and 10 more; remove") as error:
        load(str(root))
    assert str(error.value).count(".png'") == 20


def test_what_is_not_decoded_is_counted_by_suffix_and_what_systems_leave_is_not(tmp_path):
    root = tree(tmp_path / "photos", count=4)
    for name in ("a.heic", "b.HEIC", "notes.txt", "README", "Thumbs.db", ".DS_Store", "desktop.ini"):
        (root / "cat" / name).write_text("no image")
    (root / "cat/__MACOSX").mkdir()
    (root / "cat/__MACOSX/x.png").write_text("no image")
    picture(root / "beside.png", 3)
    first, second = describe(str(root)).notes
    assert "4 files that Pillow can't decode, 2 .heic, 1 without a suffix, 1 .txt" in first
    assert "1 images in no class's folder, such as 'beside.png'" in second
    assert describe(str(tree(tmp_path / "clean", count=4))).notes == ()


def test_images_of_a_test_folder_without_classes_are_counted(tmp_path):
    tree(tmp_path / "train")
    picture(tmp_path / "test/1.png", 3)
    assert "1 images in no class's folder, such as 'test/1.png'" in describe(str(tmp_path)).notes[0]


def test_a_class_of_files_that_pillow_cant_decode_is_an_error_that_counts_them(tmp_path):
    root = tree(tmp_path / "photos", count=4)
    (root / "eel").mkdir()
    (root / "eel/1.heic").write_text("no image")
    with pytest.raises(InputError, match=r"class 'eel' .* \(files that Pillow can't decode: 1 \.heic\)"):
        describe(str(root))


@pytest.mark.parametrize("suffix", ["avif", "AVIF", "Png", "JPEG", "tga", "jp2"])
def test_whatever_pillow_decodes_is_read_whatever_its_suffix(tmp_path, suffix):
    if suffix.lower() not in readable():
        pytest.skip(f"this Pillow does not decode {suffix}")
    for name in "ab":
        for i in range(3):
            picture(tmp_path / name / f"{i}.{suffix}", 10 * i)
    known = describe(str(tmp_path))
    assert (known.train_examples, known.notes) == (4, ())


def test_class_folders_of_digits_are_sorted_by_number_and_others_as_text(tmp_path):
    numbers = [str(i) for i in range(12)]
    assert describe(str(tree(tmp_path / "a", classes=numbers, count=2))).class_names == tuple(numbers)
    mixed = describe(str(tree(tmp_path / "b", classes=["b10", "b9", "10", "9", "08"], count=2)))
    assert mixed.class_names == ("08", "9", "10", "b10", "b9")


@pytest.mark.parametrize(
    ("classes", "fingerprint"),
    [(["cat", "dog"], "481ee490dad36883"), (["0", "1"], "44ad8a965c7c1676"), (["b10", "b9"], "1d4f69338c19fa73")],
)
def test_a_folder_whose_order_is_as_it_was_has_the_fingerprint_that_it_had_in_0_2_0(tmp_path, classes, fingerprint):
    assert describe(str(tree(tmp_path, classes=classes))).fingerprint == fingerprint


def test_the_examples_of_a_folder_are_listed_in_the_order_of_their_labels(tmp_path):
    for part in ("train", "val", "test"):
        tree(tmp_path / part, classes=["9", "10"], count=2)
    found, data = list(examples(str(tmp_path))), load(str(tmp_path))
    assert [of.number for of in found] == list(range(12))
    assert [of.number_of_class for of in found if of.part != "test"] == data.labels.tolist()
    assert [of.path for of in found[3:6]] == ["train/10/001.png", "val/9/000.png", "val/9/001.png"]
    assert (found[-1].path, found[-1].label, found[-1].part) == ("test/10/001.png", "10", "test")


def test_what_was_decoded_is_kept_and_not_decoded_again(tmp_path, monkeypatch, cache):
    root = tree(tmp_path / "photos")
    first = describe(str(root)).fingerprint
    monkeypatch.setattr(image_cache, "decode_all", lambda *_: pytest.fail("decoded again"))
    listing = kept_listing(root)
    images, _ = image_cache.decoded(listing, None, False, cache / "folders")
    assert isinstance(images.images, np.memmap)
    assert describe(str(root)).fingerprint == first


def kept_listing(root):
    from lsbench.data.folder.listing import list_images

    return list_images(root)


def test_a_torn_cache_is_made_again(tmp_path, cache):
    root = tree(tmp_path / "photos")
    listing = kept_listing(root)
    made, content = image_cache.decoded(listing, None, False, cache / "x")
    (place,) = (cache / "x").iterdir()
    (place / "images.npy").write_bytes(b"torn")
    again, same = image_cache.decoded(listing, None, False, cache / "x")
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
