"""The labels of people: exactly theirs at rate 1, nested shares of them below; and CIFAR-10N's published rates."""

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Generator, Tensor

from lsbench.errors import DtypeError, InputError
from lsbench.noise import flip_labels, noise_record
from lsbench.noise.files import read_labels
from tests.in_turn import in_turn
from tests.noise.noise_cases import real_file

TRUE = torch.randint(10, (5000,), generator=Generator().manual_seed(1))
PEOPLES = torch.where(torch.rand(5000, generator=Generator().manual_seed(2)) < 0.3, (TRUE + 3) % 10, TRUE)


def flipped(rate: float, given: Tensor | np.ndarray = PEOPLES, seed: int = 0) -> Tensor:
    return flip_labels(TRUE, rate, 10, Generator().manual_seed(seed), "human", given=given)


def test_at_rate_one_every_label_is_the_human_one() -> None:
    assert torch.equal(flipped(1), PEOPLES)


@in_turn("rate", [0.0, 0.1, 0.5, 0.9])
def test_a_label_is_replaced_where_the_draw_is_below_the_rate(rate: float) -> None:
    chances = torch.rand(5000, generator=Generator().manual_seed(0), dtype=torch.float64).tolist()
    pairs = zip(chances, TRUE.tolist(), PEOPLES.tolist(), strict=True)
    assert flipped(rate).tolist() == [theirs if chance < rate else true for chance, true, theirs in pairs]


def test_the_realised_rate_is_that_share_of_the_peoples() -> None:
    differing = int((PEOPLES != TRUE).sum())
    wrong = int((flipped(0.4) != TRUE).sum())
    assert stats.binomtest(wrong, differing, 0.4).pvalue > 1e-4


@in_turn("dtype", [np.uint8, np.int16, np.int64])
def test_an_array_is_taken_like_a_tensor(dtype: type) -> None:
    assert torch.equal(flipped(0.5, PEOPLES.numpy().astype(dtype)), flipped(0.5))


@in_turn("count", [0, 1, 4999])
def test_labels_of_another_length_are_an_error(count: int) -> None:
    with pytest.raises(InputError, match=f"human label of every example.* got {count} for 5000 labels"):
        flipped(0.5, PEOPLES[:count])


def test_labels_that_are_no_class_numbers_are_an_error() -> None:
    with pytest.raises(InputError, match=r"given must be class numbers in \[0, 10\), got 12"):
        flipped(0.5, PEOPLES + 3)
    with pytest.raises(DtypeError, match=r"given must (be|have) an integer"):
        flipped(0.5, PEOPLES.double())


@pytest.mark.parametrize(
    ("key", "percent"),
    [
        ("aggre_label", 9.01),
        ("random_label1", 17.23),
        ("random_label2", 18.12),
        ("random_label3", 17.64),
        ("worse_label", 40.21),
    ],
)
def test_cifar_10n_has_its_published_rates(key: str, percent: float, monkeypatch: pytest.MonkeyPatch) -> None:
    clean = torch.from_numpy(np.load(real_file("cifar10n.npz"))["clean_label"])
    monkeypatch.chdir(real_file("cifar10n.npz").parent)
    name = f"human:cifar10n.npz:{key}"
    noisy = flip_labels(clean, 1, 10, Generator(), name, given=read_labels(name, 50_000, 10))
    described = noise_record(clean, noisy, kind=name, rate=1, num_classes=10, seed=0)
    assert described.realised is not None
    assert round(100 * described.realised, 2) == pytest.approx(percent, abs=0.0051)
    assert described.kind == name
