"""The label-noise record of a label set: what was asked for, what came out, and a hash to recognise it by."""

import hashlib
from dataclasses import dataclass

import torch
from torch import Tensor

from lsbench.data.tensors import Numbers, as_labels
from lsbench.errors import InputError, require_number
from lsbench.noise.checks import require_labels, require_num_classes

Shares = tuple[float | None, ...]


@dataclass(frozen=True)
class NoiseRecord:
    """What identifies a noisy label set; `dataclasses.asdict` of it is ready for JSON."""

    kind: str  # the convention, a name of `catalogue.NOISES`, with its file where it has one
    rate: float  # as requested, in [0, 1]
    realised: float | None  # share of labels that differ from the clean ones; None without labels
    matrix: tuple[Shares, ...]  # (K, K) realised P(given | true); a row is a true class, None if it never occurs
    seed: int
    sha256: str  # of the noisy labels in order, as uint8; as little-endian int64 where K > 256


def noise_record(clean: Numbers, noisy: Numbers, *, kind: str, rate: float, num_classes: int, seed: int) -> NoiseRecord:
    """Describe noisy labels beside the clean ones.

    realised = mean [noisy_i != clean_i]; matrix[i][j] = #(clean = i, noisy = j) / #(clean = i).

    Args:
        clean: (n,) true class numbers in [0, num_classes); a tensor of any device, an array or a list.
        noisy: (n,) given class numbers, likewise.
        kind: the kind of noise that was asked for, which is recorded as it is.
        rate: the rate that was asked for, in [0, 1].
        num_classes: K, at least 2.
        seed: the seed that was used, which is recorded as it is.

    Returns:
        The record.

    Raises:
        InputError: class numbers or the rate are out of range, or clean and noisy are not equally long.
        DtypeError: labels that are not integers.

    Example:
        >>> noise_record([0, 0, 1, 1], [0, 1, 1, 1], kind="symmetric", rate=0.2, num_classes=2, seed=0).realised
        0.25
    """
    require_number("rate", rate, 0, 1)
    require_num_classes(num_classes)
    clean, noisy = as_labels("clean", clean), as_labels("noisy", noisy)
    require_labels("clean", clean, num_classes)
    require_labels("noisy", noisy, num_classes)
    if clean.shape != noisy.shape:
        raise InputError(f"clean and noisy must be equally long, got {len(clean)} and {len(noisy)} labels")
    clean, noisy = clean.to("cpu", torch.int64), noisy.to("cpu", torch.int64)
    return NoiseRecord(
        kind=kind,
        rate=float(rate),
        realised=(clean != noisy).double().mean().item() if len(clean) else None,
        matrix=_realised_matrix(clean, noisy, num_classes),
        seed=int(seed),
        sha256=_sha256(noisy, num_classes),
    )


def _realised_matrix(clean: Tensor, noisy: Tensor, num_classes: int) -> tuple[Shares, ...]:
    counts = torch.bincount(clean * num_classes + noisy, minlength=num_classes**2)
    return tuple(_shares(row) for row in counts.reshape(num_classes, num_classes).tolist())


def _shares(counts: list[int]) -> Shares:
    total = sum(counts)
    return tuple(count / total if total else None for count in counts)


def _sha256(labels: Tensor, num_classes: int) -> str:
    dtype = "u1" if num_classes <= 256 else "<i8"
    return hashlib.sha256(labels.numpy().astype(dtype).tobytes()).hexdigest()
