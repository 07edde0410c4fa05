"""New examples of any kind, in the form that a network was trained on."""

from pathlib import Path

from lsbench.data.folder.suffixes import is_image
from lsbench.data.new.forms import NewExamples, Wanted
from lsbench.data.table.options import is_table
from lsbench.errors import InputError
from lsbench.names.catalogue import TABLE

ARRAYS = (".npz", ".npy")


def new_examples(source: str, wanted: Wanted) -> NewExamples:
    """The examples of a folder of images, or one image, an .npz or .npy of one array, or a table.

    Labels, where there are some, are not looked at. `InputError`: nothing there, another kind of data than the network
    was trained on, another shape, columns that are missing.
    """
    path = require_there(source)
    if path.is_dir() or is_image(path.name):
        if wanted.kind == TABLE:
            raise InputError(f"the network takes rows of a table, and {source} has images")
        from lsbench.data.new.images import new_images

        return new_images(path, wanted)
    if path.suffix.lower() in ARRAYS:
        from lsbench.data.new.arrays import new_arrays

        return new_arrays(path, wanted)
    if wanted.kind != TABLE or not wanted.columns:
        raise InputError(
            f"{source} is a table; the network takes {' x '.join(map(str, wanted.shape))} numbers of images"
        )
    from lsbench.data.new.rows import new_rows

    return new_rows(path, wanted)


def require_there(source: str) -> Path:
    """The path of the examples, before a network is at hand; `InputError`: none, or of a kind that none takes."""
    path = Path(source).expanduser()
    if not path.exists():
        raise InputError(f"no file or folder {source}; it is looked for from the current folder, {Path.cwd()}")
    if not (path.is_dir() or is_image(path.name) or path.suffix.lower() in ARRAYS or is_table(path.name)):
        raise InputError(f"{source} is no folder of images, no image, no .npz or .npy, and no table")
    return path
