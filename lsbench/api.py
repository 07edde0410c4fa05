"""`lsbench.compare`: a comparison from Python, with names or with objects of one's own; a DataFrame."""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from torch import nn

from lsbench.analysis.comparison import Picks, lines_of, require_selectable, varied_fields
from lsbench.analysis.criteria import full_name
from lsbench.analysis.picking import require_held_out
from lsbench.analysis.screening import chosen_grid
from lsbench.analysis.summary import BASELINE, frame, warnings_of
from lsbench.data.describe import Description, describe
from lsbench.data.folder.progress import say
from lsbench.data.given_data import name_of_data
from lsbench.errors import DoubtWarning, InputError, require_whole, shown
from lsbench.names.dataset_name import quoted
from lsbench.names.plain import plain, several
from lsbench.names.reference import keep_object
from lsbench.names.resolve import eps_passed_by
from lsbench.noise.files import has_file
from lsbench.planning import plan
from lsbench.planning.arguments import folder_of, names_of, recipe_of, seeds_of
from lsbench.planning.engine_stacks import engine_asked
from lsbench.planning.folds_told import held_out_sentences
from lsbench.planning.stacks import work_left
from lsbench.planning.tuning import tuned_names
from lsbench.report.chosen import choice_text
from lsbench.report.decision import looked_of
from lsbench.rows import store
from lsbench.rows.provenance import usable_cores
from lsbench.rows.row import Row
from lsbench.rows.status import as_told, require_parts
from lsbench.spec import Grid, Place, Screening
from lsbench.training.contract.given_losses import names_of_losses
from lsbench.training.contract.probe import probe
from lsbench.training.devices import resolve as resolve_device
from lsbench.training.divided import rows_of

Model = str | Callable[..., nn.Module]
Data = str | Path | pd.DataFrame | Callable[..., Any] | Sequence[Any] | Mapping[str, Any]
Loss = str | Callable[..., Any]


def compare(
    *,
    model: Model | Sequence[Model] | None = None,
    data: Data | None = None,
    label: str | None = None,
    labels: str | Path | Sequence[str | Path] | None = None,
    losses: Loss | Sequence[Loss] | Mapping[str, Loss] | None = None,
    eps: float | Iterable[float] | None = None,
    hyper: Mapping[str, float | Iterable[float]] | None = None,
    noise: float | Iterable[float] | None = None,
    noise_kind: str | Sequence[str] | None = None,
    noise_seed: int | None = None,
    test_noise: float | str | None = None,
    test_noise_kind: str | None = None,
    test_noise_seed: int = 0,
    seeds: int | Iterable[int] = 5,
    val: float | None = None,
    folds: int | None = None,
    groups: str | Path | None = None,
    features: Model | None = None,
    train_size: int | None = None,
    recipe: str | Mapping[str, Any] | None = None,
    device: str = "auto",
    engine: str = "auto",
    data_dir: str | Path | None = None,
    out: str | Path | None = None,
    tune: str | Sequence[str] = (),
    select: str | Sequence[str] = (),
    by: str = "accuracy",
    from_results: str | Path | None = None,
    top: int = 2,
    survivors: bool = False,
    trust: str | Sequence[str] = (),
    verified: str | Path | Sequence[str | Path] = (),
) -> pd.DataFrame:
    """Train one or several models on a data set under each loss, in this process.

    Where there may be several values, a list, a range, an array or a Series will do.

    Args:
        model: a name, a factory f(shape, num_classes) -> nn.Module, or several; None is mlp, of features linear.
        data: a name, a folder of images, an .npz file, (train images, train labels, test images, test labels), a pair
            of torch Datasets, or a function that returns either. In place of images (n, ...) there may be vectors,
            (n, d), such as the columns of a table. (X, y), one Dataset, a DataFrame and the file of a table (.csv,
            .tsv, .parquet) are divided into a training and a test part.
        label: the column of the labels, of a DataFrame or of a table's file; None is the only column that is called
            label, target or class.
        labels: files that change labels of your data, as `suspects --write` and the page of `verify` write them; of a
            folder of images also the file of its labels. None changes none.
        losses: names as on the command line (`gce:q=0.5`), functions f(logits (..., n, K), labels (..., n), *, hyper)
            -> (..., n), or modules that keep one loss per example, such as nn.CrossEntropyLoss(reduction="none"); or a
            dict that names your own, {"soft": Mine(0.5), "hard": Mine(2.0)}. All are trained, those that are the same
            function too.
        eps: smoothing values for the losses that take one; None is 0.1.
        hyper: values of hyperparameters of losses, {"gce.q": [0.5, 0.7]}, of a function of your own
            by its name, {"bounded.cap": [2.0, 8.0]}; None is each loss's own.
        noise: rates of wrong labels; None is 0, and 1 for a kind that comes in a file.
        noise_kind: kinds of label noise, by name.
        noise_seed: draw the wrong training labels of all seeds from this one; None: each seed draws its own.
        test_noise: rate of wrong test labels, one draw for all cells, or "same": that of the training labels. The
            results are then against these labels; a row has `true_<metric>`, against those before, beside them.
        test_noise_kind: their kind; None is the kind of the training noise. One with a file has the rate 1, where none
            is given.
        test_noise_seed: the seed of their draw.
        seeds: how many, or which.
        val: fraction of the training set that is held out; 0 is none. None is 0.1, of your own data `folds`.
        folds: seed s holds out fold s mod K, so that K seeds hold out each training example once. None is 5 of your own
            data, unless it has validation examples of its own, and none of the others.
        groups: file of the group of each example (patient, video): FILE.csv, FILE.csv:COLUMN, FILE.npy, FILE.npz:KEY,
            the key of your own .npz, or a column of your table; a group is never parted by folds. None is no groups.
        features: a pretrained network whose features of the images are trained on, in place of the images:
            "torchvision:resnet18", "timm:NAME", "./file.py:factory", or a factory f() -> nn.Module. None: the images.
        train_size: train on so many examples only; None takes all.
        recipe: a recipe's name, or its fields ({"epochs": 3}), of which each may have several values ({"lr": [0.01,
            0.1]}); None is the model's own.
        device: auto, cpu or cuda.
        engine: what computes the steps: torch, lanes (small networks in compiled C++ on a CPU), graph (recorded steps
            on a GPU) or auto.
        data_dir: folder of the data sets; None is LSBENCH_DATA, or the cache.
        out: folder that rows are kept in; cells that have a row there are not trained again. None keeps nothing.
        tune: what is trained at a small range of values: "lr", "eps", "gce.q", see `lsbench run --tune`.
        select: what is picked per loss and seed on held-out labels, among the values that it has here: "lr", "gce.q".
        by: with select and from_results, what picks: accuracy, balanced-accuracy, nll or ece.
        from_results: the `out` of a cheaper comparison: its best losses by held-out labels, and ce, take the place of
            `losses`. Data without their features, noise and folds are as there, where they are not given; `seeds` as a
            count are seeds that the choice has not seen. See `lsbench run --from`.
        top: how many losses it chooses.
        survivors: compare losses that failed or diverged at some seeds by the seeds that are left, which may be those
            at which they did well.
        trust: the labels of your own data that you vouch for: "train", "test", or both. It changes no number.
        verified: labels that people gave to test examples: files that the page of `lsbench verify` saved, of designs
            below `out`. What they show is in `.attrs["looked"]`.

    Returns:
        One line per model, recipe, noise, and loss with its hyperparameters. Columns: model, noise, noise_rate,
        recipe.lr and the like for a field that was given several values, loss, the hyperparameters (one whose name
        another column has stands behind its loss: prune.loss), n (seeds with a result), lost (seeds without), status;
        accuracy, ece, nll and brier, and where a class has more than 3 times the test examples of another
        balanced_accuracy and macro_f1, as means with the standard deviation of one seed (_sd); same_function_as: the
        loss that is compared in the place of this one, as it is the same function, None for most; delta_accuracy
        against ce, paired by seed, on this test set, from delta_low to delta_high (95 % for all lines of a setting
        together), p_holm, adjusted by Holm (lines that lost seeds count, and have none), and finding: better, worse,
        equivalent (no difference at all) or undecided; error; train_labels and test_labels: published, given (your own)
        or trusted. A cell that raises or diverges ends no other: its status is "failed" or "diverged", and error says
        why. With `select` a line is about the picks of a loss, and has candidates, how many combinations were tried;
        picked, each that was picked with its number of seeds; not_tuned and oracle, the number that `by` names without
        tuning and as picked by the test labels. `.attrs["cells"]` is the frame of all cells, `.attrs["warnings"]` what
        was doubtful, `.attrs["chosen"]` how a cheaper comparison chose the losses, `.attrs["looked"]` what looked-at
        labels show by accuracy, a dict for each setting as `lsbench decide --verified --json` has it.

    Raises:
        InputError: a value makes no sense, or something of the caller's is broken; before anything is trained.
        StorageError: a row can't be kept in `out`.

    Warns:
        DoubtWarning: something makes the numbers doubtful, such as test images that are trained on.

    Example:
        >>> from lsbench import compare
        >>> table = compare(data="blobs", model="linear", losses=["ce", "lsr"], seeds=2, recipe={"epochs": 1})
        >>> table[["loss", "n", "status"]].values.tolist()
        [['ce', 2, 'ok'], ['lsr', 2, 'ok']]
    """
    arguments, kinds = locals(), names_of("noise_kind", "symmetric" if noise_kind is None else noise_kind)
    network = None if features is None else _text("features", features)
    own = name_of_data("mnist" if data is None else data, label=label, labels=labels, groups=groups, features=network)
    grid = Grid(
        datasets=(own,),
        models=() if model is None else _models(model),
        losses=names_of_losses(Grid.losses if losses is None else losses, hyper or {}),
        eps=Grid.eps if eps is None else several(eps),
        noises=kinds,
        noise_rates=several(float(any(map(has_file, kinds))) if noise is None else noise),
        noise_seed=plain(noise_seed),
        test_noise=test_noise_kind,
        test_noise_rate=plain(test_noise or 0.0) or float(has_file(test_noise_kind or "")),
        test_noise_seed=plain(test_noise_seed),
        seeds=seeds_of(seeds),
        val=plain(val),
        folds=plain(folds),
        train_size=plain(train_size),
        recipe=recipe_of(recipe),
        tune=tuned_names(several(tune)),
        dedupe=False,
    )
    grid, screening = _chosen(grid, arguments)
    names = several(select)
    require_held_out(full_name(str(by)), "by")
    require_selectable(grid, names, by)
    require_whole("top", top, 1, 10**6)
    if eps is not None:
        _tell_ignored_eps(grid)
    trusted = several(trust)
    require_parts(trusted)
    where = {"device": resolve_device(str(device)), "data_dir": folder_of("data_dir", data_dir)}
    where |= {"engine": engine_asked(str(engine), str(where["device"])), "threads": usable_cores()}
    place = Place(**where, trusted=trusted, per_example=out is not None, screening=screening)
    kept = folder_of("out", out)
    if verified and kept is None:
        raise InputError("verified needs out: the folder that `lsbench verify` chose the examples from")
    rows = as_told(_train(grid, place, kept), trusted)
    picks = Picks(names, by) if names else None
    table = pd.DataFrame(lines_of(rows, varied_fields(grid), picks, survivors=survivors))
    table.attrs["cells"] = frame(rows)
    table.attrs["warnings"] = list(warnings_of(rows))
    table.attrs["chosen"] = screening.as_json() if screening else {}
    table.attrs["looked"] = looked_of(rows, several(verified), kept, survivors=survivors) if kept else []
    return table


def _chosen(grid: Grid, arguments: Mapping[str, Any]) -> tuple[Grid, Screening | None]:
    """The grid with the losses that a cheaper comparison chose, and how; as it is without one."""
    if arguments["from_results"] is None:
        return grid, None
    made, chosen = chosen_grid(grid, arguments)
    say(choice_text(chosen))
    return made, chosen.screening


def _tell_ignored_eps(grid: Grid) -> None:
    """Which losses do without the eps that was given, and why; ce is known to have none."""
    passed_by = eps_passed_by(grid.losses, grid.eps)
    if set(grid.losses) <= passed_by.keys():
        raise InputError(f"eps is for losses that smooth; {'; '.join(passed_by.values())}: leave it out")
    if told := [why for loss, why in passed_by.items() if loss != BASELINE]:
        warnings.warn(f"eps is not for all losses: {'; '.join(told)}", DoubtWarning, stacklevel=3)


def _train(grid: Grid, place: Place, out: Path | None) -> list[Row]:
    """The rows of the grid, those that `out` has included."""
    cells = plan.expand(grid, place.data_dir)
    data = [describe(name, place.data_dir) for name in grid.datasets]
    for description in data:
        for note in (*description.notes, *held_out_sentences(grid, description, place.data_dir)):
            say(note)
    stored = store.read_some([cell.id for cell in cells], out)[0] if out else []
    work = work_left(cells, stored, place.device, data_dir=place.data_dir, engine=place.engine)
    rows = dict(work.rows)
    doubts = probe((cell for cell in cells if cell.id in work.wanted), place.data_dir, device=place.device)
    for text in (*(doubt.text for doubt in doubts), *(_untested(description) for description in data if work.wanted)):
        if text:
            warnings.warn(text, DoubtWarning, stacklevel=3)
    place = replace(place, doubts=doubts)
    for stack in work.stacks:
        for row in rows_of(stack, place):
            if row.id in work.wanted:
                rows[row.id] = store.write_or_fail(row, out) if out else row
    return [rows[cell.id] for cell in cells]


def _untested(data: Description) -> str:
    """Which classes have no test example, or "": the command line says it with those that have few."""
    none = [name for name, count in zip(data.class_names, data.counts.get("test", ()), strict=False) if not count]
    return f"data set {quoted(data.name)}: no test example of class {', '.join(none)}" if none else ""


def _models(given: Any) -> tuple[str, ...]:
    if not (models := several(given)):
        raise InputError("model is empty; give at least one, or None for the usual one of the data")
    return tuple(_text("model", model) for model in models)


def _text(kind: str, given: Any) -> str:
    """A name for what was given, by which everything else knows it."""
    if isinstance(given, str | Path):
        return str(given)
    if isinstance(given, nn.Module) and kind == "model":
        raise InputError(f"{kind} must be a factory f(shape, num_classes), as each seed starts anew; got a module")
    if not callable(given):
        raise InputError(f"{kind} must be a name or callable, got {shown(given)}")
    return keep_object(kind.replace(" ", "_"), given)
