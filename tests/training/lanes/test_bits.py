"""A cell's bits depend neither on its lane, nor on its neighbours, nor on threads; one that diverges harms no other."""

import platform

import pytest
import torch

from lsbench.training.lanes import compiler
from lsbench.training.lanes.engine import kernel_of
from tests.training.lanes.lane_cases import NETWORKS, copies_of, inputs_of, lane_stack, needs_compiler
from tests.training.lanes.test_layers import train

pytestmark = needs_compiler
STEPS, BATCH = 3, 9


def state_of(name, seeds, cell, lanes=16, threads=1, spoil=None):
    """All that one cell has learnt from inputs of its seed, among others; `spoil` has weights that are infinite."""
    copies = copies_of(name, seeds)
    if spoil is not None:
        for value in copies[spoil].parameters():
            value.data.fill_(torch.inf)
    model = lane_stack(name, copies, seeds, lanes, threads)
    train(model, [batch_of(name, seeds, step) for step in range(STEPS)])
    return model.copy_state(cell)


def batch_of(name, seeds, step):
    own = [inputs_of(name, 1, BATCH, seed=100 * step + seed) for seed in seeds]
    return torch.cat([x for x, _ in own]), torch.cat([y for _, y in own])


def assert_same_bits(a, b):
    assert all(torch.equal(a[key], b[key]) for key in a)


@pytest.mark.parametrize("name", NETWORKS)
def test_bits_do_not_depend_on_lane_neighbours_or_number_of_lanes(name):
    first = state_of(name, [5, 1, 2, 3], 0)
    assert_same_bits(first, state_of(name, [9, 8, 7, 6, 4, 5, 0, 2, 1, 3], 5))
    assert_same_bits(first, state_of(name, [1, 5], 1, lanes=8))


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="has no vectors of 8 floats")
def test_bits_do_not_depend_on_how_many_registers_hold_a_number_of_each_cell(monkeypatch):
    monkeypatch.setenv("LSBENCH_LANES_FLAGS", "-mno-avx512f")
    kernel_of.cache_clear()
    first = state_of("normalised", [5, 1, 2, 3], 0, lanes=16)
    assert_same_bits(first, state_of("normalised", [1, 5], 1, lanes=8))
    kernel_of.cache_clear()


@pytest.mark.parametrize("name", NETWORKS)
def test_bits_do_not_depend_on_the_number_of_threads(name):
    alone = state_of(name, [5, 1, 2], 1)
    for threads in (2, 3, 7):
        assert_same_bits(alone, state_of(name, [5, 1, 2], 1, threads=threads))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_cell_that_diverges_harms_no_other(name):
    assert_same_bits(state_of(name, [5, 1, 2], 0), state_of(name, [5, 1, 2], 0, spoil=1))
    spoilt = state_of(name, [5, 1, 2], 1, spoil=1)
    assert not all(value.isfinite().all() for value in spoilt.values())


def test_gcc_tunes_for_ice_lake_and_clang_for_what_it_finds(monkeypatch):
    monkeypatch.setattr(compiler, "_accepts", lambda command, option: True)
    for told, tuned in (("g++ 12.2.0", ["-mtune=icelake-server"]), ("Debian clang version 14.0.6", [])):
        monkeypatch.setattr(compiler, "version", lambda command, told=told: told)
        assert compiler.native.__wrapped__(("c++",)) == ["-march=native", *tuned]
