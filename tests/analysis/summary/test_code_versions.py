"""Two versions of one loss of the user's own are apart wherever arms are; what failed before an edit is past."""

from dataclasses import replace

import numpy as np
import pytest

from lsbench.analysis import sequential
from lsbench.analysis.condition import check, parse
from lsbench.analysis.decide import decide
from lsbench.analysis.summary import changes_since, choose_eps, multiverse, summarise
from lsbench.analysis.summary.arms import arms_by_setting
from lsbench.errors import InputError
from lsbench.report.build import Report, ReportOptions
from lsbench.report.decision import as_json
from lsbench.report.pictures import prepare_all
from lsbench.report.pictures.coverage import Coverage
from lsbench.report.pictures.forest import Forest
from lsbench.report.pictures.learning import Learning
from lsbench.report.pictures.noise_sweep import NoiseSweep
from lsbench.report.pictures.ranks import Ranks
from lsbench.report.pictures.reliability import Reliability
from lsbench.report.pictures.smoothing_sweep import SmoothingSweep
from lsbench.rows.row import Row
from lsbench.rows.sketch import CELLS, Sums, pack
from tests.analysis.summary.handmade import a_row
from tests.in_turn import in_turn

OWN, OLD, NEW = "./mine.py:loss", "1" * 16, "2" * 16


def of(source, row, finished="2026-01-01"):
    return replace(row, cell=replace(row.cell, sources=(("loss", source),)), provenance={"finished": finished})


def a_sketch():
    sums = np.zeros((3, CELLS))
    sums[:, CELLS // 2] = 10, 5, 6
    return pack(Sums(*sums))


def full_row(loss, seed, accuracy, eps=None, rate=0.2):
    curves = {"accuracy": [accuracy, accuracy], "val_accuracy": [0.5, 0.4]}
    held_out = {"val_accuracy": accuracy, "val_nll": 1.0, "val_clean_accuracy": accuracy}
    parts = {"curves": curves, "sketch": a_sketch(), "risk_coverage": [i / 1000 for i in range(100)]}
    return a_row(loss, seed, accuracy, eps=eps, rate=rate, parts=parts, **held_out)


def two_versions():
    """Of each eps the older version has 0.8, the newer one 0.6."""
    rows = []
    for seed in range(3):
        for rate in (0.2, 0.3, 0.4, 0.5, 0.6):  # fewer settings are not ranked
            rows.append(full_row("ce", seed, 0.9 + seed / 100, rate=rate))
            for eps in (0.1, 0.2):
                old, new = (full_row(OWN, seed, x + seed / 90, eps, rate) for x in (0.8, 0.6))
                rows += [of(OLD, old), of(NEW, new, "2026-02-01")]
    return rows


def arms_in(kind, told):
    return lambda rows: {
        arm.name for picture in prepare_all(rows) if type(picture.data) is kind for arm in told(picture.data)
    }


def lines(panels):
    return [line.arm for panel in panels for line in panel.lines]


CONSUMERS = {  # who tells arms apart, and the names of those that it has
    "summary": lambda rows: {arm.name for summary in summarise(rows) for arm in summary.arms},
    "comparisons": lambda rows: {key.name for summary in summarise(rows) for key in summary.comparisons},
    "tables": lambda rows: {
        f"{line[0].text} {line[1].text}"
        for table in Report(rows, [], ReportOptions(("main",))).tables
        for line in table.lines
    },
    "decide": lambda rows: {arm["name"] for arm in as_json(decide(rows)[0])["arms"]},
    "baseline": lambda rows: {change.arm.name for found in changes_since(rows, rows) for change in found.changes},
    "multiverse": lambda rows: {arm.name for arm in multiverse(next(iter(arms_by_setting(rows).values()))).arms},
    "adaptive": lambda rows: {
        f"{kept['loss']} {kept['hyper']['eps']:g}"
        for cells in [[row.cell for row in rows]]
        for progress in sequential.progress_of(sequential.make_rule(cells), cells, rows)
        for kept in [sequential.stored._record(progress, ())]
    },
    "ranks": arms_in(Ranks, lambda data: data.rankings[0].arms),
    "forest": arms_in(Forest, lambda data: [line.arm for line in data.lines]),
    "noise sweep": arms_in(NoiseSweep, lambda data: lines(data.panels)),
    "learning": arms_in(Learning, lambda data: lines(data.panels)),
    "coverage": arms_in(Coverage, lambda data: [line.arm for line in data.lines]),
    "reliability": arms_in(Reliability, lambda data: [diagram.arm for diagram in data.diagrams]),
}


@in_turn("consumer", CONSUMERS)
def test_versions_are_arms_apart_for_every_consumer(consumer):
    names = CONSUMERS[consumer](two_versions())
    own = {f"{OWN}@{digits} {eps}" for digits in ("111111", "222222") for eps in ("0.1", "0.2")}
    assert {name for name in names if not name.startswith("ce")} == own


def test_what_groups_by_loss_alone_keeps_versions_apart():
    choices = choose_eps(next(iter(arms_by_setting(two_versions()).values())))
    assert [(choice.loss, choice.n) for choice in choices] == [(f"{OWN}@111111", 3), (f"{OWN}@222222", 3)]
    (picture,) = (picture for picture in prepare_all(two_versions()) if type(picture.data) is SmoothingSweep)
    labels = [arm.name for arm in lines(picture.data.columns[0].panels[:1])]
    assert labels == [f"{OWN}@111111", f"{OWN}@222222"]


def test_one_version_has_no_tag():
    names = {arm.name for arm in summarise([row for row in two_versions() if OLD not in str(row.cell.sources)])[0].arms}
    assert names == {"ce", f"{OWN} 0.1", f"{OWN} 0.2"}


def test_a_condition_says_which_version_it_means():
    with pytest.raises(InputError, match=r"@111111.*@222222"):
        check(parse(f"accuracy({OWN},0.1) < 70"), two_versions())
    assert check(parse(f"accuracy({OWN}@222222,0.1) < 70"), two_versions())[0].holds
    assert not check(parse(f"accuracy({OWN}@111111,0.1) < 70"), two_versions())[0].holds


def test_a_loss_that_was_edited_is_compared_with_what_it_was():
    older = [of(OLD, a_row(OWN, seed, 0.9 + seed / 100)) for seed in range(4)]
    now = [of(NEW, a_row(OWN, seed, 0.8 + seed / 90)) for seed in range(4)]
    (change,) = changes_since(now, older)[0].changes
    assert change.edited
    assert change.worse


def failed(source, seed, finished, loss=OWN):
    return of(source, Row(cell=a_row(loss, seed).cell, status="failed", error="boom"), finished)


def report_text(rows):
    return "\n".join(note for table in Report(rows, [], ReportOptions()).tables for note in table.notes)


def test_failures_of_a_loss_that_was_mended_since_are_one_line_and_no_seeds_are_lost():
    rows = [a_row("ce", seed, 0.9) for seed in range(3)]
    rows += [failed(OLD, seed, "2026-01-01") for seed in range(3)]
    rows += [of(NEW, a_row(OWN, seed, 0.8), "2026-01-02") for seed in range(3)]
    (summary,) = summarise(rows)
    assert [(arm.name, arm.n, arm.lost_text) for arm in summary.arms] == [("ce", 3, ""), (OWN, 3, "")]
    assert "boom" not in report_text(rows)
    assert f"superseded: 3 failed or diverged cells of an earlier version of {OWN}" in report_text(rows)
    assert decide(rows)[0].lost == ()


def test_the_newest_version_is_the_present_one_though_it_is_the_one_that_fails():
    rows = [of(OLD, a_row(OWN, 0, 0.8), "2026-01-01"), failed(NEW, 0, "2026-01-02"), a_row("ce", 0)]
    names = {arm.name: arm.lost_text for arm in summarise(rows)[0].arms}
    assert names == {"ce": "", f"{OWN}@111111": "", f"{OWN}@222222": "lost 1 of 1"}
    assert f"failed: {OWN}@222222 seed 0: boom" in report_text(rows)


def test_an_older_version_with_results_has_its_lost_seeds_too():
    rows = [of(OLD, a_row(OWN, seed, 0.99 + seed / 1000)) for seed in range(2)] + [failed(OLD, 2, "2026-01-01")]
    rows += [of(NEW, a_row(OWN, seed, 0.8 + seed / 90), "2026-01-02") for seed in range(3)]
    rows += [a_row("ce", seed, 0.9 + seed / 100) for seed in range(3)]
    (summary,) = summarise(rows)
    names = {arm.name: (arm.n, arm.lost_text) for arm in summary.arms}
    assert names == {"ce": (3, ""), f"{OWN}@111111": (2, "lost 1 of 3"), f"{OWN}@222222": (3, "")}
    assert summary.superseded == ()
    assert decide(rows)[0].choice.winner is None


def test_what_was_edited_is_named_and_nothing_else():
    def made(row, model, finished):
        cell = replace(row.cell, model="./net.py:f", sources=(("loss", NEW), ("model", model)))
        return replace(row, cell=cell, provenance={"finished": finished})

    rows = [made(failed(NEW, 0, ""), OLD, "2026-01-01"), made(a_row(OWN, 0, 0.8), NEW, "2026-01-02")]
    assert "of an earlier version of ./net.py:f: not listed" in report_text(rows)


@pytest.mark.parametrize("change", [{"sources": (("model", NEW),)}, {"fingerprint": "g"}])
def test_failures_with_a_model_or_data_that_was_edited_leave_no_table_behind(change):
    bad = Row(cell=replace(a_row().cell, sources=(("model", OLD),)), status="failed", error="boom")
    bad = replace(bad, provenance={"finished": "2026-01-01"})
    good = replace(a_row(), cell=replace(a_row().cell, **change), provenance={"finished": "2026-01-02"})
    (summary,) = summarise([bad, good])
    assert [(arm.n, arm.lost) for arm in summary.arms] == [(1, ())]
    assert summary.superseded == (bad,)


def test_where_times_are_unknown_nothing_is_superseded():
    rows = [failed(OLD, 0, ""), of(NEW, a_row(OWN, 0, 0.8), "")]
    assert len(summarise(rows)[0].lost) == 1
