"""The user's own files that a stack needs where it is trained: code and label files."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from lsbench.errors import InputError
from lsbench.names.imports import Named
from lsbench.names.reference import files_behind, is_own, parse
from lsbench.noise.files import file_of, has_file
from lsbench.spec import Grid

MOST_BYTES = 200 * 2**20  # Ray itself refuses more than 500 MiB
LEFT_OUT = ("venv", "env", "node_modules", "site-packages", "build", "dist", "__pycache__")

Luggage = tuple[tuple[str, str], ...]  # each file's place in the folder that the nodes get, and where it is here


def luggage_of(grid: Grid, metrics: Iterable[str] = ()) -> Luggage:
    """What is to travel: the noises' files and, if anything of the grid is the user's, code.

    That is all Python files below the current folder, and what the user's parts import of theirs from elsewhere, at a
    place from which it can be imported by the same name.
    """
    names = [parse(text).name for text in (*grid.losses, *grid.models, *grid.datasets, *grid.noises, *metrics)]
    own = [name for name in names if is_own(name)]
    code = [str(path) for path in _python_files(Path())] if own else []
    imported = {_place_of(one): str(one.path) for name in own for one in files_behind(name)}
    files = [file_of(name) for name in grid.noises if has_file(name)]
    below = [path for path in [*code, *files] if not Path(path).is_absolute() and ".." not in Path(path).parts]
    found = {**imported, **{str(Path(path)): path for path in below if Path(path).is_file()}}
    if (size := sum(Path(path).stat().st_size for path in found.values())) > MOST_BYTES:
        raise InputError(
            f"what travels to the nodes has {size / 2**20:.0f} MiB, the most is {MOST_BYTES // 2**20}; start in the"
            " folder of your own code alone, and give large files by a whole path that all nodes see"
        )
    return tuple(sorted(found.items()))


@contextmanager
def packed(luggage: Luggage) -> Iterator[Path]:
    """A folder with copies of the files, each at its place."""
    with TemporaryDirectory(prefix="lsbench-") as folder:
        for place, path in luggage:
            target = Path(folder) / place
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        yield Path(folder)


def _place_of(one: Named) -> str:
    """Where an imported file lies below the current folder; if it does not, where it is imported from as a module."""
    path = one.path.resolve()
    if path.is_relative_to(Path.cwd()):
        return str(path.relative_to(Path.cwd()))
    if one.name.endswith(".py"):
        return one.name
    package = path.name == "__init__.py"
    return str(Path(*one.name.split(".")) / path.name if package else Path(*one.name.split(".")[:-1]) / path.name)


def _python_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in LEFT_OUT or path.is_symlink():
            continue
        if path.is_dir() and not (path / "pyvenv.cfg").exists():
            yield from _python_files(path)
        elif path.suffix == ".py":
            yield path
