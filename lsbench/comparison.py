"""`lsbench.compare`: a comparison from Python, with names or with objects of one's own; a DataFrame."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pandas as pd
from torch import nn

from lsbench import plan, provenance, store
from lsbench.data.describe import describe
from lsbench.data.folder.progress import say
from lsbench.devices import resolve as resolve_device
from lsbench.encoding import visible
from lsbench.errors import InputError
from lsbench.noise.files import has_file
from lsbench.recipes import read_recipe
from lsbench.reference import keep_object
from lsbench.registry import lookup
from lsbench.run import run_stack
from lsbench.spec import Grid, Place, Recipe
from lsbench.store import Row
from lsbench.summary import Arm, Summary, frame, of_unbalanced, summarise

SHOWN = ("accuracy", "ece", "nll", "brier")

Model = str | Callable[..., nn.Module]
Data = str | Path | Callable | Sequence[Any] | Mapping[str, Any]
Loss = str | Callable


def compare(
    *,
    model: Model | Sequence[Model] = "mlp",
    data: Data = "mnist",
    losses: Loss | Sequence[Loss] = ("ce", "lsr", "fused"),
    eps: float | Sequence[float] = 0.1,
    noise: float | Sequence[float] | None = None,
    noise_kind: str = "symmetric",
    seeds: int | Sequence[int] = 5,
    val: float = 0.1,
    train_size: int | None = None,
    recipe: str | Mapping[str, Any] | None = None,
    device: str = "auto",
    data_dir: str | Path | None = None,
    out: str | Path | None = None,
    survivors: bool = False,
) -> pd.DataFrame:
    """Train `model` on `data` under each loss, in this process; one line per loss, its hyperparameters and noise.

    model: a name, a factory f(shape, num_classes) -> nn.Module, or several. data: a name, a folder of images, an .npz
    file, (train images, train labels, test images, test labels), a pair of torch Datasets, or a function that
    returns either. losses: names as on the command line (`gce:q=0.5`) or functions f(logits (..., n, K), labels
    (..., n), *, hyper) -> (..., n); all are trained, those that are the same function too. noise: rates; None is 0,
    and 1 for a kind that comes in a file. recipe: a recipe's name, or its fields ({"epochs": 3}). With `out` rows are
    kept there, and those that are there are not trained again.

    Columns: model, noise, noise_rate, loss, the hyperparameters, n seeds with a result, lost ones, status; accuracy,
    ece, nll and brier, and where a class has more than 3 times the test examples of another balanced_accuracy and
    macro_f1, as means with the standard deviation of one seed; delta_accuracy against ce, paired by seed, with its 95 %
    interval, and p, adjusted by Holm; error. A cell that raises or diverges ends no other: status is then "failed" or
    "diverged", error says why, and the loss is compared with no other, as the seeds that are left are those at which it
    did well; `survivors` compares it by them. `.attrs["cells"]` is the frame of all cells. `InputError` as on the
    command line.
    """
    grid = Grid(
        datasets=(_text("data", _as_function(data)),),
        models=tuple(_text("model", one) for one in _several(model)),
        losses=tuple(_text("loss", loss) for loss in _several(losses)),
        eps=tuple(_several(eps)),
        noises=(noise_kind,),
        noise_rates=tuple(_several(float(has_file(noise_kind)) if noise is None else noise)),
        seeds=tuple(range(seeds)) if isinstance(seeds, int) else tuple(seeds),
        val=val,
        train_size=train_size,
        recipe=tuple(_recipe(recipe).items()),
        dedupe=False,
    )
    place = Place(device=resolve_device(device), data_dir=Path(data_dir) if data_dir else None)
    rows = _train(grid, place, Path(out) if out else None)
    summaries = summarise(rows, survivors=survivors)
    table = pd.DataFrame([_line(summary, arm) for summary in summaries for arm in summary.arms])
    table.attrs["cells"] = frame(rows)
    return table


def _train(grid: Grid, place: Place, out: Path | None) -> list[Row]:
    """The rows of the grid, those that `out` has included."""
    cells = plan.expand(grid, place.data_dir)
    for note in (note for name in grid.datasets for note in describe(name, place.data_dir).notes):
        say(note)
    work = plan.survey(cells, store.read_some([cell.id for cell in cells], out)[0] if out else [], place.device)
    rows = dict(work.rows)
    for stack in work.stacks:
        for row in _rows_of(stack, place):
            if row.id in work.wanted:
                rows[row.id] = store.write_or_fail(row, out) if out else row
    return [rows[cell.id] for cell in cells]


def _rows_of(stack: plan.Stack, place: Place) -> list[Row]:
    """A stack's rows; of one that raises, those of its halves, until the guilty cell is alone and is a failed row."""
    try:
        return run_stack(stack, place)
    except Exception as error:  # noqa: BLE001 - whatever a cell raises becomes its row
        if len(stack) > 1:
            half = len(stack) // 2
            return [row for part in (stack[:half], stack[half:]) for row in _rows_of(part, place)]
        said, origin = f"{type(error).__name__}: {error}", provenance.collect()
        return [Row(cell=c, status="failed", error=said, stack=[c.id], provenance=origin) for c in stack]


def _line(summary: Summary, arm: Arm) -> dict[str, Any]:
    setting, against = summary.setting, summary.comparisons.get(arm.key)
    difference = asdict(against.difference) if against and against.difference else {}
    means = {name: arm.spread(name) for name in (*SHOWN, *of_unbalanced(summary.sizes))}
    return {
        "model": visible(setting.model),
        "noise": visible(setting.noise),
        "noise_rate": setting.noise_rate,
        "loss": visible(arm.loss),
        **dict(arm.hyper),
        "n": arm.n,
        "lost": len(arm.lost),
        "status": " and ".join(sorted({row.status for row in arm.lost})) or "ok",
        **{name: of and of.mean for name, of in means.items()},
        **{f"{name}_sd": of and of.sd for name, of in means.items()},
        "delta_accuracy": difference.get("mean"),
        "delta_low": difference.get("low"),
        "delta_high": difference.get("high"),
        "p_holm": against and against.p_holm,
        "error": visible(arm.lost[0].error or "") if arm.lost else None,
    }


def _text(kind: str, given: Any) -> str:
    """A name for what was given, by which everything else knows it."""
    if isinstance(given, str | Path):
        return str(given)
    if isinstance(given, nn.Module):
        raise InputError(f"{kind} must be a factory f(shape, num_classes), as each seed starts anew; got a module")
    if not callable(given):
        raise InputError(f"{kind} must be a name or callable, got {type(given).__name__}")
    return keep_object(kind.replace(" ", "_"), given)


def _as_function(data: Data) -> Any:
    """Tensors or Datasets as a function that returns them."""
    if isinstance(data, str | Path) or callable(data):
        return data

    def given() -> Any:
        return data

    return given


def _several(given: Any) -> Sequence[Any]:
    return given if isinstance(given, Sequence) and not isinstance(given, str) else [given]


def _recipe(given: str | Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Fields of a recipe, by its name or as they are; `InputError` for one that there is not."""
    if isinstance(given, str):
        return read_recipe(given)
    for name in given or {}:
        lookup({f.name: f for f in fields(Recipe)}, "field of a recipe", name)
    return given or {}
