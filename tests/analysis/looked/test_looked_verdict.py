"""What looked-at labels decide: of made rows whose true labels are known."""

from dataclasses import replace

import numpy as np
import pytest

from lsbench.analysis.looked.metrics import BY_LABEL
from lsbench.analysis.looked.reaches import Reach
from lsbench.report.decision import as_json, looked_json, looked_paragraphs, looked_tables
from tests.analysis.looked.made import CLASSES, by_doubt, looked, looks_at, make


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """gce is better than ce by far, lsr as good; 20 % of the test labels are wrong."""
    return make(tmp_path_factory.mktemp("made"), {"ce": 1.2, "gce": 2.4, "lsr": 1.25}, seeds=4)


@pytest.fixture(scope="module")
def by_looks(made):
    return looked(made, looks_at(made, 100, sizes=by_doubt(made)))


def named(looked, arm):
    return next(one.key for one in looked.verdict.arms.values() if one.key.loss == arm)


def test_where_all_were_looked_at_every_number_is_the_true_one(made):
    whole = looked(made, looks_at(made, len(made.truth)))
    for metric in BY_LABEL:
        for arm in ("ce", "gce", "lsr"):
            number = whole.numbers[metric][named(whole, arm)].number
            networks = number.ranges[Reach.NETWORKS]
            assert (networks.low, number.mean, networks.high) == pytest.approx([made.true(arm, metric)] * 3, abs=2e-3)
    assert whole.labels.differ.share == pytest.approx((made.truth != made.given).mean())
    assert {whole.winners[Reach.NETWORKS], *whole.may_be_best[Reach.NETWORKS]} == {named(whole, "gce")}
    counts = [list(one.counts) for one in whole.labels.classes]
    assert counts == [[int(((made.given == g) & (made.truth == y)).sum()) for y in range(4)] for g in range(4)]


def test_a_wider_reach_has_a_wider_interval_around_the_same_number(by_looks):
    claims = (*by_looks.baseline_claims, *by_looks.pair_claims)
    numbers = [
        *(claim.gap for claim in claims),
        *(one.number for some in by_looks.numbers.values() for one in some.values()),
    ]
    for number in numbers:
        networks, loss, examples = (number.ranges[reach] for reach in Reach)
        assert examples.low <= loss.low <= networks.low <= number.mean <= networks.high <= loss.high <= examples.high


def test_the_intervals_hold_the_true_numbers(made, by_looks):
    for claim in by_looks.baseline_claims:
        networks = claim.gap.ranges[Reach.NETWORKS]
        assert networks.low <= made.true(claim.arm.loss) - made.true("ce") <= networks.high
    share = by_looks.labels.differ
    assert share.low <= (made.truth != made.given).mean() <= share.high


def test_a_far_better_loss_wins_and_the_words_say_for_what(by_looks):
    assert by_looks.winner is not None
    arm, reach = by_looks.winner
    said = " ".join(looked_paragraphs(by_looks))
    words = {
        Reach.NETWORKS: "on this test set, for these networks.",
        Reach.LOSS: "on this test set, for new seeds too.",
        Reach.EXAMPLES: "for new seeds and new test examples too.",
    }
    assert arm == by_looks.suggested.key == named(by_looks, "gce")
    assert f"take gce. It is shown to be better by accuracy than every other loss, {words[reach]}" in said
    assert "Nobody vouches" not in said
    assert "All of this takes the looked-at labels for right." in said
    assert "made to hold with 95 % whenever one stops to look" in said


def test_with_one_seed_nothing_is_said_of_the_loss(tmp_path):
    one = make(tmp_path, {"ce": 1.2, "gce": 2.4}, seeds=1)
    shown = looked(one, looks_at(one, 100, sizes=by_doubt(one)))
    assert [[*claim.gap.ranges] for claim in shown.baseline_claims] == [[Reach.NETWORKS]]
    assert shown.winner == (named(shown, "gce"), Reach.NETWORKS)
    first = looked_paragraphs(shown)[0]
    assert "on this test set, for these networks. Of the loss itself nothing is shown: that takes more seeds." in first


def test_an_arm_that_lost_seeds_is_not_compared_and_nobody_wins_beside_it(tmp_path):
    made = make(tmp_path, {"ce": 1.2, "gce": 2.4, "mae": 2.0}, seeds=3, lost={("mae", 1), ("mae", 2)})
    shown = looked(made, looks_at(made, 200, sizes=by_doubt(made)))
    assert shown.compared == (named(shown, "ce"), named(shown, "gce"))
    assert set(shown.winners.values()) == {None}
    assert shown.against_baseline[named(shown, "gce")].finding == "better"
    said = " ".join(looked_paragraphs(shown))
    assert "but not than every other loss" in said
    assert "lost 2 of 3" in said
    (survivors,) = [looked(made, looks_at(made, 200, sizes=by_doubt(made)), survivors=True)]
    assert len(survivors.compared) == 3


def test_what_nobody_can_tell_makes_intervals_wider_and_its_share_is_said(made, by_looks):
    unclear = looked(made, looks_at(made, 100, sizes=by_doubt(made), unclear=range(0, 40, 2)))
    for told, untold in zip(by_looks.baseline_claims, unclear.baseline_claims, strict=True):
        ours, theirs = told.gap.ranges[Reach.NETWORKS], untold.gap.ranges[Reach.NETWORKS]
        assert theirs.high - theirs.low > ours.high - ours.low
    assert "20 of the looks (20.0 %) give no single class; 20 of them can't be told at all" in " ".join(
        looked_paragraphs(unclear)
    )
    assert looked_json(unclear)["looks"]["cannot_tell"] == 20


def test_no_network_is_right_about_an_example_of_none_of_the_classes(made):
    n = len(made.truth)
    verified = looks_at(made, n, outside=range(n))
    none = looked(made, verified)
    assert [one.number.mean for one in none.numbers["accuracy"].values()] == [0, 0, 0]
    assert none.labels.differ.share == 1
    nll = none.numbers["nll"][named(none, "ce")].number.ranges[Reach.NETWORKS]
    least = np.mean([-one.max(1).mean() for (loss, _), one in made.log_probs.items() if loss == "ce"])
    assert nll.low >= least - 1e-6
    assert nll.high > nll.low


def test_by_calibration_the_one_whose_error_is_nearer_to_0_is_the_better_one(made):
    whole = looked(made, looks_at(made, len(made.truth)), "calibration")
    size = {loss: abs(made.true(loss, "signed_error")) for loss in ("ce", "gce", "lsr")}
    for claim in whole.baseline_claims:
        assert claim.gap.mean == pytest.approx(size[claim.arm.loss] - size["ce"], abs=1e-4)
        assert claim.finding == ("better" if size[claim.arm.loss] < size["ce"] else "worse")
    some = looked(made, looks_at(made, 100, sizes=by_doubt(made)), "calibration")
    for claim in some.baseline_claims:
        networks = claim.gap.ranges[Reach.NETWORKS]
        assert networks.low <= size[claim.arm.loss] - size["ce"] <= networks.high


@pytest.mark.parametrize("by", ["ece", "selective"])
def test_by_what_is_no_mean_over_examples_nothing_is_claimed(made, by):
    shown = looked(made, looks_at(made, 100, sizes=by_doubt(made)), by)
    told = looked_json(shown)
    assert (told["claimed"], told["claims"], told["suggested"], told["winner"]) == (False, [], None, {})
    assert "no mean over examples" in told["text"]
    assert looked_tables(shown)[0].title.startswith("by 100 looked-at labels")
    assert all(one["by_chance"] > 0 for one in told["ece"].values())


def test_by_nll_losses_are_compared_though_against_given_labels_they_are_not(made):
    shown = looked(made, looks_at(made, 200, sizes=by_doubt(made)), "nll")
    assert not shown.verdict.may_claim
    assert shown.may_claim
    gap = shown.against_baseline[named(shown, "gce")].gap
    networks = gap.ranges[Reach.NETWORKS]
    assert networks.low <= made.true("gce", "nll") - made.true("ce", "nll") <= networks.high


def test_looks_can_put_another_loss_before_the_one_that_the_given_labels_had_in_front(tmp_path):
    """Of a class that gce knows better most labels are wrong, as ce answers."""
    made = make(tmp_path, {"ce": 1.0, "gce": 2.4}, seeds=3, wrong=0.0)
    answers = made.log_probs["ce", 0].argmax(1)
    wrong = make(tmp_path / "wrong", {"ce": 1.0, "gce": 2.4}, seeds=3, wrong=0.0, given=answers)
    shown = looked(wrong, looks_at(wrong, 300, sizes=by_doubt(wrong)))
    assert shown.named == named(shown, "ce")
    assert shown.winners[Reach.NETWORKS] == named(shown, "gce")
    assert (
        "By the given labels plain cross-entropy was in front; it is shown to be worse." in looked_paragraphs(shown)[0]
    )


def test_networks_that_answer_alike_are_equal_and_neither_wins(tmp_path):
    made = make(tmp_path, {"ce": 1.5, "gce": 1.5}, seeds=3, alike=True)
    shown = looked(made, looks_at(made, 50))
    (claim,) = shown.baseline_claims
    assert claim.finding == "equivalent"
    assert claim.gap.ranges[Reach.EXAMPLES].low == pytest.approx(-(1 - 0.025 ** (1 / 400)))
    assert claim.findings[Reach.EXAMPLES] == "undecided"  # new examples may tell the two apart
    assert set(shown.winners.values()) == {None}


def test_networks_that_were_trained_after_the_design_are_named(made):
    verified = looks_at(made, 100, sizes=by_doubt(made))
    first = verified.design.arms[:2]
    shown = looked(made, looks_at(made, 100, design=replace(verified.design, arms=first)))
    assert shown.late == ("lsr 0.1",)
    assert "The examples were not chosen for some networks of lsr 0.1" in " ".join(looked_paragraphs(shown))


def test_networks_that_were_trained_after_the_design_move_no_number_of_the_others(made):
    """Even where they predict the given labels best."""
    design = looks_at(made, 100, sizes=by_doubt(made)).design
    before = replace(design, arms=tuple(arm for arm in design.arms if "gce" not in arm.name))
    verified = looks_at(made, 100, design=before)
    two = replace(made, rows=[row for row in made.rows if row.cell.loss != "gce"])
    first, later = looked(two, verified), looked(made, verified)
    for metric in ("accuracy", "nll"):
        numbers = [one.numbers[metric][named(one, "ce")].number.mean for one in (first, later)]
        assert numbers[0] == numbers[1], metric
    assert first.labels.differ == later.labels.differ


def test_rows_of_another_data_set_have_no_looks(made):
    verified = looks_at(made, 100)
    other = replace(verified.design, fingerprint="another")
    assert looked(made, replace(verified, design=other)) is None


def test_answers_after_a_gap_are_not_used_and_that_is_said(made):
    shown = looked(made, looks_at(made, 100, unused=3))
    assert "3 more answers are not used, as an example before them in the order has none" in " ".join(
        looked_paragraphs(shown)
    )


def test_the_agreement_of_people_is_a_percentage(made):
    shown = looked(made, looks_at(made, 100, people=("anna", "bo"), agreement=0.9, agreement_n=20))
    said = " ".join(looked_paragraphs(shown))
    assert "2 people looked at 100 of 400 test examples" in said
    assert "all gave the same answer on 90 % of them." in said
    assert "--second" not in said


def test_json_has_every_number_that_the_tables_have(by_looks):
    told = as_json(by_looks.verdict, by_looks)["looked"]
    assert set(told["numbers"]) == set(BY_LABEL)
    assert {one["family"] for one in told["claims"]} == {"baseline", "pairs"}
    for claim in told["claims"]:
        for reach in Reach:
            assert set(claim[reach.value]) == {"low", "high", "finding"}
    assert told["looks"]["n"] == 100
    assert told["test_labels"]["classes"] == [*CLASSES]
    assert told["text"] == looked_paragraphs(by_looks)[0]


def test_tables_fit_into_80_columns_with_what_decides_first(by_looks):
    from lsbench.report.layout import fitted

    for table in looked_tables(by_looks):
        lines = ["".join(text for text, _ in line) for line in fitted(table, 80)]
        assert max(map(len, lines)) <= 80
    first = "\n".join("".join(text for text, _ in line) for line in fitted(looked_tables(by_looks)[0], 80)[:8])
    assert "shown" in first
    assert "Δ to ce" in first


def test_answers_between_two_batches_wait_and_the_next_number_of_looks_is_said(made):
    design = replace(looks_at(made, 100, sizes=by_doubt(made)).design, announced=(100,))
    shown = looked(made, looks_at(made, 110, design=design))
    said = " ".join(looked_paragraphs(shown))
    assert shown.waiting == 10
    assert (
        "The last 10 of them are not used yet by intervals that are made at fixed numbers of looks; the next is at 150"
        in said
    )


def test_where_few_looks_moved_a_difference_its_interval_is_exact_and_that_is_said(made):
    shown = looked(made, looks_at(made, 20, sizes=by_doubt(made)))
    assert {claim.gap.how for claim in shown.baseline_claims} == {"exact"}
    assert (
        "The intervals of all comparisons are exact, as below 25 looks and where fewer than 7 moved the difference"
        in " ".join(looked_paragraphs(shown))
    )


def test_more_looks_are_advised_where_something_is_undecided(made):
    shown = looked(made, looks_at(made, 50, sizes=by_doubt(made)))
    undecided = [claim.arm for claim in shown.baseline_claims if claim.finding == "undecided"]
    assert set(shown.more) == set(undecided)
    (steps,) = [text for text in looked_paragraphs(shown) if text.startswith("What to do next")]
    assert f"lsbench verify {made.folder}" in steps
