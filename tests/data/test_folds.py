import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lsbench.data.dataset import split_folds
from lsbench.data.folds import fold_sizes, incomplete_text, missing_seeds, never_held_out
from lsbench.errors import InputError
from lsbench.seeding import stream
from tests.simulations import tried


@st.composite
def divided(draw):
    """(examples, folds, the number of a round, the unit of each example or None)."""
    n = draw(st.integers(2, 60))
    units = draw(st.none() | st.lists(st.integers(0, draw(st.integers(0, n))), min_size=n, max_size=n))
    return n, draw(st.integers(2, n)), draw(st.integers(0, 10**6)), None if units is None else np.array(units)


@tried()
@given(divided())
def test_a_round_of_seeds_holds_out_every_example_once_and_parts_no_unit(case):
    n, folds, first, units = case
    parts = [split_folds(n, folds, first * folds + k, units=units) for k in range(folds)]
    assert torch.cat([held_out for _, held_out in parts]).sort().values.tolist() == list(range(n))
    for train, held_out in parts:
        assert sorted([*train.tolist(), *held_out.tolist()]) == list(range(n))
        assert units is None or not set(units[train.numpy()]) & set(units[held_out.numpy()])
    shared = [] if units is None else [count for count in np.bincount(units).tolist() if count > 1]
    assert [len(held_out) for _, held_out in parts] == fold_sizes(n, folds, shared)


def test_without_units_the_folds_are_those_of_array_split_of_the_rounds_permutation():
    order = torch.randperm(23, generator=stream(1, "folds")).numpy()
    for k, part in enumerate(np.array_split(order, 5)):
        assert split_folds(23, 5, 5 + k)[1].tolist() == part.tolist()


def test_a_smaller_training_set_is_the_start_of_the_whole_one_and_leaves_the_fold_alone():
    (whole, fold), (few, same_fold) = split_folds(100, 5, 7), split_folds(100, 5, 7, train_size=30)
    assert torch.equal(few, whole[:30])
    assert torch.equal(fold, same_fold)
    assert set(few.tolist()) != set(split_folds(100, 5, 6, train_size=30)[0].tolist())
    with pytest.raises(InputError, match="--train-size 81: there are 80 training examples"):
        split_folds(100, 5, 7, train_size=81)


def test_each_round_is_another_draw():
    assert split_folds(100, 5, 0)[1].tolist() != split_folds(100, 5, 5)[1].tolist()


def test_folds_of_units_differ_as_little_as_the_largest_one_lets_them():
    assert fold_sizes(100, 5, [2] * 30) == [20] * 5
    assert fold_sizes(100, 4, [70]) == [70, 10, 10, 10]


def test_what_no_seed_holds_out_is_exact_within_a_round_and_on_average_over_several():
    assert never_held_out(100, 5, dict.fromkeys(range(5), 20)) == (0, True)
    assert never_held_out(100, 5, {3: 20, **dict.fromkeys(range(5, 10), 20)}) == (0, True)
    assert never_held_out(103, 5, {0: 21, 4: 20}) == (62, True)
    held_out = {3: 400, 7: 400}
    union = set().union(*(split_folds(2000, 5, seed)[1].tolist() for seed in held_out))
    count, is_exact = never_held_out(2000, 5, held_out)
    assert not is_exact
    assert count == pytest.approx(2000 - len(union), rel=0.05)
    assert missing_seeds([3, 7, 8], 5) == (5, 6, 9)
    text = (
        "about 1,280 of 2,000 training examples are never held out; train seeds 0, 1, 2, 4, too, to hold out each once"
    )
    assert incomplete_text(2000, 5, held_out) == text
    assert "train seed 1, too" in incomplete_text(100, 2, {0: 50})
    assert incomplete_text(100, 5, dict.fromkeys(range(5), 20)) == ""
