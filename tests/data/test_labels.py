"""Labels as people have them: with gaps, from 1, -1 and +1, as text, one-hot."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch.utils.data import TensorDataset

from lsbench.data import own
from lsbench.data.dataset import load
from lsbench.data.describe import describe
from lsbench.data.labels import describe_map, map_labels, tidy_labels
from lsbench.data.splits import Splits
from lsbench.errors import InputError
from lsbench.names.reference import keep_object
from tests.in_turn import in_turn

PLACES = np.arange(24) % 3  # what every one of these label sets comes to
IMAGES = np.random.default_rng(0).integers(0, 256, (24, 4, 4)).astype(np.uint8)
GIVEN = {  # labels of three classes: what they are called, in order
    "from 1": (np.array([1, 2, 3]), ("1", "2", "3")),
    "with gaps": (np.array([0, 3, 70]), ("0", "3", "70")),
    "-1, 0, 1": (np.array([-1, 0, 1]), ("-1", "0", "1")),
    "-100, 0, 1": (np.array([-100, 0, 1]), ("-100", "0", "1")),
    "whole floats": (np.array([2.0, 4.0, 6.0]), ("2", "4", "6")),
    "a few fractions": (np.array([0.5, 1.0, 1.5]), ("0.5", "1", "1.5")),
    "text": (np.array(["cat", "dog", "eel"]), ("cat", "dog", "eel")),
    "digits as text": (np.array(["2", "9", "10"]), ("2", "9", "10")),
    "bytes": (np.array([b"cat", b"dog", "\xe9el".encode()]), ("cat", "dog", "\xe9el")),
}


def as_npz(tmp_path, labels):
    np.savez(tmp_path / "a.npz", x_train=IMAGES, y_train=labels, x_test=IMAGES, y_test=labels)
    return str(tmp_path / "a.npz")


def as_arrays(tmp_path, labels):
    return keep_object("data", lambda: (IMAGES, labels, IMAGES, labels))


def as_series(tmp_path, labels):
    series = pd.Series([str(label) for label in labels] if labels.dtype.kind == "U" else list(labels))
    return keep_object("data", lambda: (IMAGES, series, IMAGES, series.astype("category")))


class Pairs:
    """The least that a torch Dataset is."""

    def __init__(self, labels):
        self.labels = labels

    def __len__(self):
        return len(IMAGES)

    def __getitem__(self, i):
        return IMAGES[i], self.labels[i]


def as_datasets(tmp_path, labels):
    return keep_object("data", lambda: (Pairs(labels), Pairs(labels)))


@pytest.mark.parametrize("form", [as_npz, as_arrays, as_series, as_datasets])
@pytest.mark.parametrize("given", GIVEN)
def test_labels_of_any_kind_become_0_to_k_and_what_they_were_is_kept_and_said(tmp_path, form, given):
    values, names = GIVEN[given]
    name = form(tmp_path, values[PLACES])
    data, known = load(name), describe(name)
    assert data.labels.tolist() == data.test_labels.tolist() == PLACES.tolist()
    assert data.class_names == known.class_names == names
    assert tuple(map(str, data.label_map)) == tuple(map(str, known.label_map)) != ()
    assert known.num_classes == 3
    (note,) = known.notes
    assert "are taken as the classes 0..2: " in note
    assert ("-1 means that there is no label" in note) == (given == "-1, 0, 1")
    assert ("-100 means that there is no label" in note) == (given == "-100, 0, 1")


def test_a_word_that_often_marks_a_missing_label_is_said_where_it_is_a_class():
    assert "; if '?' means that there is no label, leave these examples out" in describe_map("a", ("?", "cat", "dog"))
    assert "if 'Unknown' means" in describe_map("a", ("Unknown", "cat"))
    assert "means" not in describe_map("a", ("cat", "nana"))


def test_minus_and_plus_1_are_two_classes_without_more_ado(tmp_path):
    name = as_npz(tmp_path, np.where(np.arange(24) % 2, 1, -1))
    assert load(name).labels.tolist() == [0, 1] * 12
    assert describe(name).label_map == (-1, 1)
    assert "no label" not in describe(name).notes[0]


@pytest.mark.parametrize(
    "labels", [PLACES, PLACES.astype(np.uint8), PLACES.astype(float), PLACES[:, None], np.eye(3)[PLACES]], ids=range(5)
)
def test_labels_that_are_0_to_k_already_stay_and_have_the_fingerprint_that_they_had_in_0_2_0(tmp_path, labels):
    known = describe(as_npz(tmp_path, labels))
    assert (known.label_map, known.notes, known.class_names) == ((), (), ("0", "1", "2"))
    assert known.fingerprint == "c65f9fbb156a9584"


def test_a_set_with_other_labels_is_another_set(tmp_path):
    prints = {describe(as_npz(tmp_path, GIVEN[given][0][PLACES])).fingerprint for given in GIVEN}
    assert len(prints) == len(GIVEN)


def test_names_of_a_torch_data_set_go_with_its_numbers_or_with_its_classes(tmp_path):
    class OwnFile(TensorDataset):
        classes = ("ant", "bee", "cow", "dog")

    def names(values, classes):
        labels = torch.from_numpy(values[PLACES])
        made = OwnFile(torch.from_numpy(IMAGES), labels)
        made.classes = classes
        return describe(keep_object("data", lambda: (made, made))).class_names

    assert names(np.array([0, 1, 3]), OwnFile.classes) == ("ant", "bee", "dog")
    assert names(np.array([1, 2, 3]), ["ant", "bee", "cow"]) == ("ant", "bee", "cow")
    assert names(np.array([0, 1, 2]), ["ant", "bee"]) == ("0", "1", "2")


def splits(train, test, val=None):
    parts = [tidy_labels("labels", np.asarray(of)) for of in (train, test)]
    held_out = None if val is None else tidy_labels("labels", np.asarray(val))
    return Splits(IMAGES, parts[0], IMAGES, parts[1], IMAGES, held_out)


@in_turn(
    ("train", "test", "val", "message"),
    [
        ([1, 2] * 4, [0, 1], None, r"the test set of x has the label 0, of 1 examples, which the training"),
        ([1, 2] * 4, [1, 2], [3, 3, 1], r"the val set of x has the label 3, of 2 examples"),
        (["a", "b"] * 4, ["b", "c", "d"], None, r"has the label 'c' and 1 more, of 2 examples"),
        (np.linspace(0, 1, 100), [0, 1], None, r"100 different numbers that are not all whole"),
        ([0.5, 1] * 8, [0.5, 0.7], None, r"the label 0\.7, of 1 examples"),
        (["a"] * 4, ["a"], None, r"one class in train, 'a'"),
    ],
)
def test_what_can_not_be_classes_is_an_error_that_says_why(train, test, val, message):
    with pytest.raises(InputError, match=message):
        map_labels("x", splits(train, test, val))


def test_a_test_set_may_lack_a_class_and_have_few_fractions():
    mapped = map_labels("x", splits([0.5, 1.5] * 8, [1.5]))
    assert (mapped.test_labels.tolist(), mapped.label_map) == ([1], (0.5, 1.5))


@in_turn(
    "labels",
    [[[1, 1, 0], [0, 1, 0]], [[0, 0, 0], [0, 1, 0]], [[0.5, 0.5], [1, 0]], [[2, 0], [0, 1]], np.zeros((2, 2, 2))],
)
def test_rows_that_are_not_one_hot_are_several_labels(labels):
    with pytest.raises(InputError, match="several labels per example"):
        tidy_labels("labels", np.array(labels))


def test_labels_of_examples_that_differ_in_shape_are_an_error_in_a_sentence(tmp_path):
    ragged = Pairs([np.zeros(1 + i % 2) for i in range(24)])
    with pytest.raises(InputError, match="have several shapes"):
        own.read_own(keep_object("data", lambda: (ragged, ragged)), {})
