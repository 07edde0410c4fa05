"""Designs as files, and the answers of people to them: joined, checked, refused."""

import json
import random
from dataclasses import replace

import numpy as np
import pytest

from lsbench.data.looked_file import COLUMNS, read_looked
from lsbench.errors import InputError
from lsbench.names.answers import Answer
from lsbench.rows.looks import design_folder, read_design, read_designs, read_verified, verified_of, write_design
from lsbench.rows.looks.store import ARRAYS
from lsbench.rows.looks.verified import merge
from lsbench.spec import Cell
from tests.in_turn import in_turn
from tests.rows.look_cases import CLASSES, a_design, digest, lines_of, write_answers

ANSWERS = ["cat", "dog", "\\?bird", "?can't tell", "?more than one:cat|dog", "?none of these"]


@pytest.fixture
def stored(tmp_path):
    """A design in its folder."""
    design = a_design()
    write_design(design, design_folder(tmp_path))
    return design


def read(tmp_path, *files):
    return read_verified(files, [design_folder(tmp_path)])


def refused(tmp_path, *files):
    with pytest.raises(InputError) as error:
        read(tmp_path, *files)
    return str(error.value)


def test_a_design_is_read_as_it_was_written(tmp_path, stored):
    again = read_design(stored.id, design_folder(tmp_path))
    assert again.id == stored.id
    for name, value in vars(stored).items():
        same = np.array_equal(getattr(again, name), value) if name in ARRAYS else getattr(again, name) == value
        assert same, name
    assert [one.id for one in read_designs(design_folder(tmp_path))[0]] == [stored.id]


def test_names_that_are_no_text_anywhere_else_are_kept(tmp_path):
    design = a_design(classes=("caf\udce9", "\u2028", '"'), dataset="./ph\udce9tos")
    write_design(design, tmp_path)
    assert read_design(design.id, tmp_path).classes == design.classes


def test_more_looks_change_neither_the_id_nor_the_arrays(tmp_path, stored):
    folder = design_folder(tmp_path)
    before = (folder / f"{stored.id}.npz").read_bytes()
    more = replace(stored, announced=(8, 10), digests=tuple(digest(stored.numbers[i]) for i in stored.order[:10]))
    write_design(more, folder)
    assert read_design(stored.id, folder).announced == (8, 10)
    assert (folder / f"{stored.id}.npz").read_bytes() == before


@in_turn(
    "change", [{"seed": 4}, {"fingerprint": "f" * 16}, {"part": "train"}, {"sizes": np.full(12, 1 / 12)}, {"count": 11}]
)
def test_another_design_has_another_id(change):
    assert a_design(**change).id != a_design().id


def test_an_id_is_never_a_number_to_a_spreadsheet():
    assert a_design().id.startswith("d")


def test_a_design_that_was_edited_or_damaged_is_refused_and_named(tmp_path, stored):
    path = design_folder(tmp_path) / f"{stored.id}.json"
    good = path.read_text()
    for content in ("", "{}", "[]", good[:-9], good.replace('"cat"', "3"), good.replace('"cat"', '"cow"')):
        path.write_text(content)
        assert path.name in read_designs(design_folder(tmp_path))[1][0]
        with pytest.raises(InputError):
            read_design(stored.id, design_folder(tmp_path))
    arrays = path.with_suffix(".npz")
    path.write_text(good)
    arrays.write_bytes(arrays.read_bytes()[:100])
    with pytest.raises(InputError):
        read_design(stored.id, design_folder(tmp_path))


def test_answers_become_labels_in_the_order_of_the_design(tmp_path, stored):
    lines = lines_of(stored, ANSWERS)
    random.Random(0).shuffle(lines)
    (got,) = read(tmp_path, write_answers(tmp_path / "a.csv", lines))
    assert got.examples.tolist() == stored.order[:6].tolist()
    assert got.labels.tolist() == [0, 1, 2, -1, -1, -1]
    assert got.may_be.astype(int).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1], [1, 1, 0], [0, 0, 0]]
    assert got.outside.tolist() == [False] * 5 + [True]
    assert (got.n, got.people, got.agreement, got.cannot_tell, got.unused) == (6, ("anna",), None, 1, 0)
    assert got.changed.tolist() == [not row[g] for row, g in zip(got.may_be, got.given, strict=True)]


@in_turn("separator, encoding", [(",", "utf-8-sig"), (";", "utf-8"), ("\t", "utf-8")])
def test_a_file_that_a_spreadsheet_saved_is_read(separator, encoding, tmp_path):
    design = a_design()
    write_design(design, design_folder(tmp_path))
    columns = [*sorted(COLUMNS), "picture"]
    lines = lines_of(design, ["cat", "DOG", None, "cat"], person="", time="", picture="p/1.png")
    path = write_answers(tmp_path / "a.csv", lines, columns, separator, encoding)
    path.write_text(path.read_text(encoding) + separator * len(columns) + "\n", encoding)
    (got,) = read(tmp_path, path)
    assert (got.labels.tolist(), got.people, got.unused) == ([0, 1], ("anonymous",), 1)


def test_only_a_prefix_of_the_order_counts(tmp_path, stored):
    (got,) = read(tmp_path, write_answers(tmp_path / "a.csv", lines_of(stored, ["cat", "cat", None, "dog", "dog"])))
    assert (got.n, got.unused) == (2, 2)
    without = write_answers(tmp_path / "b.csv", lines_of(stored, [None, "cat"]))
    assert f"item {stored.numbers[stored.order[0]]}, has no answer" in refused(tmp_path, without)


def test_several_people_are_joined_and_their_agreement_is_the_share_of_equal_answers(tmp_path, stored):
    anna = write_answers(tmp_path / "a.csv", lines_of(stored, ["cat", "cat", "cat", "?none of these", "dog"]))
    ben = write_answers(tmp_path / "b.csv", lines_of(stored, ["cat", "dog", "?can't tell", "cat"], "ben"))
    (got,) = read(tmp_path, anna, ben)
    assert got.may_be.astype(int).tolist() == [[1, 0, 0], [1, 1, 0], [1, 1, 1], [1, 0, 0], [0, 1, 0]]
    assert (got.labels.tolist(), got.outside.tolist()) == ([0, -1, -1, -1, 1], [False] * 3 + [True, False])
    assert (got.people, got.agreement, got.agreement_n, got.cannot_tell) == (("anna", "ben"), 0.25, 4, 1)
    cleo = write_answers(tmp_path / "c.csv", lines_of(stored, ["dog", "dog", "dog"], "cleo"))
    assert read(tmp_path, anna, ben, cleo)[0].labels.tolist() == [0, 1, -1, -1, 1]


def test_more_than_half_of_the_people_decide():
    cat, dog, bird, none = Answer((0,)), Answer((1,)), Answer((2,)), Answer(())
    assert merge([cat]) == (cat, False)
    assert merge([none, none, cat]) == (none, True)
    assert merge([cat, dog, bird, cat])[0].classes == (0, 1, 2)
    assert merge([Answer((0, 1, 2), cannot_tell=True), cat]) == (Answer((0, 1, 2), cannot_tell=True), False)


def test_the_same_answers_in_two_files_of_one_person_count_once(tmp_path, stored):
    first = write_answers(tmp_path / "a.csv", lines_of(stored, ["cat", "dog"]))
    later = write_answers(tmp_path / "a (1).csv", lines_of(stored, ["cat", "dog", "cat"]))
    (got,) = read(tmp_path, first, later)
    assert (got.n, got.agreement, len(got.files)) == (3, None, 2)


def test_what_is_no_answer_to_this_design_is_refused_with_the_line(tmp_path, stored):
    good = lines_of(stored, ["cat", "cat"])
    cases = {
        "is no class": [{**good[0], "label": "cta"}],
        "did you mean": [{**good[0], "label": "cta"}],
        "there is no item 99": [{**good[0], "item": 99}],
        "was not asked about": lines_of(stored, ["cat"], first=9),
        "is something else": [{**good[0], "sha256": "0" * 64}],
        "64 hex digits": [{**good[0], "sha256": "1.2E+63"}],
        "a whole number": [{**good[0], "item": "1/7"}],
        "that is not in": [{**good[0], "design": "d00000000000"}],
        "which has d": [{**good[0], "design": "../../../etc"}],
        "answers item": [good[0], {**good[0], "label": "dog"}],
        "no answer": [{**good[0], "label": ""}],
    }
    for said, lines in cases.items():
        sentence = refused(tmp_path, write_answers(tmp_path / "bad.csv", lines))
        assert said in sentence
        assert "bad.csv" in sentence


def test_two_people_without_a_name_are_told_to_give_one(tmp_path, stored):
    files = [write_answers(tmp_path / f"{label}.csv", lines_of(stored, [label], person="")) for label in ("cat", "dog")]
    assert "write in the column person who is who" in refused(tmp_path, *files)


def test_files_that_are_something_else_are_refused(tmp_path, stored):
    path = tmp_path / "bad.csv"
    assert "no file" in refused(tmp_path, path)
    whole = write_answers(path, lines_of(stored, ["cat"])).read_text()
    for content, said in {
        "": "is empty; save the answers again",
        "path,label\na.png,cat\n": "has no column item",
        whole[: whole.rindex(",d") - 3]: "cut off",
        whole.splitlines()[0]: "no answer",
        whole + "1,": "cut off",
        "PK\x03\x04\x00\n\n": "has no column item",
        "\x00" + whole: "has no column item",
    }.items():
        path.write_text(content)
        assert said in refused(tmp_path, path)
    path.write_text(whole, encoding="utf-16")
    assert "save it as CSV UTF-8" in refused(tmp_path, path)


def test_two_designs_of_one_part_are_not_joined(tmp_path, stored):
    other = a_design(seed=4)
    write_design(other, design_folder(tmp_path))
    files = [write_answers(tmp_path / f"{d.id}.csv", lines_of(d, ["cat"])) for d in (stored, other)]
    assert "each design is a sample of its own" in refused(tmp_path, *files)


def test_answers_find_their_design_beside_them_and_their_rows(tmp_path):
    train, test = a_design(part="train"), a_design()
    for design in (train, test):
        write_design(design, tmp_path / "other")
    lines = [*lines_of(train, ["cat"]), *lines_of(test, ["dog"])]
    both = read(tmp_path, write_answers(tmp_path / "other" / "a.csv", lines))
    assert [one.design.part for one in both] == ["test", "train"]
    cell = Cell(loss="ce", seed=0, dataset="./photos", model="linear", fingerprint=test.fingerprint)
    assert verified_of(both, [cell]) is both[0]
    assert verified_of(both, [cell], "train") is both[1]
    noisy = replace(cell, test_noise="symmetric", test_noise_rate=0.2)
    assert verified_of(both, [replace(cell, fingerprint="f" * 16), noisy]) is None
    assert not any(CLASSES[one.labels[0]] == "?bird" for one in both)


def test_other_features_and_changed_labels_are_the_same_examples_and_another_data_set_is_not():
    design = a_design(dataset="./photos:features=torchvision:network=resnet18")
    cell = Cell(loss="ce", seed=0, dataset=design.dataset, model="linear", fingerprint=design.fingerprint)
    assert design.is_of(cell)
    for name in ("./photos", "./photos:size=32", "./photos:labels=fixes.csv", "./photos:features=timm:network=x"):
        assert design.is_of(replace(cell, dataset=name, fingerprint="f" * 16))
    for name in (design.dataset, "./other", "./photos:split=1"):  # the first is a changed folder
        assert not design.is_of(replace(cell, dataset=name, fingerprint="f" * 16))


def test_labels_may_differ_where_people_were_asked_and_nowhere_else():
    design = a_design(asked=3)
    labels = design.given.copy()
    labels[design.order[:3]] = 2
    design.require_same_examples(labels, "row 1")
    labels[design.order[3]] = (labels[design.order[3]] + 1) % 3
    for others in (labels, design.given[:-1]):
        with pytest.raises(InputError, match="row 1: its test labels are not those that design"):
            design.require_same_examples(others, "row 1")


def test_lines_without_an_answer_are_left_out(tmp_path, stored):
    path = write_answers(tmp_path / "a.csv", lines_of(stored, ["cat", None, "dog"]))
    assert [line.label for line in read_looked(str(path))] == ["cat", "dog"]


def test_a_design_file_holds_no_more_than_it_says(tmp_path, stored):
    value = json.loads((design_folder(tmp_path) / f"{stored.id}.json").read_text())
    assert sorted(value) == [
        *("announced", "arms", "classes", "dataset", "digests", "fingerprint"),
        *("id", "part", "schema", "seed", "test_noise", "version"),
    ]
