import math

import pytest
from scipy.stats import ttest_rel

from lsbench.analysis.summary import COLUMNS, frame, records, summarise
from lsbench.rows.row import Row
from tests.analysis.summary.handmade import a_row, rows_of


def test_an_arm_is_a_loss_with_its_hyperparameters_over_its_seeds():
    (summary,) = summarise(
        [*rows_of("ce", [0.8, 0.9]), *rows_of("lsr", [0.7], eps=0.1), *rows_of("lsr", [0.6], eps=0.2)]
    )
    assert [(arm.key.loss, dict(arm.key.hyper), arm.n) for arm in summary.arms] == [
        ("ce", {}, 2),
        ("lsr", {"eps": 0.1}, 1),
        ("lsr", {"eps": 0.2}, 1),
    ]
    assert summary.arms[0].spread("accuracy").mean == pytest.approx(0.85)
    assert summary.arms[0].seconds_per_epoch == 2.0


def test_each_noise_rate_has_a_table_of_its_own():
    assert [s.setting.noise_rate for s in summarise([a_row(rate=0.4), a_row(rate=0), a_row(rate=0.2)])] == [0, 0.2, 0.4]


def test_differences_are_paired_by_seed_and_leave_unpaired_seeds_out():
    (summary,) = summarise([*rows_of("ce", [0.5, 0.7]), *rows_of("lsr", [0.6, 0.8, 0.1], eps=0.1)])
    ce, lsr = summary.arms
    difference = summary.comparisons[lsr.key].difference
    assert ce.key not in summary.comparisons
    assert (difference.mean, difference.n) == (pytest.approx(0.1), 2)


def test_a_winner_is_marked_only_where_every_interval_says_so():
    clear = [*rows_of("ce", [0.50, 0.52, 0.54]), *rows_of("lsr", [0.70, 0.73, 0.74], eps=0.1)]
    (summary,) = summarise(clear)
    assert summary.best["accuracy"] is summary.arms[1]
    (summary,) = summarise([*clear, *rows_of("fused", [0.71, 0.72, 0.74], eps=0.1)])
    assert summary.best["accuracy"] is None


def test_lower_wins_where_lower_is_better():
    low, high = ([{"ece": value} for value in values] for values in ((0.10, 0.11, 0.12), (0.30, 0.32, 0.31)))
    rows = [a_row("ce", i, **of) for i, of in enumerate(high)] + [
        a_row("lsr", i, eps=0.1, **of) for i, of in enumerate(low)
    ]
    (summary,) = summarise(rows)
    assert summary.best["ece"] is summary.arms[1]


def test_a_single_arm_or_a_single_seed_wins_nothing():
    for rows in (rows_of("ce", [0.5, 0.6]), [a_row("ce", accuracy=0.1), a_row("lsr", accuracy=0.9, eps=0.1)]):
        (summary,) = summarise(rows)
        assert set(summary.best.values()) == {None}


def test_failed_rows_give_no_number_and_are_not_forgotten():
    bad = Row(cell=a_row("lsr", seed=1, eps=0.1).cell, status="failed", error="boom")
    (summary,) = summarise([*rows_of("ce", [0.5, 0.6]), a_row("lsr", 0, 0.5, eps=0.1), bad])
    assert [arm.n for arm in summary.arms] == [2, 1]
    assert summary.lost == (bad,)


def test_a_setting_of_failed_rows_only_still_has_its_table():
    (summary,) = summarise([Row(cell=a_row().cell, status="failed", error="boom")])
    assert [(arm.name, arm.n, arm.lost_text) for arm in summary.arms] == [("ce", 0, "lost 1 of 1")]
    assert len(summary.lost) == 1


def test_columns_are_stable_and_what_is_missing_is_none():
    (line,) = records([a_row()])
    assert tuple(line) == COLUMNS
    assert line["eps"] is None
    assert line["train_accuracy_wrong"] is None
    assert (line["noise_realised"], line["epochs"], line["seconds"]) == (0.2, 5, 10.0)


def test_a_frame_has_its_columns_even_of_no_rows():
    assert list(frame([]).columns) == list(COLUMNS)
    assert math.isnan(frame([a_row()])["eps"][0])


def test_p_values_are_adjusted_for_the_comparisons_of_one_table():
    worse, tied = [0.30, 0.31, 0.33], [0.55, 0.49, 0.52]
    rows = [*rows_of("ce", [0.50, 0.52, 0.54]), *rows_of("lsr", worse, eps=0.1), *rows_of("fused", tied, eps=0.1)]
    (summary,) = summarise(rows)
    ce, lsr, fused = summary.arms
    alone = [ttest_rel(values, [0.50, 0.52, 0.54]).pvalue for values in (worse, tied)]
    assert ce.key not in summary.comparisons
    assert summary.comparisons[lsr.key].p_holm == pytest.approx(2 * alone[0])
    assert summary.comparisons[fused.key].p_holm == pytest.approx(alone[1])


def test_an_undecided_difference_says_how_many_seeds_would_decide_it():
    (summary,) = summarise([*rows_of("ce", [0.5, 0.5, 0.5]), *rows_of("lsr", [0.6, 0.5, 0.55], eps=0.1)])
    assert summary.comparisons[summary.arms[1].key].seeds_to_decide == 10  # d_z = 1
    (summary,) = summarise([*rows_of("ce", [0.5, 0.5, 0.5]), *rows_of("lsr", [0.60, 0.61, 0.62], eps=0.1)])
    assert summary.comparisons[summary.arms[1].key].seeds_to_decide is None
