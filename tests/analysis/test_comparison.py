"""The lines of a comparison: each value stands in a column of its own."""

from dataclasses import replace

from lsbench.analysis.comparison import lines_of
from tests.analysis.summary.handmade import rows_of

PRUNE = (("by", "rate"), ("first", "ce"), ("folds", 2.0), ("loss", "ce"))


def test_a_hyperparameter_never_stands_in_the_column_of_something_else():
    rows = [*rows_of("ce", [0.9, 0.8]), *with_hyper("prune", PRUNE), *with_hyper("my", (("n", 3.0), ("nll", 4.0)))]
    _, prune, mine = lines_of(rows, [])
    assert (prune["loss"], prune["prune.loss"], prune["first"], prune["n"]) == ("prune", "ce", "ce", 2)
    assert (mine["n"], mine["my.n"], mine["nll"], mine["my.nll"]) == (2, 3.0, 1.0, 4.0)


def test_an_arm_that_is_handed_the_true_noise_matrix_is_told_from_one_that_estimates_it():
    known, estimated = lines_of(
        [*rows_of("forward", [0.9, 0.8]), *with_hyper("forward", (("matrix", "estimated"),))], []
    )
    assert (known["matrix"], estimated["matrix"]) == ("known", "estimated")


def with_hyper(loss, hyper):
    return [replace(row, cell=replace(row.cell, hyper=hyper)) for row in rows_of(loss, [0.91, 0.82])]
