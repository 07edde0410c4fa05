import numpy as np
import pytest

from lsbench.data.overlap import count_shared


def images(n, seed=0, dtype=np.uint8):
    return np.random.default_rng(seed).integers(0, 3, (n, 2, 9, 9)).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_copies_are_counted_as_comparing_all_with_all_does(dtype):
    training, test = images(9000), images(500, seed=1)
    test[:7], test[7:9] = training[[0, 5, 4095, 4096, 8191, 8999, 8999]], images(2, seed=2)
    test[9] = training[3]
    test[9, 0, 0, 1] = 9  # a value that is not looked at first
    slow = sum(bool((training == image).all(axis=(1, 2, 3)).any()) for image in test)
    assert count_shared([training.astype(dtype)], test) == slow == 7


def test_validation_images_are_trained_on_too_and_a_copy_in_the_test_set_counts_twice():
    training, val = images(20), images(20, seed=1)
    assert count_shared([training, val], np.concatenate([val[:3], val[:3]])) == 6


def test_images_that_share_most_values_are_told_apart():
    training = np.zeros((300, 1, 32, 32), np.uint8)
    training[np.arange(300), 0, np.arange(300) % 32, np.arange(300) // 32] = 1
    test = np.zeros((300, 1, 32, 32), np.uint8)
    test[np.arange(300), 0, np.arange(300) % 32, 10 + np.arange(300) // 32] = 1
    assert count_shared([training], test) == 0
    assert count_shared([training], training) == 300
