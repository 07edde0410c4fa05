"""The examples in the docstrings of the public rooms run, and give what they say."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

from lsbench import losses
from lsbench.losses import LOSSES
from tests import quick

PUBLIC = ("lsbench.losses", "lsbench.kernels", "lsbench.metrics", "lsbench.noise", "lsbench.statistics")
MODULES = ("lsbench.training.temperature", "lsbench.api")
PARTS = ("Args", "Returns", "Example")  # of every function in `__all__`, and in the table `LOSSES`


def modules_of(room):
    """A room and all its modules, but those that need a package that is not installed."""
    package = importlib.import_module(room)
    yield package
    for module in pkgutil.walk_packages(package.__path__, f"{room}."):
        if ".in_triton." not in module.name:
            yield importlib.import_module(module.name)


@pytest.mark.parametrize("room", [*PUBLIC, *MODULES])
def test_the_examples_of_a_room_give_what_they_say(room):
    if room == "lsbench.api":
        quick.leave_out("trains by `compare`")
    modules = [importlib.import_module(room)] if room in MODULES else list(modules_of(room))
    failed = {module.__name__ for module in modules if doctest.testmod(module).failed}
    assert not failed


def functions_of(room):
    package = importlib.import_module(room)
    public = [value for name in package.__all__ if inspect.isfunction(value := getattr(package, name))]
    return [*public, *LOSSES.values()] if package is losses else public


@pytest.mark.parametrize("room", PUBLIC)
def test_every_public_function_says_what_it_takes_and_gives_and_has_an_example(room):
    functions = functions_of(room)
    lacking = {
        (function.__name__, part)
        for function in functions
        for part in PARTS
        if f"\n{part}:\n" not in (inspect.getdoc(function) or "")
    }
    assert functions
    assert not lacking
