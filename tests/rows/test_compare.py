from dataclasses import replace

import pytest

from lsbench.rows.compare import compare_rows
from lsbench.rows.row import STORED, Compared
from lsbench.spec import Cell
from tests.in_turn import in_turn
from tests.workers.faults import row_of

CELL = Cell(dataset="blobs", fingerprint="f", model="linear", loss="ce")
ROW = replace(row_of(CELL, [CELL]), provenance={"torch": "2.11", "threads": 1}, noise_record={"matrix": ((1.0,),)})


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


@in_turn(("name", "stored"), STORED.items())
def test_each_value_of_a_row_counts_unless_it_says_where_and_how_long(name, stored):
    result = compare_rows(ROW, replace(ROW, **{name: changed(getattr(ROW, name))}))
    assert result.equal == (stored.compared == Compared.NOT)
    assert result.differing == (() if stored.compared == Compared.NOT else (name,))


def test_what_only_says_how_a_row_was_made_is_not_compared():
    made = {name for name, stored in STORED.items() if stored.compared == Compared.NOT}
    assert made == {"labels", "seconds", "engine", "stack", "provenance", "warnings", "screening", "schema"}


def test_equal_rows_are_equal_whatever_they_took_and_whether_json_has_seen_them():
    again = replace(ROW, seconds=99.0, noise_record={"matrix": [[1.0]]})
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
    result = compare_rows(ROW, again)
    assert (result.equal, result.close, result.differing) == (False, True, ("metrics",))
    assert result.reasons == ("torch 2.11 then, 2.12 now", "stack of 1 then, 0 now")


@pytest.mark.parametrize(
    "change",
    [
        {"metrics": {"accuracy": 0.5}},
        {"metrics": {"accuracy": None}},
        {"scaled": {"noisy": {"metrics": {}}}},
        {"status": "diverged"},
        {"noise_record": {}},
    ],
    ids=str,
)
def test_a_large_difference_another_status_or_other_noise_is_not_reproduced(change):
    stored = replace(ROW, scaled={"noisy": {"metrics": {"ece": 0.1}}})
    assert not compare_rows(stored, replace(stored, **change)).close
