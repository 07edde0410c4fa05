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


def examples(short, long):
    """Hypothesis tries so many."""
    from hypothesis import HealthCheck, settings

    some = settings(
        max_examples=long if LONG else short,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    return lambda test: pytest.mark.simulation(some(test))
