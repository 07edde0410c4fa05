import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from lsbench.analysis.summary import ArmResults, Setting
from lsbench.report.pictures import prepare_all, ranks
from lsbench.report.pictures.coverage import Coverage
from lsbench.report.pictures.forest import Forest
from lsbench.report.pictures.groups import Group, choose
from lsbench.report.pictures.learning import Learning
from lsbench.report.pictures.noise_sweep import NoiseSweep
from lsbench.report.pictures.ranks import Ranks
from lsbench.report.pictures.reliability import Reliability
from lsbench.report.pictures.smoothing_sweep import SmoothingSweep
from lsbench.rows.sketch import CELLS, Sums, pack
from lsbench.spec import Arm
from lsbench.statistics import wilson_interval
from tests.analysis.summary.handmade import a_row, rows_of
from tests.simulations import simulation

IDENTITY = [[float(i == j) for j in range(10)] for i in range(10)]


def a_sketch():
    """10 predictions of confidence .5 of which 8 are right, 30 of .95 of which 27 are."""
    sums = np.zeros((3, CELLS))
    for confidence, count, correct in ((0.5, 10, 8), (0.95, 30, 27)):
        sums[:, int(confidence * CELLS) - 1] = count, count * confidence, correct
    return pack(Sums(*sums))


def scaled():
    bins = {"count": [0] * 14 + [40], "confidence": [0] * 14 + [36.0], "correct": [0] * 14 + [35]}
    return {"known": {"temperature": 1.5, "status": "ok", "metrics": {"ece": 0.025}, "bins": bins}}


def told(loss, seed, accuracy, **changes):
    parts = {
        "curves": {
            "accuracy": [accuracy - 0.1, accuracy],
            "train_accuracy_clean": [0.8, 0.9],
            "train_accuracy_wrong": [0.1, 0.2],
        },
        "sketch": a_sketch(),
        "scaled": scaled(),
        "risk_coverage": [i / 1000 for i in range(100)],
        "noise_record": {"realised": 0.0, "matrix": IDENTITY},
    }
    return a_row(loss, seed, accuracy, parts=parts, val_accuracy=accuracy, **changes)


RATES = (0.0, 0.2, 0.4, 0.5, 0.6)  # five settings: fewer are not ranked


def grid():
    arms = (("ce", None, 0.0), ("lsr", 0.1, 0.02), ("lsr", 0.2, 0.05))
    return [
        told(loss, seed, 0.9 - rate / 2 + gap * (1 + seed / 9) + seed / 100, eps=eps, rate=rate)
        for rate in RATES
        for seed in range(3)
        for loss, eps, gap in arms
    ]


def of_kind(kind, rows=None):
    return [picture for picture in prepare_all(grid() if rows is None else rows) if type(picture.data) is kind]


def test_every_kind_of_picture_is_made_of_a_full_grid():
    kinds = {type(picture.data) for picture in prepare_all(grid())}
    assert kinds == {Coverage, Forest, Learning, NoiseSweep, Ranks, Reliability, SmoothingSweep}


def test_differences_from_the_baseline_come_first_and_ranks_after_what_noise_and_smoothing_do():
    kinds = list(dict.fromkeys(type(picture.data) for picture in prepare_all(grid())))
    assert kinds[:4] == [Forest, NoiseSweep, SmoothingSweep, Ranks]


def test_names_are_unique_and_safe_and_every_picture_has_words():
    rows = [replace(row, cell=replace(row.cell, dataset="../../<evil> name\x00")) for row in grid()] + grid()
    pictures = prepare_all(rows)
    names = [picture.name for picture in pictures]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name) for name in names)
    assert all(picture.title and picture.caption for picture in pictures)


def test_lines_against_the_noise_rate_are_means_and_sds_over_seeds():
    (picture,) = of_kind(NoiseSweep)
    accuracy = next(panel for panel in picture.data.panels if panel.metric == "accuracy")
    ce = next(line for line in accuracy.lines if line.arm.loss == "ce")
    assert ce.x == RATES
    for rate, mean, sd, n in zip(ce.x, ce.mean, ce.sd, ce.n, strict=True):
        values = [0.9 - rate / 2 + seed / 100 for seed in range(3)]
        assert (mean, sd, n) == (pytest.approx(np.mean(values)), pytest.approx(np.std(values, ddof=1)), 3)


def test_the_perfect_fit_is_the_closed_form():
    accurate = [replace(row, metrics={**row.metrics, "accuracy": 0.97}) for row in grid()]
    (picture,) = of_kind(NoiseSweep, accurate)
    assert of_kind(NoiseSweep)[0].data.perfect == ()  # at accuracies far from those of separable classes
    assert {of.eps: of.ece[0] for of in picture.data.perfect} == pytest.approx({0.0: 0.0, 0.1: 0.09, 0.2: 0.18})


def test_reliability_points_are_shares_with_wilsons_interval_over_all_seeds():
    diagram = of_kind(Reliability)[0].data.diagrams[0]
    assert diagram.n == 3
    assert diagram.before.confidence == pytest.approx((0.5, 0.95), abs=1e-6)
    assert diagram.before.correct == pytest.approx((0.8, 0.9))
    for right, count, low, high in zip((24, 81), (30, 90), diagram.before.low, diagram.before.high, strict=True):
        wanted = binomtest(right, count).proportion_ci(method="wilson")
        assert (low, high) == pytest.approx((wanted.low, wanted.high))
    assert sum(diagram.before.shares) == pytest.approx(1)
    assert diagram.after.confidence == pytest.approx((0.9,))
    assert diagram.after.ece == pytest.approx(0.025)


def test_the_forest_shows_paired_differences_from_cross_entropy():
    line = of_kind(Forest)[0].data.lines[0]
    gaps = [0.02 * (1 + seed / 9) for seed in range(3)]
    assert line.differences[0].mean == pytest.approx(np.mean(gaps))
    assert line.differences[0].decided


def test_learning_curves_start_at_epoch_one():
    (panel, *_) = of_kind(Learning)[0].data.panels
    assert panel.lines[0].x == (1, 2)
    assert panel.lines[0].mean == pytest.approx((0.81, 0.91))


def test_ranks_are_averages_over_settings_whatever_their_seeds():
    (picture,) = of_kind(Ranks)
    ranking = next(of for of in picture.data.rankings if of.metric == "accuracy")
    assert [arm.name for arm in ranking.arms] == ["lsr 0.2", "lsr 0.1", "ce"]
    assert ranking.ranks == pytest.approx((1, 2, 3))
    assert ranking.blocks == 5


def test_coverage_is_the_mean_curve():
    line = of_kind(Coverage)[0].data.lines[0]
    assert line.x[-1] == 1
    assert line.mean == pytest.approx(tuple(i / 1000 for i in range(100)))


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [a_row(status="failed")],
        [a_row()],
        [a_row(), a_row("lsr", eps=0.1)],
        [a_row(parts={"curves": {"accuracy": [None, None]}, "sketch": "torn", "risk_coverage": [0.1]})],
        [a_row(parts={"scaled": {"known": {"metrics": {"ece": None}, "bins": {"count": [1]}}}})],
        [a_row(accuracy=1e299), a_row("lsr", accuracy=-1e299, eps=0.1)],
        [a_row(parts={"noise_record": {"matrix": "text"}}, rate=rate) for rate in (0, 0.2)],
    ],
    ids=["none", "failed", "one", "one seed", "torn", "half scaled", "huge", "no matrix"],
)
def test_poor_rows_make_fewer_pictures_and_no_error(rows):
    assert len(prepare_all(rows)) <= 5


def test_one_seed_has_no_band_and_says_so():
    rows = [row for row in grid() if row.cell.seed == 0]
    picture = next(of for of in prepare_all(rows) if type(of.data) is NoiseSweep)
    assert all(sd is None for panel in picture.data.panels for line in panel.lines for sd in line.sd)
    assert "no band" in picture.caption


def test_of_too_many_losses_those_behind_on_held_out_data_are_left_out():
    """ce is drawn whatever it is worth; of the other losses not the first of the catalogue, but the best."""
    losses = ["ce", "lsr", "focal", "poly1", "mae", "gce", "rce", "sce", "nce"]
    rows = {Arm(loss): [told(loss, 0, i / 10)] for i, loss in enumerate(losses)}
    assert [arm.loss for arm in choose(rows, 4)] == ["ce", "rce", "sce", "nce"]


def test_too_many_arms_are_left_out_by_held_out_accuracy_and_the_caption_says_so():
    rows = [told("lsr", 0, 0.5 + eps, eps=eps, rate=rate) for eps in np.linspace(0.01, 0.4, 12) for rate in (0.0, 0.2)]
    rows += [told("ce", 0, 0.1, rate=rate) for rate in (0.0, 0.2)]
    (picture,) = of_kind(NoiseSweep, rows)
    arms = [line.arm for line in picture.data.panels[0].lines]
    assert len(arms) == 8
    assert arms[0].loss == "ce"
    assert min(arm.eps for arm in arms[1:]) > 0.15
    assert "5 more arms were left out" in picture.caption


def test_there_are_at_most_forty_pictures_and_the_last_says_what_is_missing():
    rows = [
        told(loss, 0, 0.9, eps=eps, rate=rate / 100) for rate in range(30) for loss, eps in (("ce", None), ("lsr", 0.1))
    ]
    pictures = prepare_all(rows)
    assert len(pictures) <= 40
    assert "there was no room" in pictures[-1].caption


def with_twins(rows, loss="fused"):
    """The same rows, and those of lsr again under another name, other by rounding."""
    moved = {"accuracy": 1e-8, "ece": 1e-9}
    twins = [
        replace(
            row,
            cell=replace(row.cell, loss=loss),
            metrics={**row.metrics, **{name: row.metrics[name] + by for name, by in moved.items()}},
        )
        for row in rows
        if row.cell.loss == "lsr"
    ]
    return [*rows, *twins]


def test_a_loss_that_is_the_same_function_changes_no_picture():
    for before, after in zip(prepare_all(grid()), prepare_all(with_twins(grid())), strict=True):
        assert arms_in(after.data) == arms_in(before.data)
        assert "fused" not in arms_in(after.data)
        assert "fused 0.1 is lsr 0.1" in after.caption
        if type(after.data) in (Forest, Learning, Coverage, Reliability):
            assert after.data == before.data


def arms_in(data):
    return set(re.findall(r"loss='([^']+)'", repr(replace(data, stands={}) if isinstance(data, Ranks) else data)))


def test_what_is_one_function_on_clean_labels_alone_is_drawn_over_the_noise_rates():
    """Without wrong labels forward correction is ce; its line needs that point all the same."""
    rows = grid() + [told("forward", seed, 0.8, rate=rate) for rate in RATES for seed in range(3)]
    (sweep,) = of_kind(NoiseSweep, rows)
    (line,) = (line for line in sweep.data.panels[0].lines if line.arm.loss == "forward")
    assert line.x == RATES
    clean, *noisy = of_kind(Forest, rows)
    assert "forward" not in arms_in(clean.data)
    assert all("forward" in arms_in(picture.data) for picture in noisy)


def test_smoothing_of_0_stays_a_point_of_its_line_although_it_is_cross_entropy():
    rows = grid() + [told("lsr", seed, 0.9, eps=0.0, rate=rate) for rate in RATES for seed in range(3)]
    (picture,) = of_kind(SmoothingSweep, rows)
    assert picture.data.columns[0].panels[0].lines[0].x == (0.0, 0.1, 0.2)


def test_seeds_of_few_settings_are_no_blocks_of_a_ranking():
    four = [row for row in grid() if row.cell.noise_rate != RATES[-1]]
    assert of_kind(Ranks, four) == []
    (before,), (after,) = of_kind(Ranks), of_kind(Ranks, [row for row in grid() if row.cell.seed == 0])
    assert [(of.ranks, of.blocks, of.friedman_p) for of in before.data.rankings] == [
        (of.ranks, of.blocks, of.friedman_p) for of in after.data.rankings
    ]


@simulation(short=60, long=1000)
def test_equal_arms_are_told_apart_by_their_ranks_in_at_most_5_percent(trials):
    """6 arms, 8 settings, 3 seeds; what a setting does to an arm varies as much as one seed does."""
    rng, wrong = np.random.default_rng(0), 0
    losses = ("ce", "mae", "nce", "elr", "rce", "nce-rce")
    for _ in range(trials):
        by_setting = 0.02 * rng.normal(size=(8, 6, 1)) + 0.02 * rng.normal(size=(8, 6, 3))
        groups = [
            Group(
                replace(Setting.of(a_row(rate=0.2).cell), noise_rate=0.1 * i + 0.05),
                tuple(
                    ArmResults(Arm(loss), tuple(rows_of(loss, (0.5 + by_setting[i, j]).tolist())))
                    for j, loss in enumerate(losses)
                ),
            )
            for i in range(8)
        ]
        accuracy = next(of for of in ranks.prepare(groups).rankings if of.metric == "accuracy")
        wrong += accuracy.alike != ((0, 5),)
    assert wilson_interval(wrong, trials)[0] <= 0.05


def test_an_arm_that_lacks_a_setting_is_not_ranked_and_named():
    rows = grid() + [told("mae", seed, 0.8, rate=rate) for rate in RATES[1:] for seed in range(3)]
    (picture,) = of_kind(Ranks, rows)
    assert "mae" not in {arm.loss for arm in picture.data.rankings[0].arms}
    assert "Not ranked, as they were not trained in every setting: mae." in picture.caption
    assert "left out" not in picture.caption


def test_arms_that_differ_by_rounding_share_their_rank():
    rows = [row for row in grid() if row.cell.loss == "ce" or row.cell.eps == 0.1]
    rows = [
        replace(row, cell=replace(row.cell, loss="mae", hyper=()))
        for row in with_twins(rows)
        if row.cell.loss == "fused"
    ] + rows
    (picture,) = of_kind(Ranks, rows)
    ranking = next(of for of in picture.data.rankings if of.metric == "accuracy")
    assert ranking.ranks == pytest.approx((1.5, 1.5, 3))
