"""Computes features in processes that are killed at random moments, and prints what was lost or done again.

Then in two processes at once.
"""

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
PARTS = ("train_images", "test_images")
PIXELS = np.repeat(np.arange(IMAGES, dtype=np.uint8), 3 * 9 * 9).reshape(IMAGES, 3, 9, 9)
SPLITS = Splits(PIXELS[:200], np.zeros(200, np.int64), PIXELS[200:], np.zeros(IMAGES - 200, np.int64))
torch.set_num_threads(1)
blocks.IMAGES = 4
NETWORK = find_network("tests.data.feature_networks:tiny:pause=0.001")


def main(folder):
    again, runs = killed(folder)
    features = compute(folder / "cache")
    both = together(folder)
    same = all(np.array_equal(getattr(features, p), getattr(compute(folder / "both"), p)) for p in PARTS)
    told = {"again": again, "seen": runs, "same": same, "left": left_in(folder)}
    told |= {"both": list(map(len, both)), "together": len({*both[0], *both[1]})}
    sys.stdout.write(json.dumps(told))


def killed(folder):
    """How many images of finished blocks were seen again, and how many each process saw: 20 are killed."""
    red_of = {digest: red for red, digest in enumerate(_digests(PIXELS, 0.0, 255.0))}
    finished, again, runs = set(), Counter(), []
    for kill in range(KILLS + 1):
        log = folder / f"seen-{kill}"
        child = start(log, folder / "cache", MOST if kill < KILLS else IMAGES)
        if kill < KILLS:
            wait_to_kill(log, random.Random(kill))
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        again.update(finished & set(reds_seen(log)))
        runs.append(len(reds_seen(log)))
        finished |= set(reds_in(folder / "cache" / NETWORK.key / "blocks", red_of))
    return again.total(), runs


def together(folder):
    """What each of two processes saw that began at once."""
    logs = [folder / "first", folder / "second"]
    for child in [start(log, folder / "both", IMAGES) for log in logs]:
        os.waitpid(child, 0)
    return list(map(reds_seen, logs))


def start(log, cache, most):
    """A process that computes all features, and waits to be killed once it has seen so many images."""
    log.touch()
    child = os.fork()
    if not child:
        os.environ |= {LOG: str(log), LIMIT: str(most)}
        compute(cache)
        os._exit(0)
    return child


def compute(cache):
    return featured_splits(SPLITS, "made", NETWORK, cache)


def reds_seen(log):
    return [int(line) for line in log.read_text().split()]


def left_in(folder):
    return [path.name for path in folder.rglob("*") if path.name.startswith(".") or path.suffix in (".npz", ".lock")]


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
