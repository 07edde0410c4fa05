"""A folder whose labels are in a file: labels.csv, or metadata.csv as Hugging Face has it."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsbench.data.dataset import load
from lsbench.data.describe import describe, doubts, units_of
from lsbench.data.folder import image_cache
from lsbench.data.order import examples
from lsbench.errors import InputError
from tests.data.folder_cases import picture, reds, tree
from tests.data.test_near_duplicates import changed, scenes

pytestmark = pytest.mark.usefixtures("cache")
NAMES = [f"{i:02d}.png" for i in range(20)]


@pytest.fixture
def flat(tmp_path, monkeypatch):
    """Twenty images in one folder: photos/00.png, ...; the later half are dogs, says labels.csv, backwards."""
    monkeypatch.chdir(tmp_path)
    for i, name in enumerate(NAMES):
        picture(tmp_path / "photos" / name, i)
    write("labels.csv", rows())
    return tmp_path / "photos"


def rows(first="", label=lambda i: "dog" if i >= 10 else "cat"):
    return [f"{first}{name},{label(i)}" for i, name in enumerate(NAMES)][::-1]


def write(path, lines, header="path,label"):
    Path(path).write_text("\n".join([header, *lines]))


def labels_by_value(name):
    """The class of each image by its colour, training and test images together."""
    data = load(name)
    values = [*reds(data, data.images), *reds(data, data.test_images)]
    labels = [*data.labels.tolist(), *data.test_labels.tolist()]
    return {value: data.class_names[label] for value, label in zip(values, labels, strict=True)}


def test_labels_come_from_a_file_in_any_order_and_are_divided_by_class(flat):
    name = "./photos:labels=labels.csv"
    assert labels_by_value(name) == {i: "dog" if i >= 10 else "cat" for i in range(20)}
    known = describe(name)
    assert (known.class_names, known.counts["test"], known.notes) == (("cat", "dog"), (2, 2), ())
    assert {example.path: example.label for example in examples(name)} == {
        name: "dog" if i >= 10 else "cat" for i, name in enumerate(NAMES)
    }


def test_a_file_of_labels_may_name_images_from_its_own_place_by_other_columns_and_lie_in_the_folder(flat):
    expected = labels_by_value("./photos:labels=labels.csv")
    write("beside.csv", rows("photos/"))
    write("photos/inside.tsv", [row.replace(",", "\tx\t") for row in rows("./")], "Path\tboss\tBreed")
    assert labels_by_value("./photos:labels=beside.csv") == expected
    assert labels_by_value("./photos:labels=inside.tsv:label=breed") == expected
    assert any(
        "columns of inside.tsv that are not read: boss" in n
        for n in describe("./photos:labels=inside.tsv:label=breed").notes
    )


def test_the_file_wins_over_folders_of_classes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tree(tmp_path / "photos")
    write("labels.csv", [f"{c}/{i:03d}.png,{i % 3}" for c in ("cat", "dog") for i in range(10)])
    assert describe("./photos:labels=labels.csv").class_names == ("0", "1", "2")
    assert describe("./photos").class_names == ("cat", "dog")


def test_changed_labels_are_another_data_set_and_decode_nothing_again(flat, monkeypatch):
    first = describe("./photos:labels=labels.csv")
    monkeypatch.setattr(image_cache, "decode_all", None)
    write("labels.csv", rows(label=lambda i: "dog" if i >= 9 else "cat"))
    assert describe("./photos:labels=labels.csv").fingerprint != first.fingerprint
    write("labels.csv", rows())
    assert describe("./photos:labels=labels.csv").fingerprint == first.fingerprint


def test_images_in_no_folder_of_a_class_are_an_error_that_says_how_to_give_labels(flat):
    with pytest.raises(InputError, match=r"of the 20 images that lie in it, give the labels: :labels=FILE.csv"):
        describe("./photos")


def test_metadata_in_the_folder_or_in_its_parts_is_found(flat):
    write("photos/metadata.csv", rows(), "file_name,label")
    assert labels_by_value("./photos") == labels_by_value("./photos:labels=labels.csv")
    for part, first in (("train", 0), ("test", 10)):
        for i in range(10):
            picture(Path("parts") / part / f"{i}.png", first + i)
        write(f"parts/{part}/metadata.csv", [f"{i}.png,{i % 2}" for i in range(10)], "file_name,label")
    known = describe("./parts")
    assert (known.train_examples, known.test_examples) == (10, 10)
    assert labels_by_value("./parts") == {first + i: str(i % 2) for first in (0, 10) for i in range(10)}


def test_metadata_beside_folders_of_classes_changes_nothing(tmp_path):
    tree(tmp_path)
    before = describe(str(tmp_path))
    write(tmp_path / "metadata.csv", [f"cat/{i:03d}.png,x" for i in range(10)], "file_name,label")
    assert describe(str(tmp_path)).fingerprint == before.fingerprint


def test_missing_and_unknown_files_are_named_or_left_out_on_request(flat):
    write("labels.csv", [*rows()[2:], "gone.png,cat"])
    with pytest.raises(
        InputError,
        match=r"labels.csv does not go with .*photos: 2 images have no label \('18.png', '19.png'\); 1 label is of no"
        r" image \('gone.png'\); mend it, or leave them out with unmatched=skip",
    ):
        describe("./photos:labels=labels.csv")
    known = describe("./photos:labels=labels.csv:unmatched=skip")
    assert known.train_examples + known.test_examples == 18
    assert "left out: 2 images have no label ('18.png', '19.png'); 1 label is of no image" in known.notes[0]


def test_broken_images_of_a_labelled_folder_are_named_and_left_out(flat):
    (flat / "00.png").write_bytes(b"none")
    with pytest.raises(InputError, match=r"1 of 20 images of .* can't be read: '00.png'"):
        describe("./photos:labels=labels.csv")
    known = describe("./photos:labels=labels.csv:broken=skip")
    assert known.train_examples + known.test_examples == 19
    assert "1 of 'cat'" in known.notes[0]


def test_bad_files_of_labels_are_a_sentence(flat):
    pickled = pickle.dumps({"worse_label": [1]})
    Path("CIFAR-10_human.pt").write_bytes(pickled)
    for name, lines, header in (
        ("header.csv", rows(), "image,class"),
        ("empty.csv", ["00.png,"], "path,label"),
        ("twice.csv", [*rows(), "00.png,dog"], "path,label"),
        ("empties.csv", ["00.png,", "01.png,", "02.png,"], "path,label"),
        ("stems.csv", [row.replace(".png", "") for row in rows()], "path,label"),
        ("spaces.csv", [], "path label"),
        ("one.csv", rows(label=lambda i: "cat"), "path,label"),
        ("nothing.csv", [], "path,label"),
    ):
        write(name, lines, header)
    for options, message in {
        "labels=header.csv": "has label, and path or file_name, .*:label=COLUMN; got 'image,class'",
        "labels=labels.csv:label=breed": "has breed, and path or file_name",
        "labels=empty.csv": "line 2: it has no label; fill it in, or leave out what has none with unmatched=skip",
        "labels=empties.csv": "line 2 and 2 more: they have no label; fill",
        "labels=stems.csv": "; write the end of a name, too: '19.png'",
        "labels=spaces.csv": r"got 'path label'; cells are separated by a comma, a semicolon, a tab or \|",
        "labels=twice.csv": "twice.csv names '00.png' twice; leave one",
        "labels=one.csv": "are all 'cat'; there must be at least two",
        "labels=nothing.csv": "20 images have no label",
        "labels=nothing.csv:unmatched=skip": "no image of .* has a label",
        "labels=nowhere.csv": r"no file nowhere.csv; it is looked for from the current folder, .*, and in .*photos",
        "labels=labels.npy": "come from a .csv or .tsv with columns path and label; got 'labels.npy'",
        "labels=CIFAR-10_human.pt": r"pickled.*torch.load\('CIFAR-10_human.pt', weights_only=False\); numpy.savez",
        "label=breed": "option label of .* is about a file of labels; give one, labels=FILE.csv",
        "labels=labels.csv:unmatched=drop": "unmatched must be one of error, skip",
        "labels=labels.csv:alike=no": "alike must be one of together, ignored",
    }.items():
        with pytest.raises(InputError, match=message):
            describe(f"./photos:{options}")


def test_a_test_class_that_is_not_trained_on_is_a_sentence(flat):
    for part in ("train", "test"):
        for i in range(4):
            picture(Path("parts") / part / f"{i}.png", i)
    write("parts.csv", [*(f"train/{i}.png,{i % 2}" for i in range(4)), *(f"test/{i}.png,{i}" for i in range(4))])
    with pytest.raises(InputError, match=r"class '2' of .*parts has images, and none of them is to train on"):
        describe("./parts:labels=parts.csv")


@pytest.fixture
def copies(tmp_path, monkeypatch):
    """60 scenes and 20 brighter copies, as PNG in one folder and, by classes, in another."""
    monkeypatch.chdir(tmp_path)
    images = scenes(60, side=24)
    images = np.concatenate([images, [changed(image, "brighter") for image in images[:20]]])
    lines = []
    for i, image in enumerate(images):
        for path in (Path(f"flat/{i:02d}.png"), Path(f"tree/{i % 2}/{i:02d}.png")):
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image.transpose(1, 2, 0)).save(path)
        lines.append(f"{i:02d}.png,{i % 2}")
    write("labels.csv", lines)


def parted(name):
    """How many copies are in another part than their origin."""
    known = describe(name)
    part = {int(Path(path).stem): i < known.train_examples for i, path in enumerate(known.paths)}
    return sum(part[i] != part[60 + i] for i in range(20))


def test_near_duplicates_stay_on_one_side_with_labels_from_a_file_and_on_request(copies):
    assert parted("./flat:labels=labels.csv") == parted("./tree:alike=together") == 0
    assert parted("./flat:labels=labels.csv:alike=ignored") > 0 < parted("./tree")
    assert set(units_of("./tree:alike=together").sizes) == {2}
    assert units_of("./tree").sizes == ()
    assert "40 of 80 images look alike, in 20 units of up to 2" in describe("./tree:alike=together").notes[0]
    assert describe("./tree").notes == ()
    (doubt,) = doubts("./tree")
    assert "look like a training image" in doubt
    assert doubt.endswith(":alike=together keeps them on one side")
    assert doubts("./tree:alike=together") == ()
    assert describe("./tree:alike=together").fingerprint != describe("./tree").fingerprint


def test_near_duplicates_are_kept_and_a_damaged_file_is_made_again(copies, cache):
    first = units_of("./flat:labels=labels.csv").numbers
    (kept,) = cache.rglob("alike/*.npz")
    kept.write_bytes(b"torn")
    from lsbench.data import describe as describing

    describing._units.clear()
    describing._known.clear()
    assert np.array_equal(units_of("./flat:labels=labels.csv").numbers, first)
    assert kept.stat().st_size > 100
