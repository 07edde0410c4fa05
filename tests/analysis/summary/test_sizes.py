"""How many examples there are, which are too few, and whether an arm beats the majority class."""

from dataclasses import replace

import pytest
from scipy.stats import binomtest

from lsbench.analysis.summary import (
    majority_p,
    no_better,
    of_unbalanced,
    records,
    size_warnings,
    sizes_of,
    summarise,
    value_of,
)
from lsbench.data.parts import PARTS
from tests.analysis.summary.handmade import rows_of
from tests.in_turn import in_turn


def counts(train, test, classes=()):
    return {"classes": list(classes or map(str, range(len(test)))), "train": train, "held_out": test, "test": test}


def sizes(train, test, classes=()):
    return sizes_of(rows_of("ce", [0.9], parts={"data": counts(train, test, classes)}))


def rows_on(test, accuracies, recalls, loss="ce"):
    """Rows that get so much of all and of the majority class right."""
    rows = rows_of(loss, accuracies, parts={"data": counts(test, test)})
    return [replace(row, metrics={**row.metrics, "majority_recall": r}) for row, r in zip(rows, recalls, strict=True)]


def test_a_range_stands_for_what_differs_by_seed():
    rows = [row for n in (5, 7) for row in rows_of("ce", [0.9], parts={"data": counts([n, 12 - n], [4, 4])})]
    found = sizes_of(rows)
    assert (found.fewest["train"], found.most["train"], found.total["train"]) == ((5, 5), (7, 7), 12)
    assert set(found.total) == set(PARTS)


def test_how_many_there_are_of_a_part_is_a_number_of_the_row():
    row, old = rows_of("ce", [0.9], parts={"data": counts([5, 7], [4, 3])})[0], rows_of("ce", [0.9])[0]
    assert [value_of(row, f"examples.{part}") for part in PARTS] == [12, 7, 7]
    assert [records([of], wide=True)[0]["examples.test"] for of in (row, old)] == [7, None]


def test_rows_of_earlier_versions_tell_nothing():
    assert sizes_of(rows_of("ce", [0.9])) is None
    (summary,) = summarise(rows_of("ce", [0.9, 0.8]))
    assert (summary.sizes, summary.no_better) == (None, ())


@in_turn(
    ("train", "test", "said"),
    [
        ([980, 20], [300, 100], []),  # exactly 2 % are enough
        ([981, 19], [300, 100], ["few training examples of class 1 (19): fewer than 2 % of 1,000"]),
        ([500, 500], [31, 30], []),
        ([500, 500], [31, 29], ["few test examples of class 1 (29): fewer than 30"]),
        ([500, 500], [9965, 35], ["few test examples of class 1 (35): fewer than 2 % of 10,000"]),
        ([500, 500], [588, 0], ["few test examples of class 1 (0): fewer than 30 or fewer than 2 % of 588"]),
        ([500] * 100, [100] * 100, []),  # 1 % is an equal share of 100 classes
        ([500] * 99 + [240], [100] * 100, ["few training examples of class 99 (240): fewer than 0.5 % of 49,740"]),
        ([9] * 5, [9, 3, 8, 40, 7], ["few test examples of class 1 (3), 4 (7), 2 (8) and 1 more: fewer than 30"]),
    ],
)
def test_few_examples_of_a_class_are_named_with_the_bound(train, test, said):
    assert size_warnings(sizes(train, test)) == said


def test_classes_have_their_names():
    assert size_warnings(sizes([990, 10], [90, 90], ["cat", "dog"]))[0].startswith("few training examples of class dog")


@in_turn(("test", "unbalanced"), [([90, 30], False), ([91, 30], True), ([91, 0], True)])
def test_beyond_three_to_one_the_classes_are_unbalanced(test, unbalanced):
    found = sizes([1, 1], test)
    assert found.unbalanced is unbalanced
    assert of_unbalanced(found) == (("balanced_accuracy", "macro_f1") if unbalanced else ())


def test_the_test_against_the_majority_counts_the_errors_that_only_one_makes():
    """588 of 600 are of one class; the arm gets 3 of them wrong, and 9 of the other 12 right."""
    (arm,) = summarise(rows_on([588, 12], [(585 + 9) / 600], [585 / 588]))[0].arms
    found = sizes([588, 12], [588, 12])
    assert majority_p(arm, found) == pytest.approx(binomtest(9, 12, alternative="greater").pvalue)
    assert no_better([arm], found) == [arm]  # 99.0 % after 98.0 %, and p is 0.07


@in_turn(("right", "shown"), [(12, True), (9, True), (4, False), (0, False)])
def test_an_arm_is_shown_to_be_better_only_beyond_chance(right, shown):
    (summary,) = summarise(rows_on([588, 12], [(588 + right) / 600] * 3, [1.0] * 3))
    assert (summary.no_better == ()) is shown
    assert summary.sizes.majority_rate == 0.98


def test_a_row_without_the_accuracy_within_the_majority_class_is_not_judged():
    (summary,) = summarise(rows_of("ce", [0.5], parts={"data": counts([98, 2], [98, 2])}))
    assert summary.no_better == ()
