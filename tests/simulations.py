"""Simulations: short ones in `make test`, long ones in `make simulations`."""

import os

import pytest

LONG = os.environ.get("LSBENCH_LONG") == "1"


def simulation(short, long):
    """The test takes the number of `trials`."""

    def mark(test):
        trials = long if LONG else short
        return pytest.mark.simulation(pytest.mark.parametrize("trials", [pytest.param(trials, id=f"{trials}")])(test))

    return mark


def tried(short=40, long=1000):
    """Hypothesis tries so many cases."""
    from hypothesis import HealthCheck, settings

    return settings(
        max_examples=long if LONG else short,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


def examples(short, long):
    """So many cases of random trials: as `tried`, and a simulation."""
    return lambda test: pytest.mark.simulation(tried(short, long)(test))
