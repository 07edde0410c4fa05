import json
import re

import pytest

from lsbench.report import tables
from lsbench.report.assemble import build_page
from lsbench.report.build import Report, ReportOptions
from tests.analysis.summary.handmade import a_row, rows_of

CE = [0.900, 0.911, 0.922, 0.933, 0.944]
LSR = [0.905, 0.908, 0.930, 0.939, 0.946]
FUSED = [0.904, 0.909, 0.929, 0.938, 0.9455]


def default_run():
    return [*rows_of("ce", CE), *rows_of("lsr", LSR, eps=0.1), *rows_of("fused", FUSED, eps=0.1)]


def report_of(rows, *names):
    return Report(rows, [], ReportOptions(names or ("main",)))


def lines_of(rows):
    (table,) = report_of(rows).tables
    return {line[0].text: dict(zip(table.header, line, strict=True)) for line in table.lines}, table


def test_its_line_says_so_in_the_place_of_a_difference_and_what_rounding_did_is_said_once():
    lines, table = lines_of(default_run())
    fused = {heading: entry.text for heading, entry in lines["fused"].items()}
    assert fused["Δ accuracy vs ce [joint 95 %]"] == "same as lsr 0.1"
    assert (fused["p (Holm)"], fused["seeds to decide"]) == ("–", "–")
    assert fused["accuracy %"].startswith("92.51")
    said = (
        "same function: fused 0.1 is lsr 0.1, and no arm of its own; rounding alone made a difference of -0.05 points"
    )
    assert [note for note in table.notes if "fused" in note] == [f"{said} over 5 seeds"]


def test_rounding_that_shows_no_difference_is_said_without_a_number():
    same = [*rows_of("ce", CE), *rows_of("lsr", LSR, eps=0.1), *rows_of("fused", LSR, eps=0.1)]
    nearly = [*same[:-1], a_row("fused", 4, LSR[-1] + 1e-9, eps=0.1)]
    for rows, said in ((same, "no difference in mean accuracy"), (nearly, "a difference of less than 0.01 points")):
        assert f"rounding alone made {said} over 5 seeds" in "\n".join(lines_of(rows)[1].notes)


def test_the_other_lines_are_as_without_it():
    with_it, without = (lines_of(rows)[0] for rows in (default_run(), default_run()[:10]))
    assert {loss: with_it[loss] for loss in ("ce", "lsr")} == without


def test_no_sentence_of_the_page_compares_it():
    rows = default_run()
    page = build_page(report_of(rows), ("main", "multiverse", "eps"), [])
    text = re.sub(r"<[^>]+>", " ", page)
    assert "same as lsr 0.1" in text
    assert not re.search(r"fused 0\.1 (\(|over|is shown)|over fused|worse[^.]*fused", text)


def test_seeds_to_decide_are_never_empty_where_a_difference_is_not_decided():
    tiny = [x + (-1) ** i * 0.01 - 0.002 + 1e-5 for i, x in enumerate(CE)]
    rows = [*rows_of("ce", CE), *rows_of("mae", tiny), *rows_of("nce", LSR), *rows_of("rce", [0.95])]
    texts = {loss: line["seeds to decide"].text for loss, line in lines_of(rows)[0].items()}
    assert texts["ce"] == "–"
    assert re.fullmatch(r"more than 1,000 \(from \d+\)", texts["mae"])
    assert re.fullmatch(r"\d+ \(\d+ to (\d+|more than 1,000)\)", texts["nce"])
    assert texts["rce"] == "not known of 1 seed"


def test_a_mark_is_explained_as_what_it_is():
    rows = [*rows_of("ce", CE), *rows_of("mae", [x + 0.05 + i / 1e3 for i, x in enumerate(CE)])]
    text = tables.markdown(report_of(rows).tables)
    assert "**" in text
    assert "an intersection-union test" in text


def test_p_values_are_shown_by_their_ends_and_never_by_their_mean():
    rows = [a_row("ce", seed, calibration_p=p) for seed, p in enumerate([0.001, 0.5, 0.9])]
    (table,) = report_of(rows, "calibration").tables
    assert table.lines[0][table.header.index("p of slope 1")].text == "0.001–0.900"
    assert "0.467" not in json.dumps([entry.text for line in table.lines for entry in line])


@pytest.mark.parametrize("name", ["multiverse", "eps"])
def test_a_table_that_leaves_it_out_says_so(name):
    (table,) = report_of(default_run(), name).tables
    assert any("fused 0.1 is lsr 0.1" in note for note in table.notes)
