"""Near-duplicates: found whatever was done to an image, and no chains among images that are all of a kind."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from lsbench.data.alike.across import alike_across
from lsbench.data.alike.close_hashes import as_numbers, candidates, differing_bits
from lsbench.data.alike.near_duplicates import LEVELS, alike_examples
from lsbench.data.alike.thumbnails import area_means, thumbnails_of
from lsbench.data.doubts import doubts_of
from lsbench.data.splits import Splits


def scenes(count, side=40, seed=0):
    """Smooth random colour images, (n, 3, side, side) bytes, no two of which are alike."""
    draws = np.random.default_rng(seed)
    coarse = draws.integers(0, 256, (count, 3, 12, 12)).astype(np.uint8)
    enlarged = [Image.fromarray(c.transpose(1, 2, 0)).resize((side, side), Image.Resampling.BICUBIC) for c in coarse]
    return np.stack([np.asarray(image).transpose(2, 0, 1) for image in enlarged])


def changed(image, how):
    """An image (3, h, w) after a small change."""
    picture = Image.fromarray(image.transpose(1, 2, 0))
    side, pixels = picture.width, np.asarray(picture)
    noise = np.random.default_rng(0).normal(0, 8, pixels.shape)
    made = {
        "brighter": lambda: ImageEnhance.Brightness(picture).enhance(1.3),
        "less contrast": lambda: ImageEnhance.Contrast(picture).enhance(0.6),
        "grey": lambda: picture.convert("L").convert("RGB"),
        "smaller and back": lambda: picture.resize((side // 2, side // 2)).resize((side, side)),
        "cut by a pixel": lambda: picture.crop((1, 1, side, side)).resize((side, side)),
        "noisy": lambda: Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8)),
    }
    return np.asarray(made[how]()).transpose(2, 0, 1)


CHANGES = ("brighter", "less contrast", "grey", "smaller and back", "cut by a pixel", "noisy")


def test_images_that_were_changed_a_little_are_with_their_origins_and_others_stand_alone():
    images = scenes(300)
    changes = np.stack([changed(images[i], how) for i, how in enumerate(CHANGES)])
    alike = alike_examples(np.concatenate([images, changes]))
    assert alike.level == LEVELS[0]
    assert alike.numbers.tolist() == [*range(300), *range(len(CHANGES))]


def test_several_parts_are_one_set_and_floats_are_as_good_as_bytes():
    images = scenes(60)
    whole = alike_examples(np.concatenate([images, images[:5]]))
    assert np.array_equal(whole.numbers, alike_examples(images, images[:5]).numbers)
    assert np.array_equal(whole.numbers, alike_examples(images / np.float32(255), images[:5] / np.float32(255)).numbers)


def test_images_of_one_grey_are_alike_only_where_they_are_equal():
    grey = np.repeat(np.arange(20, dtype=np.uint8), 36).reshape(20, 1, 6, 6)
    assert alike_examples(grey).numbers.tolist() == list(range(20))
    assert alike_examples(grey[[0, 1, 0]]).numbers.tolist() == [0, 1, 0]


def test_a_chain_of_images_that_are_all_of_a_kind_is_no_unit():
    draws = np.random.default_rng(0)
    stroke = np.zeros((28, 28))
    stroke[4:24, 12:16] = 255
    digits = np.stack([np.roll(stroke, draws.integers(-3, 4, 2), (0, 1)) for _ in range(400)])
    digits = np.clip(digits + draws.normal(0, 12, digits.shape), 0, 255).astype(np.uint8)[:, None]
    alike = alike_examples(digits)
    assert alike.level is None or alike.level.correlation > LEVELS[0].correlation
    assert np.bincount(alike.numbers).max() <= 20


def test_very_small_images_are_alike_where_they_are_equal():
    """Of 16 random pixels the hashes and thumbnails of some of many pairs are close by chance."""
    images = np.random.default_rng(0).normal(size=(2000, 1, 4, 4)).astype(np.float32)
    images[7] = images[3]
    alike = alike_examples(images)
    assert alike.level is None
    assert np.flatnonzero(alike.numbers != np.arange(2000)).tolist() == [7]
    splits = Splits(images[:1000], np.zeros(1000, int), images[1000:], np.zeros(1000, int))
    assert alike_across(splits) is None


def test_vectors_are_alike_where_they_are_equal():
    vectors = np.array([[1.0, 2.0], [1.0, 2.5], [1.0, 2.0]])
    alike = alike_examples(vectors)
    assert (alike.numbers.tolist(), alike.level) == ([0, 1, 0], None)


def test_hashes_that_differ_in_few_bits_are_among_the_candidates():
    draws = np.random.default_rng(0)
    bits = draws.random((800, 64)) < 0.5
    near = bits[:100].copy()
    near[np.arange(100)[:, None], draws.permuted(np.tile(np.arange(64), (100, 1)), axis=1)[:, :6]] ^= True
    codes = {code for i, j in candidates(np.concatenate([bits, near])) for code in (1000 * i + j).tolist()}
    assert sum(bool({1000 * i + 800 + i, 1000 * (800 + i) + i} & codes) for i in range(100)) >= 98
    assert len(codes) <= 32 * 8 * 900


def test_differing_bits_are_counted_with_and_without_numpys_own_function(monkeypatch):
    hashes = as_numbers(np.eye(64, dtype=bool))
    assert differing_bits(hashes, hashes[[0] * 64]).tolist() == [0, *[2] * 63]
    monkeypatch.delattr(np, "bitwise_count", raising=False)
    assert differing_bits(hashes, hashes[[0] * 64]).tolist() == [0, *[2] * 63]


def test_the_hash_is_of_the_lowest_frequencies_and_areas_are_averaged():
    assert area_means(3, 2).ravel().tolist() == pytest.approx([2 / 3, 1 / 3, 0, 0, 1 / 3, 2 / 3])
    image = scenes(1, side=64)
    grey = np.tensordot([0.299, 0.587, 0.114], image[0].astype(float), (0, 0)).reshape(32, 2, 32, 2).mean((1, 3))
    from scipy.fft import dctn

    low = dctn(grey, type=2)[:8, :8].ravel()
    (found,) = thumbnails_of([image]).bits
    margin = np.abs(low - np.median(low)) > 1e-3 * np.abs(low).max()
    assert np.array_equal(found[margin], (low > np.median(low))[margin])


def test_test_images_that_look_like_training_images_are_a_doubt():
    images, labels = scenes(200), np.arange(200) % 2
    test = np.stack([changed(image, CHANGES[i % 6]) for i, image in enumerate(images[:5])])
    splits = Splits(images[:150], labels[:150], np.concatenate([test, images[150:]]), labels[:55])
    (doubt,) = doubts_of(splits)
    assert doubt.startswith("5 of 55 test images look like a training image (perceptual hashes that differ in")
    assert alike_across(splits._replace(test_images=images[150:])).test == 0
