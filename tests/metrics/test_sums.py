"""Sums over places, as a CPU and as a GPU makes them."""

import torch

from lsbench.metrics.sums import STEPS, in_whole_numbers, sum_at


def test_whole_numbers_give_the_same_sums_to_rounding_and_the_same_bits_in_any_order():
    generator = torch.Generator().manual_seed(0)
    values = torch.rand(3, 5000, dtype=torch.float64, generator=generator)
    place = torch.randint(15, values.shape, generator=generator)
    sums = in_whole_numbers(values, place, 15)
    assert torch.allclose(sums, sum_at(values, place, 15), rtol=0, atol=5000 / STEPS)
    order = torch.randperm(5000, generator=generator)
    assert torch.equal(in_whole_numbers(values[:, order], place[:, order], 15), sums)
    ones = torch.ones_like(values)
    assert torch.equal(in_whole_numbers(ones, place, 15), sum_at(ones, place, 15))  # counts are exact
    assert in_whole_numbers(values[:, :0], place[:, :0], 15).eq(0).all()
