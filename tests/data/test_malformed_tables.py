"""What is wrong with a table is said in one sentence, before anything is trained."""

import pytest

from lsbench.data.describe import describe
from lsbench.errors import InputError
from tests.in_turn import in_turn

GOOD = "a,b,y\n" + "".join(f"{i},{i % 3},{'no' if i % 2 else 'yes'}\n" for i in range(12))


def rows(change="", line=4):
    """The good table with another line."""
    lines = GOOD.splitlines()
    lines[line - 1] = change
    return "\n".join(lines)


def with_column(name, cells):
    """The good table with one more column, of these cells in turn."""
    head, *body = GOOD.splitlines()
    return "\n".join([f"{head},{name}", *(f"{row},{cells[i % len(cells)]}" for i, row in enumerate(body))])


MALFORMED = {  # what it is: (content, what stands behind the file's name, what is said)
    "an empty file": ("", ":label=y", "is empty; it must hold a line of column names"),
    "names and no rows": ("a,b,y\n", ":label=y", "has names of columns and no rows"),
    "no names": ("1,2,0\n2,3,1\n3,4,0\n", ":label=3", "holds numbers alone, '1', '2', '0', no names.*header=no"),
    "fewer names than cells": (
        "150,2,yes\n1,2,3,0\n2,3,4,1\n",
        ":label=yes",
        "names 3 columns, and line 2 has 4",
    ),
    "one column": ("a\n1\n2\n", ":label=a", "the first line of .* has one cell, 'a'"),
    "an unknown separator": (GOOD.replace(",", "^"), ":label=y", "has one cell, 'a\\^b\\^y'.*a comma, a semicolon"),
    "a short line": (rows("1,2"), ":label=y", "line 4, has 2 cells, the lines before it 3"),
    "a long line": (rows("1,2,3,yes"), ":label=y", "line 4, has 4 cells, the lines before it 3"),
    "an open quotation mark": (rows('"1,2,yes'), ":label=y", "line 1[0-9].*is a quotation mark open"),
    "one name twice": (GOOD.replace("a,b", "a,a"), ":label=y", "several columns that are called 'a'"),
    "UTF-16": (GOOD.encode("utf-16"), ":label=y", "no text in UTF-8.*save it as CSV UTF-8"),
    "Latin 1": (GOOD.replace("no", "não").encode("latin-1"), ":label=y", r"no text in UTF-8 \(byte "),
    "a spreadsheet": (b"PK\x03\x04rest", ":label=y", "is a spreadsheet or a zip archive, not text"),
    "bytes": (b"a,b,y\n\0\0,1,2\n", ":label=y", "holds bytes of value 0"),
    "lines beyond the end": (GOOD, ":label=y:skip=20", "no line behind those that are skipped"),
    "no column of labels": (
        GOOD,
        "",
        "which column holds the labels\\? its columns are 'a', 'b', 'y'",
    ),
    "two that may be it": (
        GOOD.replace("a,b", "label,target"),
        "",
        "which column holds the labels\\? it has 'label', 'target'",
    ),
    "another name": (GOOD.replace("y\n", "species\n", 1), ":label=specie", "'specie'; did you mean species"),
    "no name like it": (GOOD, ":label=zzz", "unknown column of .* 'zzz'; known: a, b, y"),
    "text": (
        with_column("sex", ["m", "f"]),
        ":label=y",
        "'sex' .* is text \\(2 different, such as 'm'\\).*:drop=sex",
    ),
    "two columns of text": (
        "a,b,y\nu,x,0\nv,x,1\n",
        ":label=y",
        "columns 'a', 'b' .* are text .*them out with :drop=a\\+b",
    ),
    "text in some rows": (
        rows("unknown,2,yes"),
        ":label=y",
        "'a' .* text in 1 of 12 rows, .* line 4: 'unknown'",
    ),
    "dates": (with_column("day", ["2020-01-01", "2021-05-06"]), ":label=y", "column 'day' .* is text .*'2020-01-01'"),
    "decimal commas beside points": (
        GOOD.replace(",", ";").replace("\n1;", "\n1,5;").replace("\n2;", "\n2.5;"),
        ":label=y",
        "decimal commas, such as '1,5' in line 3",
    ),
    "commas that may part thousands": (
        GOOD.replace(",", ";").replace("\n1;", "\n1,500;"),
        ":label=y",
        "decimal commas, such as '1,500' in line 3",
    ),
    "decimal commas and points of thousands": (
        GOOD.replace(",", ";").replace("\n1;", "\n1,5;").replace("\n2;", "\n1.234,5;"),
        ":label=y",
        "'a' .* text in 1 of 12 rows, .* line 4: '1.234,5'",
    ),
    "inf": (rows("inf,2,yes"), ":label=y", "column 'a' .* holds inf in line 4"),
    "a row without a label": (
        rows("1,2,"),
        ":label=y",
        "1 of 12 rows .* no label in column 'y', .* line 4",
    ),
    "a mark in place of a label": (
        with_column("z", [0, 1, "NA"]),
        ":label=z:drop=y",
        "4 of 12 rows .* no label",
    ),
    "labels that are measured": (GOOD, ":label=a:drop=y", "column 'a' .* has 12 different labels in 12 rows"),
    "few labels that are measured": (
        with_column("z", [0.5, 1.25, 2.5, 7.5]),
        ":label=z:drop=y",
        "4 different numbers that are not all whole",
    ),
    "one class": (GOOD.replace("no", "yes"), ":label=y", "has one class in train, 'yes'"),
    "no value at all": ("a,b,y\n,,0\n,,1\n,,0\n,,1\n", ":label=y", "no column of .* but 'y' has a value"),
    "a column to leave out that is none": (GOOD, ":label=y:drop=a+c", "unknown column of .* 'c'"),
    "the label left out": (GOOD, ":label=y:drop=y", "column 'y' .* is the label, and can't be left out"),
    "all left out": (GOOD, ":label=y:drop=a+b", "no column of .* is left to learn from"),
    "the label as the group": (GOOD, ":label=y:column=y", "column 'y' .* is the label, and can't be the group"),
    "a group that is no column": (GOOD, ":label=y:column=person", "unknown column of .* 'person'"),
    "a row without a group": (rows("1,,yes"), ":label=y:column=b", "have no group in column 'b', the first is line 4"),
    "one group": (with_column("who", ["me"]), ":label=y:column=who", "no group can be for testing"),
    "rows that are all equal": (
        "a,b,y\n" + "1,1,no\n1,1,yes\n" * 9,
        ":label=y",
        r"its 18 rows have 2 classes, each of which keeps one for training, .* stay together \(1 differ\); give",
    ),
    "a share above 1": (GOOD, ":label=y:test=2", "test must be a finite number in \\[0.001, 0.9\\], got 2"),
    "a test set in no table": (GOOD, ":label=y:test=rest.txt", "test .* must be a share in .*, or a table.*'rest.txt'"),
    "a test table that is not there": (GOOD, ":label=y:test=rest.csv", "no file .*rest.csv"),
    "a test table that lacks a column": (GOOD, ":label=y:test=short.csv", "short.csv has no column 'b', which"),
    "a test table with another class": (GOOD, ":label=y:test=other.csv", "the label 'maybe', of 1 examples, which the"),
    "a test table and a division": (
        GOOD,
        ":label=y:test=short.csv:split=1",
        "has its own test set; leave out the option split",
    ),
    "an option that is none": (GOOD, ":labels=y", "or is not there; a column of labels is named label=y"),
    "a header that is neither": (GOOD, ":label=y:header=maybe", "header must be one of yes, no; got 'maybe'"),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "short.csv").write_text("a,y\n1,yes\n")
    (tmp_path / "other.csv").write_text("a,b,y\n1,2,maybe\n")
    return tmp_path


@in_turn("case", MALFORMED)
def test_what_is_wrong_with_a_table_is_said_in_one_sentence(folder, case):
    content, options, message = MALFORMED[case]
    (folder / "x.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=message) as said:
        describe(f"./x.csv{options}")
    assert "\n" not in str(said.value)


def test_thirty_malformed_tables_and_more_are_tried():
    assert len(MALFORMED) >= 30
