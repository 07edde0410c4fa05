"""`--unknown-noise` on noise that was added says what is said of own data with the same wrong labels."""

import json
import re

import numpy as np

from lsbench.data.blobs import make_splits
from lsbench.noise import flip_labels
from lsbench.seeding import stream

RATE, NOISE_SEED = 0.24, 3
TRAINED = ("--model", "linear", "--loss", "ce,gce", "--epochs", "2", "--seeds", "2", "--folds", "2")
ADDED = ("--noise", RATE, "--noise-seed", NOISE_SEED, "--test-noise", "same", "--test-noise-seed", NOISE_SEED)


def save_with_wrong_labels(path):
    """The catalogue's set as a user would have it: an npz with the wrong labels, and no others."""
    splits = make_splits()
    train = flip_labels(splits.train_labels, RATE, 10, stream(NOISE_SEED, "noise"))
    test = flip_labels(splits.test_labels, RATE, 10, stream(NOISE_SEED, "test noise"))
    arrays = {"x_train": splits.train_images, "y_train": train, "x_test": splits.test_images, "y_test": test}
    np.savez(path, **{name: array.numpy() for name, array in arrays.items()})


def plain(text):
    """Without the names of the data set and of the results, and rulers that are as long as these."""
    text = re.sub(r"(lsbench \w+) (added|own)\b", r"\1 RESULTS", text)
    return re.sub(r"-{10,}", "---", text.replace("./blobs.npz", "DATA").replace("blobs", "DATA"))


def trained(lsbench, folder):
    save_with_wrong_labels(folder / "blobs.npz")
    added = lsbench("run", "--dataset", "blobs", *TRAINED, *ADDED, "--save-logits", "--out", "added")
    own = lsbench("run", "--dataset", "./blobs.npz", *TRAINED, "--out", "own")
    assert (added[0], own[0]) == (0, 0), added[2] + own[2]


def test_added_noise_that_is_taken_for_unknown_is_told_as_that_of_own_data(lsbench, tmp_path):
    trained(lsbench, tmp_path)
    for by in ("accuracy", "nll"):
        added, own = (lsbench("decide", *asked, "--by", by) for asked in ASKED)
        assert (added[0], plain(added[1]), added[2]) == (0, plain(own[1]), own[2])
    added, own = (json.loads(plain(lsbench("decide", *asked, "--json")[1])) for asked in ASKED)
    assert added == own
    assert added[0]["contradicted"]["count"] == 2000
    assert "made wrong" in lsbench("decide", "added")[1]
    code, _, said = lsbench("decide", "own", "--by", "ece", "--temperature", "known")
    assert (code, "needs the true noise matrix, which nobody has of labels as given" in said) == (4, True)
    assert "--temperature none or noisy, estimated, or say --trust train" in said


ASKED = (("added", "--unknown-noise"), ("own",))
