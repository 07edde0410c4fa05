import pytest

from lsbench.protocols import Protocol, ProtocolStudy, Published, compare_published
from lsbench.report.layout import plain
from lsbench.report.reproduction_table import as_json, reproduction_table
from lsbench.statistics.published import published_equivalence
from tests.analysis.summary.handmade import a_row, curves_of
from tests.in_turn import in_turn

TIGHT = [0.899, 0.900, 0.901]


def published(**changes):
    return Published(**{"loss": "ce", "value": 90.0, "provenance": "read", **changes})


def rows(accuracies, **metrics):
    return [
        a_row("ce", seed, value, **curves_of(accuracy=[0.99, value], **{k: [0.5, v] for k, v in metrics.items()}))
        for seed, value in enumerate(accuracies)
    ]


def protocol(**changes):
    base = {"name": "t", "title": "a title", "authors": "A et al.", "year": 2020, "venue": "V", "studies": ()}
    return Protocol(**{**base, "studies": (ProtocolStudy("", {}),), **changes})


@in_turn(
    ("accuracies", "verdict"),
    [
        (TIGHT, "reproduced"),
        ([0.92, 0.921, 0.919], "not reproduced"),
        ([0.88, 0.881, 0.879], "not reproduced"),
        ([0.91, 0.911, 0.909], "inconclusive"),
        ([0.88, 0.92, 0.90], "inconclusive"),
        ([0.9], "inconclusive"),
        ([0.9, 0.9, 0.9], "inconclusive"),
        ([], "inconclusive"),
    ],
)
def test_the_verdict_is_what_the_interval_supports(accuracies, verdict):
    found = compare_published(published(), rows(accuracies), 1.0)
    assert found.verdict == verdict


def test_numbers_are_in_per_cent_and_of_the_rule_that_was_published():
    last = compare_published(published(), rows(TIGHT), 1.0)
    best = compare_published(published(rule="best-test", value=99.0), rows(TIGHT), 1.0)
    assert last.ours is not None
    assert best.ours is not None
    assert (last.ours.mean, last.ours.sd, last.ours.n) == pytest.approx((90.0, 0.1, 3))
    assert best.ours.mean == pytest.approx(99.0)


def test_a_number_after_temperature_scaling_is_of_the_scaled_predictions():
    scaled = {"noisy": {"temperature": 1.5, "metrics": {"ece": 0.01}}}
    of = [a_row(seed=seed, parts={"scaled": scaled}) for seed in range(2)]
    found = compare_published(published(metric="ece", temperature="noisy", value=0.93), of, 1.0)
    assert found.ours is not None
    assert found.ours.mean == pytest.approx(1.0)


def test_what_is_no_percentage_is_compared_as_it_is():
    of = rows(TIGHT, nll=0.3)
    found = compare_published(published(metric="nll", value=0.31), of, 0.1)
    assert found.ours is not None
    assert found.ours.mean == pytest.approx(0.3)


def test_lost_rows_are_counted_and_give_no_number():
    of = [*rows(TIGHT), a_row(seed=7, status="diverged")]
    found = compare_published(published(), of, 1.0)
    assert found.ours is not None
    assert (found.ours.n, found.lost) == (3, 1)
    assert "(3, 1 lost)" in plain([reproduction_table(protocol(), [found])])


def test_an_incomparable_run_shows_its_numbers_and_no_verdict():
    found = compare_published(published(), rows(TIGHT), 1.0, "scaled")
    assert found.verdict == "scaled"
    assert found.equivalence is not None
    assert found.equivalence.status == "equivalent"
    text = plain([reproduction_table(protocol(), [found], ["3 epochs instead of 30"])])
    assert "NOT COMPARABLE: 3 epochs instead of 30" in text
    assert "  reproduced" not in text.split("margin 1:")[0]


def test_what_is_not_known_of_the_published_spread_is_taken_at_its_worst_and_said():
    bare, of_three, vague, known = (
        compare_published(published(**more), rows(TIGHT), 1.0)
        for more in ({}, {"runs": 3}, {"sd": 2.0}, {"sd": 2.0, "runs": 3})
    )
    assert (bare.verdict, of_three.verdict, vague.verdict) == ("reproduced", "reproduced", "inconclusive")
    assert bare.equivalence == compare_published(published(runs=1), rows(TIGHT), 1.0).equivalence
    assert vague.equivalence == compare_published(published(sd=2.0, runs=2), rows(TIGHT), 1.0).equivalence
    table = plain([reproduction_table(protocol(), [bare, of_three, vague, known])])
    assert "? 90.00 [read]" in table
    assert "? 90.00 (3) [read]" in table
    assert "? 90.00 ± 2.00 [read]" in table
    assert " 90.00 ± 2.00 (3) [read]" in table
    assert "? 90.00 ± 2.00 (3)" not in table


def test_it_is_inconclusive_where_half_and_twice_our_spread_would_answer_otherwise():
    wide = [0.897, 0.900, 0.903]
    assert compare_published(published(sd=0.15, runs=2), rows(wide), 1.0).verdict == "reproduced"
    assert compare_published(published(runs=2), rows(wide), 1.0).verdict == "inconclusive"


def test_one_seed_is_planned_by_the_published_spread():
    found = compare_published(published(sd=0.5), rows([0.9]), 1.0)
    assert found.power is None
    assert found.seeds_needed is None
    assert compare_published(published(sd=0.3, runs=8), rows([0.9]), 1.0).seeds_needed == 3
    assert compare_published(published(), rows([0.9]), 1.0).seeds_needed is None


def test_the_table_says_where_each_number_is_known_from_and_warns_of_test_labels():
    found = [compare_published(published(provenance="recalled", rule=rule), rows(TIGHT), 1.0) for rule in ("last",)]
    text = plain([reproduction_table(protocol(deviations=("another lr",), notes=("mind the gap",)), found)])
    assert "[recalled]" in text
    assert "differs: another lr" in text
    assert "mind the gap" in text
    assert "DISHONEST" not in text
    chosen = compare_published(published(rule="best-test"), rows(TIGHT), 1.0)
    assert "DISHONEST: chosen by the test labels" in plain([reproduction_table(protocol(), [chosen])])


def test_nothing_published_is_said_so():
    assert "nothing is published here" in plain([reproduction_table(protocol(), [])])


def test_json_has_what_the_line_shows():
    found = compare_published(published(sd=1.0, runs=3), rows(TIGHT), 1.0)
    shown = as_json(found)
    assert shown["published"]["value"] == 90.0
    assert shown["quantity"] == "last.accuracy"
    assert shown["verdict"] == found.verdict
    assert found.ours is not None
    assert shown["equivalence"]["p"] == published_equivalence(found.ours, found.published.spread, 1.0).p
