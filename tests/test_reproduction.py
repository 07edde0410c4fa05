from dataclasses import replace

import pytest
from faults import row_of

from lsbench.reproduction import compare_rows
from lsbench.spec import Cell

CELL = Cell(dataset="blobs", fingerprint="f", model="linear", loss="ce")
ROW = replace(row_of(CELL, [CELL]), provenance={"torch": "2.11", "threads": 1}, passport={"matrix": ((1.0,),)})


def test_equal_rows_are_equal_whatever_they_took_and_whether_json_has_seen_them():
    again = replace(ROW, seconds=99.0, passport={"matrix": [[1.0]]})
    assert compare_rows(ROW, again).equal


def test_a_small_difference_is_within_tolerance_and_its_reasons_are_named():
    elsewhere = {"torch": "2.12", "threads": 1}
    again = replace(ROW, metrics={**ROW.metrics, "accuracy": 0.995}, provenance=elsewhere, stack=[])
    found = compare_rows(ROW, again)
    assert (found.equal, found.close) == (False, True)
    assert found.reasons == ("torch 2.11 then, 2.12 now", "stack of 1 then, 0 now")


@pytest.mark.parametrize(
    "change",
    [{"metrics": {"accuracy": 0.5}}, {"metrics": {"accuracy": None}}, {"status": "diverged"}, {"passport": {}}],
    ids=str,
)
def test_a_large_difference_another_status_or_other_noise_is_not_reproduced(change):
    assert not compare_rows(ROW, replace(ROW, **change)).close
