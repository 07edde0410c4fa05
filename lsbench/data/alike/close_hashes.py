"""Pairs of hashes that differ in few bits, found by sorting: the time grows with n log n, whatever the hashes are."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

ORDERS = 32  # permutations of the bits
NEIGHBOURS = 8  # with which each hash is compared, in each order

Numbers = NDArray[np.int64]
Hashes = NDArray[np.uint64]


def candidates(bits: NDArray[np.bool_]) -> Iterator[tuple[Numbers, Numbers]]:
    """(i, j), in many portions: rows of bits (n, 64) that may differ in few places; pairs come repeatedly.

    The bits are permuted, the hashes sorted as numbers, and each goes with its next few; hashes that differ in few bits
    share a long beginning in some permutation. The permutations are always the same. Of 50,000 random hashes a pair
    that differs in 6 bits is among the candidates with a chance above 99 %, one that differs in 10 with 95 %.

    (Charikar, 2002, Similarity estimation techniques from rounding algorithms)
    """
    draws = np.random.default_rng(0)
    for _ in range(ORDERS):
        order = np.argsort(as_numbers(bits[:, draws.permutation(bits.shape[1])]), kind="stable")
        for step in range(1, NEIGHBOURS + 1):
            yield order[:-step], order[step:]


def differing_bits(a: Hashes, b: Hashes) -> NDArray[np.uint8]:
    """In how many bits numbers differ, (n,)."""
    differing = a ^ b
    if hasattr(np, "bitwise_count"):  # numpy 2
        return np.bitwise_count(differing)
    return _ONES[differing.view(np.uint16).reshape(-1, 4)].sum(1, dtype=np.uint8)


def as_numbers(bits: NDArray[np.bool_]) -> Hashes:
    """Each row (64,) as a number, whose first bit weighs most."""
    return np.ascontiguousarray(np.packbits(bits, 1)).view(">u8").ravel().astype(np.uint64)


_ONES = np.array([i.bit_count() for i in range(2**16)], np.uint8)
