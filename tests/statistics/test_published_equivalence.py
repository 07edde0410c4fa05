import math
from itertools import product

import numpy as np
import pytest
from scipy import integrate, stats

from lsbench.errors import InputError
from lsbench.statistics import Spread, equivalence_p
from lsbench.statistics.published import (
    Equivalence,
    equivalence_power,
    equivalence_seeds,
    published_equivalence,
)
from tests.in_turn import in_turn
from tests.simulations import simulation

EXACT = Spread(90.0, 0.0, 2)  # a published mean that is exact
UNKNOWN = Spread(90.0, None, 3)  # without an sd


def found_of(ours, published, margin=1.0, alpha=0.05) -> Equivalence:
    return published_equivalence(ours, published, margin, alpha)


@in_turn(("mean", "sd", "n"), [(90.3, 0.4, 5), (88.0, 2.0, 3), (90.0, 0.1, 2), (91.2, 0.5, 30)])
def test_against_an_exact_mean_it_is_the_one_sample_test(mean, sd, n):
    raw = np.random.default_rng(0).normal(size=n)
    values = mean + sd * (raw - raw.mean()) / raw.std(ddof=1)
    found = found_of(Spread(mean, sd, n), EXACT)
    low, high = stats.ttest_1samp(values - 90.0, 0.0).confidence_interval(0.9)
    assert (found.difference.low, found.difference.high) == pytest.approx((low, high))
    upper = stats.ttest_1samp(values, 91.0, alternative="less").pvalue
    lower = stats.ttest_1samp(values, 89.0, alternative="greater").pvalue
    assert found.p == pytest.approx(max(upper, lower))
    assert found.p == pytest.approx(equivalence_p(values.tolist(), [90.0] * n, 1.0))


@in_turn(("ours", "published"), [((75.1, 0.5, 5), (75.47, 0.27, 3)), ((10, 3, 2), (9, 0.1, 40))])
def test_with_a_published_spread_it_is_welchs(ours, published):
    p = {
        side: stats.ttest_ind_from_stats(
            ours[0] + shift, ours[1], ours[2], *published, equal_var=False, alternative=side
        ).pvalue
        for side, shift in (("less", -1), ("greater", 1))
    }
    assert found_of(Spread(*ours), Spread(*published)).p == pytest.approx(max(p.values()))


@in_turn("mean", [88.0, 89.5, 90.0, 90.4, 90.9, 91.0, 92.5])
@in_turn("sd", [0.01, 0.3, 3.0])
def test_it_is_equivalent_exactly_where_p_is_at_most_5_percent(mean, sd):
    found = found_of(Spread(mean, sd, 4), Spread(90.0, 0.3, 3))
    assert found.p is not None
    assert (found.status == "equivalent") is (found.p <= 0.05)
    assert (found.status == "equivalent") is found.difference.within(1.0)


def test_different_is_an_interval_wholly_beyond_the_margin_not_one_that_leaves_out_0():
    assert found_of(Spread(92.0, 0.1, 5), EXACT).status == "different"
    assert found_of(Spread(88.0, 0.1, 5), EXACT).status == "different"
    assert found_of(Spread(90.5, 0.1, 5), EXACT).status == "equivalent"
    assert found_of(Spread(91.0, 0.1, 5), EXACT).status == "undecided"
    assert found_of(Spread(92.0, 3.0, 5), EXACT).status == "undecided"


@in_turn("ours", [Spread(90.0, None, 1), Spread(90.0, 0.0, 5), Spread(70.0, 0.0, 5)])
def test_one_seed_or_no_spread_proves_nothing(ours):
    found = found_of(ours, EXACT)
    assert (found.difference.low, found.p, found.status) == (None, None, "undecided")
    assert found.difference.mean == ours.mean - 90


def test_no_spread_of_ours_still_leaves_the_published_one():
    found = found_of(Spread(90.0, 0.0, 5), Spread(90.0, 0.2, 10))
    assert found.p == pytest.approx(stats.t.cdf(-1 / (0.2 / math.sqrt(10)), 9))


@in_turn(
    "call",
    [
        lambda: found_of(Spread(90, 1, 3), EXACT, margin=0),
        lambda: found_of(Spread(90, 1, 3), EXACT, margin=-1),
        lambda: found_of(Spread(90, 1, 3), EXACT, margin=math.nan),
        lambda: found_of(Spread(math.nan, 1, 3), EXACT),
        lambda: found_of(Spread(90, 1, 3), Spread(math.inf, None, 1)),
        lambda: found_of(Spread(90, -1, 3), EXACT),
        lambda: found_of(Spread(90, 1, 3), Spread(90, 1, 1)),
        lambda: found_of(Spread(90, 1, 3), Spread(90, None, 0)),
        lambda: found_of(Spread(90, 1, 3), EXACT, alpha=0.5),
        lambda: found_of(Spread(90, 1, 3), EXACT, alpha=0),
        lambda: equivalence_power(1.0, 1.0, 1, EXACT),
        lambda: equivalence_power(1.0, math.nan, 3, EXACT),
        lambda: equivalence_seeds(1.0, 1.0, EXACT, chance=1),
    ],
)
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(InputError):
        call()


@in_turn("mean", [88.0, 89.2, 90.0, 90.3, 91.5, 92.5])
@in_turn("runs", [1, 3])
def test_where_the_published_sd_is_not_known_the_verdict_is_that_of_half_to_twice_ours_where_all_agree(mean, runs):
    for sd in (0.02, 0.2, 0.6):
        statuses = {
            _by_t(mean - 90, sd * math.sqrt(1 / 5 + ratio**2 / runs), 4) for ratio in np.linspace(0.5, 2, 31).tolist()
        }
        agreed = next(iter(statuses)) if len(statuses) == 1 else "undecided"
        assert found_of(Spread(mean, sd, 5), Spread(90.0, None, runs)).status == agreed


def _by_t(gap, se, degrees):
    half = stats.t.ppf(0.95, degrees) * se
    if abs(gap) + half <= 1:
        return "equivalent"
    return "different" if abs(gap) - half > 1 else "undecided"


@pytest.mark.parametrize("runs", [1, 3])
@in_turn("ratio", [0.5, 1.0, 2.0])
@simulation(short=500, long=100_000)
def test_at_most_5_percent_are_called_reproduced_that_are_not_where_the_published_sd_is_half_to_twice_ours(
    trials, ratio, runs
):
    for n, sd in product((2, 3, 5, 10), (0.1, 0.3, 1.0)):
        rng = np.random.default_rng(1)
        ours, theirs = rng.normal(91.0, sd, (trials, n)), rng.normal(90.0, ratio * sd, (trials, runs)).mean(1)
        means, sds = ours.mean(1).tolist(), ours.std(1, ddof=1).tolist()
        pairs = zip(means, sds, theirs.tolist(), strict=True)
        shown = [found_of(Spread(m, s, n), Spread(t, None, runs)).status for m, s, t in pairs]
        assert shown.count("equivalent") / trials <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / trials)


def power_by_quadrature(margin, sd, n, alpha=0.05):
    """Of the one-sample test, by adaptive integration over the standard error's own density."""
    se, t = sd / math.sqrt(n), stats.t.ppf(1 - alpha, n - 1)
    density = stats.chi(df=n - 1, scale=se / math.sqrt(n - 1)).pdf
    chance = lambda s: (2 * stats.norm.cdf((margin - t * s) / se) - 1) * density(s)  # noqa: E731
    return integrate.quad(chance, 0, margin / t, limit=500)[0]


CASES = [(1.0, 0.5, 3), (1.0, 1.0, 5), (1.0, 0.3, 2), (0.15, 0.06, 5), (1.0, 2.0, 4), (1.0, 1.0, 40), (2.0, 0.01, 9)]


@in_turn(("margin", "sd", "n"), CASES)
def test_power_is_the_integral_over_the_standard_error(margin, sd, n):
    assert equivalence_power(margin, sd, n, EXACT) == pytest.approx(power_by_quadrature(margin, sd, n), abs=1e-5)


@in_turn(("sd", "n"), [(1.0, 40), (0.5, 12)])
def test_power_is_the_noncentral_ts_where_both_sides_never_fail_together(sd, n):
    one_side = stats.nct.sf(stats.t.ppf(0.95, n - 1), n - 1, math.sqrt(n) / sd)
    assert equivalence_power(1.0, sd, n, EXACT) == pytest.approx(2 * one_side - 1, abs=1e-5)


@pytest.mark.parametrize(
    ("sd", "n", "published"),
    [
        (0.5, 3, EXACT),
        (0.3, 5, UNKNOWN),
        (0.4, 5, Spread(0, 0.3, 3)),
        (0.8, 10, Spread(0, 0.5, 5)),
        (0.3, 3, Spread(0, 0.3, 3)),
        (0.0, 4, Spread(0, 0.6, 4)),
        (0.5, 2, Spread(0, 0.1, 2)),
    ],
)
def test_power_is_what_a_simulation_finds(sd, n, published):
    rng, trials = np.random.default_rng(0), 20_000
    ours = rng.normal(0, sd, (trials, n))
    theirs = rng.normal(0, 2 * sd if published.sd is None else published.sd, (trials, published.n))
    v1, v2 = ours.var(1, ddof=1) / n, theirs.var(1, ddof=1) / published.n
    freedom = (v1 + v2) ** 2 / (v1**2 / (n - 1) + v2**2 / (published.n - 1))
    if published.sd is None:
        v2, freedom = 4 * v1 * n / published.n, n - 1
    gap = np.abs(ours.mean(1) - theirs.mean(1))
    shown = np.mean(gap <= 1 - stats.t.ppf(0.95, freedom) * np.sqrt(v1 + v2))
    assert equivalence_power(1.0, sd, n, published) == pytest.approx(shown, abs=4 * math.sqrt(0.25 / trials))


def test_power_is_0_beyond_reach_and_1_without_any_spread():
    assert equivalence_power(1.0, 1e6, 3, EXACT) == pytest.approx(0, abs=1e-6)
    assert equivalence_power(1.0, 1e-9, 3, EXACT) == pytest.approx(1)
    assert equivalence_power(1.0, 0.0, 3, EXACT) == 1


@in_turn("sd", [0.05, 0.5, 1.0, 3.0, 10.0])
def test_the_seeds_needed_are_the_fewest_with_that_power(sd):
    n = equivalence_seeds(1.0, sd, EXACT)
    assert n is not None
    assert equivalence_power(1.0, sd, n, EXACT) >= 0.8
    assert n == 2 or equivalence_power(1.0, sd, n - 1, EXACT) < 0.8


def test_seeds_near_the_textbooks_normal_approximation():
    z = stats.norm.ppf(0.95) + stats.norm.ppf(0.9)
    assert equivalence_seeds(1.0, 5.0, EXACT) == pytest.approx((5 * z) ** 2, rel=0.02)


def test_no_number_of_seeds_makes_up_for_a_vague_published_mean():
    assert equivalence_seeds(1.0, 0.3, Spread(90, 2.0, 3)) is None
    assert equivalence_seeds(1.0, 50.0, EXACT) is None
