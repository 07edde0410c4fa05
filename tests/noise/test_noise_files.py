"""Names with a file in them, and files that anybody may have written."""

import contextlib
import hashlib
import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from lsbench.data.describe import of_catalogue
from lsbench.errors import DtypeError, InputError
from lsbench.noise.files import base_kind, has_file, read_labels, read_matrix
from lsbench.noise.inputs import content_hash, hash_of
from tests.in_turn import in_turn

LABELS = np.array([0, 3, 1, 2, 2, 0])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def saved(labels: object, name: str = "labels.npy") -> str:
    np.save(name, labels, allow_pickle=True)
    return f"human:{name}"


def written(text: str, name: str = "rows.csv") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return f"matrix:{name}"


# --- names ----------------------------------------------------------------------------------------------------


@in_turn(
    ("name", "kind", "file"),
    [
        ("symmetric", "symmetric", False),
        ("human", "human", False),
        ("human:", "human", True),
        ("human:a.npy", "human", True),
        ("human:C:\\x\\a.npz:key", "human", True),
        ("matrix:m.csv", "matrix", True),
        ("humans:a.npy", "humans:a.npy", False),
        ("./own.py:noise", "./own.py:noise", False),
        ("Human:a.npy", "Human:a.npy", False),
        ("", "", False),
    ],
)
def test_a_name_is_its_kind_and_perhaps_a_file(name: str, kind: str, file: bool) -> None:
    assert (base_kind(name), has_file(name)) == (kind, file)
    if not file:
        assert content_hash(name, of_catalogue("blobs")) == ""


@pytest.mark.parametrize("name", ["human", "human:", "matrix:m.csv", "symmetric"])
def test_labels_of_a_name_without_their_file_are_an_error_that_shows_how(name: str) -> None:
    with pytest.raises(InputError, match=r"human noise is read from a file: write human:labels\.npy, .*; got"):
        read_labels(name, 6, 4)


@pytest.mark.parametrize("name", ["matrix", "matrix:", "human:a.npy"])
def test_a_matrix_of_a_name_without_its_file_is_an_error_that_shows_how(name: str) -> None:
    with pytest.raises(InputError, match=r"matrix noise is read from a file: write matrix:rows\.csv; got"):
        read_matrix(name, 4)


# --- labels ---------------------------------------------------------------------------------------------------


@in_turn("dtype", ["u1", "i2", "<i8", ">i4", "u8", "f2", "f8", ">f4"])
def test_labels_of_any_dtype_that_holds_whole_numbers_are_read_and_hashed_alike(dtype: str) -> None:
    name = saved(LABELS.astype(dtype))
    labels = read_labels(name, 6, 4)
    assert labels.dtype == np.int64
    assert labels.tolist() == LABELS.tolist()
    assert hash_of(labels) == hashlib.sha256(LABELS.astype("<i8").tobytes()).hexdigest()[:16]


def test_the_hash_sees_one_label_and_their_order() -> None:
    several = (LABELS, LABELS[::-1], LABELS[:-1], LABELS + 1)
    hashes = {hash_of(read_labels(saved(labels), len(labels), 5)) for labels in several}
    assert len(hashes) == 4


def test_a_key_picks_an_array_and_the_only_one_needs_no_key() -> None:
    np.savez("two.npz", a=LABELS, b=LABELS[::-1])
    np.savez_compressed("one.NPZ.npz", only=LABELS)
    assert read_labels("human:two.npz:b", 6, 4).tolist() == LABELS[::-1].tolist()
    assert read_labels("human:one.NPZ.npz:only", 6, 4).tolist() == LABELS.tolist()


@pytest.mark.parametrize("name", ["human:one.npz", "human:one.npz:only", "human:./one.npz"])
def test_the_only_array_of_an_archive_is_found(name: str) -> None:
    np.savez("one.npz", only=LABELS)
    assert read_labels(name, 6, 4).tolist() == LABELS.tolist()


def test_a_key_and_a_path_may_hold_colons(folder: Path) -> None:
    (folder / "a:b").mkdir()
    np.savez("a:b/c.npz", **{"k:1": LABELS, "other": LABELS[:1]})
    assert read_labels("human:a:b/c.npz:k:1", 6, 4).tolist() == LABELS.tolist()


@pytest.mark.parametrize(("key", "said"), [(":c", "no array 'c'"), (":", "no array ''"), ("", "which of its arrays")])
def test_an_unknown_or_missing_key_is_an_error_that_lists_the_keys(key: str, said: str) -> None:
    np.savez("two.npz", a=LABELS, b=LABELS)
    with pytest.raises(InputError, match=rf"two\.npz: {said}; write two\.npz:KEY with one of a, b"):
        read_labels(f"human:two.npz{key}", 6, 4)


def test_an_empty_archive_is_an_error() -> None:
    np.savez("none.npz")
    with pytest.raises(InputError, match="it is empty"):
        read_labels("human:none.npz", 6, 4)


@pytest.mark.parametrize("n", [0, 5, 7])
def test_another_number_of_labels_is_an_error(n: int) -> None:
    with pytest.raises(InputError, match=rf"human:labels.npy must hold {n} labels.* got 6"):
        read_labels(saved(LABELS), n, 4)


@pytest.mark.parametrize("wrong", [-1, 4, 2**40])
def test_a_label_that_is_no_class_is_an_error_that_says_where(wrong: int) -> None:
    labels = LABELS.copy()
    labels[4] = wrong
    with pytest.raises(InputError, match=rf"class numbers in \[0, 4\), got {wrong} at index 4"):
        read_labels(saved(labels), 6, 4)


@in_turn("wrong", [1.5, float("nan"), float("inf"), -float("inf"), 1e300, 2.0**63])
def test_a_label_that_is_not_whole_is_an_error_that_says_where(wrong: float) -> None:
    labels = LABELS.astype(float)
    labels[2] = wrong
    with pytest.raises(InputError, match=r"must hold whole numbers, got .* at index 2"):
        read_labels(saved(labels), 6, 4)


def test_an_unsigned_label_beyond_int64_is_an_error() -> None:
    with pytest.raises(InputError, match="must hold whole numbers, got 18446744073709551615 at index 1"):
        read_labels(saved(np.array([0, 2**64 - 1], dtype="u8")), 2, 4)


@pytest.mark.parametrize("shape", [(), (6, 1), (1, 6)])
def test_labels_of_other_than_one_dimension_are_an_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"one label for each example, \(n,\); got shape"):
        read_labels(saved(np.zeros(shape, dtype=int)), 6, 4)


@pytest.mark.parametrize("array", [LABELS > 0, LABELS.astype(complex), LABELS.astype("M8[s]")])
def test_an_array_of_neither_numbers_nor_text_is_an_error(array: np.ndarray) -> None:
    with pytest.raises(DtypeError, match="must hold whole numbers, or names of classes, got"):
        read_labels(saved(array), 6, 4)


class Trap:
    """Unpickled, it leaves a file."""

    def __reduce__(self) -> tuple:
        return (Path.touch, (Path("trapped"),))


def test_nothing_is_unpickled(folder: Path) -> None:
    saved(np.array([Trap()], dtype=object), "objects.npy")
    Path("pickle.npy").write_bytes(pickle.dumps(Trap()))
    with zipfile.ZipFile("objects.npz", "w") as archive:
        archive.write("objects.npy")
        archive.write("pickle.npy")
    for file in ("objects.npy", "pickle.npy", "objects.npz:objects", "objects.npz:pickle"):
        with pytest.raises(InputError, match=r"can't read|must hold whole numbers|is pickled"):
            read_labels(f"human:{file}", 1, 4)
    assert not (folder / "trapped").exists()


def whole_file(name: str) -> bytes:
    stream = io.BytesIO()
    np.save(stream, LABELS) if name.endswith("npy") else np.savez(stream, a=LABELS)
    return stream.getvalue()


@pytest.mark.parametrize("name", ["cut.npy", "cut.npz"])
def test_a_file_cut_anywhere_is_an_error_in_a_sentence(name: str) -> None:
    whole = whole_file(name)
    for end in range(0, len(whole), 7):
        Path(name).write_bytes(whole[:end])
        with pytest.raises(InputError, match=rf"can't read {name}: "):
            read_labels(f"human:{name}", 6, 4)


@pytest.mark.parametrize("name", ["flipped.npy", "flipped.npz"])
def test_a_file_with_any_byte_changed_is_read_or_refused_in_a_sentence(name: str) -> None:
    whole = whole_file(name)
    for i in range(len(whole)):
        Path(name).write_bytes(whole[:i] + bytes([whole[i] ^ 0x55]) + whole[i + 1 :])
        with contextlib.suppress(InputError):  # and nothing else
            assert read_labels(f"human:{name}", 6, 4).shape == (6,)


NEGATIVE = pytest.param(b"(-6,)", marks=pytest.mark.skipif(np.__version__ < "2", reason="numpy 1 reads what is there"))


@pytest.mark.parametrize("shape", [b"(6000000,)", b"(60000000000000,)", NEGATIVE, b"(99999999999999999999,)", b"(7,)"])
def test_a_header_that_promises_what_is_not_there_is_an_error(shape: bytes) -> None:
    whole, old = whole_file("x.npy"), b"(6,), }"
    new = shape + b", }"
    assert whole.count(old + b" " * (len(new) - len(old))) == 1
    Path("big.npy").write_bytes(whole.replace(old + b" " * (len(new) - len(old)), new))
    with pytest.raises(InputError, match=r"can't read big\.npy: "):
        read_labels("human:big.npy", 6, 4)


@pytest.mark.parametrize("file", ["labels.txt", "labels", "labels.npy:key", "labels.npz.gz", "."])
def test_a_file_of_another_kind_is_an_error(file: str) -> None:
    with pytest.raises(InputError, match=r"read from a \.npy, or from a \.npz and a key"):
        read_labels(f"human:{file}", 6, 4)


@pytest.mark.parametrize("name", ["human:none.npy", "human:none.npz:a", "human:folder.npy", "human:\0.npy"])
def test_a_file_that_is_not_there_is_an_error_that_says_where_it_was_looked_for(name: str, folder: Path) -> None:
    (folder / "folder.npy").mkdir()
    with pytest.raises(InputError, match=r"no file .* looked for from the current folder, "):
        read_labels(name, 6, 4)


# --- matrices -------------------------------------------------------------------------------------------------

ROWS = np.array([[0.9, 0.1, 0.0], [0.0, 1.0, 0.0], [0.25, 0.25, 0.5]])
TEXTS = {
    "commas": "0.9,0.1,0\n0,1,0\n.25,.25,.5\n",
    "spaces": "0.9 0.1  0\n0 1 0\n .25\t.25 .5",
    "commas and spaces": " 0.9, 0.1, 0\r\n0 ,1 ,0\r\n.25,.25,.5\r\n\r\n",
    "names": "cat,dog,a 3rd bird\n0.9,0.1,0\n0,1,0\n.25,.25,.5\n",
    "names without commas": "cat dog bird\n0.9 0.1 0\n0 1 0\n.25 .25 .5\n",
    "column numbers": "0,1,2\n0.9,0.1,0\n0,1,0\n.25,.25,.5\n",
    "comments": "# of 3\n\n0.9,0.1,0 # cat\n  # dog\n0,1,0\n.25,.25,.5\n#",
    "a mark of its encoding": "\ufeff0.9,0.1,0\n0,1,0\n.25,.25,.5\n",
    "exponents": "9e-1,1E-1,0e0\n-0.0,1.0,+0\n.25,.25,.5\n",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_matrix_is_read_and_hashed_alike_however_it_is_written(text: str) -> None:
    name = written(text)
    np.testing.assert_array_equal(read_matrix(name, 3), ROWS)
    if "-0.0" not in text:
        assert hash_of(read_matrix(name, 3)) == hashlib.sha256(ROWS.astype("<f8").tobytes()).hexdigest()[:16]


def test_what_numpy_and_pandas_write_is_read(folder: Path) -> None:
    pandas = pytest.importorskip("pandas")
    np.savetxt("numpy.csv", ROWS)
    pandas.DataFrame(ROWS).to_csv("pandas.csv", index=False)
    for name in ("matrix:numpy.csv", "matrix:pandas.csv"):
        np.testing.assert_array_equal(read_matrix(name, 3), ROWS)


@in_turn(
    ("text", "said"),
    [
        ("", "must hold a row of numbers for each class, got none"),
        ("# nothing\n", "must hold a row of numbers for each class, got none"),
        ("a,b,c\n", "must hold a row of numbers for each class, got none"),
        ("1,0,0\n0,1,x\n0,0,1\n", "line 2: 'x' is no number"),
        ("1,0,0\n0,,0\n0,0,1\n", "line 2: '' is no number"),
        ("1,0,0,\n0,1,0,\n0,0,1,\n", "line 1: '' is no number"),
        ("1,0,0\n# x\n0,1\n0,0,1\n", "line 3: 2 numbers in a table of 3 columns"),
        ("1;0;0\n0;1;0\n0;0;1\n", "line 2: '0;1;0' is no number"),
        ("1,0\n0,1\n", r"must have shape \(3, 3\), .* got \(2, 2\)"),
        ("1,0,0\n0,1,0\n", r"must have shape \(3, 3\), .* got \(2, 3\)"),
        ("1,0,0\n0,1,0\n0,0,0\n", "row 2 .* sums to 0"),
        ("1,0,0\n0,1,0\n0,nan,1\n", "must hold probabilities, got nan in row 2"),
        ("1,0,0\n0,inf,0\n0,0,1\n", "must hold probabilities, got inf in row 1"),
        ("1,0,0\n0,1,0\n-.5,.5,1\n", "must hold probabilities, got -0.5 in row 2"),
        ("0,1,2\n0,1,0\n0,0,1\n", "row 0 .* sums to 3"),
    ],
)
def test_what_is_no_matrix_is_an_error_that_says_where(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_matrix(written(text), 3)


def test_bytes_that_are_no_text_and_a_missing_file_are_errors() -> None:
    Path("rows.csv").write_bytes(whole_file("x.npy"))
    with pytest.raises(InputError, match=r"rows\.csv must be a text file of numbers"):
        read_matrix("matrix:rows.csv", 3)
    with pytest.raises(InputError, match=r"no file none\.csv"):
        content_hash("matrix:none.csv", of_catalogue("blobs"))
