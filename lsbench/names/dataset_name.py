"""What the name of a data set says: whether it is of the catalogue, and whether features of its images are meant.

`--features torchvision:resnet18` puts the network into the name, `./photos:features=torchvision:network=resnet18`, with
the network's own options as `features.size=128`. No file is read here.
"""

from functools import lru_cache

from lsbench.errors import InputError
from lsbench.names.catalogue import DATASETS
from lsbench.names.reference import Reference, parse

FEATURES, NETWORK, OWN = "features", "network", "features."  # options of any data set of images
WRITTEN = "torchvision:NAME, timm:NAME, package.module:factory or ./file.py:factory"


def with_features(dataset: str, features: str) -> str:
    """The name of a data set, as features of the network that `--features` names.

    Example:
        >>> with_features("./photos", "torchvision:resnet18"), with_features("mnist", "./lite0.py:net:size=128")
        ('./photos:features=torchvision:network=resnet18', 'mnist:features=./lite0.py:features.size=128:network=net')
    """
    if features_of(dataset):
        raise InputError(f"data set {dataset!r} names its features already; leave out --features")
    if "," in features:
        raise InputError(f"--features takes one network, got {features!r}; train once for each, into the same folder")
    reference, network = parse(dataset), parse(features.strip())
    place, _, name = network.name.rpartition(":")
    if not place or not name:
        raise InputError(f"features are written {WRITTEN}; got {features!r}")
    own = {f"{OWN}{word}": value for word, value in network.options.items()}
    return str(Reference(reference.name, {**reference.options, FEATURES: place, NETWORK: name, **own}))


def without_features(reference: Reference) -> tuple[Reference, str]:
    """The name of the images alone, and the network as `--features` takes it; "" where the images are meant."""
    if not {FEATURES, NETWORK} <= set(reference.options):  # one alone is an option of a function of the user's
        return reference, ""
    own = {word.removeprefix(OWN): value for word, value in reference.options.items() if word.startswith(OWN)}
    rest = {word: value for word, value in reference.options.items() if not word.startswith(OWN)}
    place, name = rest.pop(FEATURES), rest.pop(NETWORK)
    return Reference(reference.name, rest), str(Reference(f"{place}:{name}", own))


@lru_cache(maxsize=1024)
def features_of(dataset: str) -> str:
    """The network whose features of the images are meant, as `--features` takes it; "" for the images themselves."""
    return _apart(dataset)[1]


def of_images(dataset: str) -> str:
    """The name of the images that features are of; other names as they are."""
    return str(_apart(dataset)[0]) if features_of(dataset) else dataset


@lru_cache(maxsize=1024)
def is_of_catalogue(dataset: str) -> bool:
    """Whether the examples and labels are those of a published data set of the catalogue, as images or as features."""
    return _apart(dataset)[0].name in DATASETS


def shown_dataset(dataset: str) -> str:
    """A data set as a title has it: `./photos (features of torchvision:resnet18)`."""
    network = features_of(dataset)
    return f"{of_images(dataset)} (features of {network})" if network else dataset


def quoted(dataset: str) -> str:
    """A data set as a sentence has it: `'./photos' (features of torchvision:resnet18)`."""
    network = features_of(dataset)
    return f"{of_images(dataset)!r}{f' (features of {network})' if network else ''}"


def _apart(dataset: str) -> tuple[Reference, str]:
    """The images' name and the network; of a text that is no name, as a row may hold any, the text."""
    try:
        return without_features(parse(dataset))
    except InputError:
        return Reference(dataset), ""
