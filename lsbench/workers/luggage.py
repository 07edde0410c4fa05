"""The user's own files that a stack needs where it is trained: code and label files of the current folder."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from lsbench.errors import InputError
from lsbench.noise.files import file_of, has_file
from lsbench.reference import is_own, parse
from lsbench.spec import Grid

MOST_BYTES = 200 * 2**20  # Ray itself refuses more than 500 MiB
LEFT_OUT = ("venv", "env", "node_modules", "site-packages", "build", "dist", "__pycache__")


def luggage_of(grid: Grid, metrics: Iterable[str] = ()) -> tuple[str, ...]:
    """Paths below the current folder: all Python files if anything of the grid is the user's, and the noises' files."""
    names = [parse(text).name for text in (*grid.losses, *grid.models, *grid.datasets, *grid.noises, *metrics)]
    code = list(_python_files(Path())) if any(map(is_own, names)) else []
    files = [Path(file_of(name)) for name in grid.noises if has_file(name)]
    there = [path for path in [*code, *files] if path.is_file()]
    found = sorted({str(path) for path in there if not path.is_absolute() and ".." not in path.parts})
    if (size := sum(Path(path).stat().st_size for path in found)) > MOST_BYTES:
        raise InputError(
            f"what travels to the nodes has {size / 2**20:.0f} MiB, the most is {MOST_BYTES // 2**20}; start in the"
            " folder of your own code alone, and give large files by a whole path that all nodes see"
        )
    return tuple(found)


@contextmanager
def packed(luggage: Iterable[str]) -> Iterator[Path]:
    """A folder with copies of the files, each at its own path."""
    with TemporaryDirectory(prefix="lsbench-") as folder:
        for path in luggage:
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        yield Path(folder)


def _python_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in LEFT_OUT or path.is_symlink():
            continue
        if path.is_dir() and not (path / "pyvenv.cfg").exists():
            yield from _python_files(path)
        elif path.suffix == ".py":
            yield path
