"""Words that name no row, no folder and no value: the sentence says what may be meant, and nothing is written."""

from pathlib import Path

import pytest

from lsbench.cli.row_choice import find
from lsbench.errors import InputError
from lsbench.rows.store import write
from tests.analysis.summary.handmade import a_row


def test_a_word_that_is_no_id_is_told_what_may_be_meant(lsbench, tmp_path):
    rows = {row.id: row for row in [a_row("elr", 0), a_row("gce", 0)]}
    for word, said in (
        ("elr", "begin with 'elr', which is a loss; the id of a row of it is "),
        ("elrr", "begin with 'elrr'; did you mean the loss elr?; see the ids with: lsbench report mine --format csv"),
        ("zzz", "0 rows in mine begin with 'zzz'; see"),
        ("", "2 rows in mine begin with '' ("),
    ):
        with pytest.raises(InputError) as caught:
            find(word, rows, Path("mine"))
        assert said in str(caught.value)
    for row in rows.values():
        write(row, tmp_path / "mine")
    for command, usage in (
        (("rerun", "mine"), "lsbench rerun ID --out mine"),
        (("export", "mine"), "lsbench export ID mine"),
        (("predict", "mine", "."), "lsbench predict ID EXAMPLES --results mine"),
    ):
        code, _, err = lsbench(*command)
        assert (code, f"'mine' is a folder of results, and an id of a row is due there: {usage}" in err) == (2, True)


def test_a_folder_without_rows_and_one_that_is_not_there_are_told_apart(lsbench, tmp_path):
    write(a_row(), tmp_path / "mine")
    (tmp_path / "empty").mkdir()
    for folder, said in (
        ("results", "no rows below results; train some with: lsbench run --noise 0.2 --eps 0.1"),
        ("empty", "no rows below empty; rows are written there by: lsbench run --out empty"),
        ("mime", "no folder mime; did you mean mine?"),
        ("other", "no folder other; it is looked for from the current folder, "),
    ):
        code, _, err = lsbench("decide", folder)
        assert (code, said in err) == (4, True), err


def test_a_value_of_another_type_is_told_what_the_option_takes(lsbench):
    for arguments, said in (
        (("report", "--format", "htm"), "--format: 'htm' is not one of 'table', "),
        (("decide", "--tolerance", "x"), "--tolerance"),
        (("verify", "--n", "1.5"), "--n"),
    ):
        code, out, err = lsbench(*arguments)
        assert (code, out) == (2, "")
        assert err.startswith(f"lsbench: {said}")
        assert arguments[-1] in err
        assert "Value error" not in err
