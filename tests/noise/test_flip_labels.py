"""The public door: what it keeps of its input, and what it refuses."""

import pytest
import torch
from torch import Generator

from lsbench.errors import DtypeError, InputError
from lsbench.names.catalogue import NOISES
from lsbench.noise import flip_labels
from tests.in_turn import in_turn
from tests.noise.noise_cases import FOLLOWING, needs


def generator(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


LABELS = torch.randint(10, (300,), generator=generator(1))


@in_turn("kind", NOISES)
def test_equal_generators_give_equal_labels_and_others_do_not(kind: str) -> None:
    first, again, other = (
        flip_labels(LABELS, 0.5, 10, generator(seed), kind, **needs(kind, LABELS)) for seed in (5, 5, 6)
    )
    assert torch.equal(first, again)
    assert torch.equal(first, other) == (kind not in FOLLOWING)


@in_turn("kind", NOISES)
@in_turn("dtype", [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.uint16])
def test_the_dtype_is_kept_and_changes_nothing(kind: str, dtype: torch.dtype) -> None:
    noisy = flip_labels(LABELS.to(dtype), 0.5, 10, generator(), kind, **needs(kind, LABELS))
    assert noisy.dtype == dtype
    assert torch.equal(noisy.long(), flip_labels(LABELS, 0.5, 10, generator(), kind, **needs(kind, LABELS)))


@in_turn("kind", NOISES)
def test_the_input_is_untouched(kind: str) -> None:
    labels = LABELS.clone()
    flip_labels(labels, 1.0, 10, generator(), kind, **needs(kind, labels))
    assert torch.equal(labels, LABELS)


@in_turn("kind", NOISES)
def test_the_global_generator_is_untouched(kind: str) -> None:
    before, keywords = torch.get_rng_state(), needs(kind, LABELS)
    flip_labels(LABELS, 0.5, 10, generator(), kind, **keywords)
    assert torch.equal(torch.get_rng_state(), before)


@in_turn("kind", NOISES)
@in_turn("rate", [0, 0.5, 1])
@in_turn("labels", [[], [3], [9] * 20])
def test_few_labels_are_fine(kind: str, rate: float, labels: list[int]) -> None:
    given = torch.tensor(labels, dtype=torch.long)
    noisy = flip_labels(given, rate, 10, generator(), kind, **needs(kind, given))
    assert noisy.shape == (len(labels),)
    assert all(0 <= label < 10 for label in noisy.tolist())


def test_a_strided_view_is_fine() -> None:
    pairs = torch.stack([LABELS, LABELS], dim=1)
    assert torch.equal(flip_labels(pairs[:, 0], 0.5, 10, generator()), flip_labels(LABELS, 0.5, 10, generator()))


@in_turn("rate", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_rate_outside_0_to_1_is_an_error(rate: float) -> None:
    with pytest.raises(InputError, match=r"rate must be a finite number in \[0, 1\], got"):
        flip_labels(LABELS, rate, 10, generator())


@in_turn("rate", ["0.2", None, True])
def test_a_rate_that_is_no_number_is_an_error(rate: object) -> None:
    with pytest.raises(DtypeError, match="rate must be a number"):
        flip_labels(LABELS, rate, 10, generator())  # type: ignore[arg-type]


@in_turn("num_classes", [1, 0, -3])
@in_turn("rate", [0.0, 0.5])
def test_fewer_than_two_classes_is_an_error(num_classes: int, rate: float) -> None:
    with pytest.raises(InputError, match=f"num_classes must be at least 2, got {num_classes}"):
        flip_labels(torch.zeros(3, dtype=torch.long), rate, num_classes, generator())


@in_turn("num_classes", [10.0, True, "10"])
def test_a_number_of_classes_that_is_no_integer_is_an_error(num_classes: object) -> None:
    with pytest.raises(DtypeError, match="num_classes must be an integer"):
        flip_labels(LABELS, 0.5, num_classes, generator())  # type: ignore[arg-type]


@in_turn("wrong", [-1, 10])
def test_a_label_outside_the_classes_is_an_error(wrong: int) -> None:
    with pytest.raises(InputError, match=rf"in \[0, 10\), got {wrong}"):
        flip_labels(torch.tensor([0, wrong, 9]), 0.5, 10, generator())


@in_turn("dtype", [torch.float32, torch.bool, torch.complex64])
def test_labels_that_are_not_integers_are_an_error(dtype: torch.dtype) -> None:
    with pytest.raises(DtypeError, match="must be an integer tensor or array, got"):
        flip_labels(torch.zeros(3, dtype=dtype), 0.5, 10, generator())


def test_labels_that_are_no_numbers_are_an_error() -> None:
    with pytest.raises(DtypeError, match="labels must be a tensor or array of integers, got list"):
        flip_labels(["cat", "dog"], 0.5, 10, generator())


@in_turn("shape", [(), (2, 3)])
def test_labels_that_are_not_one_dimensional_are_an_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"one dimension, \(n,\); got shape"):
        flip_labels(torch.zeros(shape, dtype=torch.long), 0.5, 10, generator())


def test_a_dtype_that_cannot_hold_every_class_is_an_error() -> None:
    labels = torch.zeros(3, dtype=torch.uint8)
    flip_labels(labels, 0.5, 256, generator())
    with pytest.raises(DtypeError, match="end at class 255, got num_classes 257"):
        flip_labels(labels, 0.5, 257, generator())


def test_an_unknown_kind_is_an_error_that_suggests_a_known_one() -> None:
    with pytest.raises(InputError, match="unknown noise 'simetric'; did you mean symmetric"):
        flip_labels(LABELS, 0.5, 10, generator(), "simetric")


def test_a_seed_in_place_of_a_generator_is_an_error() -> None:
    with pytest.raises(DtypeError, match=r"generator must be a torch\.Generator, got int"):
        flip_labels(LABELS, 0.5, 10, 0)  # type: ignore[arg-type]


@in_turn("mapping", [None, {}])
def test_asymmetric_noise_without_a_mapping_is_an_error_unless_there_are_ten_classes(mapping: dict | None) -> None:
    with pytest.raises(InputError, match="asymmetric noise on 4 classes needs a mapping"):
        flip_labels(LABELS % 4, 0.5, 4, generator(), "asymmetric", mapping=mapping)


@in_turn("mapping", [{4: 0}, {0: 4}, {-1: 0}, {0: -1}])
def test_a_mapping_outside_the_classes_is_an_error(mapping: dict[int, int]) -> None:
    with pytest.raises(InputError, match=r"mapping must be of class numbers in \[0, 4\), got (4|-1)"):
        flip_labels(LABELS % 4, 0.5, 4, generator(), "asymmetric", mapping=mapping)


@in_turn("mapping", [{"0": 1}, {0: 1.0}, {True: 2}])
def test_a_mapping_of_anything_but_integers_is_an_error(mapping: dict) -> None:
    with pytest.raises(DtypeError, match="mapping must be of integers, got"):
        flip_labels(LABELS % 4, 0.5, 4, generator(), "asymmetric", mapping=mapping)


NEEDED = {
    "images": "images=, the training images",
    "matrix": r"matrix=, P\(given \| true\)",
    "given": "given=, the human",
}


@in_turn(("kind", "keyword"), [("instance", "images"), ("matrix", "matrix"), ("human", "given")])
@in_turn("rate", [0.0, 0.5])
def test_a_keyword_that_a_kind_needs_and_does_not_get_is_an_error(kind: str, keyword: str, rate: float) -> None:
    with pytest.raises(InputError, match=f"{kind} noise needs {NEEDED[keyword]}"):
        flip_labels(LABELS, rate, 10, generator(), kind)


def test_the_keywords_of_other_kinds_mean_nothing() -> None:
    everything = {word: value for kind in NOISES for word, value in needs(kind, LABELS).items()}
    for kind in NOISES:
        alone = flip_labels(LABELS, 0.5, 10, generator(), kind, **needs(kind, LABELS))
        assert torch.equal(flip_labels(LABELS, 0.5, 10, generator(), kind, **everything), alone)


@in_turn(
    ("full", "kind"), [("human:a/b.npz:worse_label", "human"), ("human:b.npy", "human"), ("matrix:m.csv", "matrix")]
)
def test_of_a_full_name_only_the_kind_is_looked_at(full: str, kind: str) -> None:
    noisy = flip_labels(LABELS, 0.5, 10, generator(), full, **needs(kind, LABELS))
    assert torch.equal(noisy, flip_labels(LABELS, 0.5, 10, generator(), kind, **needs(kind, LABELS)))
    with pytest.raises(InputError, match=f"{full} noise needs"):
        flip_labels(LABELS, 0.5, 10, generator(), full)


def test_only_kinds_with_a_file_have_one_in_their_name() -> None:
    with pytest.raises(InputError, match=r"unknown noise 'symmetric:x\.npy'; did you mean"):
        flip_labels(LABELS, 0.5, 10, generator(), "symmetric:x.npy")
