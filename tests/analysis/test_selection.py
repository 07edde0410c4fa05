import pytest

from lsbench.analysis.selection import HONEST, RULES, SelectionRule, best_epoch, read_rule
from lsbench.analysis.summary import summarise, value_of
from lsbench.names.catalogue import METRICS
from lsbench.report.selection_table import selection_table
from tests.analysis.summary.handmade import curves_of, rows_of
from tests.in_turn import in_turn

CURVES = {
    **{f"val_{name}": [0.2, 0.4, 0.3, 0.1] for name, metric in METRICS.items() if metric.each_epoch},
    "accuracy": [0.5, 0.9, 0.7, 0.6],
    "ece": [0.4, 0.3, 0.2, 0.1],
    "val_accuracy": [0.3, 0.4, 0.5, 0.5],
    "val_nll": [0.9, 0.7, 0.8, 1.0],
    "val_clean_accuracy": [0.8, 0.7, 0.7, 0.7],
}


@in_turn(
    ("rule", "accuracy", "ece"),
    [
        ("last", 0.6, 0.1),
        ("mean-last", 0.675, 0.25),  # fewer than five epochs: all of them
        ("mean-last:2", 0.65, 0.15),
        ("val-accuracy", 0.7, 0.2),  # the first of equals
        ("val-nll", 0.9, 0.3),
        ("val-clean", 0.5, 0.4),
        ("best-test", 0.9, 0.3),
    ],
)
def test_each_rule_reads_the_test_curves_at_its_epoch(rule, accuracy, ece):
    assert read_rule(rule, CURVES, "accuracy") == pytest.approx(accuracy)
    assert read_rule(rule, CURVES, "ece") == pytest.approx(ece)


def test_only_the_best_test_epoch_is_dishonest():
    assert set(RULES) - set(HONEST) == {"best-test"}


def test_honest_rules_do_not_look_at_the_test_labels():
    """The epoch a rule picks must not move when the test curves do."""
    other = {**CURVES, "accuracy": [0.1, 0.2, 0.99, 0.3], "ece": [1.0, 2.0, 3.0, 4.0]}
    for rule in set(HONEST) - {"mean-last"}:
        picked = CURVES["ece"].index(read_rule(rule, CURVES, "ece"))
        assert other["ece"].index(read_rule(rule, other, "ece")) == picked


@pytest.mark.parametrize("curves", [{}, {"accuracy": []}, {"accuracy": [0.5], "val_accuracy": [None]}])
def test_what_a_rule_needs_and_does_not_find_gives_none(curves):
    for rule in set(RULES) - {"last", "mean-last", "best-test"}:
        assert read_rule(rule, curves, "accuracy") is None


def test_a_value_that_is_not_a_number_is_never_averaged_away():
    assert read_rule("mean-last", {"accuracy": [0.5, None, 0.7]}, "accuracy") is None
    assert best_epoch([0.5, None], highest=True) is None
    assert best_epoch([], highest=True) is None


def test_above_a_column_stands_over_how_many_epochs_is_averaged_not_over_how_many_it_would_be():
    def heading(epochs):
        rows = rows_of("ce", [0.9, 0.9], **curves_of(accuracy=[0.5] * epochs, ece=[0.1] * epochs))
        return selection_table(summarise(rows)[0]).header[4]

    assert [heading(epochs) for epochs in (2, 7)] == ["accuracy %: mean of last 2", "accuracy %: mean of last 5"]


def test_a_new_rule_costs_one_entry_of_the_table(monkeypatch):
    first = SelectionRule("first epoch", "", lambda curves, metric, _k: curves[metric][0])
    monkeypatch.setitem(RULES, "first", first)
    rows = rows_of("ce", [0.9, 0.9], **curves_of(accuracy=[0.25, 0.9], ece=[0.5, 0.1]))
    assert value_of(rows[0], "first.accuracy") == 0.25
    (summary,) = summarise(rows)
    table = selection_table(summary)
    assert table.lines[0][table.header.index("accuracy %: first epoch")].text == "25.00 ± 0.00"
