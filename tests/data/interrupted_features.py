"""Computes features in processes that are killed at random moments, and prints what was lost or done again."""

import json
import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path
from time import sleep

import numpy as np
import torch

from lsbench.data.features import blocks
from lsbench.data.features.arrays import _digests, featured_splits
from lsbench.data.features.network import find_network
from lsbench.data.splits import Splits
from tests.data.feature_networks import LIMIT, LOG

KILLS = 20
MOST = 12  # images that a process sees before it waits to be killed: so that 20 of them don't see all
IMAGES = 256
torch.set_num_threads(1)
blocks.IMAGES = 4


def main(folder):
    pixels = np.repeat(np.arange(IMAGES, dtype=np.uint8), 3 * 9 * 9).reshape(IMAGES, 3, 9, 9)
    labels = np.zeros(IMAGES, np.int64)
    splits = Splits(pixels[:200], labels[:200], pixels[200:], labels[200:])
    red_of = {digest: red for red, digest in enumerate(_digests(pixels, 0.0, 255.0))}
    network = find_network("tests.data.feature_networks:tiny:pause=0.001")
    finished, again, runs = set(), Counter(), []
    for kill in range(KILLS + 1):
        log = folder / f"seen-{kill}"
        os.environ[LOG] = str(log)
        os.environ[LIMIT] = str(MOST if kill < KILLS else IMAGES)
        log.touch()
        child = os.fork()
        if not child:
            featured_splits(splits, "made", network, folder / "cache")
            os._exit(0)
        if kill < KILLS:
            wait_to_kill(log, random.Random(kill))
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        reds = [int(line) for line in log.read_text().split()]
        again.update(finished & set(reds))
        runs.append(len(reds))
        finished |= set(reds_in(folder / "cache" / network.key / "blocks", red_of))
    features = featured_splits(splits, "made", network, folder / "cache")
    os.environ.pop(LOG)
    plain = featured_splits(splits, "made", network, folder / "other")
    same = all(np.array_equal(getattr(features, p), getattr(plain, p)) for p in ("train_images", "test_images"))
    left = [path.name for path in (folder / "cache").rglob("*") if path.suffix in (".npz", ".lock")]
    sys.stdout.write(json.dumps({"again": again.total(), "seen": runs, "same": same, "left": left}))


def wait_to_kill(log, draw):
    """Until it has seen some more images; then it is killed at whatever it does."""
    more = draw.randrange(MOST)
    while len(log.read_bytes().split()) < more:
        sleep(0.001)
    sleep(draw.random() * 0.01)


def reds_in(folder, red_of):
    """Which images the finished blocks are of."""
    for path in folder.glob("*.npz"):
        with np.load(path) as arrays:
            yield from (red_of[str(digest)] for digest in arrays["digests"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
