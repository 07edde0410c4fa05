"""Which examples are for testing, where nobody has said so."""

import hashlib

import numpy as np
import pytest

from lsbench.data.division import divide
from lsbench.data.division_options import Division, division_options
from lsbench.errors import InputError


def drawn(seed, n=200, classes=3):
    draws = np.random.default_rng(seed)
    return draws.integers(0, classes, n), [f"{i:03d}.png" for i in draws.permutation(n)], draws


def ranked(split, names):
    return sorted(names, key=lambda name: hashlib.sha256(f"lsbench/{split}/{name}".encode()).digest())


def in_0_2_0(labels, names, share, split):
    """The division of a folder without groups, as version 0.2.0 has it."""
    place, chosen = {name: i for i, name in enumerate(names)}, []
    for label in np.unique(labels):
        of_class = [place[name] for name in ranked(split, names) if labels[place[name]] == label]
        chosen += of_class[: min(len(of_class) - 1, max(1, round(share * len(of_class))))]
    return sorted(chosen)


def by_groups_in_0_2_0(labels, groups, share, split):
    """That of a folder with groups."""
    names, number = np.unique(groups, return_inverse=True)
    counts = np.zeros((len(names), labels.max() + 1), np.int64)
    np.add.at(counts, (number, labels), 1)
    order = [names.tolist().index(name) for name in ranked(split, names.tolist())]
    chosen, total = [], counts.sum(0)
    for label, target in enumerate(np.maximum(1, np.rint(share * total))):
        for group in order:
            have, more = counts[chosen, label].sum(), counts[group, label]
            is_nearer = have == 0 or have + more - target <= target - have
            leaves_some = (counts[chosen].sum(0) + counts[group] < total).all()
            if have < target and more and group not in chosen and is_nearer and leaves_some:
                chosen.append(group)
    return np.flatnonzero(np.isin(number, chosen)).tolist()


def test_folders_are_divided_as_version_0_2_0_divides_them():
    for seed, (n, share) in enumerate([(200, 0.2), (50, 0.5), (7, 0.2), (31, 0.9), (40, 0.25), (90, 0.001)]):
        labels, names, draws = drawn(seed, n)
        assert divide(labels, share, seed, names=names)[1].tolist() == in_0_2_0(labels, names, share, seed)
        for count in (4, 15, 40):
            groups = np.array([f"person {g}" for g in draws.integers(0, count, n)])
            assert divide(labels, share, seed, groups)[1].tolist() == by_groups_in_0_2_0(labels, groups, share, seed)


def test_every_example_is_on_one_side_and_of_each_class_the_share_is_for_testing():
    labels, _, _ = drawn(1, 1000, 4)
    train, test = divide(labels, 0.3)
    assert sorted([*train.tolist(), *test.tolist()]) == list(range(1000))
    assert np.bincount(labels[test]).tolist() == np.rint(0.3 * np.bincount(labels)).tolist()
    named = divide(np.array(list("abcd"))[labels], 0.3)
    assert all(np.array_equal(a, b) for a, b in zip(named, (train, test), strict=True))
    assert not np.array_equal(divide(labels, 0.3, 1)[1], test)


def test_examples_that_are_alike_stay_on_one_side_and_the_share_is_kept():
    labels, names, draws = drawn(2, 600)
    alike = np.arange(600)
    alike[draws.permutation(600)[:300]] = draws.integers(0, 40, 300)  # chains, and pairs of two classes
    train, test = divide(labels, 0.2, alike=alike, names=names)
    is_test = np.isin(np.arange(600), test)
    assert (is_test == is_test[alike]).all()
    assert 0.15 < len(test) / 600 < 0.25
    assert len(train) + len(test) == 600


def test_alike_examples_of_two_groups_make_them_one():
    labels, groups = np.arange(40) % 2, np.array([f"{i // 4}" for i in range(40)])
    alike = np.arange(40)
    alike[[8, 12]] = [0, 8]  # groups 0, 2 and 3
    for split in range(6):
        test = divide(labels, 0.3, split, groups, alike)[1]
        assert len({"0", "2", "3"} & set(groups[test])) in (0, 3)


def test_an_example_that_is_added_later_moves_few_others():
    labels, names, _ = drawn(3)
    test = {names[i] for i in divide(labels, names=names)[1]}
    more = divide([*labels, 0], names=[*names, "new.png"])[1]
    assert len({[*names, "new.png"][i] for i in more} ^ test) <= 2


def test_a_class_of_one_example_keeps_it_for_training_and_groups_that_hold_a_class_are_an_error():
    assert divide([0, 0, 0, 1])[1].tolist() in ([0], [1], [2])
    with pytest.raises(InputError, match="no group can be for testing: each of the 2 holds all examples of a class"):
        divide([0, 0, 1, 1], groups=np.array(["a", "a", "b", "b"]))
    with pytest.raises(InputError, match=r"the only one holds all .* share an equal example are one"):
        divide([0, 1, 0, 1], groups=np.array(["a", "a", "b", "b"]), alike=np.array([0, 1, 0, 3]))


def test_the_options_of_a_division_are_a_share_and_a_number():
    assert division_options({}) is None
    assert division_options({"split": 3}) == Division(0.2, 3)
    for options, message in (
        ({"test": 1.5}, r"test must be a finite number in \[0.001, 0.9\], got 1.5"),
        ({"test": "half"}, "test must be a number"),
        ({"split": 0.5}, "split must be a whole number"),
    ):
        with pytest.raises(InputError, match=message):
            division_options(options)
