"""Labels by name: a CSV that says which example each label is of."""

from pathlib import Path

import numpy as np
import pytest

from lsbench.errors import InputError
from lsbench.noise.files import read_labels

PATHS = ("cat/1.png", "cat/2.png", "dog/1.png")
NAMES = ("cat", "dog")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(text: str | bytes, file: str = "labels.csv", names: tuple[str, ...] = NAMES, **known: object) -> list[int]:
    Path(file).write_bytes(text if isinstance(text, bytes) else text.encode())
    told = {"class_names": names, "paths": PATHS, "others": ("dog/test.png",), **known}
    return read_labels(f"human:{file}", 3, len(names), **told).tolist()  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "text",
    [
        "path,label\ncat/1.png,dog\ncat/2.png,cat\ndog/1.png,dog\n",
        "path,label\ndog/1.png,1\ncat/1.png,1\ncat/2.png,0\n",
        "\ufeffpath;label\r\ncat/1.png;dog\r\ncat/2.png;cat\r\ndog/1.png;dog\r\n",
        "Label\tsure\tPath\ndog\t0.9\tcat/1.png\ncat\t\tcat/2.png\ndog\t1\tdog/1.png",
        'path,label\n"./cat/1.png", dog\ncat\\2.png,cat\ndog/1.png,dog\ndog/test.png,cat\n',
        "number,part,class,label\n0,train,0,dog\n002,train,0,dog\n1,train,0,cat\n3,test,1,dog\n",
    ],
)
def test_rows_in_any_order_and_any_usual_form_are_put_into_the_order_of_the_examples(text: str) -> None:
    assert read(text) == [1, 0, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path,label\ncat/1.png,dog\n", r"2 examples have no label \('cat/2.png', 'dog/1.png'\); `lsbench order`"),
        (
            "path,label\ncat/1.png,dog\ncat/1.png,cat\ncat/2.png,cat\neel/1.png,cat\n",
            r"1 examples have no label \('dog/1.png'\); 1 names are of no example \('eel/1.png'\);"
            r" 1 names are given twice \('cat/1.png'\)",
        ),
        (
            "path,label\ncat/1.png,cow\ncat/2.png,0\ndog/1.png,2\n",
            r"no class of this data set: 'cow', '2'; its classes",
        ),
        ("file,label\ncat/1.png,cat\n", r"must begin with a line of column names .* got 'file,label'"),
        ("path,class\ncat/1.png,cat\n", r"must begin with a line of column names"),
        ("", r"must begin with a line of column names"),
        ("path,label\ncat/1.png\n", r"line 2: it has no label"),
        ("path,label\n,cat\n", r"line 2: it has no path"),
        ("number,label\n0,cat\n1,cat\nx,cat\n", r"1 examples have no label \('2'\); 1 names are of no example \('x'\)"),
        (b"path,label\ncat/1.png,cat\ncat/\xe9.png,cat\n", r"1 names are of no example \('cat/\\udce9\.png'\)"),
        ("path,label\n" + '"' + "x" * 200_000 + '",cat\n', r"line \d+: .*field larger than"),
    ],
)
def test_what_does_not_go_with_the_data_set_is_named_in_one_sentence(text: str | bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(text)


def test_a_name_that_is_not_utf_8_is_the_one_that_the_system_has() -> None:
    paths = ("cat/\udce9.png", *PATHS[1:])
    assert read(b"path,label\ncat/\xe9.png,dog\ncat/2.png,cat\ndog/1.png,dog\n", paths=paths) == [1, 0, 1]


def test_paths_for_a_set_without_files_and_a_file_that_is_not_there_are_errors() -> None:
    with pytest.raises(InputError, match="names files, and this data set has none; give a column number"):
        read("path,label\na.png,cat\n", paths=())
    with pytest.raises(InputError, match=r"no file none\.csv"):
        read_labels("human:none.csv", 3, 2)


def test_where_classes_are_called_by_numbers_labels_are_these_names() -> None:
    text = "number,label\n0,1\n1,2\n2,1\n"
    assert read(text, names=("1", "2")) == [0, 1, 0]
    with pytest.raises(InputError, match="no class of this data set: '0'; its classes are '1', '2'"):
        read(text.replace("2,1", "2,0"), names=("1", "2"))


@pytest.mark.parametrize(
    ("labels", "label_map", "expected"),
    [
        (np.array([2, 1, 1]), (1, 2), [1, 0, 0]),
        (np.array([1, -1, 1]), (-1, 1), [1, 0, 1]),
        (np.array(["dog", "cat", "dog"]), (), [1, 0, 1]),
        (np.array([1, 0, 1]), ("cat", "dog"), [1, 0, 1]),
    ],
)
def test_an_array_in_order_has_the_labels_that_the_data_set_has(
    labels: np.ndarray, label_map: tuple[int | str, ...], expected: list[int]
) -> None:
    np.save("a.npy", labels)
    assert read_labels("human:a.npy", 3, 2, class_names=NAMES, label_map=label_map).tolist() == expected


def test_a_number_that_a_mapped_data_set_has_not_is_an_error() -> None:
    np.save("a.npy", np.array([0, 1, 1]))
    with pytest.raises(InputError, match=r"class numbers of 1, 2, got 0 at index 0"):
        read_labels("human:a.npy", 3, 2, class_names=("1", "2"), label_map=(1, 2))
