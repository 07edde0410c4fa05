"""Own data is cut into folds unless something else is asked for."""

from dataclasses import replace

import numpy as np
import pytest

from lsbench.data.describe import describe
from lsbench.errors import InputError
from lsbench.planning import plan
from lsbench.planning.holding_out import examples_left
from lsbench.planning.stacks import make_stacks
from lsbench.planning.study import grid_of, study_of
from lsbench.spec import Grid

OWN = Grid(datasets=("./mine.npz",), models=("linear",), losses=("ce", "lsr"))
N = 43


def save(path, n=N, val=0, repeats=0):
    draws = np.random.default_rng(0)
    images = draws.integers(0, 255, (n, 8, 8), np.uint8)
    images[n - repeats :] = images[0]
    x, y = {"train": images, "test": images[:10]}, {"train": np.arange(n) % 2, "test": np.arange(10) % 2}
    if val:
        x["val"], y["val"] = images[:val], np.arange(val) % 2
    np.savez(path, **{f"x_{p}": a for p, a in x.items()}, **{f"y_{p}": a for p, a in y.items()})


@pytest.fixture
def mine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save("mine.npz")


def held_out(grid):
    return {(cell.folds, cell.val) for cell in plan.expand(grid)}


def test_own_data_has_5_folds_and_a_share_where_that_is_asked_for(mine):
    assert held_out(OWN) == {(5, 0.0)}
    assert held_out(replace(OWN, val=0.2)) == {(None, 0.2)}
    assert held_out(replace(OWN, folds=3)) == {(3, 0.0)}
    assert held_out(replace(OWN, datasets=("blobs",))) == {(None, 0.1)}
    assert held_out(replace(OWN, datasets=("blobs",), folds=3)) == {(3, 0.0)}


def test_validation_examples_of_its_own_leave_no_folds(mine):
    save("mine.npz", val=7)
    assert held_out(OWN) == held_out(replace(OWN, folds=3)) == {(None, 0.1)}


def test_with_val_an_id_is_that_of_version_0_2_0_and_folds_are_another_cell(mine):
    old, new = plan.expand(replace(OWN, val=0.1))[0], plan.expand(OWN)[0]
    assert old.id == replace(new, folds=None, val=0.1).id != new.id


def test_a_stack_holds_folds_of_one_size(mine):
    stacks = make_stacks(plan.expand(replace(OWN, losses=("ce", "lsr"), seeds=(0, 1, 3, 4, 6))))  # 9, 9, 8, 8 and 9
    assert [[cell.seed for cell in stack] for stack in stacks] == [[3, 3, 4, 4], [0, 0, 1, 1, 6, 6]]


def test_what_is_trained_on_is_counted_fold_by_fold(mine):
    data = describe("./mine.npz")
    assert [examples_left(data, cell) for cell in plan.expand(replace(OWN, losses=("ce",)))] == [34, 34, 34, 35, 35]
    paired = replace(OWN, models=("cnn8",), recipe={"batch_size": 17})
    with pytest.raises(InputError, match="35 training examples in batches of 17 leave one over"):
        plan.expand(paired)
    assert plan.expand(replace(paired, seeds=(0, 1, 2)))
    with pytest.raises(InputError, match=r"--train-size 35: .* has 34 training examples left"):
        plan.expand(replace(OWN, train_size=35))


def test_fewer_different_examples_than_folds_are_a_sentence(mine):
    with pytest.raises(InputError, match=r"has 43 training examples, which can't be cut into 44 folds; try --folds 43"):
        plan.expand(replace(OWN, folds=44))
    save("mine.npz", repeats=40)
    with pytest.raises(InputError, match=r"has 3 different training examples, .* 5 folds; try --folds 3, or --val 0.1"):
        plan.expand(OWN)
    save("mine.npz", repeats=N)
    with pytest.raises(InputError, match="all training images are the same"):
        plan.expand(OWN)


def test_val_and_folds_together_are_refused():
    with pytest.raises(InputError, match="leave out one"):
        Grid(val=0.1, folds=5)
    for folds in (1, 2.5, 10**7):
        with pytest.raises(InputError, match="folds must be"):
            Grid(folds=folds)


def test_a_study_says_what_is_held_out_even_where_that_is_the_default():
    asked = (
        (Grid(), {"val": 0.1}),
        (OWN, {"folds": 5}),
        (replace(OWN, val=0.0), {"val": 0.0}),
        (replace(OWN, folds=4), {"folds": 4}),
        (replace(OWN, datasets=("./mine.npz", "blobs")), {}),
    )
    for grid, expected in asked:
        study = study_of(grid)
        assert {name: study[name] for name in ("val", "folds") if name in study} == expected
        again = grid_of(study)
        assert (again.val, again.folds) == (expected.get("val"), expected.get("folds"))
