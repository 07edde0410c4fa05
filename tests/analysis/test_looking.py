"""Which examples people are asked about, and what looked-at training labels say."""

import numpy as np
import pytest

from lsbench.analysis.looking.asking import labels_now, ranks_for_second, require_unchanged
from lsbench.analysis.looking.predicted import ArmPredictions, Predicted
from lsbench.analysis.looking.subject import choose, subjects_of
from lsbench.analysis.looking.training import (
    AT,
    believed,
    restricted,
    share_among,
    training_looks,
    training_sizes,
)
from lsbench.analysis.summary import Setting, arms_of
from lsbench.errors import InputError
from lsbench.noise.pooled import Pool
from lsbench.rows.looks import Verified
from lsbench.rows.row import Row
from lsbench.spec import Cell
from lsbench.statistics.looks import belief_of, make_design
from tests.in_turn import in_turn
from tests.rows.look_cases import a_design

N, K = 400, 3


def a_row(loss="ce", seed=0, dataset="./a.npz", fingerprint="f" * 16, finished="2026-01-01", **changed):
    cell = Cell(loss=loss, seed=seed, dataset=dataset, model="linear", fingerprint=fingerprint, **changed)
    metrics = {"accuracy": 0.5, "ece": 0.1}
    return Row(cell=cell, status="ok", metrics=metrics, provenance={"finished": finished})


def looked_at(design, right, n):
    """All answers right: `right` (N,) are the labels that people give to the first n of the order."""
    examples = design.order[:n]
    labels = right[examples]
    may_be = labels[:, None] == np.arange(design.num_classes)
    return Verified(design, examples, labels, may_be, np.zeros(n, bool), ("anna",), None, 0, 0, 0)


def made_design(seed, sizes=None, numbers=None):
    rng = np.random.default_rng(0)
    given = rng.integers(0, K, N)
    made = make_design(np.full(N, 1 / N) if sizes is None else sizes, seed)
    numbers = np.arange(N) if numbers is None else numbers
    return a_design(N, part="train", given=given, sizes=made.sizes, order=made.order, numbers=numbers, announced=(100,))


def test_an_effect_is_the_difference_of_two_arms_if_a_class_is_right():
    arms = arms_of([a_row(loss, seed) for loss in ("ce", "gce", "mae") for seed in (0, 1)])
    rng = np.random.default_rng(0)
    given = rng.integers(0, K, 30)
    probs = {arm.name: None if arm.name == "mae" else rng.dirichlet(np.ones(K), 30) for arm in arms}
    of_arm = [
        ArmPredictions(arm, {0: rng.integers(0, K, 30), 1: given * (arm.name == "mae")}, probs[arm.name])
        for arm in arms
    ]
    setting = Setting.of(arms[0].rows[0].cell)
    predicted = Predicted(given, K, {setting: of_arm}, np.full((30, K), 1 / K))
    by_name = {one.arm.name.split()[0]: one.by_seed for one in of_arm}
    pairs = [("gce", "ce"), ("mae", "ce"), ("gce", "mae")]  # mae leads by the given labels

    def brute_force(one, other):
        return [
            [np.mean([(by_name[one][s][i] == c) * 1 - (by_name[other][s][i] == c) for s in (0, 1)]) for c in range(K)]
            for i in range(30)
        ]

    effects = [effect.round(9).tolist() for effect in predicted.effects()]
    assert sorted(effects) == sorted(brute_force(*pair) for pair in pairs)
    assert [arm.name.split()[0] for arm in predicted.design_arms] == ["ce", "mae", "gce"]
    (brier,) = predicted.brier_effects()  # mae has no log-probs
    ce, gce = (one.probs for one in of_arm if one.probs is not None)
    assert np.array_equal(brier, -2 * (gce - ce))


def test_an_arm_alone_is_compared_with_nothing():
    (arm,) = arms_of([a_row()])
    guess = np.array([2, 0])
    arms = {Setting.of(arm.rows[0].cell): [ArmPredictions(arm, {0: guess}, None)]}
    predicted = Predicted(guess, K, arms, np.eye(3)[:2])
    assert [effect.tolist() for effect in predicted.effects()] == [[[0, 0, 1], [1, 0, 0]]]


def test_of_each_data_set_the_newest_version_is_looked_at():
    rows = [a_row(), a_row(fingerprint="e" * 16, finished="2026-02-01"), a_row(dataset="mnist")]
    assert [(one.dataset, one.fingerprint[0]) for one in subjects_of(rows, "test")] == [
        ("./a.npz", "e"),
        ("mnist", "f"),
    ]


@in_turn(
    "rows, asked, said",
    [
        ([], (None, None, "test"), "there is no row"),
        ([a_row(noise="symmetric", noise_rate=0.2)], (None, None, "train"), "without --noise"),
        ([a_row(), a_row(dataset="mnist")], (None, None, "test"), "say which with --dataset"),
        ([a_row(), a_row(dataset="mnist")], ("cifar", None, "test"), "not 'cifar'"),
        (
            [a_row(test_noise="symmetric", test_noise_rate=rate) for rate in (0.1, 0.2)],
            (None, None, "test"),
            "0.1, 0.2; add --test-noise",
        ),
    ],
)
def test_rows_of_which_nothing_or_too_much_is_meant_are_refused(rows, asked, said):
    with pytest.raises(InputError) as error:
        choose(subjects_of(rows, asked[2]), *asked)
    assert said in str(error.value)


def test_features_may_be_left_out_of_the_name():
    features = "./a.npz:features=torchvision:network=resnet18"
    subjects = subjects_of([a_row(dataset=features), a_row(dataset="mnist")], "test")
    assert choose(subjects, "./a.npz", None, "test").dataset == features


def test_a_list_is_looked_at_most_where_it_begins_and_every_example_has_a_chance():
    belief = np.full((N, K), 1 / K)
    sizes = training_sizes(belief, np.zeros(N, int), np.arange(N))
    assert sizes.sum() == pytest.approx(1)
    assert sizes.min() >= 0.2 / N
    looked = np.mean([(make_design(sizes, seed).order[:100] < 25).sum() for seed in range(50)])
    assert looked > 15  # of 25, where 6 would be by chance


def test_the_order_among_some_examples_is_a_design_of_its_own():
    design = made_design(0)
    inside = np.arange(N) % 3 == 0
    own = restricted(design, inside)
    numbers = np.flatnonzero(inside)
    assert numbers[own.order].tolist() == [i for i in design.order.tolist() if i % 3 == 0]
    assert own.sizes.sum() == pytest.approx(1)


def test_shares_among_examples_are_right_on_average_and_exact_once_all_were_looked_at():
    numbers = 7 + 3 * np.arange(N)
    given = made_design(0, numbers=numbers).given
    right = np.where(np.arange(N) % 4 == 0, (given + 1) % K, given)  # a quarter is wrong; of the first 100 too
    sizes = training_sizes(np.full((N, K), 1 / K), given, np.arange(N))
    shares = []
    for seed in range(40):
        looks = training_looks(looked_at(made_design(seed, sizes, numbers), right, 100), numbers)
        assert [m for m, _ in looks.precision] == [m for m in AT if m < N]
        shares.append([looks.noise, *(share for _, share in looks.precision)])
    means = np.array([[one.share for one in some] for some in shares]).mean(0)
    assert means == pytest.approx([0.25] * len(means), abs=0.06)
    covered = np.mean([[one.low <= 0.25 + 1e-9 and one.high >= 0.25 - 0.01 for one in some] for some in shares])
    assert covered >= 0.93
    everything = training_looks(looked_at(made_design(0, sizes, numbers), right, N), numbers).noise
    assert (everything.share, everything.low, everything.high, everything.looked) == (0.25, 0.25, 0.25, N)


def test_the_share_of_a_list_whose_labels_are_nearly_all_wrong_is_covered_and_never_above_1():
    rng = np.random.default_rng(0)
    given, numbers = made_design(0).given, np.arange(N)
    right = np.where(rng.random(N) < 0.97 - numbers / N, (given + 1) % K, given)
    probs = 0.2 + 0.4 * np.eye(K)[np.where(rng.random(N) < 0.8, right, given)]
    pool = Pool(numbers, given, probs, np.ones(N), numbers)
    sizes = training_sizes(belief_of(probs, given), given, numbers)
    shares = {m: [] for m in (25, 100, N)}
    for seed in range(20):
        verified = looked_at(made_design(seed, sizes), right, 100)
        for m, made in shares.items():
            made.append(share_among(verified, numbers[:m], believed(verified, pool)))
    for m, made in shares.items():
        true = (right != given)[:m].mean()
        assert all(0 <= one.low <= one.share <= one.high <= 1 for one in made)
        assert np.mean([one.low <= true <= one.high for one in made]) >= 0.93
        assert all(one.low < one.high for one in made)
        assert np.mean([one.share for one in made]) == pytest.approx(true, abs=0.05)


def test_labels_that_can_not_be_told_are_taken_at_their_worst():
    design = made_design(0)
    verified = looked_at(design, design.given, N)
    verified.may_be[:40] = True
    share = share_among(verified, design.numbers)
    assert (share.low, share.high) == pytest.approx((0, 40 / N))


def test_of_few_looks_the_share_lies_within_what_was_seen():
    is_small = np.arange(N) % 10 > 0
    design = made_design(0, np.where(is_small, 0.05, 9.5) / N)
    n = int(is_small[design.order].argmax()) + 1  # one of a small size, the last, and it alone is right
    verified = looked_at(design, np.where(is_small, design.given, (design.given + 1) % 3), n)
    assert n > 3
    assert 0 < share_among(verified, design.numbers).share < 1


def test_examples_of_which_none_was_looked_at_have_no_share():
    design = made_design(0)
    assert share_among(looked_at(design, design.given, 50), design.numbers[design.order[60:70]]) is None


def test_a_second_person_gets_a_random_share_and_all_changed_labels():
    design = made_design(1)
    right = np.where(np.arange(N) % 10 == 0, (design.given + 1) % K, design.given)
    verified = looked_at(design, right, 100)
    ranks = ranks_for_second(verified, 0.2)
    changed = set(np.flatnonzero(verified.changed))
    assert changed <= set(ranks)
    assert 20 <= len(ranks) <= 20 + len(changed)
    assert ranks == ranks_for_second(verified, 0.2)
    assert len(ranks_for_second(verified, 1.0)) == 100


def test_data_that_were_python_objects_say_what_to_do():
    with pytest.raises(InputError, match="write them to a file"):
        labels_now("python:given", "test", None)


def test_data_that_changed_since_are_refused():
    design = a_design()
    require_unchanged(design, design.given, design.classes)
    other = (design.given + 1) % 3
    for labels, classes in (
        (other, design.classes),
        (design.given[:5], design.classes),
        (design.given, ("a", "b", "c")),
    ):
        with pytest.raises(InputError, match="is not what it was"):
            require_unchanged(design, labels, classes)
