"""How the numbers by looked-at labels are written: what is not finite, and intervals that leave 0 out."""

import json
from dataclasses import replace

import numpy as np

from lsbench.analysis.looked.reaches import Range
from lsbench.report.decision import looked_json, looked_paragraphs, looked_tables
from lsbench.report.decision.looked_numbers import range_text
from lsbench.report.layout import plain
from lsbench.rows.store import logits_path
from tests.analysis.looked.made import by_doubt, design_of, looked, looks_at, make


def test_a_network_that_gives_a_class_no_probability_is_not_compared_by_nll_and_that_is_said(tmp_path):
    made = make(tmp_path, {"ce": 1.0, "gce": 2.0, "mae": 1.5}, n=200)
    for place, row in enumerate(made.rows):
        if row.cell.loss == "mae":
            log_probs = made.log_probs["mae", row.cell.seed].copy()
            log_probs[np.arange(200), log_probs.argmin(1)] = -np.inf
            made.rows[place] = replace(row, metrics={**row.metrics, "nll": None})
            path = logits_path(row.id, tmp_path / "logits")
            path.parent.mkdir(exist_ok=True)
            np.savez(path, test=log_probs, test_labels=made.given)
    looks = looks_at(made, 60, sizes=by_doubt(made))
    by_accuracy, by_nll = (looked(made, looks, by) for by in ("accuracy", "nll"))
    assert {arm.loss for arm in by_accuracy.compared} == {"ce", "gce", "mae"}
    assert {arm.loss for arm in by_nll.compared} == {"ce", "gce"}
    assert "so that its NLL is not finite: mae." in " ".join(looked_paragraphs(by_nll))
    for one in (by_accuracy, by_nll):
        text = plain(looked_tables(one))
        assert "not finite" in text
        assert "nan" not in text + json.dumps(looked_json(one), allow_nan=False)


def test_an_interval_leaves_0_out_where_and_only_where_its_verdict_says_so(tmp_path):
    made = make(tmp_path, {"ce": 1.2, "gce": 2.2, "lsr": 1.3, "mae": 1.6}, seeds=4, n=300)
    ends = []
    for n in (50, 75, 100, 150):
        one = looked(made, looks_at(made, n, sizes=by_doubt(made)))
        for claim in (*one.baseline_claims, *one.pair_claims):
            for reach, limits in claim.gap.ranges.items():
                assert (limits.shows() != 0) == (claim.findings[reach] in ("better", "worse"))
                ends += [limits.low, limits.high]
                assert (limits.shows() != 0) == (
                    "[+" in (text := range_text(limits, "accuracy")) or "[>" in text or ", -" in text or ", <" in text
                )
    assert any(0 < abs(end) < 1e-9 for end in ends)  # decided by a later step of Holm's: it ends at 0


def test_of_one_look_numbers_are_possible_ones_and_sentences_are_in_the_singular(tmp_path):
    made = make(tmp_path, {"ce": 1.2, "gce": 2.2}, n=60)
    one = looked(made, looks_at(made, 1, design=design_of(made, 36, 0, by_doubt(made))))
    text = plain(looked_tables(one)) + " ".join(looked_paragraphs(one))
    assert "what 1 looked-at label shows: " in text
    assert ", 1 looked-at label: " in text
    assert "Of the 1 given label that was looked at, " in text
    assert "[-0.00, " not in "".join(line for line in text.splitlines() if "%" in line)
    assert range_text(Range(-1e-17, 0.5), "accuracy", signed=False) == "[0.00, 50.00]"
    assert range_text(Range(-3.9, 4.1), "accuracy") == "[-100.00, +100.00]"
    assert range_text(Range(-1.9, 2.1), "signed_error") == "[-190.00, +200.00]"


def test_where_nothing_is_shown_no_loss_is_recommended_and_more_of_unclear_looks_are_not_advised(tmp_path):
    made = make(tmp_path, {"ce": 1.2, "gce": 1.3}, n=200)
    for unclear, step in (((), "Look at about"), (range(20), "Most of the looks give no single class")):
        text = " ".join(looked_paragraphs(looked(made, looks_at(made, 30, unclear=unclear))))
        assert "no difference is shown by accuracy, so that there is no reason yet to take another loss" in text
        assert "take plain cross-entropy. " not in text
        assert f"What to do next: {step}" in text


def test_labels_of_which_the_answers_do_not_tell_are_not_said_to_be_right(tmp_path):
    made = make(tmp_path, {"ce": 1.2, "gce": 1.3}, n=200)
    nobody = " ".join(looked_paragraphs(looked(made, looks_at(made, 30, unclear=range(30)))))
    assert "0 are not what people see, and of 30 the answers don't tell." in nobody
    assert (
        "is about 50.0 % [0.0, 100.0], half of those counted: the interval holds whichever of them are wrong." in nobody
    )
    everybody = " ".join(looked_paragraphs(looked(made, looks_at(made, 30))))
    assert "don't tell" not in everybody
    assert "half of those" not in everybody


def test_losses_that_answer_alike_are_equal_whatever_the_labels_are(tmp_path):
    made = make(tmp_path, {"ce": 1.2, "gce": 1.2}, n=200, alike=True)
    text = " ".join(looked_paragraphs(looked(made, looks_at(made, 30))))
    assert "equal whatever the labels are: gce" in text
    assert "tolerance" not in text
