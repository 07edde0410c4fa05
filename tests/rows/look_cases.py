"""A small design, and files of answers to it."""

import csv
import hashlib

import numpy as np

from lsbench.data.looked_file import COLUMNS
from lsbench.rows.looks import DesignArm, StoredDesign

CLASSES = ("cat", "dog", "?bird")


def digest(number):
    return hashlib.sha256(b"item %d" % number).hexdigest()


def a_design(count=12, asked=8, seed=3, **changed):
    rng = np.random.default_rng(seed)
    sizes = rng.random(count) + 0.1
    numbers, order = np.arange(count), rng.permutation(count)
    values = {
        "dataset": "./photos",
        "fingerprint": "0123456789abcdef",
        "part": "test",
        "test_noise": "",
        "classes": CLASSES,
        "numbers": numbers,
        "given": rng.integers(0, 3, count),
        "sizes": sizes / sizes.sum(),
        "order": order,
        "seed": seed,
        "arms": (DesignArm("ce", ("0" * 16, "1" * 16)), DesignArm("gce q=0.7", ("2" * 16,))),
        "announced": (asked,),
        "digests": tuple(digest(numbers[i]) for i in order[:asked]),
        "version": "0.3.0",
    }
    return StoredDesign(**{**values, **changed})


def lines_of(design, labels, person="anna", first=0, **changed):
    """Answers to the items of the design's order, from its place `first`; None: not answered."""
    return [
        {
            "item": int(design.numbers[design.order[rank]]),
            "path": f"cat/{rank}.png",
            "sha256": digest(design.numbers[design.order[rank]]),
            "label": label or "",
            "person": person,
            "design": design.id,
            "probability": f"{design.sizes[design.order[rank]]:.6g}",
            "time": "2026-01-01T00:00:00Z",
            **changed,
        }
        for rank, label in enumerate(labels, first)
    ]


def write_answers(path, lines, columns=COLUMNS, separator=",", encoding="utf-8"):
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, columns, delimiter=separator, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(lines)
    return path
