"""The label-noise record tells the truth about the labels, and JSON can hold it."""

import dataclasses
import hashlib
import json

import numpy as np
import pytest
import torch
from sklearn.metrics import confusion_matrix
from torch import Generator, Tensor

from lsbench import noise
from lsbench.errors import DtypeError, InputError
from lsbench.names.catalogue import NOISES
from lsbench.noise import NoiseRecord, flip_labels, noise_record
from tests.in_turn import in_turn
from tests.noise.noise_cases import needs

CLEAN = torch.randint(10, (2000,), generator=Generator().manual_seed(1))


def describe(clean: Tensor, noisy: Tensor, num_classes: int = 10) -> NoiseRecord:
    return noise_record(clean, noisy, kind="symmetric", rate=0.4, num_classes=num_classes, seed=7)


@in_turn("kind", NOISES)
def test_the_matrix_is_sklearns_normalised_confusion_matrix(kind: str) -> None:
    noisy = flip_labels(CLEAN, 0.4, 10, Generator().manual_seed(0), kind, **needs(kind, CLEAN))
    described = noise_record(CLEAN, noisy, kind=kind, rate=0.4, num_classes=10, seed=0)
    expected = confusion_matrix(CLEAN.numpy(), noisy.numpy(), normalize="true")
    np.testing.assert_allclose(np.array(described.matrix), expected, rtol=0, atol=1e-13)
    assert described.realised == float(np.mean(CLEAN.numpy() != noisy.numpy()))


def test_what_was_asked_for_is_kept() -> None:
    described = describe(CLEAN, CLEAN)
    assert (described.kind, described.rate, described.seed) == ("symmetric", 0.4, 7)


def test_a_full_name_is_kept_with_its_file() -> None:
    described = noise_record(CLEAN, CLEAN, kind="human:a/b.npz:worse_label", rate=1, num_classes=10, seed=0)
    assert described.kind == "human:a/b.npz:worse_label"


def test_a_noise_record_by_hand() -> None:
    described = describe(torch.tensor([0, 0, 0, 0, 2]), torch.tensor([0, 1, 1, 2, 2]), num_classes=3)
    assert described.realised == 0.6
    assert described.matrix == ((0.25, 0.5, 0.25), (None, None, None), (0.0, 0.0, 1.0))
    assert described.sha256 == hashlib.sha256(bytes([0, 1, 1, 2, 2])).hexdigest()


def test_no_labels_have_no_realised_rate() -> None:
    empty = torch.zeros(0, dtype=torch.long)
    described = describe(empty, empty, num_classes=2)
    assert described.realised is None
    assert described.matrix == ((None, None), (None, None))
    assert described.sha256 == hashlib.sha256(b"").hexdigest()


def test_it_is_ready_for_json() -> None:
    fields = dataclasses.asdict(describe(CLEAN[:3], CLEAN[1:4]))
    read = json.loads(json.dumps(fields, allow_nan=False))
    assert read == {**fields, "matrix": [list(row) for row in fields["matrix"]]}


def test_the_dtype_changes_nothing() -> None:
    assert describe(CLEAN.to(torch.uint8), CLEAN.to(torch.int32)) == describe(CLEAN, CLEAN)


def test_the_hash_sees_the_order_of_the_labels() -> None:
    assert describe(CLEAN, CLEAN).sha256 != describe(CLEAN, CLEAN.flip(0)).sha256


@in_turn(("num_classes", "dtype"), [(256, "u1"), (257, "<i8")])
def test_labels_beyond_a_byte_are_hashed_as_little_endian_int64(num_classes: int, dtype: str) -> None:
    labels = torch.tensor([0, 1, 255])
    expected = hashlib.sha256(labels.numpy().astype(dtype).tobytes()).hexdigest()
    assert describe(labels, labels, num_classes).sha256 == expected


def test_labels_of_different_lengths_are_an_error() -> None:
    with pytest.raises(InputError, match="equally long, got 2000 and 1999 labels"):
        describe(CLEAN, CLEAN[1:])


def test_labels_out_of_range_are_an_error_that_says_whose() -> None:
    with pytest.raises(InputError, match=r"noisy must be class numbers in \[0, 10\), got 10"):
        describe(CLEAN, torch.full_like(CLEAN, 10))
    with pytest.raises(DtypeError, match="clean must be an integer tensor"):
        describe(CLEAN.double(), CLEAN)


def test_a_rate_that_is_none_is_an_error() -> None:
    with pytest.raises(InputError, match="rate must be"):
        noise_record(CLEAN, CLEAN, kind="symmetric", rate=float("nan"), num_classes=10, seed=0)


def test_the_names_of_version_0_2_go_on_working_and_say_the_new_ones() -> None:
    with pytest.warns(DeprecationWarning, match=r"lsbench\.noise\.passport is now called lsbench\.noise\.noise_record"):
        assert noise.passport is noise_record
    with pytest.warns(DeprecationWarning, match=r"is now called lsbench\.noise\.NoiseRecord"):
        assert noise.Passport is NoiseRecord
