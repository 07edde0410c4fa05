"""Tables: what is read of a file, and what is said of it."""

import gzip
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lsbench.data.dataset import load
from lsbench.data.describe import describe, doubts, groups_of, read, units_of
from lsbench.data.order import examples
from lsbench.errors import InputError
from lsbench.names.catalogue import TABLE
from tests.in_turn import in_turn

SKLEARN = {  # its own file, and what stands behind it: how many rows, columns and classes
    "iris.csv:skip=1:header=no:label=5": (150, 4, 3),
    "wine_data.csv:skip=1:header=no:label=14": (178, 13, 3),
    "breast_cancer.csv:skip=1:header=no:label=31": (569, 30, 2),
    "digits.csv.gz:header=no:label=65": (1797, 64, 10),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def flowers(n=60):
    """A frame of two numbers, a truth value and a kind of n flowers."""
    draws = np.random.default_rng(0)
    kind = np.arange(n) % 3
    return pd.DataFrame(
        {
            "length": (kind + draws.normal(size=n)).round(2),
            "width": draws.normal(size=n).round(3) * 1e6,
            "wild": draws.random(n) < 0.5,
            "kind": np.array(["aster", "daisy", "rose"])[kind],
        }
    )


def save(frame, name="flowers.csv", **options):
    frame.to_csv(name, index=False, **options)
    return f"./{name}:label=kind"


@in_turn("name", SKLEARN)
def test_the_files_of_scikit_learn_are_read_as_they_are(name):
    folder = Path(pytest.importorskip("sklearn.datasets").__file__).parent / "data"
    splits, data = read(f"{folder}/{name}")
    rows, columns, classes = SKLEARN[name]
    assert (data.train_examples + data.test_examples, data.shape, data.num_classes) == (rows, (columns,), classes)
    assert (data.kind, np.isfinite(splits.train_images).all()) == (TABLE, True)
    for part, share in ((splits.train_labels, 0.8), (splits.test_labels, 0.2)):
        assert np.abs(np.bincount(part) - share * np.bincount([*splits.train_labels, *splits.test_labels])).max() <= 1


def test_every_row_is_trained_on_or_tested_on_with_its_own_values_and_label(folder):
    frame = flowers()
    splits, data = read(save(frame))
    lines = [int(name.removeprefix("flowers.csv:")) for name in data.paths]
    assert sorted(lines) == list(range(2, len(frame) + 2))
    in_order = frame.iloc[[line - 2 for line in lines]]
    values = np.concatenate([splits.train_images, splits.test_images])
    np.testing.assert_array_equal(values, in_order[["length", "width", "wild"]].to_numpy(float))
    labels = np.concatenate([splits.train_labels, splits.test_labels])
    assert np.array(data.class_names)[labels].tolist() == in_order["kind"].tolist()
    assert [example.path for example in examples(save(frame))] == list(data.paths)


def test_columns_are_standardised_by_the_training_part(folder):
    data = load(save(flowers()))
    np.testing.assert_allclose(data.images.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(data.images.std(0, correction=0), 1, atol=1e-6)


def test_a_table_is_the_same_data_set_however_it_is_written(folder):
    frame = flowers()
    first = describe(save(frame)).fingerprint
    text = Path("flowers.csv").read_text()
    Path("windows.csv").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n\r\n").encode())
    Path("flowers.csv.gz").write_bytes(gzip.compress(text.encode()))
    Path("quoted.csv").write_text(
        "a title, and more\n" + text.replace("length", '"length"').replace("aster", '"aster"')
    )
    frame.to_csv("flowers.tsv", index=False, sep="\t")
    frame[["kind", "length", "width", "wild"]].assign(note='with, a "comma"').to_csv("more.csv", index=False, sep=";")
    written = ["windows.csv", "flowers.csv.gz", "flowers.tsv", "quoted.csv:skip=1", "more.csv:drop=note"]
    for name in written:
        assert describe(f"./{name}:label=kind").fingerprint == first, name


def test_decimal_commas_are_the_numbers_that_they_are_with_points(folder):
    frame = flowers()
    frame["width"] = frame["width"] / 1e6 + np.pi  # of all digits
    frame.loc[3, "length"] = np.nan
    points, _ = read(save(frame))
    commas, _ = read(save(frame, "commas.csv", sep=";", decimal=","))
    assert np.array_equal(points.train_images, commas.train_images)
    assert np.array_equal(points.test_images, commas.test_images)


def test_parquet_is_read_where_pyarrow_is_and_asked_for_where_it_is_not(folder, monkeypatch):
    Path("broken.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"needs pyarrow: pip install 'lsbench\[parquet\]', or save the table as CSV"):
        describe("./broken.parquet:label=kind")
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    pytest.importorskip("pyarrow")
    with pytest.raises(InputError, match=r"can't read .*broken\.parquet"):
        describe("./broken.parquet:label=kind")
    frame = flowers()
    frame.assign(wild=frame["wild"].astype("boolean"), kind=frame["kind"].astype("category")).to_parquet("f.parquet")
    assert describe("./f.parquet:label=kind").fingerprint == describe(save(frame)).fingerprint


def test_missing_values_are_the_median_of_the_training_part_alone(folder):
    frame = flowers()
    whole = read(save(frame))
    tested = {int(name.split(":")[1]) - 2 for name in whole[1].paths[whole[1].train_examples :]}
    gaps = [0, 1, 2, 3, 4]
    assert {i in tested for i in gaps} == {True, False}
    frame.loc[gaps, "length"] = np.nan
    splits, data = read(save(frame))
    trained = frame["length"].drop(index=[*tested])
    names = [f"flowers.csv:{i + 2}" for i in gaps if i in tested]
    filled = [splits.test_images[data.paths.index(name) - data.train_examples, 0] for name in names]
    assert set(filled) == {trained.median()}
    assert doubts(save(frame)) == (
        "5 missing values are filled in with the median of their column in the training part: 'length' (5)",
    )


def test_a_column_without_a_value_is_left_out_and_that_is_said(folder):
    data = describe(save(flowers().assign(empty=np.nan)))
    assert data.shape == (3,)
    assert any("column 'empty' has no value in the training part: left out" in note for note in data.notes)


def test_missing_values_of_arrays_are_filled_in_too(folder):
    frame = flowers()
    x, y = frame[["length", "width"]].to_numpy(copy=True), np.arange(60) % 3
    x[7, 1] = np.nan
    np.savez("a.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    splits, _ = read("./a.npz")
    assert splits.test_images[7, 1] == np.nanmedian(x[:, 1])
    assert "2 missing values are filled in" in doubts("./a.npz")[0]


def test_a_first_column_that_numbers_the_rows_is_left_out_and_others_are_doubted(folder):
    frame = flowers()
    frame = frame.assign(
        key=np.arange(60)[::-1] + 7, code=frame["kind"].map({"aster": 1, "daisy": 5, "rose": 2}), one=1
    )
    frame.to_csv("numbered.csv")
    name = "./numbered.csv:label=kind"
    data = describe(name)
    assert data.shape == (6,)
    assert any("column 'column 1' numbers the rows: left out" in note for note in data.notes)
    said = doubts(name)
    assert [text.partition(" has ")[0] for text in said[:3]] == ["column 'one'", "column 'key'", "column 'code'"]
    assert "leave out with :drop=code" in said[2]
    assert doubts(f"{name}:drop=key+one+code") == ()


def test_equal_rows_are_in_one_part_and_in_one_fold(folder):
    frame = flowers()
    name = save(pd.concat([frame, frame.iloc[:20], frame.iloc[:10]], ignore_index=True))
    splits, _ = read(name)
    train, test = ({tuple(row) for row in np.asarray(part)} for part in (splits.train_images, splits.test_images))
    assert not train & test
    units = units_of(name)
    assert units is not None
    assert set(units.sizes) <= {2, 3}
    assert any("50 of 90 rows are equal to another, in 20 units of up to 3" in note for note in describe(name).notes)
    assert units.sizes


def test_a_column_of_groups_is_no_feature_and_no_group_is_parted(folder):
    name = save(flowers().assign(person=[f"p{i % 12}" for i in range(60)])) + ":column=person"
    groups, data = groups_of(name), describe(name)
    assert groups is not None
    assert groups.test is not None
    assert not set(groups.train.tolist()) & set(groups.test.tolist())
    assert data.shape == (3,)
    assert len(set(groups.train.tolist())) + len(set(groups.test.tolist())) == 12


def test_a_test_table_is_read_by_the_names_of_its_columns(folder):
    frame = flowers()
    frame[["kind", "wild", "width", "length"]].iloc[:9].assign(more="text").to_csv("rest.csv", index=False)
    splits, data = read(f"{save(frame)}:test=./rest.csv")
    assert (data.train_examples, data.test_examples) == (60, 9)
    np.testing.assert_array_equal(splits.test_images, splits.train_images[:9])
    np.testing.assert_array_equal(splits.test_labels, splits.train_labels[:9])
    assert data.paths[60] == "rest.csv:2"


def test_a_table_that_changes_is_read_again(folder):
    first = describe(save(flowers())).fingerprint
    assert describe(save(flowers(90))).fingerprint != first


def test_another_split_tests_other_rows(folder):
    name = save(flowers())
    tested = [set(describe(f"{name}:split={i}:test=0.3").paths[42:]) for i in (0, 1)]
    assert [len(one) for one in tested] == [18, 18]
    assert tested[0] != tested[1]


def test_labels_may_be_numbers_truth_values_or_text_of_numbers(folder):
    frame = flowers()
    for labels in (
        frame["wild"],
        frame["wild"].map({True: 7, False: 3}),
        frame["wild"].map({True: "yes", False: "no"}),
    ):
        data = describe(save(frame.assign(kind=labels, wild=0.5)))
        assert data.num_classes == 2
    assert data.class_names == ("no", "yes")
