"""Each sentence of a verdict is true of its rows, and none contradicts another."""

from dataclasses import replace

import numpy as np
import pytest

from lsbench.analysis.decide import decide
from lsbench.analysis.verdict import Verdict
from lsbench.report.decision import decision_table, evidence, paragraph
from lsbench.report.fields import p_text
from lsbench.rows.examples import ExamplePredictions, pack_examples
from lsbench.rows.store import write
from tests.analysis.summary.handmade import a_row, rows_of

STEADY = [0.90, 0.91, 0.92, 0.905, 0.915]


def verdict_of(*arms, **options) -> Verdict:
    (verdict,) = decide([row for rows in arms for row in rows], **options)
    return verdict


def test_of_two_losses_one_alone_may_be_best_exactly_where_it_wins():
    ours, plain = [0.91, 0.92, 0.93], [0.903, 0.893, 0.912]  # p between 0.05 and 0.1: on one side below 0.05
    verdict = verdict_of(rows_of("ce", plain), rows_of("lsr", ours, eps=0.1))
    assert 0.05 < (verdict.choice.baseline_claims[0].p or 0) < 0.1
    assert verdict.choice.winner is None
    assert len(verdict.choice.may_be_best) == 2
    assert "None of the 2 losses" in paragraph(verdict)


def test_a_loss_that_is_equal_up_to_rounding_shows_no_difference():
    verdict = verdict_of(
        rows_of("ce", [0.90, 0.91, 0.92]),
        rows_of("lsr", [0.91, 0.90, 0.93], eps=0.1),
        rows_of("mbls", [0.90, 0.91, 0.92]),
    )
    assert "equal up to rounding: mbls" in evidence(verdict)
    assert "no difference is shown by accuracy, so that there is no reason yet" in paragraph(verdict)


def test_a_difference_below_the_tolerance_is_not_denied():
    arms = rows_of("ce", [0.900, 0.910, 0.920]), rows_of("lsr", [0.908, 0.9185, 0.9286], eps=0.1)
    shown, beyond = verdict_of(*arms), verdict_of(*arms, tolerance=0.0082)
    assert "lsr 0.1" in paragraph(shown).split("take ")[1]
    assert "no difference of more than 0.82 points is shown by accuracy, so that there is no reason" in paragraph(
        beyond
    )


def test_a_difference_on_this_test_set_is_not_denied_where_other_examples_may_differ(tmp_path):
    places, labels, arms = np.arange(200), np.zeros(200, int), {"ce": [], "gce": []}
    for loss, rows in arms.items():
        for seed in range(4):
            worse = places < 5 * (4 + seed % 2)
            wrong = places % 5 == 0 if loss == "ce" else (places % 5 == 1) | ((places % 5 == 2) & worse)
            kept = ExamplePredictions(labels, wrong.astype(int), -labels * 1.0, labels * 1.0)
            rows.append(replace(a_row(loss, seed, 1 - wrong.mean()), examples=pack_examples(kept)))
            write(rows[-1], tmp_path)
    verdict = verdict_of(*arms.values(), results=tmp_path)
    ours, here = verdict.choice.baseline_claims[0], verdict.on_test_set.baseline_claims[0]
    assert (ours.finding, here.finding) == ("undecided", "worse")
    assert "No other loss is shown to be better by accuracy." in paragraph(verdict)
    assert "no difference" not in paragraph(verdict)
    assert "more than 1 point better" in paragraph(verdict_of(*arms.values(), results=tmp_path, tolerance=0.01))


def test_a_loss_with_few_seeds_and_the_best_mean_is_said_not_to_lead():
    apart = [a_row("gce", seed, 0.99) for seed in (7, 8)]
    verdict = verdict_of(rows_of("ce", STEADY), rows_of("mae", [x + 0.02 for x in STEADY[::-1]]), apart)
    assert "best by accuracy so far of those with enough seeds in common" in paragraph(verdict)
    assert "Too few seeds in common with the others to lead: gce." in evidence(verdict)


def test_differences_of_rounding_are_not_called_equal_within_a_tolerance_and_have_no_sign():
    text = evidence(verdict_of(rows_of("ce", STEADY), rows_of("gce", [x - 1e-12 for x in STEADY])))
    assert "equal up to rounding: gce (+0.00 [+0.00, +0.00])" in text
    assert "tolerance" not in text


def test_of_one_seed_it_is_said_that_nothing_can_be_shown_and_a_tolerance_is_not_offered():
    text = evidence(verdict_of(rows_of("ce", [0.9]), rows_of("gce", [0.95])))
    assert "With one seed nothing can be shown" in text
    assert "--tolerance" not in text


def test_a_difference_of_more_than_100_points_of_accuracy_is_not_spoken_of():
    text = evidence(verdict_of(rows_of("ce", [0.9, 0.91]), rows_of("mae", [0.2, 0.6])))
    assert "too few to find any possible difference" in text


def test_one_number_of_seeds_is_given_once():
    text = evidence(verdict_of(rows_of("ce", [0.9, 0.91, 0.92]), rows_of("gce", [0.95, 0.96, 0.97])))
    assert "; 6 seeds would tell" in text


@pytest.mark.parametrize(("by", "amount"), [("accuracy", "more than 5 points better"), ("nll", "more than 0.05 nats")])
def test_a_tolerance_has_its_unit_in_the_advice(by, amount):
    rows = rows_of("ce", STEADY), rows_of("gce", STEADY[::-1])
    assert amount in paragraph(verdict_of(*rows, by=by, tolerance=0.05))


def test_without_plain_cross_entropy_it_is_said_that_nothing_is_compared_with_it():
    text = evidence(verdict_of(rows_of("mae", STEADY), rows_of("gce", [x - 0.1 - x / 50 for x in STEADY])))
    assert "Plain cross-entropy was not trained here" in text
    assert "leads (1 pair): gce" in text


def test_a_loss_that_alone_can_be_compared_is_not_listed_as_one_that_may_be_best():
    gone = [*rows_of("gce", STEADY[:4]), a_row("gce", 4, 0.1, status="diverged")]
    verdict = verdict_of(rows_of("ce", STEADY), gone)
    table = decision_table(verdict)
    column = table.header.index("may be best")
    assert {line[column].text for line in table.lines} == {"–"}
    assert "the only loss that can be compared" in paragraph(verdict)


def test_a_p_value_that_rounds_to_the_level_is_written_on_the_side_of_its_mark():
    assert [p_text(p) for p in (0.0498, 0.0494, 0.05, 0.0502, 0.00099, 0.001)] == [
        "<0.05†", "0.049†", "0.05", "0.05", "<0.001†", "0.001†",
    ]  # fmt: skip


def test_the_evidence_names_the_surest_first_and_few_of_each_finding():
    ce = [0.80 + i / 300 for i in range(8)]
    gains = {"gce": 0.02, "sce": 0.08, "mae": 0.05, "nce": 0.01}
    rows = rows_of("ce", ce)
    for j, (loss, gain) in enumerate(gains.items()):
        rows += rows_of(loss, [a + gain + (-1) ** i * 0.001 * (j + 1) for i, a in enumerate(ce)])
    (verdict,) = decide(rows)
    better = evidence(verdict).split("better: ")[1].split(";")[0]
    p = {claim.arm.loss: claim.p for claim in verdict.choice.baseline_claims}
    surest = sorted(p, key=lambda loss: p[loss])
    assert [loss for loss in surest if f"{loss} (" in better] == surest[:2]
    assert "and 2 more" in evidence(verdict)


def test_without_ce_what_is_undecided_against_the_leader_is_in_the_evidence():
    rows = [*rows_of("gce", [0.80, 0.81, 0.82, 0.83]), *rows_of("sce", [0.81, 0.80, 0.83, 0.825])]
    said = evidence(decide(rows)[0])
    assert "Undecided against sce, which leads (1 pair): gce (-0.13 [" in said
