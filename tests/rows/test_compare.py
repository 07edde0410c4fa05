from dataclasses import fields, replace

import pytest

from lsbench.rows.compare import NOT_COMPARED, compare_rows
from lsbench.rows.store import Row
from lsbench.spec import Cell
from tests.workers.faults import row_of

CELL = Cell(dataset="blobs", fingerprint="f", model="linear", loss="ce")
ROW = replace(row_of(CELL, [CELL]), provenance={"torch": "2.11", "threads": 1}, passport={"matrix": ((1.0,),)})


def changed(value):
    """Another value of the same kind, whatever it is."""
    match value:
        case Cell():
            return replace(value, seed=value.seed + 1)
        case dict():
            return {**value, "x": {"y": 1.0}}
        case list():
            return [*value, 0.5]
        case int() | float():
            return value + 1
        case _:
            return f"not {value}"


@pytest.mark.parametrize("name", [f.name for f in fields(Row)])
def test_each_field_of_a_row_counts_unless_it_says_where_and_how_long(name):
    found = compare_rows(ROW, replace(ROW, **{name: changed(getattr(ROW, name))}))
    assert found.equal == (name in NOT_COMPARED)
    assert found.differing == (() if name in NOT_COMPARED else (name,))


def test_equal_rows_are_equal_whatever_they_took_and_whether_json_has_seen_them():
    again = replace(ROW, seconds=99.0, passport={"matrix": [[1.0]]})
    assert compare_rows(ROW, again).equal


def test_what_an_earlier_version_did_not_store_is_not_held_against_it():
    again = replace(ROW, sketch="new", provenance={"lsbench": "9"})
    assert compare_rows(replace(ROW, provenance={"lsbench": "0.1.0"}), again).equal
    assert not compare_rows(replace(ROW, provenance={"lsbench": "9"}), again).equal


def test_a_metric_that_an_earlier_version_did_not_have_is_not_held_against_it():
    again = replace(ROW, metrics={**ROW.metrics, "youngest": 0.5}, provenance={**ROW.provenance, "lsbench": "9.9"})
    assert compare_rows(ROW, again).equal
    assert compare_rows(again, replace(ROW, provenance=again.provenance)).differing == ("metrics",)


def test_a_small_difference_is_within_tolerance_and_its_reasons_are_named():
    elsewhere = {"torch": "2.12", "threads": 1}
    again = replace(ROW, metrics={**ROW.metrics, "accuracy": 0.995}, provenance=elsewhere, stack=[])
    found = compare_rows(ROW, again)
    assert (found.equal, found.close, found.differing) == (False, True, ("metrics",))
    assert found.reasons == ("torch 2.11 then, 2.12 now", "stack of 1 then, 0 now")


@pytest.mark.parametrize(
    "change",
    [
        {"metrics": {"accuracy": 0.5}},
        {"metrics": {"accuracy": None}},
        {"scaled": {"noisy": {"metrics": {}}}},
        {"status": "diverged"},
        {"passport": {}},
    ],
    ids=str,
)
def test_a_large_difference_another_status_or_other_noise_is_not_reproduced(change):
    stored = replace(ROW, scaled={"noisy": {"metrics": {"ece": 0.1}}})
    assert not compare_rows(stored, replace(stored, **change)).close
