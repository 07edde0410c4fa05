"""What identifies objects of the user's: equal where they do the same, in other processes too."""

import functools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from lsbench.names.digest import digest

SCRIPT = """
import functools, torch
from lsbench.names.digest import digest


class Net:
    def __init__(self, width):
        self.width = width


def enclosed(widths):
    return lambda z: [w * z for w in widths]


code = eval("lambda z: (lambda x: x + 1)(z)")
given = [functools.partial(max, 2), Net(4), enclosed((4, 5)), code, torch.arange(3), {"b": 1, "a": {2, 3}}]
print([digest(one) for one in given])
"""


def test_digests_are_the_same_in_another_process():
    there = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True).stdout
    names = {"__name__": "__main__"}
    exec(SCRIPT, names)
    assert [digest(one) for one in names["given"]] == eval(there)
    assert len(set(eval(there))) == 6


class Net:
    def __init__(self, width):
        self.width = width


def enclosed(value):
    def function(z):
        return z * value

    return function


def with_default(value):
    def function(z, by=value):
        return z * by

    return function


@pytest.mark.parametrize(
    "make",
    [
        lambda v: functools.partial(max, v),
        lambda v: functools.partial(max, key=v),
        Net,
        enclosed,
        with_default,
        lambda v: enclosed([1, {"a": v}]),
        lambda v: enclosed(enclosed(v)),
        lambda v: Net(v).__init__,
        lambda v: torch.tensor([1.0, v]),
        lambda v: np.array([1, v]),
        lambda v: eval(f"lambda z: z + {v}"),
    ],
)
def test_what_holds_other_things_is_another_one(make):
    assert digest(make(1)) == digest(make(1)) != digest(make(2))


def test_code_without_source_is_told_apart_by_the_names_it_uses():
    assert digest(eval("lambda z: z.exp()")) != digest(eval("lambda z: z.log()"))


def test_what_refers_to_itself_ends_and_what_can_not_be_seen_equals_itself_alone():
    loop = Net(1)
    loop.self = loop
    assert digest(loop) == digest(loop)
    first, second = iter([1]), iter([1])
    assert digest(first) == digest(first) != digest(second)


def test_another_class_of_the_same_fields_is_another_one():
    class Other(Net):
        pass

    assert digest(Other(1)) != digest(Net(1))
    assert digest(Path) != digest(Net)
