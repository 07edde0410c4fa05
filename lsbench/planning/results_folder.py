"""What a results folder needs before training: it is writable, has enough space, and holds the study."""

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from lsbench.data.describe import describe
from lsbench.errors import InputError
from lsbench.names.encoding import to_bytes
from lsbench.planning.plan import CheckedGrid
from lsbench.planning.study import study_of, write_study
from lsbench.planning.tuning import tuned_eps, tuned_losses
from lsbench.spec import Cell, Place, Recipe

HERE = Place()
ROW_BYTES, EPOCH_BYTES = 32 * 1024, 1024  # of a row of 10 classes, generously


def require_writable(out: Path) -> None:
    """Raise an `InputError` now for a folder that can't be written, not after hours."""
    try:
        for folder in (out / "cells", out / "claims"):
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise InputError(f"can't write into {out} ({error.strerror}); choose another --out") from error


def require_space(out: Path, cells: Sequence[Cell], more: int = 0) -> None:
    """Raise an `InputError` now for a disk that can't hold the rows of these cells and so many bytes more."""
    free = shutil.disk_usage(out).free
    needed = more + sum(ROW_BYTES + EPOCH_BYTES * cell.recipe.all_epochs for cell in cells)
    if free < needed:
        have, want = f"{free / 1e6:.1f} MB", f"{needed / 1e6:.1f} MB"
        raise InputError(f"{out} has {have} left, {len(cells)} rows may need {want}; choose another --out")


def study_files(checked: CheckedGrid, out: Path, place: Place = HERE) -> dict[Path, bytes]:
    """What was asked, to be kept beside the rows, as study files that `run` takes, resolved.

    One per model and recipe; data sets for which a model has another recipe are in another file.
    """
    datasets_by_model: dict[tuple[str, Recipe], list[str]] = {}
    for name in checked.grid.datasets:
        for model in checked.models[describe(name, place.data_dir).kind]:
            datasets_by_model.setdefault((model.text, model.recipe), []).append(name)
    files = {}
    for (model, own), datasets in datasets_by_model.items():
        recipe = {name: value for name, value in asdict(own).items() if value is not None}
        tuned = {"losses": tuned_losses(checked.grid), "eps": tuned_eps(checked.grid), "tune": ()}
        resolved = replace(checked.grid, datasets=tuple(datasets), models=(model,), recipe=recipe, **tuned)
        content = to_bytes(write_study(study_of(resolved), place.screening))
        files[out / "studies" / f"{hashlib.sha256(content).hexdigest()[:8]}.toml"] = content
    return files
