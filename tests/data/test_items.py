"""Examples as a person sees them: numbers, pictures, rows and digests."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lsbench.data.describe import describe, read
from lsbench.data.items import digests, items, paths
from lsbench.data.items.picture import encoded
from lsbench.data.order import examples
from lsbench.errors import InputError
from tests.data.folder_cases import SIDE, tree

pytestmark = pytest.mark.usefixtures("cache")


def opened(item):
    image = Image.open(BytesIO(item.picture))
    assert image.format.lower() == item.media.removeprefix("image/")
    return image


def in_order(name, part):
    """(number in the part, path) of every example, as `lsbench order` has them."""
    parts = {"test": ["test"], "train": ["train", "val"]}[part]
    return list(enumerate(one.path for one in examples(name) if one.part in parts))


@pytest.fixture
def photos(tmp_path):
    root = tree(tmp_path / "photos")
    tree(tmp_path / "parts" / "train")
    tree(tmp_path / "parts" / "val", count=3, first=100)
    tree(tmp_path / "parts" / "test", count=4, first=200)
    return str(root), str(tmp_path / "parts")


def test_numbers_are_those_of_the_order_and_pictures_those_of_the_files(photos):
    for name in photos:
        for part in ("test", "train"):
            numbered = in_order(name, part)
            got = items(name, part, [number for number, _ in numbered])
            assert [(item.number, item.path) for item in got] == numbered
            for item in got:
                with Image.open(Path(name) / item.path) as image:
                    assert opened(item).getpixel((0, 0)) == image.getpixel((0, 0))
            assert digests(name, part, range(len(got))) == [item.digest for item in got]
            assert paths(name, part, [1, 0]) == [got[1].path, got[0].path]
    assert items(photos[0], "test", [2, 0])[0].path == in_order(photos[0], "test")[2][1]


def test_a_digest_is_of_the_bytes_of_the_file_and_of_no_label(photos, tmp_path):
    before = {item.path: item.digest for item in items(photos[0], "test", range(4))}
    names = [path.relative_to(photos[0]) for path in sorted(Path(photos[0]).rglob("*.png"))]
    lines = [f"{name},{'ab'[i % 2]}" for i, name in enumerate(names)]
    (tmp_path / "labels.csv").write_text("\n".join(["path,label", *lines]))
    other = f"{photos[0]}:labels={tmp_path / 'labels.csv'}:test=0.5"
    after = {item.path: item.digest for item in items(other, "test", range(10))}
    both = before.keys() & after.keys()
    assert both
    assert all(before[path] == after[path] for path in both)
    assert len(set(after.values())) == 10


def test_small_images_are_enlarged_smoothly_and_large_ones_reduced():
    small = Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4) * 20)
    assert opened_size(encoded(small, 512)) == (256, 192)
    assert opened_size(encoded(small, 3)) == (3, 2)
    edge = Image.fromarray(np.repeat([0, 200], 2).astype(np.uint8)[None].repeat(4, 0))
    assert len(Image.open(BytesIO(encoded(edge, 64).picture)).getcolors()) > 10
    rng = np.random.default_rng(0)
    photo = Image.fromarray(rng.integers(0, 256, (90, 1200, 3), dtype=np.uint8))
    shown = encoded(photo, 512)
    assert (opened_size(shown), shown.media) == ((512, 38), "image/jpeg")
    drawing = encoded(Image.new("RGB", (900, 900), "white"), 512)
    assert (opened_size(drawing), drawing.media) == ((512, 512), "image/png")


def opened_size(shown):
    return Image.open(BytesIO(shown.picture)).size


def test_a_photograph_is_upright_and_without_its_metadata(tmp_path):
    tree(tmp_path / "photos")
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 256, (80, 200, 3), dtype=np.uint8))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a secret place"
    image.save(tmp_path / "photos/cat/000.jpg", exif=exif)
    (tmp_path / "photos/cat/000.png").unlink()
    name = f"{tmp_path}/photos"
    item = next(
        item
        for part in ("train", "test")
        for n, path in in_order(name, part)
        if path.endswith("jpg")
        for item in items(name, part, [n])
    )
    assert opened(item).size == (80, 200)
    assert b"secret" not in item.picture
    assert not opened(item).getexif()


def test_of_arrays_what_the_pixels_are_is_shown_and_other_bits_are_another_digest(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 256, (24, 8, 8, 3), dtype=np.uint8), np.arange(24) % 2
    np.savez(tmp_path / "own.npz", x_train=x[:16], y_train=y[:16], x_test=x[16:], y_test=y[16:])
    np.savez(tmp_path / "floats.npz", x_train=x[:16] / 255, y_train=y[:16], x_test=x[16:] / 255, y_test=y[16:])
    np.savez(tmp_path / "two.npz", x_train=x[:16, ..., :2], y_train=y[:16], x_test=x[16:, ..., :2], y_test=y[16:])
    own, floats, two = (items(f"{tmp_path}/{name}.npz", "test", range(8)) for name in ("own", "floats", "two"))
    for i in range(8):
        reduced = np.asarray(opened(own[i]).resize((8, 8), Image.Resampling.BOX))
        assert np.corrcoef(reduced.ravel(), x[16 + i].ravel())[0, 1] > 0.95
        assert np.array_equal(np.asarray(opened(floats[i])), np.asarray(opened(own[i])))
        assert opened(two[i]).size == (256, 128)
    assert len({item.digest for item in (*own, *floats, *two)}) == 24
    assert own[0].path == ""


def test_of_a_table_the_row_is_shown_as_it_stands_in_the_file_without_label_and_group(tmp_path):
    lines = [
        f'{i},{i / 4:.2f},{"ab"[i % 2]},p{i // 4},"text {i}, ""quoted""",{["no", "yes"][i % 2]},{i + 1}'
        for i in range(40)
    ]
    (tmp_path / "t.csv").write_text("\n".join([",y,label,patient,remark,word,id", *lines]) + "\n")
    name = f"{tmp_path}/t.csv:label=label:drop=remark+word+id:column=patient"
    for part in ("train", "test"):
        for number, path in in_order(name, part)[:5]:
            (item,) = items(name, part, [number])
            i = int(path.rpartition(":")[2]) - 2
            left_out = ("remark", f'text {i}, "quoted"')  # `word` may be the label, `id` and the first number the rows
            assert item.fields == (left_out, ("y", f"{i / 4:.2f}"))
            assert item.picture is None
    before = digests(name, "test", [0])
    (tmp_path / "t.csv").write_text((tmp_path / "t.csv").read_text().replace("text", "words"))
    assert digests(name, "test", [0]) != before


def test_of_vectors_columns_and_values_are_shown(tmp_path):
    x = np.arange(40, dtype=np.float32).reshape(20, 2) / 3
    np.savez(tmp_path / "v.npz", x_train=x[:12], y_train=np.arange(12) % 2, x_test=x[12:], y_test=np.arange(8) % 2)
    (item,) = items(f"{tmp_path}/v.npz", "test", [1])
    assert item.fields == (("column 1", "8.66667"), ("column 2", "9"))


def test_the_numbers_of_the_test_part_are_those_of_the_test_labels(tmp_path):
    x, y = np.arange(60 * SIDE * SIDE, dtype=np.uint8).reshape(60, SIDE, SIDE), np.arange(60) % 3
    np.savez(tmp_path / "whole.npz", x=x, y=y)
    name = f"{tmp_path}/whole.npz"
    splits, description = read(name)
    for item in items(name, "test", range(description.test_examples)):
        assert y[int(item.path)] == splits.test_labels[item.number]


def test_what_is_not_there_is_named(photos):
    with pytest.raises(InputError, match=r"no test example 4 in '.*photos', which has 4 \(0 to 3\); has the data set"):
        items(photos[0], "test", [0, 4])
    with pytest.raises(InputError, match="part"):
        items(photos[0], "val", [0])
    gone = [Path(photos[0]) / path for path in paths(photos[0], "test", range(2))]
    describe(photos[0])
    for path in gone:
        path.write_bytes(b"no image")
    with pytest.raises(InputError, match=r"can't read '.*\.png' \(cannot identify image file\), '.*png'"):
        items(photos[0], "test", range(4))


def test_no_torch_is_needed_for_a_folder(photos):
    steps = f"items({photos[0]!r}, 'test', [0]); print('torch' in sys.modules)"
    code = f"import sys; from lsbench.data.items import items; {steps}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
