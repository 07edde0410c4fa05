"""The user's own files that workers on other machines need: code and label files."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from lsbench.errors import InputError
from lsbench.names.catalogue import CLASS_WEIGHT_WORDS, LOSSES, NO_WEIGHTS
from lsbench.names.imports import OwnFile
from lsbench.names.reference import files_behind, is_own, parse
from lsbench.noise.files import file_of, has_file
from lsbench.planning.feasible import test_noises
from lsbench.planning.plan import arms_of
from lsbench.spec import Grid

MOST_BYTES = 200 * 2**20  # Ray itself refuses more than 500 MiB
LEFT_OUT = ("venv", "env", "node_modules", "site-packages", "build", "dist", "__pycache__")

Files = tuple[tuple[str, str], ...]  # each file's path in the folder that the nodes get, and its path here


def files_to_ship(grid: Grid, metrics: Iterable[str] = ()) -> Files:
    """The noises' files and, if anything of the grid is the user's, code.

    Code is all Python files below the current folder, and what the user's parts import of theirs from elsewhere, at a
    path from which it can be imported by the same name. `InputError` for more than `MOST_BYTES`.
    """
    noises = (*grid.noises, *test_noises(grid))
    names = [parse(text).name for text in (*grid.losses, *grid.models, *grid.datasets, *noises, *metrics)]
    own = [name for name in names if is_own(name)]
    code = [str(path) for path in _python_files(Path())] if own else []
    imported = {_shipped_path(module): str(module.path) for name in own for module in files_behind(name)}
    files = [file_of(name) for name in noises if has_file(name)]
    files += [*_matrix_files(grid), *_weights_files(grid)]
    below = [path for path in [*code, *files] if not Path(path).is_absolute() and ".." not in Path(path).parts]
    paths = {**imported, **{str(Path(path)): path for path in below if Path(path).is_file()}}
    if (size := sum(Path(path).stat().st_size for path in paths.values())) > MOST_BYTES:
        raise InputError(
            f"the files for the nodes have {size / 2**20:.0f} MiB, the most is {MOST_BYTES // 2**20}; start in the"
            " folder of your own code alone, and give large files by a whole path that all nodes see"
        )
    return tuple(sorted(paths.items()))


def _matrix_files(grid: Grid) -> list[str]:
    """The files of noise matrices that losses of the catalogue are given; the user's own losses take none."""
    losses = tuple(text for text in grid.losses if parse(text).name in LOSSES)
    arms = arms_of(replace(grid, losses=losses)) if losses else []
    return [arm.matrix_file for arm in arms if arm.matrix_file]


def _weights_files(grid: Grid) -> list[str]:
    """The files of class weights."""
    given = dict(grid.recipe).get("class_weights", NO_WEIGHTS)
    named = given if isinstance(given, tuple) else (given,)
    return [file for file in named if file not in CLASS_WEIGHT_WORDS]


@contextmanager
def copied(files: Files) -> Iterator[Path]:
    """A temporary folder with copies of the files, each at its path."""
    with TemporaryDirectory(prefix="lsbench-") as folder:
        for shipped, path in files:
            target = Path(folder) / shipped
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        yield Path(folder)


def _shipped_path(module: OwnFile) -> str:
    """Where an imported file lies below the current folder; if it does not, the path of the module."""
    path = module.path.resolve()
    if path.is_relative_to(Path.cwd()):
        return str(path.relative_to(Path.cwd()))
    if module.name.endswith(".py"):
        return module.name
    package = path.name == "__init__.py"
    return str(Path(*module.name.split(".")) / path.name if package else Path(*module.name.split(".")[:-1]) / path.name)


def _python_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in LEFT_OUT or path.is_symlink():
            continue
        if path.is_dir() and not (path / "pyvenv.cfg").exists():
            yield from _python_files(path)
        elif path.suffix == ".py":
            yield path
