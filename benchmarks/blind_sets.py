"""Data sets as a user has them, with wrong labels in training and testing, and the truth that only the study keeps.

A set is written as `FOLDER/NAME/data.npz` or `FOLDER/NAME/photos/`, with the given labels alone. Its truth is
`FOLDER/truth/NAME.npz`: y_train and y_test as the source has them, the given labels beside them, and the realised
P(given | true) of the training labels. No command of lsbench is told of that file.

Sources: `features` (what EfficientNet-Lite0 makes of CIFAR-10, see features.py), `cifar` and `fashion` (pixels),
`photos` (pixels of CIFAR-10 as PNG files in train/ and test/). `catalogue` is Fashion-MNIST by its name, with
`--noise` and `--test-noise same`: there the study needs no file, as `decide --unknown-noise` has to behave as on own
data.

Kinds: symmetric, asymmetric (the data set's usual mistakes), instance, and people: CIFAR-10N's columns in training
(aggre, random1, worse), and in testing one person of CIFAR-10H drawn for each image (`one`), or a wrong answer among
ten people drawn for it where there is one (`of-ten`), much as CIFAR-10N's worse_label is a wrong one among three. The
test labels of the other kinds are wrong in the same way and at the same rate as the training labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image

from lsbench.data.idx import read_idx
from lsbench.names.catalogue import DATASETS
from lsbench.noise import flip_labels

K = 10
CATALOGUE_OF = {"features": "cifar10", "cifar": "cifar10", "photos": "cifar10", "fashion": "fashion-mnist"}
PEOPLE = {"aggre": "aggre_label", "random1": "random_label1", "worse": "worse_label"}
ASKED = (("aggre", "one"), ("random1", "one"), ("worse", "one"), ("random1", "of-ten"), ("worse", "of-ten"))
DRAWN = {"one": 1, "of-ten": 10}  # people of CIFAR-10H that are asked for each test image


class Arrays(NamedTuple):
    """Images and true labels of both parts."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


@dataclass(frozen=True)
class MadeSet:
    """One data set of the study, and the model that is trained on it."""

    source: str
    kind: str  # symmetric, asymmetric, instance, or people's: aggre, random1, worse
    rate: float = 0.0  # in the convention of the kind; people have their own
    model: str = "linear"
    epochs: int = 6
    train: int = 2000
    test: int = 1500
    people: str = ""  # whose labels the test set has: one, of-ten

    @property
    def name(self) -> str:
        """What its folder is called, and its line in the table."""
        noise = f"{self.kind}-{self.people}" if self.people else f"{self.kind}-{self.rate * 100:02.0f}"
        return f"{self.source}-{noise}-{self.model.partition(':')[0]}-{self.epochs}"

    @property
    def injected(self) -> bool:
        """Whether it is the catalogue's, with noise from lsbench's own options."""
        return self.source == "catalogue"


def _sets() -> list[MadeSet]:
    larger = {"epochs": 8, "train": 4000, "test": 3000}
    weak, strong = {"epochs": 1}, {"model": "mlp:widths=64", "epochs": 10}
    return [
        *(MadeSet("features", "symmetric", rate) for rate in (0.05, 0.1, 0.2, 0.3, 0.45)),
        *(MadeSet("features", "asymmetric", rate) for rate in (0.1, 0.2, 0.3, 0.45)),
        *(MadeSet("features", "instance", rate) for rate in (0.1, 0.3, 0.45)),
        *(MadeSet("features", kind, people=people, **larger) for kind, people in ASKED),
        *(MadeSet("features", "symmetric", rate, **strong) for rate in (0.2, 0.45)),
        MadeSet("features", "asymmetric", 0.3, **strong),
        MadeSet("features", "instance", 0.4, **strong),
        MadeSet("features", "worse", people="of-ten", **strong),
        *(MadeSet("features", kind, 0.3, **weak) for kind in ("symmetric", "asymmetric")),
        *(MadeSet("fashion", "symmetric", rate) for rate in (0.1, 0.3, 0.45)),
        *(MadeSet("fashion", "asymmetric", rate) for rate in (0.2, 0.4)),
        MadeSet("fashion", "instance", 0.3),
        *(MadeSet("fashion", kind, 0.4, **strong) for kind in ("symmetric", "asymmetric")),
        MadeSet("cifar", "symmetric", 0.2, epochs=3),
        MadeSet("cifar", "random1", people="one", epochs=3),
        MadeSet("cifar", "asymmetric", 0.3, model="mlp:widths=64", epochs=4),
        MadeSet("photos", "symmetric", 0.2, epochs=3, test=1000),
        MadeSet("photos", "worse", people="of-ten", model="mlp:widths=64", epochs=4, test=1000),
        MadeSet("catalogue", "symmetric", 0.2),
        MadeSet("catalogue", "asymmetric", 0.4),
        MadeSet("catalogue", "instance", 0.3),
    ]


SETS = {one.name: one for one in _sets()}


def make(one: MadeSet, number: int, data: Path, folder: Path) -> None:
    """Write its data and its truth, drawn from the generator of its number; nothing where the truth is there."""
    truth = folder / "truth" / f"{one.name}.npz"
    if truth.exists() or one.injected:
        return
    arrays = read_source(one, data)
    given_train, given_test = given_labels(one, arrays, np.random.default_rng([17, number]), data)
    (folder / one.name).mkdir(parents=True, exist_ok=True)
    (write_photos if one.source == "photos" else write_npz)(folder / one.name, arrays, given_train, given_test)
    matrix = realised(arrays.y_train, given_train)
    matrix_path(one, folder).parent.mkdir(parents=True, exist_ok=True)
    np.savetxt(matrix_path(one, folder), matrix, delimiter=",")
    truth.parent.mkdir(parents=True, exist_ok=True)
    np.savez(truth, y_train=arrays.y_train, y_test=arrays.y_test, given_train=given_train, given_test=given_test)


def matrix_path(one: MadeSet, folder: Path) -> Path:
    """Where the realised noise matrix of its training labels is kept."""
    return folder / "matrix" / f"{one.name}.csv"


def read_source(one: MadeSet, data: Path) -> Arrays:
    """The first images of each part."""
    if one.source == "fashion":
        folder = data / "FashionMNIST" / "raw"
        parts = [(f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte") for part in ("train", "t10k")]
        whole = Arrays(*(np.asarray(read_idx(folder / name)) for pair in parts for name in pair))
    else:
        with np.load(data / ("features.npz" if one.source == "features" else "cifar10.npz")) as file:
            whole = Arrays(file["x_train"], file["y_train"].ravel(), file["x_test"], file["y_test"].ravel())
    sizes = (one.train, one.train, one.test, one.test)
    return Arrays(*(array[:size] for array, size in zip(whole, sizes, strict=True)))


def given_labels(one: MadeSet, arrays: Arrays, draws: np.random.Generator, data: Path) -> tuple[np.ndarray, np.ndarray]:
    """The labels that the user has of both parts."""
    if one.people:
        with np.load(data / "cifar10n.npz") as file:
            train = file[PEOPLE[one.kind]][: one.train]
        with np.load(data / "cifar10h.npz") as file:
            return train, asked(file["counts"][: one.test], arrays.y_test, DRAWN[one.people], draws)
    return (
        flipped(one, arrays.y_train, arrays.x_train, draws),
        flipped(one, arrays.y_test, arrays.x_test, draws),
    )


def flipped(one: MadeSet, labels: np.ndarray, images: np.ndarray, draws: np.random.Generator) -> np.ndarray:
    """The labels with injected noise."""
    pixels = torch.from_numpy(images.reshape(len(images), -1)).double()
    normalised = (pixels - pixels.mean()) / pixels.std()
    mapping = DATASETS[CATALOGUE_OF[one.source]].asymmetric
    generator = torch.Generator().manual_seed(int(draws.integers(2**31)))
    inputs = {"instance": {"images": normalised}, "asymmetric": {"mapping": mapping}}.get(one.kind, {})
    return flip_labels(torch.from_numpy(labels.astype(np.int64)), one.rate, K, generator, one.kind, **inputs).numpy()


def asked(counts: np.ndarray, true: np.ndarray, people: int, draws: np.random.Generator) -> np.ndarray:
    """Of that many people, drawn for each image, a wrong answer where there is one; counts (n, K), labels (n,)."""
    shares = counts / counts.sum(1, keepdims=True)
    answers = np.stack([[draws.choice(K, p=row) for row in shares] for _ in range(people)])
    return asked_worst(answers, true)


def asked_worst(answers: np.ndarray, true: np.ndarray) -> np.ndarray:
    """The first wrong answer to each image, and the true class where all are right; answers (people, n)."""
    first_wrong = (answers != true).argmax(0)
    return answers[first_wrong, np.arange(len(true))]


def realised(true: np.ndarray, given: np.ndarray) -> np.ndarray:
    """P(given | true), (K, K); each row sums to 1."""
    counts = np.zeros((K, K))
    np.add.at(counts, (true, given), 1)
    return counts / counts.sum(1, keepdims=True)


def write_npz(folder: Path, arrays: Arrays, given_train: np.ndarray, given_test: np.ndarray) -> None:
    """The file that lsbench reads; a vector is an image of one pixel with as many channels."""
    x_train, x_test = (as_images(x) for x in (arrays.x_train, arrays.x_test))
    np.savez(folder / "data.npz", x_train=x_train, y_train=given_train, x_test=x_test, y_test=given_test)


def as_images(inputs: np.ndarray) -> np.ndarray:
    """Vectors (n, d) as (n, d, 1, 1); images as they are."""
    return inputs[:, :, None, None] if inputs.ndim == 2 else inputs


def write_photos(folder: Path, arrays: Arrays, given_train: np.ndarray, given_test: np.ndarray) -> None:
    """`photos/train/CLASS/00017.png`, ... : the number is the image's place in the source."""
    names = DATASETS["cifar10"].classes
    _write_part(folder / "photos" / "train", arrays.x_train, given_train, names)
    _write_part(folder / "photos" / "test", arrays.x_test, given_test, names)


def _write_part(folder: Path, images: np.ndarray, labels: np.ndarray, names: Sequence[str]) -> None:
    for i, (image, label) in enumerate(zip(images, labels, strict=True)):
        path = folder / names[label] / f"{i:05d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)


def order_of_photos(folder: Path) -> np.ndarray:
    """The numbers of the test images in lsbench's order: classes by name, then files by name."""
    return np.array([int(path.stem) for path in sorted((folder / "photos" / "test").glob("*/*.png"))])
