from dataclasses import replace

import pytest

from lsbench.analysis.criteria import CRITERIA, Criterion, criteria_help
from lsbench.analysis.decide import decide
from lsbench.report.decision import as_json, decision_table, paragraph
from lsbench.report.noise_table import noise_tables
from tests.analysis.summary.handmade import a_row, rows_of

GUESS = {"rate": 0.18, "matrix": [[0.8, 0.2], [0.1, 0.9]], "count": 100}


def clear():
    return [
        *rows_of("ce", [0.90, 0.91, 0.92, 0.93], aurc=0.1, signed_error=0.1),
        *rows_of("lsr", [0.80, 0.812, 0.82, 0.835], eps=0.1, aurc=0.2, signed_error=0.2),
    ]


def tied():
    return [*rows_of("ce", [0.90, 0.91, 0.92]), *rows_of("lsr", [0.91, 0.90, 0.93], eps=0.1)]


def test_a_winner_is_declared_where_every_interval_says_so():
    (verdict,) = decide(clear())
    assert verdict.arms[verdict.choice.winner].name == "ce"
    assert "ce wins by accuracy" in paragraph(verdict)


def test_a_tie_has_no_winner_and_the_plainest_is_suggested():
    (verdict,) = decide(tied())
    assert verdict.choice.winner is None
    assert verdict.arms[verdict.choice.leader].name == "lsr 0.1"
    assert verdict.suggested.name == "ce"
    text = paragraph(verdict)
    assert "no winner by accuracy" in text
    assert "seeds would tell" in text


def test_one_seed_never_has_a_winner():
    (verdict,) = decide([a_row("ce", accuracy=0.9), a_row("lsr", accuracy=0.1, eps=0.1)])
    assert verdict.choice.winner is None


def test_a_tolerance_makes_a_small_but_certain_difference_a_tie():
    rows = [*rows_of("ce", [0.90, 0.91, 0.92, 0.93]), *rows_of("lsr", [0.899, 0.9091, 0.919, 0.9292], eps=0.1)]
    assert decide(rows)[0].choice.winner is not None
    (verdict,) = decide(rows, tolerance=0.005)
    assert verdict.choice.winner is None
    assert "Equal to the leader" in paragraph(verdict)


def test_what_the_suggestion_costs_elsewhere_is_said_with_its_interval():
    rows = [
        *rows_of("ce", [0.90, 0.91, 0.92, 0.93]),
        *[a_row("lsr", i, 0.80 + i / 99, eps=0.1, ece=0.01 + i / 1000) for i in range(4)],
    ]
    (verdict,) = decide(rows)
    assert verdict.suggested.name == "ce"
    assert "What it costs elsewhere: ECE +8.85 [" in paragraph(verdict)


def test_calibration_is_nearness_of_confidence_to_accuracy_on_either_side():
    rows = [a_row("ce", i, signed_error=-0.10 - i / 1000) for i in range(3)]
    rows += [a_row("lsr", i, eps=0.1, signed_error=0.05 + i / 900) for i in range(3)]
    (verdict,) = decide(rows, by="calibration")
    assert verdict.arms[verdict.choice.winner].name == "lsr 0.1"


def test_numbers_may_be_taken_after_temperature_scaling():
    def scaled(ece):
        return {"scaled": {"forward": {"temperature": 1.0, "status": "ok", "metrics": {"ece": ece}, "bins": {}}}}

    rows = [a_row("ce", i, ece=0.5 + i / 800, parts=scaled(0.01 + i / 1000)) for i in range(3)]
    rows += [a_row("lsr", i, eps=0.1, ece=0.1, parts=scaled(0.10 + i / 900)) for i in range(3)]
    assert decide(rows, by="ece")[0].suggested.name != decide(rows, by="ece", temperature="forward")[0].suggested.name


def test_the_noise_of_labels_as_given_is_estimated_and_its_matrix_shown():
    parts = {"noise_estimate": GUESS, "noise_record": {"realised": 0.0}}
    rows = [
        a_row(loss, seed, rate=0, eps=eps, parts=parts) for loss, eps in (("ce", None), ("lsr", 0.1)) for seed in (0, 1)
    ]
    (verdict,) = decide(rows)
    assert (
        "Held-out predictions put the share of wrong labels at 18.0%, the model's own mistakes included"
        in paragraph(verdict)
    )
    (table,) = noise_tables(verdict)
    assert [entry.text for entry in table.lines[0]] == ["0", "80.0", "20.0"]


def test_noise_that_was_injected_is_known_unless_it_is_to_be_taken_for_unknown():
    rows = [
        a_row(loss, 0, eps=eps, parts={"noise_estimate": GUESS, "noise_record": {"realised": 0.2}})
        for loss, eps in (("ce", None), ("lsr", 0.1))
    ]
    assert noise_tables(decide(rows)[0]) == []
    assert "Known: 20.0%" in paragraph(decide(rows)[0])
    assert len(noise_tables(decide(rows, unknown_noise=True)[0])) == 1
    assert "Known" not in paragraph(decide(rows, unknown_noise=True)[0])


def test_settings_without_two_arms_have_no_verdict():
    assert decide(rows_of("ce", [0.9, 0.8])) == []


@pytest.mark.parametrize("rows", [clear(), tied()])
def test_the_table_has_a_line_per_arm_and_json_says_the_same(rows):
    (verdict,) = decide(rows)
    lines = decision_table(verdict).lines
    found = as_json(verdict)
    assert [line[0].text for line in lines] == [arm["loss"] for arm in found["arms"]] == ["ce", "lsr"]
    assert (found["winner"] is not None) == any(entry.best for line in lines for entry in line)
    assert found["text"] == paragraph(verdict)


def test_the_same_function_twice_is_never_a_winner_whatever_rounding_says():
    """As lsr and fused are: float32 leaves their NLLs 1e-8 apart, always on the same side."""
    rows = [a_row("lsr", i, eps=0.1, nll=0.5 + i / 10) for i in range(5)]
    rows += [a_row("fused", i, eps=0.1, nll=0.5 + i / 10 + 3e-8 + i * 1e-9) for i in range(5)]
    (verdict,) = decide(rows, by="nll")
    assert verdict.choice.winner is None
    assert next(iter(verdict.comparisons.values())).status == "equivalent"


def test_an_arm_that_shares_no_seed_with_the_others_costs_them_no_verdict():
    (verdict,) = decide([*clear(), a_row("fused", 17, eps=0.1), a_row("fused", 18, eps=0.1)])
    assert verdict.arms[verdict.choice.leader].name == "ce"
    assert verdict.choice.winner is None
    assert {one.status for one in verdict.comparisons.values()} == {"worse", "undecided"}


def test_the_criterion_itself_is_no_cost():
    rows = [*clear(), *rows_of("fused", [0.95, 0.96, 0.97, 0.983], eps=0.1)]
    (verdict,) = decide(rows)
    assert "accuracy" not in [cost.criterion for cost in verdict.costs]


def test_the_size_of_what_should_be_zero_decides_and_is_shown():
    rows = [a_row("ce", i, signed_error=(-1) ** i * (0.2 + i / 1000)) for i in range(4)]
    rows += [a_row("lsr", i, eps=0.1, signed_error=0.05 + i / 900) for i in range(4)]
    (verdict,) = decide(rows, by="calibration")
    assert "lsr 0.1 wins by calibration (|accuracy − confidence| 5.17" in paragraph(verdict)
    assert as_json(verdict)["arms"][0]["mean"] == pytest.approx(0.2015)


def test_a_loss_without_the_deciding_number_is_never_suggested_nor_called_tied():
    rows = [replace(row, metrics={**row.metrics, "nll": None}) for row in rows_of("ce", [0.9, 0.91])]
    rows += [replace(row, metrics={**row.metrics, "nll": 0.2}) for row in rows_of("lsr", [0.9, 0.91], eps=0.1)]
    (verdict,) = decide(rows, "nll")
    assert verdict.suggested.name == "lsr 0.1"
    assert "not decided: ce (no such number at 2 of 2 seeds)" in paragraph(verdict)


def test_a_number_that_is_missing_at_some_seeds_is_not_compared_by_the_others():
    rows = [*rows_of("ce", [0.9, 0.91, 0.92]), *rows_of("mae", [0.9, 0.91, 0.92])]
    nll = {("ce", 0): 0.30, ("ce", 1): 0.31, ("ce", 2): 0.33, ("mae", 0): 0.10, ("mae", 1): 0.105, ("mae", 2): None}
    rows = [replace(row, metrics={**row.metrics, "nll": nll[row.cell.loss, row.cell.seed]}) for row in rows]
    (verdict,) = decide(rows, "nll")
    assert (verdict.choice.winner, verdict.suggested.name) == (None, "ce")
    assert "not decided: mae (no such number at 1 of 3 seeds)" in paragraph(verdict)
    assert decide(rows, "nll", survivors=True)[0].suggested.name == "mae"


def test_a_new_criterion_costs_one_entry_of_the_table(monkeypatch):
    monkeypatch.setitem(CRITERIA, "by-brier", Criterion(metric="brier", words="Brier score", meaning="squared error"))
    rows = [*rows_of("ce", [0.9, 0.91, 0.92], brier=0.5), *rows_of("lsr", [0.9, 0.91, 0.92], eps=0.1, brier=0.6)]
    rows = [replace(row, metrics=row.metrics | {"brier": row.metrics["brier"] + row.cell.seed**2 / 99}) for row in rows]
    (verdict,) = decide(rows, "by-brier")
    assert "no winner by by-brier. Take ce" in paragraph(verdict)
    assert "Brier score" in decision_table(verdict).header
    assert criteria_help().endswith("; by-brier: squared error.")
