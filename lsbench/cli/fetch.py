"""What must be on this machine before any cell is trained: data sets, and the weights that training starts from."""

from collections.abc import Sequence
from pathlib import Path

from lsbench.data.published_files import download as download_data
from lsbench.names.dataset_name import features_of
from lsbench.names.reference import parse
from lsbench.names.resolve import TORCHVISION
from lsbench.spec import Grid


def fetch(grid: Grid, data_dir: Path | None, *, download: bool) -> None:
    """Download what is missing, if asked to; weights that are not there are an `InputError` that names the file."""
    fetch_data(grid.datasets, data_dir, download=download)
    for model in map(parse, grid.models):
        if model.name.startswith(TORCHVISION) and model.options.get("pretrained") is True:
            from lsbench.data.features.torchvision_weights import fetch_weights  # torchvision, which takes seconds

            fetch_weights(model.name.removeprefix(TORCHVISION), download=download)


def fetch_data(datasets: Sequence[str], data_dir: Path | None, *, download: bool) -> None:
    """The same for data sets, and for the networks that their features are of."""
    for name in datasets if download else ():
        download_data(name, data_dir)
    for network in dict.fromkeys(filter(None, map(features_of, datasets))):
        from lsbench.data.features.network import fetch_network

        fetch_network(network, download=download)
