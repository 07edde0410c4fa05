"""The options of a data set's name that say which network's features stand for its images."""

from lsbench.names.reference import Reference, parse

FEATURES, NETWORK = "features", "network"


def without_features(dataset: str) -> str:
    """The name of a data set as its images are named, whatever features stand for them.

    Example:
        >>> without_features("./photos:features=torchvision:network=resnet18:groups=who.csv")
        './photos:groups=who.csv'
    """
    reference = parse(dataset)
    kept = {word: value for word, value in reference.options.items() if not _is_of_features(word)}
    return dataset if kept == reference.options else str(Reference(reference.name, kept))


def _is_of_features(word: str) -> bool:
    return word in (FEATURES, NETWORK) or word.startswith(f"{FEATURES}.")
