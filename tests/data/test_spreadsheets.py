"""CSV as spreadsheets save it is read; what lsbench writes holds no formula, and is read back unchanged."""

import ast
import csv
from io import StringIO
from pathlib import Path

import pytest

import lsbench
from lsbench.data.class_weights import read_class_weights
from lsbench.data.csv_file import read_csv
from lsbench.data.looked_file import COLUMNS, read_looked
from lsbench.data.named_table import read_named
from lsbench.data.relabelled.fixes_file import read_fixes
from lsbench.data.relabelled.option import is_fixes
from lsbench.data.table.delimited import read_cells
from lsbench.data.table.options import table_options
from lsbench.errors import InputError
from lsbench.names.answers import Answer, read_answer, spell
from lsbench.names.spreadsheet import csv_text, guarded, unguarded
from lsbench.noise.label_table import load_table
from tests.in_turn import in_turn

DIGEST = "0" * 64
ROWS = {  # of each kind of file that people write: its cells, and what reads it
    "verified": (
        [[*COLUMNS], ["7", "a b.png", DIGEST, "cat", 'Ann "A"', "d1", "0.5", ""]],
        lambda file: [line._replace(line=0) for line in read_looked(file)],
    ),
    "fixes": (
        [["example", "path", "given", "suggested", "score", "verdict", "person"], ["7", "", "a", "b", "1", "b", "Ann"]],
        lambda file: [is_fixes(Path(file)), *(line._replace(line=0) for line in read_fixes(file))],
    ),
    "labels": (
        [["path", "label", "note"], ["a.png", "cat", "two\nlines"], ["b.png", "dog", ""]],
        lambda file: read_named(file, ("path",), "label", ""),
    ),
    "labels by number": (
        [["number", "label"], ["0", "cat"], ["1", "dog"]],
        load_table,
    ),
    "weights": (
        [["class", "weight"], ["cat", "0.5"], ["dog", "1"]],
        lambda file: read_class_weights(file, ("cat", "dog")).tolist(),
    ),
    "table": (
        [["width", "species"], ["0.5", "two\nlines"], ["1", "dog"]],
        lambda file: (
            (read := read_cells(Path(file), table_options("t", {"label": "species"})))[0],
            [*read[1].values()],
        ),
    ),
}


def _saved(rows: list[list[str]], separator: str = ",", end: str = "\n", empty: int = 0) -> str:
    text = StringIO()
    csv.writer(text, delimiter=separator, lineterminator=end).writerows([*row, *[""] * empty] for row in rows)
    return text.getvalue()


WAYS = {
    "semicolons": lambda rows: _saved(rows, ";"),
    "tabs": lambda rows: _saved(rows, "\t"),
    "bars": lambda rows: _saved(rows, "|"),
    "a line that says the separator": lambda rows: "sep=;\r\n" + _saved(rows, ";", "\r\n"),
    "the same of a rare separator": lambda rows: "sep=:\n" + _saved(rows, ":"),
    "a mark of UTF-8, and ends of lines as of Windows": lambda rows: "\ufeff" + _saved(rows, end="\r\n"),
    "empty columns and lines at the end": lambda rows: _saved(rows, empty=2) + ",,,\n" * 3 + "\n",
    "no end of the last line": lambda rows: _saved(rows).rstrip("\n"),
}


@in_turn("way", WAYS)
@in_turn("kind", ROWS)
def test_a_file_is_read_the_same_however_a_spreadsheet_saves_it(kind, way, tmp_path):
    rows, read = ROWS[kind]
    plain, saved = tmp_path / "plain.csv", tmp_path / "saved.csv"
    plain.write_bytes(_saved(rows).encode())
    saved.write_bytes(WAYS[way](rows).encode())
    assert str(read(str(saved))).replace("saved.csv", "plain.csv") == str(read(str(plain)))


FAULTS = {
    "two spellings": ("path,label\na.png,01\nb.png,1\n", "line 3: '1' and '01' of line 2 may be one and the same"),
    "two truths": ("path,label\na.png,TRUE\nb.png,x\nc.png,true\n", "line 4: 'true' and 'TRUE' of line 2"),
    "two columns": ("path,label,Label\na.png,x,y\n", "has two columns called label"),
    "an open mark": ('path,label\na.png,"x\nb.png,y\n', "line 2: no cells can be read"),
    "a separator within": (
        "path,label\na.png,x,y\n",
        "line 2: 3 values for 2 columns; a value that holds the separator",
    ),
    "cut off": ("path,label,who,when\na.png,x,Ann,now\nb.png,y,An", "line 3: 3 values for 4 columns; is the file cut"),
}


@in_turn("fault", FAULTS)
def test_what_a_spreadsheet_made_unclear_is_refused_by_its_line(fault, tmp_path):
    text, message = FAULTS[fault]
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(InputError) as error:
        read_named(str(tmp_path / "labels.csv"), ("path",), "label", "")
    assert message in str(error.value)


def test_a_class_that_a_spreadsheet_changed_is_known_again():
    names = ["01", "2.50", "true", "3-1", "cat"]
    assert [read_answer(text, names).label for text in ("1", "2.5", "2,5", "TRUE", "\\3-1")] == [0, 1, 1, 2, 3]
    with pytest.raises(InputError, match=r"'03. Jan' is no class, and '3-1' is one: a spreadsheet .* write \\3-1"):
        read_answer("03. Jan", names)
    with pytest.raises(InputError, match="'1' is no class"):
        read_answer("1", ["01", "001"])
    spelled = [spell(Answer((k,)), names) for k in range(len(names))]
    assert spelled == ["\\01", "\\2.50", "\\true", "\\3-1", "cat"]
    assert [read_answer(text, names).label for text in spelled] == [0, 1, 2, 3, 4]


TEXTS = ["=1+1", "+cat", "-cat", "@x", "＝1", "\tx", "'=1", "''-x", "'tis", "-0.5", "+1e5", "cat", "a\nb", 'a"b', ""]


def test_no_cell_is_a_formula_and_each_is_read_back_unchanged(tmp_path):
    file = tmp_path / "written.csv"
    file.write_bytes(csv_text([["path", "n"], *([text, -1.5] for text in TEXTS)]).encode())
    cells = [line.cells for line in read_csv(str(file)).lines]
    assert cells == [[text, "-1.5"] for text in TEXTS]
    assert [unguarded(guarded(text)) for text in TEXTS] == TEXTS
    written = [guarded(text) for text in TEXTS]
    assert [text for text in written if text[:1] in ("=", "+", "-", "@", "＝", "\t")] == ["-0.5", "+1e5"]


def test_csv_is_read_and_written_in_one_place_each():
    root = Path(lsbench.__file__).parent
    readers, writers = set(), set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "csv":
                place = readers if "ead" in node.attr else writers if "rite" in node.attr else set()
                place.add(path.relative_to(root).as_posix())
    assert readers == {"data/csv_file.py", "data/table/delimited.py"}  # the second of large tables, for pandas
    assert writers == {"names/spreadsheet.py"}
