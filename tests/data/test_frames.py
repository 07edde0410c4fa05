"""DataFrames from Python, as the data set of a function and of `lsbench.compare`."""

import re
import warnings

import numpy as np
import pandas as pd
import pytest

from lsbench import compare
from lsbench.data.describe import describe, doubts, groups_of, read
from lsbench.errors import DoubtWarning, InputError
from lsbench.names.digest import digest
from lsbench.names.reference import keep_object
from tests.data.test_tables import flowers, save
from tests.in_turn import in_turn

NUMBERS = ["length", "width", "wild"]


def name_of(data):
    def given():
        return data

    return keep_object("data", given)


def test_a_frame_and_its_file_are_one_data_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = flowers()
    first = describe(save(frame)).fingerprint
    from_function = describe(f"{name_of(frame)}:label=kind")
    assert from_function.fingerprint == first
    assert all(re.fullmatch(r"[^'\"]+:\d+", name) for name in from_function.paths)
    assert describe(name_of((frame, "kind"))).fingerprint == first
    assert describe(name_of((frame[NUMBERS], frame["kind"]))).fingerprint == first
    assert describe(name_of((frame[NUMBERS].to_numpy(float), frame["kind"].to_numpy()))).fingerprint == first


def test_a_test_frame_is_read_by_the_names_of_its_columns():
    frame = flowers()
    x, y = frame[NUMBERS], frame["kind"]
    splits, data = read(name_of((x, y, x[NUMBERS[::-1]][:9], y[:9])))
    assert (data.train_examples, data.test_examples) == (60, 9)
    np.testing.assert_array_equal(splits.test_images, splits.train_images[:9])


def test_missing_values_are_told_by_the_names_of_their_columns():
    frame = flowers()
    frame.loc[[3, 8], "width"] = None
    for data in ((frame, "kind"), (frame[NUMBERS], frame["kind"])):
        assert "'width' (2)" in doubts(name_of(data))[0]


def test_a_column_of_a_frame_may_be_the_groups():
    name = f"{name_of((flowers().assign(person=[f'p{i % 12}' for i in range(60)]), 'kind'))}:column=person"
    assert describe(name).shape == (3,)
    assert groups_of(name) is not None


@in_turn(
    ("data", "message"),
    [
        (lambda: flowers(), "which column holds the labels"),
        (lambda: (flowers(), "kinds"), "'kinds'; did you mean kind"),
        (lambda: (flowers(), flowers()["kind"]), "column 'kind' of .* is text"),
        (
            lambda: (flowers()[NUMBERS], flowers()["kind"].where(flowers().index > 3)),
            "4 of 60 .* are missing",
        ),
        (lambda: (flowers()[NUMBERS], flowers()["kind"][:-1]), "60 examples but 59 labels"),
        (
            lambda: (flowers()[NUMBERS], flowers()["kind"], flowers()[NUMBERS[:2]], flowers()["kind"]),
            "lack the column 'wild'",
        ),
        (lambda: (flowers().assign(length=pd.Timestamp("2020-01-01")), "kind"), "'length' of .* holds dates or times"),
        (lambda: (flowers().assign(length=1j), "kind"), "'length' of .* holds complex numbers"),
        (lambda: (flowers()[:0], "kind"), "has columns and no rows"),
    ],
)
def test_what_is_wrong_with_a_frame_is_said_in_one_sentence(data, message):
    with pytest.raises(InputError, match=message):
        describe(name_of(data()))


def test_a_frame_has_one_digest_in_every_process():
    frame = flowers().assign(note=["a", None] * 30)
    assert digest(frame) == digest(frame.copy())
    assert digest(frame) != digest(frame.assign(length=0))
    assert digest(frame["note"]) == "067c0a5f2b4bf2a2"


def test_compare_takes_a_frame_and_warns_of_missing_values():
    frame = flowers().assign(person=[f"p{i % 12}" for i in range(60)])
    frame.loc[3, "width"] = None
    with pytest.warns(DoubtWarning, match="1 missing values are filled in"):
        table = compare(
            data=frame, label="kind", groups="person", losses="ce", model="linear", seeds=1, recipe={"epochs": 1}
        )
    assert table["status"].tolist() == ["ok"]


@in_turn("data", ["mnist", "./photos"])
def test_label_is_for_tables(data):
    with warnings.catch_warnings(), pytest.raises(InputError, match="label is for a table"):
        compare(data=data, label="kind")
