"""Augmentation against slow loops over single images, and its use of the generator."""

import re

import pytest
import torch
import torch.nn.functional as F

from lsbench.data.augment import Crop, Cutout, Flip, Translation, make_augment
from lsbench.data.augmentation import written
from lsbench.data.describe import Description
from lsbench.errors import InputError
from lsbench.planning.feasible import require_feasible
from lsbench.planning.models import plan_model
from lsbench.spec import Grid
from tests.in_turn import in_turn

MEAN, SD = torch.tensor([120.0, 100.0, 90.0]), torch.tensor([60.0, 50.0, 40.0])
IMAGES = torch.randn(64, 3, 8, 10, generator=torch.Generator().manual_seed(0)) + 5  # nowhere 0


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def changed(change, images=IMAGES, draws=None):
    return change.apply(images, change.draw(images.shape, draws or generator()))


def augmented(text, images, seed=0):
    return changed(make_augment(text, MEAN, SD), images, generator(seed))


def windows(image, padding):
    """Every crop of a padded image, by its offsets."""
    padded, (height, width) = F.pad(image, [padding] * 4), image.shape[-2:]
    steps = range(2 * padding + 1)
    return {(i, j): padded[:, i : i + height, j : j + width] for i in steps for j in steps}


def offsets(before, after, padding):
    return [
        next(at for at, window in windows(one, padding).items() if torch.equal(window, made))
        for one, made in zip(before, after, strict=True)
    ]


def test_a_crop_is_a_window_of_the_padded_image_and_all_are_equally_likely():
    images = IMAGES.repeat(40, 1, 1, 1)
    places = offsets(images, changed(Crop(1), images), 1)
    counts = torch.tensor([places.count((i, j)) for i in range(3) for j in range(3)]).double()
    expected = len(images) / 9
    assert float(((counts - expected) ** 2 / expected).sum()) < 26.1  # chi2 of 8 degrees at .001


def test_a_translation_moves_up_to_the_fraction_of_each_side():
    moved = changed(Translation(0.25))  # 2 of 8 rows, 2 of 10 columns
    places = offsets(IMAGES, moved, 2)
    assert {i for i, _ in places} == {j for _, j in places} == set(range(5))
    assert torch.equal(changed(Translation(0.05)), IMAGES)  # less than a pixel


def test_half_of_the_images_are_flipped_and_the_others_as_they_were():
    images = IMAGES.repeat(20, 1, 1, 1)
    made = changed(Flip(), images)
    same = (made == images).flatten(1).all(1)
    assert torch.equal(made[~same], images[~same].flip(3))
    assert 0.45 < float(same.double().mean()) < 0.55


@in_turn("side", [1, 3, 4, 30])
def test_cutout_erases_one_rectangle_of_at_most_its_side(side):
    made = changed(Cutout(side))
    for before, after in zip(IMAGES, made, strict=True):
        gone = (after == 0).all(0)
        rows, columns = gone.any(1).nonzero().squeeze(1), gone.any(0).nonzero().squeeze(1)
        assert torch.equal(gone, torch.zeros_like(gone).index_fill(0, rows, True) & gone.any(0))  # a full rectangle
        assert (len(rows) <= side, len(columns) <= side) == (True, True)
        assert len(rows) == int(rows.max() - rows.min()) + 1
        assert torch.equal(after[:, ~gone], before[:, ~gone])


def test_cutouts_centre_may_be_any_pixel():
    centres = {tuple((one[0] == 0).nonzero()[0].tolist()) for one in changed(Cutout(1), IMAGES.repeat(30, 1, 1, 1))}
    assert len(centres) == 80


def test_steps_come_one_after_the_other_from_one_generator():
    draws = generator(3)
    expected = changed(Flip(), changed(Crop(2), draws=draws), draws)
    assert torch.equal(augmented("crop-2,flip", IMAGES, 3), expected)
    assert torch.equal(augmented("", IMAGES, 3), IMAGES)


@in_turn("text", ["crop-2", "flip", "translate-0.3", "cutout-3", "randaugment-2-9"])
def test_equal_seeds_give_equal_images_others_others_and_the_input_stays(text):
    kept = IMAGES.clone()
    first = augmented(text, IMAGES, 1)
    assert first.shape == IMAGES.shape
    assert torch.equal(first, augmented(text, IMAGES, 1))
    assert not torch.equal(first, augmented(text, IMAGES, 2))
    assert torch.equal(IMAGES, kept)


@in_turn(
    ("text", "shape"),
    [
        ("randaugment-2-9", (3, 16, 16)),
        ("randaugment-3-30", (3, 9, 14)),
        ("randaugment-1-0", (3, 8, 8)),
        ("randaugment-2-9", (1, 12, 12)),
        ("randaugment-4-5", (1, 2, 5)),
    ],
)
def test_randaugment_is_torchvisions_on_the_raw_bytes(text, shape):
    from torchvision.transforms import RandAugment

    mean, sd = MEAN[: shape[0]], SD[: shape[0]]
    raw = torch.randint(0, 256, (200, *shape), generator=generator(), dtype=torch.uint8)
    raw[::3] = (raw[::3] * torch.rand(67, 1, 1, 1, generator=generator(1))).to(torch.uint8)
    raw[::5] = raw[::5] // 64 * 20  # few values
    raw[0] = 17
    made = changed(make_augment(text, mean, sd), (raw - mean.view(-1, 1, 1)) / sd.view(-1, 1, 1), generator(4))
    seed = int(torch.randint(2**62, (), generator=generator(4)))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        theirs = RandAugment(*map(int, text.split("-")[1:]))
        expected = torch.stack([theirs(image) for image in raw])
    assert torch.equal(made, (expected - mean.view(-1, 1, 1)) / sd.view(-1, 1, 1))


@in_turn("text", ["crop-2,flip", "translate-0.3,cutout-3", "randaugment-2-9"])
def test_several_batches_at_once_are_changed_as_each_alone(text):
    augment = make_augment(text, MEAN, SD)
    drawn = [augment.draw((32, 3, 8, 10), generator(seed)) for seed in (1, 2)]
    together = augment.apply(IMAGES, [torch.cat(pair) for pair in zip(*drawn, strict=True)])
    alone = [augment.apply(images, own) for images, own in zip(IMAGES.split(32), drawn, strict=True)]
    assert torch.equal(together, torch.cat(alone))


def test_randaugment_leaves_torchs_own_generator_alone():
    before = torch.get_rng_state()
    augmented("randaugment-1-5", IMAGES)
    assert torch.equal(torch.get_rng_state(), before)


@in_turn(
    ("mean", "sd"),
    [
        ([0.4], [0.7]),
        ([-0.1, 0.1, 0.1], [1.0, 1.0, 1.0]),
        ([0.0063], [3.64]),
        ([300.0], [10.0]),
        ([100.0, 9.0], [9.0] * 2),
    ],
)
def test_randaugment_of_images_that_are_neither_bytes_nor_in_0_to_1_is_an_error(mean, sd):
    with pytest.raises(InputError, match="randaugment needs grey or RGB images"):
        make_augment("randaugment", torch.tensor(mean), torch.tensor(sd))


def test_two_ways_of_writing_are_one():
    assert written(" crop-4 , flip") == written("crop-4,flip") == "crop-4,flip"
    assert written("randaugment") == written("randaugment-2-9")


@in_turn(
    ("text", "message"),
    [
        ("crop", "needs a number"),
        ("crop-x", "whole number"),
        ("crop-4-4", "takes 1 number"),
        ("crop--4", "crop"),
        ("flip,flip", "twice"),
        ("flop", "flip"),
        ("flip,", "empty step"),
        ("cutout-0", "cutout"),
        ("translate-1.5", "translate"),
    ],
)
def test_an_augmentation_that_can_not_be_is_an_error(text, message):
    with pytest.raises(InputError, match=message):
        make_augment(text, MEAN, SD)


@in_turn(
    ("text", "said"),
    [
        ("crop-8", "pixels of zero padding must be less than the 8 pixels"),
        ("flip,cutout-9", "side of the square in pixels must be less than the 8 pixels"),
        ("randaugment-1-1", "needs images of 1 or 3 channels, those of 'mine' have 2"),
        ("crop-7,cutout-7,translate-0.5", ""),
    ],
)
def test_an_augmentation_that_leaves_nothing_of_an_image_is_refused_at_planning(text, said):
    known = Description(
        name="mine",
        num_classes=2,
        train_examples=10,
        val_examples=0,
        test_examples=5,
        shape=(2, 8, 12),
        fingerprint="f",
        class_names=("a", "b"),
    )
    grid = Grid(models=("linear",), val=0.1)
    models = [plan_model("linear", {"augment": text})]
    if said:
        with pytest.raises(InputError, match=re.escape(said)):
            require_feasible(grid, known, models)
    else:
        require_feasible(grid, known, models)
