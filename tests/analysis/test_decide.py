import re
from dataclasses import replace

import numpy as np
import pytest

from lsbench.analysis.criteria import CRITERIA, Criterion, criteria_help
from lsbench.analysis.decide import decide
from lsbench.report.contradicted import noise_tables
from lsbench.report.decision import as_json, decision_table, elsewhere_table, evidence, paragraph
from lsbench.rows.examples import ExamplePredictions, pack_examples, read_examples
from lsbench.rows.store import examples_path, write
from tests.analysis.summary.handmade import a_row, rows_of

GUESS = {"rate": 0.18, "matrix": [[0.8, 0.2], [0.1, 0.9]], "count": 100}


CE = [0.90, 0.91, 0.92, 0.93]


def clear():
    return [
        *rows_of("ce", [0.90, 0.91, 0.92, 0.93], aurc=0.1, signed_error=0.1),
        *rows_of("lsr", [0.80, 0.812, 0.82, 0.835], eps=0.1, aurc=0.2, signed_error=0.2),
    ]


def undecided():
    return [*rows_of("ce", [0.90, 0.91, 0.92]), *rows_of("lsr", [0.91, 0.90, 0.93], eps=0.1)]


def test_a_winner_is_declared_where_every_test_says_so():
    (verdict,) = decide(clear())
    assert verdict.arms[verdict.choice.winner].name == "ce"
    assert paragraph(verdict).endswith(
        "take plain cross-entropy. It is shown to be better by accuracy than every other loss, on this test set."
    )
    assert "worse: lsr 0.1 (-9.83 [" in evidence(verdict)


def test_where_nothing_is_shown_no_loss_is_recommended_and_undecided_is_called_so():
    (verdict,) = decide(undecided())
    assert verdict.choice.winner is None
    assert verdict.arms[verdict.choice.leader].name == "lsr 0.1"
    assert verdict.suggested.name == "ce"
    assert paragraph(verdict).endswith(
        "no difference is shown by accuracy, so that there is no reason yet to take another loss than plain "
        "cross-entropy. "
        "None of the 2 losses that are compared can be ruled out as the best of them."
    )
    said = evidence(verdict)
    assert "undecided: lsr 0.1 (+0.33 [" in said
    assert "seeds would tell); --tolerance says what is close enough" in said
    assert "is found 4 times in 5 with these seeds." in said
    assert "tied" not in paragraph(verdict) + said


def test_the_first_paragraph_has_no_symbols_and_no_abbreviations():
    for rows in (clear(), undecided(), [*clear(), *rows_of("mae", [0.90, 0.915, 0.921, 0.931])]):
        for verdict in decide(rows):
            assert not re.search(r"[Δ±]|\bce\b|seed|\bp\b", paragraph(verdict))


def test_a_loss_that_beats_ce_but_not_all_is_said_to():
    gains = [0.03, 0.031, 0.0295, 0.0305]
    rows = [*clear(), *rows_of("mae", [a + g for a, g in zip(CE, gains, strict=True)])]
    rows += rows_of("gce", [a + g + (-1) ** i / 500 for i, (a, g) in enumerate(zip(CE, gains, strict=True))])
    (verdict,) = decide(rows)
    assert verdict.choice.winner is None
    than = "plain cross-entropy, on this test set, but not than every other loss."
    assert f"It is shown to be better than {than}" in paragraph(verdict)
    assert "With 95 % confidence the best of those compared is one of: mae, gce." in paragraph(verdict)
    assert "Against ce, on this test set (3 comparisons, jointly at the 5 % level)" in evidence(verdict)


def test_one_seed_never_has_a_winner():
    (verdict,) = decide([a_row("ce", accuracy=0.9), a_row("lsr", accuracy=0.1, eps=0.1)])
    assert verdict.choice.winner is None


def test_a_tolerance_makes_a_small_but_certain_difference_equal():
    rows = [*rows_of("ce", [0.90, 0.91, 0.92, 0.93]), *rows_of("lsr", [0.899, 0.9091, 0.919, 0.9292], eps=0.1)]
    assert decide(rows)[0].choice.winner is not None
    (verdict,) = decide(rows, tolerance=0.005)
    assert verdict.choice.winner is None
    assert "equal within the tolerance: lsr 0.1" in evidence(verdict)
    assert "No other loss is shown to be more than 0.5 points better by accuracy." in paragraph(verdict)


def test_what_the_suggestion_costs_elsewhere_is_a_table_and_no_claim():
    rows = [
        *rows_of("ce", [0.90, 0.91, 0.92, 0.93]),
        *[a_row("lsr", i, 0.80 + i / 99, eps=0.1, ece=0.01 + i / 1000) for i in range(4)],
    ]
    (verdict,) = decide(rows)
    assert verdict.suggested.name == "ce"
    (table,) = elsewhere_table(verdict)
    texts = {line[0].text: [entry.text for entry in line[1:]] for line in table.lines}
    assert texts["ECE"][0] == "lsr 0.1"
    assert texts["ECE"][1].startswith("+8.85 [")
    assert "ECE" not in paragraph(verdict) + evidence(verdict)


def test_calibration_is_nearness_of_confidence_to_accuracy_on_either_side():
    rows = [a_row("ce", i, signed_error=-0.10 - i / 1000) for i in range(3)]
    rows += [a_row("lsr", i, eps=0.1, signed_error=0.05 + i / 900) for i in range(3)]
    (verdict,) = decide(rows, by="calibration")
    assert verdict.arms[verdict.choice.winner].name == "lsr 0.1"
    assert "better by how near confidence is to accuracy than every other loss" in paragraph(verdict)


def test_numbers_may_be_taken_after_temperature_scaling():
    def scaled(ece):
        return {"scaled": {"known": {"temperature": 1.0, "status": "ok", "metrics": {"ece": ece}, "bins": {}}}}

    rows = [a_row("ce", i, ece=0.5 + i / 800, parts=scaled(0.01 + i / 1000)) for i in range(3)]
    rows += [a_row("lsr", i, eps=0.1, ece=0.1, parts=scaled(0.10 + i / 900)) for i in range(3)]
    assert decide(rows, by="ece")[0].suggested.name != decide(rows, by="ece", temperature="forward")[0].suggested.name


def test_what_held_out_predictions_contradict_is_said_and_its_matrix_shown():
    parts = {"noise_estimate": GUESS, "noise_record": {"realised": 0.0}}
    rows = [
        a_row(loss, seed, rate=0, eps=eps, parts=parts, val_accuracy=0.8)
        for loss, eps in (("ce", None), ("lsr", 0.1))
        for seed in (0, 1)
    ]
    (verdict,) = decide(rows)
    assert "Held-out predictions contradict 18.0 % [11.7, 28.9] of 100 training labels" in evidence(verdict)
    assert "labels are wrong" not in evidence(verdict)
    (table,) = noise_tables(verdict)
    assert [entry.text for entry in table.lines[0]] == ["0", "80.0", "20.0"]


def test_noise_that_was_added_is_said_beside_it_unless_it_is_to_be_taken_for_unknown():
    parts = {"noise_estimate": GUESS, "noise_record": {"realised": 0.2}}
    rows = [a_row(loss, 0, eps=eps, parts=parts, val_accuracy=0.8) for loss, eps in (("ce", None), ("lsr", 0.1))]
    assert noise_tables(decide(rows)[0]) == []
    assert "20.0 % of the training labels were made wrong. Held-out predictions" in evidence(decide(rows)[0])
    assert len(noise_tables(decide(rows, unknown_noise=True)[0])) == 1
    assert "made wrong" not in evidence(decide(rows, unknown_noise=True)[0])
    more = [replace(row, cell=replace(row.cell, noise_rate=0.4)) for row in rows]
    first, second = decide([*rows, *more], unknown_noise=True)
    assert "(1 of 2 that differ in noise taken for unknown)" in paragraph(first)
    assert "(2 of 2 that differ in noise taken for unknown)" in paragraph(second)


def test_settings_without_two_arms_have_no_verdict():
    assert decide(rows_of("ce", [0.9, 0.8])) == []


@pytest.mark.parametrize("rows", [clear(), undecided()])
def test_the_table_has_a_line_per_arm_and_json_says_the_same(rows):
    (verdict,) = decide(rows)
    lines = decision_table(verdict).lines
    found = as_json(verdict)
    assert [line[0].text for line in lines] == [arm["loss"] for arm in found["arms"]] == ["ce", "lsr"]
    assert (found["winner"] is not None) == any(entry.best for line in lines for entry in line)
    assert (found["text"], found["evidence"]) == (paragraph(verdict), evidence(verdict))


def test_losses_that_are_one_function_are_one_arm_by_the_plainest_of_them():
    """As lsr and fused are: float32 leaves their NLLs 1e-8 apart, always on the same side."""
    rows = [a_row("fused", i, eps=0.1, nll=0.5 + i / 10 + 3e-8 + i * 1e-9) for i in range(5)]
    rows += [a_row("lsr", i, eps=0.1, nll=0.5 + i / 10) for i in range(5)]
    rows += [a_row("ce", i, nll=0.6 + i / 9) for i in range(5)]
    (verdict,) = decide(rows, by="nll")
    assert [arm.name for arm in verdict.arms.values()] == ["ce", "lsr 0.1"]
    assert "lsr 0.1 stands for fused 0.1: the same function, trained apart." in evidence(verdict)
    assert as_json(verdict)["arms"][1]["same_function"] == ["fused 0.1"]
    assert len(verdict.choice.pair_claims) == 1
    assert decide([row for row in rows if row.cell.loss != "ce"], by="nll") == []


def test_on_clean_labels_a_noise_correction_is_plain_cross_entropy():
    def arms_at(rate):
        rows = [a_row(loss, i, 0.9 + i / 100, rate=rate) for loss in ("ce", "forward", "gce") for i in range(3)]
        return [arm.name for arm in decide(rows)[0].arms.values()]

    assert arms_at(0) == ["ce", "gce"]
    assert arms_at(0.2) == ["ce", "gce", "forward matrix=known"]


def test_an_arm_that_shares_no_seed_with_the_others_costs_them_no_verdict():
    (verdict,) = decide([*clear(), a_row("gce", 17), a_row("gce", 18)])
    assert verdict.arms[verdict.choice.leader].name == "ce"
    assert verdict.choice.winner is None
    assert {claim.finding for claim in verdict.choice.baseline_claims} == {"worse", "undecided"}
    assert "gce (no seed of both)" in evidence(verdict)


def test_the_criterion_itself_is_not_among_the_others():
    rows = [*clear(), *rows_of("gce", [0.95, 0.96, 0.97, 0.983])]
    (verdict,) = decide(rows)
    assert "accuracy" not in [one.criterion for one in verdict.elsewhere]


def test_an_arm_with_few_bad_seeds_does_not_change_what_is_said_of_the_others():
    ce, lsr = [0.70 + i / 300 for i in range(10)], [0.716 + i / 300 + (-1) ** i / 400 for i in range(10)]
    two = [*rows_of("ce", ce), *rows_of("lsr", lsr, eps=0.1)]
    few = [*two, *rows_of("mae", [0.3, 0.41])]
    for (verdict,) in (decide(two), decide(few)):
        assert verdict.arms[verdict.choice.leader].name == "lsr 0.1"
        assert verdict.suggested.name == "lsr 0.1"
    assert "Losses have 2 to 10 seeds; two are compared over those that both have." in evidence(decide(few)[0])
    assert decide(two)[0].choice.baseline_claims[0].p == decide(few)[0].choice.baseline_claims[0].p


def test_the_size_of_what_should_be_zero_decides_and_is_shown():
    rows = [a_row("ce", i, signed_error=(-1) ** i * (0.2 + i / 1000)) for i in range(4)]
    rows += [a_row("lsr", i, eps=0.1, signed_error=0.05 + i / 900) for i in range(4)]
    (verdict,) = decide(rows, by="calibration")
    assert "lsr 0.1: |accuracy − confidence| 5.17" in evidence(verdict)
    assert as_json(verdict)["arms"][0]["mean"] == pytest.approx(0.2015)


def test_a_loss_without_the_deciding_number_is_never_suggested_nor_called_best():
    rows = [replace(row, metrics={**row.metrics, "nll": None}) for row in rows_of("ce", [0.9, 0.91])]
    rows += [replace(row, metrics={**row.metrics, "nll": 0.2}) for row in rows_of("lsr", [0.9, 0.91], eps=0.1)]
    assert decide(rows, "nll") == []  # nothing is left to compare
    rows += [replace(row, metrics={**row.metrics, "nll": 0.3}) for row in rows_of("mae", [0.9, 0.91])]
    (verdict,) = decide(rows, "nll")
    assert verdict.suggested.name == "lsr 0.1"
    assert "cross-entropy" not in paragraph(verdict)
    assert "lsr 0.1 (no such number at 2 of 2 seeds)" in evidence(verdict)


def test_a_number_that_is_missing_at_some_seeds_is_not_compared_by_the_others():
    rows = [*rows_of("ce", [0.9, 0.91, 0.92]), *rows_of("lsr", [0.9, 0.91, 0.92], eps=0.1)]
    rows += rows_of("mae", [0.9, 0.91, 0.92])
    nll = {"ce": [0.30, 0.31, 0.33], "lsr": [0.31, 0.30, 0.35], "mae": [0.10, 0.105, None]}
    rows = [replace(row, metrics={**row.metrics, "nll": nll[row.cell.loss][row.cell.seed]}) for row in rows]
    (verdict,) = decide(rows, "nll")
    assert (verdict.choice.winner, verdict.suggested.name) == (None, "ce")
    assert "mae (no such number at 1 of 3 seeds)" in evidence(verdict)
    assert decide(rows, "nll", survivors=True)[0].suggested.name == "mae"


def test_a_new_criterion_costs_one_entry_of_the_table(monkeypatch):
    entry = Criterion(metric="brier", words="Brier score", plain="squared error", meaning="squared error")
    monkeypatch.setitem(CRITERIA, "by-brier", entry)
    rows = [*rows_of("ce", [0.9, 0.91, 0.92], brier=0.5), *rows_of("lsr", [0.9, 0.91, 0.92], eps=0.1, brier=0.6)]
    rows = [replace(row, metrics=row.metrics | {"brier": row.metrics["brier"] + row.cell.seed**2 / 99}) for row in rows]
    (verdict,) = decide(rows, "by-brier")
    assert "no difference is shown by squared error, so that there is no reason yet" in paragraph(verdict)
    assert "Brier score" in decision_table(verdict).header
    assert criteria_help().endswith("; by-brier: squared error.")


def test_what_each_test_example_got_makes_the_verdict_one_about_new_examples(tmp_path):
    rng = np.random.default_rng(0)
    labels = np.zeros(200, int)
    rows = []
    for loss, eps, shift in (("ce", None, 0), ("lsr", 0.1, 1)):
        for seed in range(4):
            predicted = ((np.arange(200) + shift) % 5 == 0).astype(int) ^ (rng.random(200) < 0.02)
            row = a_row(loss, seed, float(np.mean(predicted == labels)), eps=eps)
            write(
                replace(
                    row, examples=pack_examples(ExamplePredictions(labels, predicted, -labels * 1.0, labels * 1.0))
                ),
                tmp_path,
            )
            rows.append(row)
    (verdict,) = decide(rows, results=tmp_path)
    assert (verdict.choice.on, verdict.on_test_set.on) == ("new examples", "this test set")
    both = (one.baseline_claims[0].difference for one in (verdict.choice, verdict.on_test_set))
    wide, narrow = (gap.high - gap.low for gap in both)
    assert wide > 1.5 * narrow
    assert "on new examples" in evidence(verdict)
    assert any("this test set" in heading for heading in decision_table(verdict).header)
    for row in rows:  # the same, of 40 photographers
        path = examples_path(row.id, tmp_path)
        path.write_bytes(pack_examples(replace(read_examples(path), groups=np.arange(200) % 40)))
    (verdict,) = decide(rows, results=tmp_path)
    assert "on new groups" in evidence(verdict)
    assert "examples" not in f"{evidence(verdict)} {decision_table(verdict).footnotes} {decision_table(verdict).header}"
    assert as_json(verdict)["on"] == "new groups"
    examples_path(rows[0].id, tmp_path).write_bytes(b"torn")
    (verdict,) = decide(rows, results=tmp_path)
    assert verdict.choice.on == "this test set"
    assert len(verdict.warnings) == 1


def test_a_loss_of_few_seeds_that_is_shown_to_be_better_than_ce_is_taken_though_it_does_not_lead():
    ce = [0.80 + i / 300 for i in range(10)]
    rows = [*rows_of("ce", ce), *rows_of("sce", [a - 0.01 - i / 900 for i, a in enumerate(ce)])]
    rows += rows_of("mae", [a + 0.05 + i / 3000 for i, a in enumerate(ce[:4])])
    (verdict,) = decide(rows)
    assert verdict.arms[verdict.choice.leader].name == "ce"
    assert verdict.suggested.name == "mae"
    assert verdict.choice.winner is None
    assert (
        "take mae. It is shown to be better by accuracy than plain cross-entropy, on this test set, but not than"
        in paragraph(verdict)
    )
