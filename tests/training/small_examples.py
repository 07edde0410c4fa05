"""The examples of small trainings: every cell takes all of them."""

import torch

from lsbench.data.augment import make_augment
from lsbench.training.batches import Examples


def examples_of(images, labels, seeds, changes=None, kept=None):
    """Examples of images (n, ...) and labels (n) or (cells, n), on the device where these are."""
    cells, places = len(seeds), torch.arange(len(images), device=images.device)
    return Examples(images, labels.expand(cells, -1), places.expand(cells, -1), seeds, changes, kept)


def augmentation(text, channels):
    """What changes images whose channels have one mean and one standard deviation; None where nothing is written."""
    colour = torch.full((channels,), 100.0)
    return make_augment(text, colour, colour / 2) if text else None
