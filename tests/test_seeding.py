import pytest
import torch

from lsbench.seeding import STREAMS, global_stream, stream, stream_seed


def test_streams_of_one_seed_differ_from_each_other_and_from_other_seeds():
    drawn = {(seed, name): torch.rand(4, generator=stream(seed, name)) for seed in (0, 1) for name in STREAMS}
    assert len({tuple(values.tolist()) for values in drawn.values()}) == 2 * len(STREAMS)


def test_a_stream_always_starts_at_the_same_numbers():
    assert stream_seed(0, "init") == 0x1608D56F2C5D7421
    assert torch.equal(torch.rand(3, generator=stream(7, "noise")), torch.rand(3, generator=stream(7, "noise")))


def test_the_global_generator_is_given_back_as_it_was():
    torch.manual_seed(5)
    expected = torch.rand(2)
    torch.manual_seed(5)
    with global_stream(0, "init"):
        torch.rand(10)
    assert torch.equal(torch.rand(2), expected)


def test_an_unknown_stream_is_an_error():
    with pytest.raises(KeyError, match="unknown stream 'nosie'"):
        stream(0, "nosie")
