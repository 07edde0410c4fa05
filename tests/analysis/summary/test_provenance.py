from lsbench.analysis.summary import provenance_of
from lsbench.analysis.summary.provenance import FIRST, LEFT_OUT, WORDS
from lsbench.rows.provenance import collect
from lsbench.training.precision import machine_of
from tests.analysis.summary.handmade import a_row


def told(**provenance):
    return dict(provenance_of([a_row(parts={"provenance": provenance})]))


def test_every_key_of_a_rows_provenance_is_shown_or_on_the_list_of_those_left_out():
    keys = {**collect(), **machine_of("cpu", "highest")}.keys()
    shown = told(**{key: f"value of {key}" for key in keys})
    assert {text.split(" (")[0].removeprefix("value of ") for text in shown.values()} == keys - LEFT_OUT.keys()
    assert {*FIRST, *LEFT_OUT, *WORDS} <= keys  # no list names what no row has


def test_the_commit_is_shown_and_whether_there_were_changes_to_it():
    shown = told(git_commit="abc123", git_dirty=True)
    assert shown["git commit"] == "abc123 (1 row)"
    assert shown["git: changes not committed"] == "yes (1 row)"


def test_what_a_later_version_says_is_shown_too_and_what_is_not_known_is_not():
    assert told(warnings=["a", "b"], git_commit=None) == {"warnings": '["a", "b"] (1 row)'}
