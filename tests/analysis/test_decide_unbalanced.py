"""A verdict on unbalanced classes: the majority's rate is no achievement, and every class can count the same."""

from dataclasses import replace

import pytest

from lsbench.analysis.criteria import CRITERIA, criterion_of, full_name, options_of, require_criterion
from lsbench.analysis.decide import decide, metric_of
from lsbench.analysis.looked.metrics import BY_LABEL
from lsbench.cli.decide import BY_HELP
from lsbench.names.catalogue import METRICS
from lsbench.report.contradicted import noise_tables
from lsbench.report.decision import as_json, decision_table, evidence, paragraph
from tests.analysis.summary.handmade import rows_of

ALWAYS = "always answering the majority class (cat: 98.00 % of the test set)"


def rows(loss, accuracies, balanced, recall, test=(588, 12)):
    data = {"classes": ["cat", "dog"], "train": [2352, 148], "held_out": [98, 2], "test": list(test)}
    own = {"balanced_accuracy": balanced, "macro_f1": 0.5, "majority_recall": recall}
    return [
        replace(row, data=data, metrics={**row.metrics, **own, "balanced_accuracy": balanced + i * balanced / 1e3})
        for i, row in enumerate(rows_of(loss, accuracies))
    ]


def skewed():
    """ce answers always the same; gce finds 11 of the 12 dogs and takes 8 cats for dogs."""
    return [
        *rows("ce", [0.98, 0.9801, 0.9799], 0.5, 1.0),
        *rows("gce", [(580 + 11) / 600, 0.9849, 0.9851], 0.95, 580 / 588),
        *rows("mae", [(588 + 11) / 600] * 3, 0.96, 1.0),
    ]


def test_who_is_not_shown_to_beat_the_majority_rate_is_named_in_words_table_and_json():
    (verdict,) = decide(skewed())
    said = f"ot shown to be more accurate than {ALWAYS}: ce, gce"  # gce: 11 errors less and 8 more, p = 0.32
    assert f"N{said}." in evidence(verdict)
    assert decision_table(verdict).above[-1] == f"warning: n{said}"
    told = as_json(verdict)
    assert told["examples"]["majority"] == {"class": "cat", "rate": 0.98}
    p = {arm["loss"]: arm["p_against_majority"] for arm in told["arms"]}
    assert p["mae"] < 0.001 < 0.05 < p["gce"] < p["ce"]


def test_who_has_the_majority_rate_is_not_called_equal_to_the_leader():
    (verdict,) = decide([*rows("ce", [0.98] * 3, 0.5, 1.0), *rows("mae", [0.98] * 3, 0.5, 1.0)])
    assert "equal" not in evidence(verdict)
    assert "jointly" not in evidence(verdict)  # nothing is listed after it
    assert ": ." not in evidence(verdict)
    table = decision_table(verdict)
    assert [line[table.header.index("against ce")].text for line in table.lines] == ["–", "majority rate"]


def test_by_balanced_accuracy_every_class_counts_the_same():
    (verdict,) = decide(skewed(), by="balanced-accuracy")
    assert "take mae. It is shown to be better by accuracy averaged over the classes" in paragraph(verdict)
    assert "mae: balanced accuracy 96.10 ± 0.10 %" in evidence(verdict)
    assert "more accurate" not in evidence(verdict)
    assert "Δ balanced accuracy to ce [joint 95 %]" in decision_table(verdict).header


def test_where_classes_are_balanced_it_is_not_shown_beside_accuracy():
    balanced = [*rows("ce", [0.9, 0.91], 0.9, 0.9, (300, 300)), *rows("mae", [0.8, 0.82], 0.8, 0.8, (300, 300))]
    (verdict,) = decide(balanced)
    assert "balanced" not in paragraph(verdict) + evidence(verdict)
    assert "balanced accuracy %" not in decision_table(verdict).header
    (asked,) = decide(balanced, by="balanced-accuracy")
    assert "balanced accuracy %" in decision_table(asked).header


def test_on_unbalanced_classes_it_is_among_what_a_choice_may_cost():
    told = {one.criterion for one in decide(skewed())[0].elsewhere}
    assert "balanced-accuracy" in told


@pytest.mark.parametrize("criterion", CRITERIA)
def test_a_temperature_changes_what_it_moves_and_nothing_else(criterion):
    name = CRITERIA[criterion].metric
    assert metric_of(criterion, "noisy") == (f"noisy.{name}" if METRICS[name].moved else name)
    assert METRICS[name].moved is ("accuracy" not in name)


def test_every_criterion_can_be_asked_for_and_has_words():
    for name in CRITERIA:
        require_criterion(name)
        assert name in BY_HELP
        assert criterion_of(name) is CRITERIA[name]
        assert full_name(CRITERIA[name].metric) == name


def test_what_looks_tell_of_losses_is_what_looks_can_decide_by():
    deciding = {one.metric for one in CRITERIA.values() if one.metric in BY_LABEL}
    assert deciding == set(BY_LABEL)
    assert options_of(BY_LABEL) == "--by accuracy, --by nll, --by brier, --by calibration"


def test_the_noise_matrix_has_the_names_of_the_classes():
    guess = {"rate": 0.1, "matrix": [[0.9, 0.1], [0.2, 0.8]], "count": 9000}
    told = [replace(row, noise_estimate=guess, metrics={**row.metrics, "val_accuracy": 0.999}) for row in skewed()]
    (verdict,) = decide(told, unknown_noise=True)
    (table,) = noise_tables(verdict)
    assert table.header == ("believed", "cat", "dog")
    assert [line[0].text for line in table.lines] == ["cat", "dog"]
