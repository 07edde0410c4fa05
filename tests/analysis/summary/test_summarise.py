import math

import numpy as np
import pytest
from scipy.stats import ttest_rel

from lsbench.analysis.decide import decide
from lsbench.analysis.summary import COLUMNS, frame, records, summarise
from lsbench.rows.row import Row
from lsbench.statistics import paired_difference, wilson_interval
from tests.analysis.summary.handmade import a_row, rows_of
from tests.simulations import simulation

CE = [0.90, 0.88, 0.91, 0.92]


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


def test_a_winner_is_marked_only_where_every_test_says_so():
    clear = [*rows_of("ce", [0.50, 0.52, 0.54]), *rows_of("lsr", [0.70, 0.73, 0.74], eps=0.1)]
    (summary,) = summarise(clear)
    assert summary.best["accuracy"] is summary.arms[1]
    (summary,) = summarise([*clear, *rows_of("mae", [0.71, 0.72, 0.74])])
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
    rows = [*rows_of("ce", [0.50, 0.52, 0.54]), *rows_of("lsr", worse, eps=0.1), *rows_of("mae", tied)]
    (summary,) = summarise(rows)
    ce, lsr, mae = summary.arms
    alone = [ttest_rel(values, [0.50, 0.52, 0.54]).pvalue for values in (worse, tied)]
    assert ce.key not in summary.comparisons
    assert summary.comparisons[lsr.key].p_holm == pytest.approx(2 * alone[0])
    assert summary.comparisons[mae.key].p_holm == pytest.approx(alone[1])


def test_an_undecided_difference_says_how_many_seeds_would_decide_it():
    (summary,) = summarise([*rows_of("ce", [0.5, 0.5, 0.5]), *rows_of("lsr", [0.6, 0.5, 0.55], eps=0.1)])
    alone = summary.comparisons[summary.arms[1].key].seeds_needed
    assert alone.expected == 10  # d_z = 1
    assert alone.low < 10 < (alone.high or 10_000)
    (summary,) = summarise([*rows_of("ce", [0.5, 0.5, 0.5]), *rows_of("lsr", [0.60, 0.61, 0.62], eps=0.1)])
    assert summary.comparisons[summary.arms[1].key].seeds_needed is None


def test_seeds_to_decide_are_those_of_holms_level_among_the_arms_of_the_table():
    """d_z = 1 takes 10 seeds at 5 %, and 16 at 5 % over 5 comparisons."""
    odd = [rows_of("gce", [0.4, 0.3, 0.2], eps=i / 10) for i in range(1, 5)]
    rows = [*rows_of("ce", [0.5, 0.5, 0.5]), *rows_of("mae", [0.6, 0.5, 0.55]), *(row for arm in odd for row in arm)]
    (summary,) = summarise(rows)
    (mae,) = (arm for arm in summary.arms if arm.key.loss == "mae")
    assert len(summary.comparisons) == 5
    assert summary.comparisons[mae.key].seeds_needed.expected == 16


def test_intervals_of_a_table_are_joint_and_those_of_the_verdict_on_this_test_set():
    rows = [*rows_of("ce", CE), *rows_of("mae", [0.91, 0.90, 0.93, 0.92]), *rows_of("nce", [0.90, 0.89, 0.90, 0.92])]
    (summary,), (verdict,) = summarise(rows), decide(rows)
    for claim in verdict.on_test_set.baseline_claims:
        ours = summary.comparisons[claim.arm]
        assert (ours.difference, ours.p_holm, ours.finding) == (claim.difference, claim.p_adjusted, claim.finding)
    one = summary.comparisons[summary.arms[1].key].difference
    wanted = paired_difference([0.91, 0.90, 0.93, 0.92], CE, level=1 - 0.05 / 2)
    assert (one.low, one.high) == (pytest.approx(wanted.low), pytest.approx(wanted.high))


def test_a_loss_that_is_the_same_function_leaves_p_values_and_winners_as_they_are():
    alone = [*rows_of("ce", CE), *rows_of("lsr", [0.95, 0.93, 0.96, 0.95], eps=0.1), *rows_of("mae", [0.5] * 4)]
    (before,) = summarise(alone)
    (after,) = summarise([*alone, *rows_of("fused", [0.93, 0.95, 0.94, 0.96], eps=0.1), *rows_of("lsr", CE, eps=0)])
    assert after.comparisons == before.comparisons
    assert {name: best and best.key for name, best in after.best.items()} == {
        name: best and best.key for name, best in before.best.items()
    }
    assert after.best["accuracy"].name == "lsr 0.1"
    assert {key.name: [arm.name for arm in arms] for key, arms in after.folded.same.items()} == {
        "ce": ["lsr 0"],
        "lsr 0.1": ["fused 0.1"],
    }
    assert [arm.n for arm in after.arms] == [4] * 5  # never pooled


def test_nothing_is_the_best_of_a_column_that_an_arm_lacks_at_some_seeds():
    rows = [a_row("ce", i, nll=0.9 + i / 100) for i in range(4)] + [a_row("mae", i, nll=0.1 + i / 90) for i in range(4)]
    (summary,) = summarise(rows)
    assert summary.best["nll"].name == "mae"
    rows[0].metrics["nll"] = None
    assert summarise(rows)[0].best["nll"] is None


@simulation(short=40, long=4000)
def test_marks_and_comparisons_of_equal_arms_are_false_in_at_most_5_percent(trials):
    """7 losses that are 6 functions, 5 seeds, equal accuracies."""
    rng, false_marks, false_claims = np.random.default_rng(0), 0, 0
    losses = ["ce", "mae", "nce", "elr", "lsr", "fused", "gce"]
    for accuracies in 0.5 + 0.02 * rng.normal(size=(trials, 7, 5)):
        named = zip(losses, accuracies.tolist(), strict=True)
        rows = [row for loss, values in named for row in rows_of(loss, values, eps=0.1 if "s" in loss else None)]
        (summary,) = summarise(rows)
        false_marks += summary.best["accuracy"] is not None
        false_claims += any(one.finding in ("better", "worse") for one in summary.comparisons.values())
    assert wilson_interval(false_marks, trials)[0] <= 0.05
    assert wilson_interval(false_claims, trials)[0] <= 0.05
