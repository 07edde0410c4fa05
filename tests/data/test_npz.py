import numpy as np
import pytest
import torch

from lsbench.data.dataset import load
from lsbench.data.describe import describe
from lsbench.data.npz import read_npz
from lsbench.errors import InputError


def arrays(shape=(8, 6, 3), n=12, classes=3, dtype=np.uint8, naming="keras", val=False):
    """A small random set under Keras' or MedMNIST's names."""
    rng = np.random.default_rng(0)
    pattern = {"keras": ("x_{}", "y_{}"), "medmnist": ("{}_images", "{}_labels")}[naming]
    made = {}
    for part in ("train", "test", *(["val"] if val else [])):
        made[pattern[0].format(part)] = rng.integers(0, 256, (n, *shape)).astype(dtype)
        labels = np.arange(n, dtype=np.uint8) % classes
        made[pattern[1].format(part)] = labels[:, None] if naming == "medmnist" else labels
    return made


def save(path, made):
    np.savez(path, **made)
    return path


@pytest.mark.parametrize("shape", [(8, 6), (8, 6, 1), (1, 8, 6)], ids=str)
def test_grey_images_become_one_channel_wherever_it_stands(tmp_path, shape):
    made = arrays(shape)
    found = read_npz(save(tmp_path / "a.npz", made))
    assert np.array_equal(found.train_images, made["x_train"].reshape(12, 1, 8, 6))
    assert found.train_labels.dtype == np.int64


@pytest.mark.parametrize(("shape", "last"), [((8, 6, 3), True), ((3, 8, 6), False), ((16, 16, 13), True)], ids=str)
def test_colour_images_become_channels_first(tmp_path, shape, last):
    made = arrays(shape)
    expected = made["x_test"].transpose(0, 3, 1, 2) if last else made["x_test"]
    assert np.array_equal(read_npz(save(tmp_path / "a.npz", made)).test_images, expected)


def test_medmnists_validation_set_is_the_last_of_the_images_and_no_part_of_the_statistics(tmp_path):
    made = arrays(naming="medmnist", val=True, n=9)
    made["val_images"][:] = 255
    path = str(save(tmp_path / "med.npz", made))
    known, data = describe(path), load(path)
    assert (known.train_examples, known.val_examples, data.val_count, len(data.images)) == (9, 9, 9, 18)
    raw = torch.from_numpy(made["train_images"]).double()
    torch.testing.assert_close(data.mean.double(), raw.mean((0, 1, 2)), atol=1e-3, rtol=0)
    torch.testing.assert_close(data.sd.double(), raw.std((0, 1, 2), correction=0), atol=1e-3, rtol=0)
    top = (255 - data.mean) / data.sd
    torch.testing.assert_close(data.images[9:], top.view(1, 3, 1, 1).expand(9, 3, 8, 6), atol=1e-4, rtol=0)
    assert data.labels.tolist() == [0, 1, 2] * 6


def test_the_fingerprint_is_of_the_content_not_of_the_file(tmp_path):
    made = arrays()
    first = describe(str(save(tmp_path / "a.npz", made))).fingerprint
    np.savez_compressed(tmp_path / "b.npz", **{k: v.astype(np.int64) for k, v in made.items()})
    turned = {k: v.transpose(0, 3, 1, 2) if v.ndim == 4 else v for k, v in made.items()}
    assert describe(str(tmp_path / "b.npz")).fingerprint == first
    assert describe(str(save(tmp_path / "c.npz", turned))).fingerprint == first
    made["y_test"][0] += 1
    assert describe(str(save(tmp_path / "d.npz", made))).fingerprint != first


def test_a_file_that_changes_is_read_again(tmp_path):
    path = save(tmp_path / "a.npz", arrays())
    first = describe(str(path)), load(str(path))
    save(path, arrays(n=15))
    assert (describe(str(path)).train_examples, len(load(str(path)).images)) == (15, 15)
    assert first[0].train_examples == len(first[1].images) == 12


def test_floats_of_any_range_are_normalised(tmp_path):
    made = arrays(dtype=np.float64)
    made |= {name: made[name] * 1e4 - 7e5 for name in ("x_train", "x_test")}
    data = load(str(save(tmp_path / "a.npz", made)))
    assert data.images.dtype == torch.float32
    assert float(data.images.mean()) == pytest.approx(0, abs=1e-5)
    assert float(data.images.square().mean()) == pytest.approx(1, abs=1e-5)


def wrong(**changes):
    return {**arrays(), **changes}


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (wrong(y_train=np.zeros((12, 14))), "several labels per example"),
        (
            wrong(y_train=np.arange(12) % 3 + 1),
            "test set of .* has the label 0, of 4 examples, which the training",
        ),
        (wrong(y_train=np.arange(12) / 2), "12 different numbers that are not all whole"),
        (wrong(y_train=np.where(np.arange(12) == 3, np.nan, 1)), "must be finite"),
        (wrong(y_train=np.full(12, 2.0**60)), "class numbers or names, got"),
        (wrong(y_train=np.zeros(12, complex)), "class numbers or names, got dtype complex128"),
        (wrong(y_train=np.zeros(12, int)), "one class"),
        (
            wrong(y_train=np.array(["cat", "dog"] * 6)),
            "the label 0 and 2 more, of 12 examples, which the training",
        ),
        (wrong(y_test=np.full(12, 3)), "test set of .* has the label 3, of 12 examples, which the training"),
        (wrong(y_test=np.zeros(11, int)), "12 images but 11 labels"),
        (wrong(x_test=np.zeros((12, 8, 7, 3))), r"images of 3x8x6 .* in train and images of 3x8x7 .* in test"),
        (wrong(x_train=np.zeros((12, 8, 6, 5, 3))), r"got \(12, 8, 6, 5, 3\)"),
        (wrong(x_train=np.zeros((0, 8, 6))), r"got \(0, 8, 6\)"),
        (wrong(x_train=np.where(np.arange(48) == 30, np.nan, 1.0) * np.ones((12, 8, 48))), "NaN"),
        (wrong(x_test=np.full((12, 8, 6, 3), np.inf)), "NaN or inf"),
        (wrong(x_train=np.zeros((12, 8, 6), complex)), "must be numbers, got dtype complex128"),
        ({"x_train": np.zeros(3), "labels": np.zeros(3)}, "holds x_train, labels; it must hold x_train, y_train"),
        (wrong(x_val=np.zeros((2, 8, 6, 3))), "only one of x_val and y_val"),
    ],
)
def test_what_is_no_set_of_images_with_one_label_each_is_an_error_that_says_why(tmp_path, made, message):
    with pytest.raises(InputError, match=message):
        describe(str(save(tmp_path / "a.npz", made)))


def test_a_pickle_in_the_file_is_never_opened(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("it was opened",))

    path = save(tmp_path / "a.npz", wrong(y_train=np.array([Bomb()] * 12)))
    with pytest.raises(InputError, match=r"not a whole \.npz file of plain arrays"):
        read_npz(path)


@pytest.mark.parametrize("content", [b"", b"PK\3\4 torn", b"\x93NUMPY"])
def test_a_broken_file_is_an_error_that_names_the_file(tmp_path, content):
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.npz"):
        describe(str(tmp_path / "a.npz"))


def test_a_bare_array_under_that_name_is_an_error(tmp_path):
    with (tmp_path / "a.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(InputError, match="one bare array"):
        read_npz(tmp_path / "a.npz")


def test_labels_of_python_objects_are_told_how_to_be_saved(tmp_path):
    x, y = np.zeros((4, 2, 2), np.uint8), np.array(["a", "b", "a", "b"], dtype=object)
    np.savez(tmp_path / "objects.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    with pytest.raises(
        InputError, match=r"it holds Python objects\); save labels that are text as labels\.astype\(str\)"
    ):
        read_npz(tmp_path / "objects.npz")


def test_examples_and_labels_in_two_npy_files_are_divided(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draws = np.random.default_rng(0)
    np.save("x.npy", draws.normal(size=(40, 3)))
    np.save("y.npy", np.array(["a", "b"] * 20))
    data = describe("./x.npy:labels=./y.npy:test=0.25")
    assert (data.train_examples, data.test_examples, data.shape, data.class_names) == (30, 10, (3,), ("a", "b"))
    np.save("y.npy", np.array(["b", "a"] * 20))
    assert describe("./x.npy:labels=./y.npy:test=0.25").fingerprint != data.fingerprint
    np.save("short.npy", np.arange(39) % 2)
    np.save("objects.npy", np.array([None] * 40), allow_pickle=True)
    for name, message in {
        "./x.npy": r"one array, of examples; write \./x\.npy:labels=y\.npy; its labels are not named",
        "./x.npy:labels=y.csv": "got labels=y.csv",
        "./x.npy:labels=./z.npy": "no file z.npy",
        "./x.npy:labels=./short.npy": "40 examples but 39 labels",
        "./x.npy:labels=./objects.npy": "is pickled, and may run any code",
        "./y.npy:labels=./y.npy": "must be numbers",
        "./x.npy:labels=./y.npy:size=3": "unknown option",
    }.items():
        with pytest.raises(InputError, match=message):
            describe(name)
