"""Image-dependent noise against scipy and a loop over the examples, on the same draws, and by statistics."""

import itertools

import numpy as np
import pytest
import torch
from scipy import special, stats
from torch import Generator, Tensor

from lsbench.errors import DtypeError, InputError
from lsbench.noise import flip_labels
from lsbench.noise.instance import own_rates
from tests.in_turn import in_turn
from tests.noise.noise_cases import some_images

RATES = (0.0, 0.01, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)


def generator(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


def some_labels(n: int, num_classes: int) -> Tensor:
    return torch.randint(num_classes, (n,), generator=generator(99))


def flipped(labels: Tensor, rate: float, num_classes: int, images: Tensor, seed: int = 0) -> Tensor:
    return flip_labels(labels, rate, num_classes, generator(seed), "instance", images=images)


def truncated(rate: float) -> stats.rv_continuous:
    return stats.truncnorm(-rate / 0.1, (1 - rate) / 0.1, rate, 0.1)


def slow(labels: Tensor, rate: float, num_classes: int, images: Tensor, seed: int = 0) -> list[int]:
    """From the definition, example by example."""
    draws = generator(seed)
    hit, own, pick = (torch.rand(len(labels), generator=draws, dtype=torch.float64).numpy() for _ in range(3))
    flat = images.double().numpy().reshape(len(images), -1)
    shape = (flat.shape[1], num_classes)
    weights = [torch.randn(shape, generator=draws, dtype=torch.float64).numpy() for _ in range(num_classes)]
    noisy, own_rate = [], truncated(rate).ppf(own) if rate else own
    for i, label in enumerate(labels.tolist()):
        wrong = rate > 0 and hit[i] < own_rate[i]
        scores = np.array([-np.inf if j == label else flat[i] @ weights[label][:, j] for j in range(num_classes)])
        reached = np.cumsum(special.softmax(scores))
        noisy.append(next(j for j in range(num_classes) if reached[j] > pick[i] * reached[-1]) if wrong else label)
    return noisy


@in_turn("num_classes", [2, 3, 10])
@in_turn("rate", RATES)
def test_it_equals_the_slow_formula_on_the_same_draws(num_classes: int, rate: float) -> None:
    labels, images = some_labels(300, num_classes), some_images(300, 0.3)
    assert flipped(labels, rate, num_classes, images).tolist() == slow(labels, rate, num_classes, images)


@in_turn("rate", [1e-6, 0.01, 0.1, 0.2, 0.5, 0.77, 0.9, 0.999, 1.0])
def test_an_images_own_rate_is_the_quantile_of_the_truncated_normal(rate: float) -> None:
    chances = torch.cat([torch.linspace(0, 1, 2001, dtype=torch.float64)[:-1], torch.tensor([1 - 2.0**-53]).double()])
    found = own_rates(rate, chances).numpy()
    np.testing.assert_allclose(found[:-1], truncated(rate).ppf(chances.numpy())[:-1], rtol=0, atol=1e-9)
    assert found[0] == pytest.approx(0, abs=1e-9)
    assert ((found >= 0) & (found <= 1)).all()


def test_an_images_own_rate_only_grows_with_the_rate() -> None:
    chances = torch.rand(2000, generator=generator(), dtype=torch.float64)
    by_rate = torch.stack([own_rates(rate, chances) for rate in np.linspace(0, 1, 101)])
    assert (by_rate.diff(dim=0) > 0).all()


@in_turn("rate", RATES[1:])
def test_the_realised_rate_is_the_mean_of_the_truncated_normal(rate: float) -> None:
    labels = some_labels(50_000, 10)
    wrong = int((flipped(labels, rate, 10, torch.zeros(50_000, 1)) != labels).sum())
    assert stats.binomtest(wrong, 50_000, truncated(rate).mean()).pvalue > 1e-4


def test_the_means_in_the_docstring_are_scipys() -> None:
    known = {0.1: 0.1288, 0.2: 0.2055, 1.0: 0.9202, 1e-9: 0.0798}
    for rate, mean in known.items():
        assert truncated(rate).mean() == pytest.approx(mean, abs=5e-5)
    for rate in (0.3, 0.4, 0.5, 0.6, 0.7):
        assert truncated(rate).mean() == pytest.approx(rate, abs=5e-4)


def test_one_image_is_mistaken_for_each_class_as_often_as_its_scores_say() -> None:
    image, n, label = some_images(1, 0.2), 60_000, 3
    labels = torch.full((n,), label)
    noisy = flipped(labels, 0.4, 6, image.expand(n, 2, 3, 4))
    draws = generator()
    torch.rand(3 * n, generator=draws, dtype=torch.float64)
    weights = [torch.randn(24, 6, generator=draws, dtype=torch.float64) for _ in range(6)][label].numpy()
    scores = image.double().numpy().ravel() @ weights
    scores[label] = -np.inf
    expected = 0.4000134 * special.softmax(scores)
    expected[label] = 1 - 0.4000134
    counts = np.bincount(noisy.numpy(), minlength=6)
    assert expected.min() > 0.01
    assert stats.chisquare(counts, n * expected / expected.sum()).pvalue > 1e-4


def test_images_decide_which_class_and_not_whether() -> None:
    labels = some_labels(2000, 10)
    one, other = (flipped(labels, 0.4, 10, images) for images in (some_images(2000), some_images(2000).flip(0)))
    assert torch.equal(one != labels, other != labels)
    assert not torch.equal(one, other)


def test_like_images_of_a_class_are_mistaken_for_the_same_class() -> None:
    labels = torch.arange(10).repeat(100)
    loud = 100 * some_images(10).repeat(100, 1, 1, 1)  # the softmax of loud images is an argmax
    noisy = flipped(labels, 0.5, 10, loud)
    moves = set(zip(labels[noisy != labels].tolist(), noisy[noisy != labels].tolist(), strict=True))
    assert len(moves) == 10


def test_rate_zero_is_no_noise_although_the_limit_of_the_formula_is() -> None:
    labels = some_labels(2000, 10)
    assert torch.equal(flipped(labels, 0.0, 10, some_images(2000)), labels)
    assert (flipped(labels, 1e-9, 10, some_images(2000)) != labels).double().mean() > 0.05


def test_with_two_classes_only_the_other_one_is_left() -> None:
    labels, images = some_labels(2000, 2), some_images(2000)
    wrong = [flipped(labels, rate, 2, images) != labels for rate in RATES]
    assert wrong[-1].double().mean() > 0.9
    assert all((high | ~low).all() for low, high in itertools.pairwise(wrong))


def test_a_large_class_is_done_in_parts_that_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    labels, images = torch.zeros(500, dtype=torch.long), some_images(500)
    whole = flipped(labels, 0.8, 4, images)
    monkeypatch.setattr("lsbench.noise.instance.ROWS", 7)
    assert torch.equal(flipped(labels, 0.8, 4, images), whole)


@in_turn("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_images_of_any_floating_dtype_and_layout_are_taken(dtype: torch.dtype) -> None:
    labels, images = some_labels(300, 5), some_images(300).to(torch.bfloat16).to(torch.float16).to(torch.bfloat16)
    expected = flipped(labels, 0.5, 5, images.float())
    assert torch.equal(flipped(labels, 0.5, 5, images.to(dtype)), expected)
    assert torch.equal(flipped(labels, 0.5, 5, images.contiguous(memory_format=torch.channels_last)), expected)


@in_turn("wrong", [float("nan"), float("inf"), -float("inf"), 1e200])
def test_an_image_that_is_not_finite_is_an_error_even_if_its_label_stays(wrong: float) -> None:
    labels, images = some_labels(50, 5), some_images(50).double()
    stays = int((flipped(labels, 0.1, 5, images) == labels).nonzero()[0])
    images[stays, 0, 0, 0] = wrong
    with pytest.raises(InputError, match=r"images must be finite numbers below 1e\+100, got (nan|inf|-inf|1e\+200)"):
        flipped(labels, 0.1, 5, images)


@in_turn("shape", [(50,), (49, 3), (51, 1, 2, 2), (), (1, 50)])
def test_images_that_are_not_one_for_each_label_are_an_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"images must have shape \(n, ...\) with n = 50, one for each label; got"):
        flipped(some_labels(50, 5), 0.5, 5, torch.zeros(shape))


@in_turn("images", [torch.zeros(50, 3, dtype=torch.uint8), np.zeros((50, 3), int), np.zeros((50, 3), bool)])
def test_images_that_are_no_floating_point_tensor_are_an_error(images: object) -> None:
    with pytest.raises(DtypeError, match="images must be "):
        flipped(some_labels(50, 5), 0.5, 5, images)  # type: ignore[arg-type]
