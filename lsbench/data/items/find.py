"""Where the examples of a part are."""

from pathlib import Path

from lsbench.data.describe import read
from lsbench.data.items.item import Source
from lsbench.data.items.of_origin import source_in
from lsbench.data.origin import find_origin
from lsbench.errors import require_choice
from lsbench.names.dataset_name import of_images

PARTS = ("test", "train")


def source_of(name: str, part: str, data_dir: Path | None = None) -> Source:
    """The examples of a part: of features the images that these are of."""
    require_choice("part", part, PARTS)
    name = of_images(name)
    splits, description = read(name, data_dir)
    return source_in(find_origin(name, data_dir), part, splits, description.paths)
