import numpy as np
import pytest
from scipy import stats

from lsbench.errors import InputError
from lsbench.statistics import pairs_of, variance_of_examples, with_examples
from lsbench.statistics.pairs import with_excess
from tests.simulations import simulation


def of(*arms):
    return pairs_of({i: dict(enumerate(values)) for i, values in enumerate(arms)})


def test_each_pair_is_tested_by_student_over_the_seeds_that_it_shares():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=9), rng.normal(0.4, size=6)
    pairs = pairs_of({"a": dict(enumerate(a)), "b": dict(zip(range(3, 9), b, strict=True)), "c": {100: 1.0}})
    expected = stats.ttest_rel(a[3:], b)
    low, high = pairs.bounds(0.1)
    assert pairs.n.tolist() == [[9, 6, 0], [6, 6, 0], [0, 0, 1]]
    assert pairs.mean[0, 1] == pytest.approx((a[3:] - b).mean())
    assert pairs.p_beyond()[0, 1] == pytest.approx(expected.pvalue)
    asked = np.eye(3, k=1, dtype=bool)
    assert pairs.p_beyond(0.1, asked)[0, 1] == pairs.p_beyond(0.1)[0, 1]
    assert np.isnan(pairs.p_beyond(0.1, asked)[1, 0])
    assert (low[0, 1], high[0, 1]) == pytest.approx(tuple(expected.confidence_interval(0.9)))
    assert np.isnan([pairs.mean[0, 2], pairs.p_beyond()[0, 2], low[0, 2]]).all()


def test_a_difference_is_tested_against_the_tolerance_not_against_0():
    rng = np.random.default_rng(1)
    a = rng.normal(1, size=8)
    pairs = of(a, np.zeros(8))
    beyond = stats.ttest_1samp(a, 0.5, alternative="greater").pvalue
    assert pairs.p_beyond(0.5)[0, 1] == pytest.approx(2 * beyond)
    assert pairs.p_beyond(a.mean())[0, 1] > 0.5
    assert pairs.p_beyond(1e9)[0, 1] == 1


def test_equal_differences_have_no_spread_and_decide_by_their_number():
    pairs = of([0.2] * 5, [0.1] * 5, [0.1] * 5)
    assert pairs.p_beyond()[0, 1] == 2**-4
    assert pairs.p_beyond(0.1001)[0, 1] == 1
    assert pairs.p_beyond()[1, 2] == 1
    assert np.isnan(pairs.bounds(0.05)[0][0, 1])
    assert pairs.bounds(0.07)[0][0, 1] == pytest.approx(0.1)
    assert pairs.bounds(0.05)[0][1, 2] == 0


def test_rounding_alone_is_no_difference():
    pairs = of([0.2, 0.3], [0.2 * (1 + 1e-8), 0.3])
    assert pairs.mean[0, 1] == 0
    assert pairs.p_beyond()[0, 1] == 1


def test_one_shared_seed_tells_nothing():
    pairs = of([0.2], [0.1])
    assert np.isnan([pairs.p_beyond()[0, 1], pairs.bounds(0.05)[0][0, 1]]).all()


def test_none_and_nan_are_missing_and_what_is_infinite_is_refused():
    assert of([0.1, np.nan, 0.3], [0.1, 0.2, None]).n.tolist() == [[2, 1], [1, 2]]
    with pytest.raises(InputError, match="None says that it is missing"):
        of([0.1, np.inf])


def test_pairs_among_some_arms_are_those_of_these_arms_alone():
    a, b, c = np.random.default_rng(5).normal(size=(3, 4))
    some, alone = of(a, b, c).among({0, 2}), pairs_of({0: dict(enumerate(a)), 2: dict(enumerate(c))})
    assert some.arms == alone.arms
    assert np.array_equal(some.p_beyond(), alone.p_beyond())


def test_a_difference_is_shown_beyond_the_tolerance_exactly_where_its_interval_lies_there():
    rng = np.random.default_rng(6)
    pairs = of(*rng.normal(size=(12, 5)) + rng.normal(0, 1, (12, 1)))
    for alpha in (0.3, 0.05):
        low, high = pairs.bounds(alpha)
        upper = np.triu_indices(12, 1)
        beyond = (low > 0.4) | (high < -0.4)
        assert 0 < beyond[upper].sum() < 66
        assert np.array_equal(beyond[upper], (pairs.p_beyond(0.4) < alpha)[upper])


def test_no_arms_are_no_pairs():
    assert pairs_of({}).mean.shape == (0, 0)
    assert pairs_of({"a": {}}).n.tolist() == [[0]]


def examples_of(rng, seeds, examples, by_seed, by_example, rest, arms=2):
    return (
        rng.normal(0, by_seed**0.5, (arms, seeds, 1))
        + rng.normal(0, by_example**0.5, (arms, 1, examples))
        + rng.normal(0, rest**0.5, (arms, seeds, examples))
    )


def pairs_over_examples(values):
    pairs = of(*values.mean(-1))
    return with_examples(pairs, {i: dict(enumerate(of_arm)) for i, of_arm in enumerate(values)})


def test_the_variance_from_examples_is_unbiased():
    rng = np.random.default_rng(2)
    known = [variance_of_examples(np.subtract(*examples_of(rng, 4, 50, 0.5, 1, 0.3))) for _ in range(400)]
    assert np.mean(known) == pytest.approx(2 / 50, rel=0.05)  # of two arms' examples
    with pytest.raises(InputError, match="seeds >= 2"):
        variance_of_examples([[1.0, 2.0]])


def test_examples_that_all_seeds_share_widen_the_interval_and_p_agrees_with_it():
    values = examples_of(np.random.default_rng(3), 5, 300, 0.001, 1, 0.1)
    over_seeds, over_both = of(*values.mean(-1)), pairs_over_examples(values)
    p = over_both.p_beyond()[0, 1]
    assert over_both.on == "new examples"
    assert np.diff(over_both.bounds(0.05), axis=0)[0, 0, 1] > np.diff(over_seeds.bounds(0.05), axis=0)[0, 0, 1]
    assert np.abs(over_both.bounds(p)).min(0)[0, 1] < 0.02 * np.abs(over_both.mean[0, 1])


def test_without_a_part_of_the_examples_the_test_is_students():
    values = np.random.default_rng(4).normal(size=(3, 6, 1)).repeat(20, 2)
    assert np.allclose(pairs_over_examples(values).p_beyond(0.1), of(*values[..., 0]).p_beyond(0.1), rtol=1e-6)


def test_examples_must_be_the_same_ones():
    pairs = of([0.1, 0.2], [0.2, 0.2])
    with pytest.raises(InputError, match="same test examples"):
        with_examples(pairs, {0: {0: np.ones(3), 1: np.ones(3)}, 1: {0: np.ones(3), 1: np.ones(4)}})


@pytest.mark.parametrize("seeds", [3, 5, 10])
@pytest.mark.parametrize("parts", [(1, 0, 1), (0, 1, 0.01), (1, 0.01, 0.1), (1, 1, 1)], ids=str)
@simulation(short=400, long=20_000)
def test_intervals_hold_for_new_seeds_and_new_examples(trials, seeds, parts):
    rng, held, examples = np.random.default_rng(seeds), 0, 200
    by_seed, by_example, rest = parts
    for _ in range(trials):
        low, high = pairs_over_examples(examples_of(rng, seeds, examples, by_seed / examples, by_example, rest)).bounds(
            0.05
        )
        held += low[0, 1] <= 0 <= high[0, 1]
    assert held / trials > 0.95 - 3.5 * (0.95 * 0.05 / trials) ** 0.5


def test_what_an_arm_may_be_too_high_widens_its_intervals_on_that_side_alone():
    pairs = of([0.10, 0.12, 0.11], [0.30, 0.33, 0.31])
    wide = with_excess(pairs, {pairs.arms[1]: 0.1})
    low, high = pairs.bounds(0.05)
    assert wide.bounds(0.05)[0][1, 0] == pytest.approx(low[1, 0] - 0.1)
    assert wide.bounds(0.05)[1][1, 0] == pytest.approx(high[1, 0])
    assert wide.bounds(0.05)[1][0, 1] == pytest.approx(high[0, 1] + 0.1)
    assert wide.p_beyond()[1, 0] == pytest.approx(pairs.p_beyond(0.1)[1, 0])
    assert wide.among(pairs.arms[1:]).excess.tolist() == [0.1]
    assert with_excess(pairs, {pairs.arms[1]: 0.25}).p_beyond()[0, 1] == 1
