"""New examples in one array of numpy's."""

from pathlib import Path

import numpy as np

from lsbench.data.archive import DAMAGED
from lsbench.data.new.forms import NewExamples, Wanted
from lsbench.data.of_network import features_cache
from lsbench.data.splits import IMAGE_DIMENSIONS, Splits
from lsbench.data.table.impute import filled
from lsbench.data.tidy import tidy_images
from lsbench.errors import InputError
from lsbench.names.executed import same_search_path

NAMES = ("x", "images", "x_test", "test_images")  # of the array in an .npz


def new_arrays(path: Path, wanted: Wanted) -> NewExamples:
    """The array of a .npy, or that of an .npz: its only one, or the one called x, images, x_test or test_images."""
    examples = tidy_images(str(path), _array(path))
    values = _features(str(path), examples, wanted.features) if wanted.features else examples
    if values.shape[1:] != wanted.shape:
        got, size = (" x ".join(map(str, shape)) for shape in (values.shape[1:], wanted.shape))
        raise InputError(f"the network takes examples of {size}, and those of {path} are {got}")
    if values.ndim != IMAGE_DIMENSIONS:
        values = filled(values, np.array(wanted.medians)) if wanted.medians else values
        if np.isnan(values).any():
            raise InputError(f"{path} has missing values (NaN), and the network was trained without any")
    return NewExamples(tuple(map(str, range(len(values)))), values)


def _array(path: Path) -> np.ndarray:
    try:
        with path.open("rb") as stream:
            file = np.load(stream, allow_pickle=False)
            return file if isinstance(file, np.ndarray) else file[_name(path, file.files)]
    except InputError:
        raise
    except DAMAGED as error:
        raise InputError(f"{path} is not a whole file of plain arrays ({error})") from error


def _name(path: Path, names: list[str]) -> str:
    fitting = names if len(names) == 1 else [name for name in NAMES if name in names]
    if not fitting:
        raise InputError(f"{path} holds {', '.join(names) or 'nothing'}; call the array of examples x")
    return fitting[0]


@same_search_path()
def _features(what: str, images: np.ndarray, network: str) -> np.ndarray:
    if images.dtype != np.uint8:
        raise InputError(f"features are made of images of bytes, 0 to 255; those of {what} are {images.dtype}")
    from lsbench.data.features.arrays import featured_splits
    from lsbench.data.features.network import find_network

    labels = np.zeros(len(images), np.int64)
    splits = Splits(images, labels, images[:0], labels[:0])
    return np.asarray(featured_splits(splits, what, find_network(network), features_cache()).train_images)
