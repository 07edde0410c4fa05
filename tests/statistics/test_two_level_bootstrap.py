import numpy as np
import pytest
from scipy import stats

from lsbench.errors import InputError
from lsbench.statistics import paired_difference, resampling, two_level_bootstrap, wilson_interval
from tests.cpu_time import cpu_time
from tests.simulations import simulation


def crossed(rng, seeds, examples, *, by_seed, by_example, rest):
    """Two arms without a true difference, of which seeds, examples and both together make one."""
    d = by_seed * rng.normal(size=(seeds, 1)) + by_example * rng.normal(size=examples)
    d = d + rest * rng.normal(size=(seeds, examples))
    a = rng.normal(size=(seeds, examples))
    return a + d, a


@pytest.mark.parametrize(
    ("by_seed", "by_example", "rest"),
    [(1, 0, 0.1), (0, 20, 0.1), (0, 0, 10), (1, 22, 0.1), (1, 10, 10)],
    ids=["seeds only", "examples only", "rest only", "seeds and examples alike", "all three"],
)
@simulation(short=120, long=5000)
def test_nominal_95_percent_intervals_of_five_seeds_cover_95_percent(trials, by_seed, by_example, rest):
    rng, covered = np.random.default_rng(0), 0
    for _ in range(trials):
        arms = crossed(rng, 5, 500, by_seed=by_seed, by_example=by_example, rest=rest)
        found = two_level_bootstrap(*arms, draws=1000)
        covered += found.low <= 0 <= found.high
    low, high = wilson_interval(covered, trials)
    assert low < 0.97
    assert high > 0.94


@simulation(short=250, long=5000)
def test_it_covers_for_right_and_wrong_answers_too(trials):
    rng, covered = np.random.default_rng(1), 0
    for _ in range(trials):
        easy = 3 + 2 * rng.normal(size=300)
        skill = 0.3 * rng.normal(size=(2, 5, 1))
        right = easy + skill + rng.normal(size=(2, 5, 300)) > 0
        found = two_level_bootstrap(*right, draws=1000)
        covered += found.low <= 0 <= found.high
    low, high = wilson_interval(covered, trials)
    assert low < 0.98
    assert high > 0.94


def test_where_examples_add_nothing_the_interval_is_students():
    d = np.repeat(np.random.default_rng(0).normal(size=(5, 1)), 50, axis=1)
    expected = paired_difference(d[:, 0], np.zeros(5))
    found = two_level_bootstrap(d, np.zeros((5, 50)))
    assert (found.mean, found.low, found.high) == pytest.approx((expected.mean, expected.low, expected.high), rel=1e-3)
    assert found.n == 5


@pytest.mark.simulation
def test_where_seeds_add_nothing_the_interval_is_that_of_resampled_examples():
    d = np.tile(np.random.default_rng(0).exponential(size=200), (5, 1))
    found = two_level_bootstrap(d, np.zeros((5, 200)), draws=50_000)
    expected = stats.bootstrap((d[0],), np.mean, method="percentile", n_resamples=50_000, rng=1).confidence_interval
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=0.01 * (expected.high - expected.low))


def test_few_distinct_values_are_resampled_like_many():
    values = np.repeat([0.0, 1.0, 5.0], [500, 400, 100])
    rng = np.random.default_rng(0)
    few = resampling._resampled_means(rng, values, 20_000)
    many = resampling._resampled_means(rng, values + 1e-9 * rng.normal(size=1000), 20_000)
    assert stats.ks_2samp(few, many).pvalue > 0.01
    assert few.std() == pytest.approx(values.std() / 1000**0.5, rel=0.03)


def test_one_seed_or_one_example_has_no_interval():
    found = two_level_bootstrap(np.ones((1, 9)), np.zeros((1, 9)))
    assert (found.mean, found.low, found.high, found.n) == (1, None, None, 1)
    assert two_level_bootstrap(np.ones((5, 1)), np.zeros((5, 1))).low is None


@pytest.mark.parametrize(("seeds", "bound"), [(3, None), (5, None), (6, 0.5)])
def test_arms_that_always_differ_by_the_same_are_as_sure_as_their_signs(seeds, bound):
    found = two_level_bootstrap(np.full((seeds, 7), 0.5), np.zeros((seeds, 7)))
    assert (found.mean, found.low, found.high) == (0.5, bound, bound)


def test_the_same_seed_gives_the_same_interval_and_swapping_arms_its_mirror_image():
    arms = crossed(np.random.default_rng(0), 4, 60, by_seed=1, by_example=9, rest=1)
    assert two_level_bootstrap(*arms) == two_level_bootstrap(*arms)
    assert two_level_bootstrap(*arms) != two_level_bootstrap(*arms, seed=1)
    found, mirrored = two_level_bootstrap(*arms), two_level_bootstrap(*arms[::-1])
    width = found.high - found.low
    assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low), abs=0.05 * width)


def test_a_higher_level_gives_a_wider_interval():
    arms = crossed(np.random.default_rng(0), 4, 60, by_seed=1, by_example=9, rest=1)
    narrow, wide = two_level_bootstrap(*arms, level=0.8), two_level_bootstrap(*arms, level=0.99)
    assert wide.low < narrow.low < narrow.high < wide.high


def test_ten_thousand_draws_cost_a_fraction_of_drawing_every_example_each_time():
    rng = np.random.default_rng(0)
    arms = crossed(rng, 5, 10_000, by_seed=0.1, by_example=9, rest=1)
    ten_draws = cpu_time(lambda: arms[0][:, rng.integers(0, 10_000, (10, 10_000))].mean(-1))
    assert cpu_time(lambda: two_level_bootstrap(*arms, draws=10_000)) < 10_000 / 10 * ten_draws / 5


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (np.ones((2, 3)), np.ones((2, 4)), r"\(2, 3\), \(2, 4\)"),
        (np.ones((0, 3)), np.ones((0, 3)), r"seeds >= 1"),
        (np.ones(3), np.ones(3), "2 dimension"),
        (np.full((2, 3), np.nan), np.ones((2, 3)), "a must hold finite numbers, got nan"),
        (np.ones((2, 3)), np.full((2, 3), np.inf), "b must hold finite numbers, got inf"),
        ([["x"]], [[1.0]], "array of numbers"),
    ],
)
def test_what_cannot_be_resampled_is_refused(a, b, message):
    with pytest.raises(InputError, match=message):
        two_level_bootstrap(a, b)


@pytest.mark.parametrize("options", [{"draws": 99}, {"level": 1.0}, {"draws": 1e4}])
def test_senseless_options_are_refused(options):
    with pytest.raises(InputError, match=f"{next(iter(options))} must"):
        two_level_bootstrap(np.ones((2, 3)), np.ones((2, 3)), **options)
