import numpy as np
import pytest

from lsbench.statistics import effect_size, power, seeds_needed, t_test_p


def test_the_effect_size_is_in_units_of_the_spread():
    assert effect_size([1.0, 2.0, 3.0], [0, 0, 0]) == pytest.approx(2.0)
    assert effect_size([1.0, 1.0], [0, 0]) is None
    assert effect_size([1.0], [0]) is None
    assert effect_size([], []) is None


@pytest.mark.simulation
@pytest.mark.parametrize(("d", "n"), [(0.0, 5), (1.0, 5), (1.0, 10), (0.5, 20), (2.0, 3)])
def test_power_is_what_a_simulation_finds(d, n):
    rng, trials = np.random.default_rng(0), 4000
    found = np.mean([t_test_p(rng.normal(d, 1, n), np.zeros(n)) <= 0.05 for _ in range(trials)])
    assert power(d, n) == pytest.approx(found, abs=4 * (0.25 / trials) ** 0.5)


@pytest.mark.parametrize("n", [2, 5, 30])
def test_without_a_true_difference_the_power_is_the_error_level(n):
    assert power(0.0, n) == pytest.approx(0.05, rel=1e-9)
    assert power(0.0, n, level=0.9) == pytest.approx(0.1, rel=1e-9)


def test_one_standard_deviation_needs_ten_seeds():
    assert seeds_needed(1.0) == 10  # the textbook's number at 80 % and 5 %
    assert power(1.0, 10) >= 0.8 > power(1.0, 9)
    assert seeds_needed(-1.0) == 10
    assert seeds_needed(0.0) is None
    assert seeds_needed(50.0) == 2


def test_power_is_a_number_and_grows_with_the_effect_at_every_level():
    for n in (2, 3, 5, 10, 50):
        for comparisons in (1, 18, 300):
            powers = [power(d_z, n, 1 - 0.05 / comparisons) for d_z in np.linspace(0, 30, 200)]
            assert np.isfinite(powers).all()
            assert (np.diff(powers) > -1e-9).all()
