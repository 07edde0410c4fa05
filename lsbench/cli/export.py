"""`lsbench export`: a trained network as files."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from lsbench.cli.report import stored
from lsbench.cli.rerun import NOT_REPRODUCED, check_same_training, place_of, train_again
from lsbench.cli.row_choice import find, require_no_folder
from lsbench.cli.say import say
from lsbench.cli.verified import Verifieds
from lsbench.cli.verified import read as read_looks
from lsbench.data.dataset import load
from lsbench.data.describe import read
from lsbench.errors import InputError
from lsbench.names.catalogue.allowed import either
from lsbench.report.text import printable
from lsbench.rows import store
from lsbench.rows.compare import compare_rows
from lsbench.rows.row import Row
from lsbench.rows.status import GIVEN, TRAIN
from lsbench.training.exported import write_exported
from lsbench.training.exported.temperature import LOOKED, USUAL, WAYS, ChosenTemperature, chosen_temperature
from lsbench.workers.claims import Claims

ID_HELP = "A row's id, or how it begins; or a loss as tables name it, of which the first seed is taken."
WAY_HELP = f"The temperature that logits are divided by: {either(WAYS)}. By default that of the given labels."


def export(
    network: Annotated[str, typer.Argument(metavar="ID", help=ID_HELP)],
    results: Annotated[Path, typer.Argument(help="The folder that `run` wrote.")] = Path("results"),
    out: Annotated[Path | None, typer.Option(help="The folder to write.", show_default="RESULTS/exported/ID")] = None,
    temperature: Annotated[
        str | None, typer.Option(help=WAY_HELP, autocompletion=lambda: list(WAYS), show_default=USUAL)
    ] = None,
    verified: Verifieds = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the data sets.")] = None,
) -> None:
    """Write a trained network as files that torch alone loads: weights, temperature, classes, a loader.

    Where `run` did not keep its weights (--save-models) it is trained again, as `rerun` does, and compared. With
    --verified the temperature is fitted to looked-at test labels.
    """
    require_no_folder(network, f"lsbench export ID {network}")
    rows = stored(results)
    row = row_of(network, rows, results)
    chosen = by_looks(row, results, verified, temperature) if verified else chosen_temperature(row, temperature)
    write_network(row, rows, results, out or usual_folder(row, results), chosen, data_dir)


def by_looks(row: Row, results: Path, verified: Sequence[str], temperature: str | None) -> ChosenTemperature:
    """The temperature that fits looked-at test labels; an `InputError` where none of these are of the row's."""
    from lsbench.analysis.looked import looked_temperature
    from lsbench.rows.looks import verified_of

    if temperature is not None:
        raise InputError("--verified fits the temperature to looked-at labels; leave out --temperature")
    looks = verified_of(read_looks(verified, results, [row]), [row.cell])
    if looks is None:
        raise InputError("--verified has no looks at test examples, which a temperature is fitted to")
    fit = looked_temperature(row, looks, results)
    return ChosenTemperature(
        fit.value,
        LOOKED,
        f"Divided by the temperature {fit.value:.4g} (about {fit.low:.3g} to {fit.high:.3g}), fitted to the labels of"
        f" {fit.looked} test examples that people looked at: a probability is that of what people see.",
    )


def usual_folder(row: Row, results: Path) -> Path:
    """Where a row's network is exported to, unless --out says otherwise."""
    return results / "exported" / row.id


def write_network(
    row: Row, rows: Sequence[Row], results: Path, out: Path, chosen: ChosenTemperature, data_dir: Path | None
) -> None:
    """Export the row's network, and say what was written."""
    if row.status != "ok":
        raise InputError(f"{row.id} has no network to export: it {row.status} ({printable(row.error or '')})")
    check_same_training(row, data_dir)
    path = store.model_path(row.id, results / "models")
    if not path.exists():
        _train_again(row, {one.id: one for one in rows}, results, data_dir)
    name = row.cell.dataset
    files = write_exported(row, path.read_bytes(), load(name, data_dir), read(name, data_dir), chosen, out)
    say(f"{row.id} ({row.cell.arm.name}, seed {row.cell.seed}): {', '.join(file.name for file in files)} in {out}")
    say(chosen.sentence)
    if chosen.way == USUAL and row.labels.get(TRAIN) == GIVEN:
        say("to fit the temperature to labels that people gave instead: --verified, see lsbench verify --help")


def row_of(network: str, rows: Sequence[Row], results: Path) -> Row:
    """Of the loss of that name the row with the first seed that is ok; or else the row whose id begins so.

    The name goes first: the id of any row may begin with ce. Never the seed with the best test number, which test
    labels would have chosen. `InputError`: none, or several settings have the loss.
    """
    named = _named(network, rows)
    if not named:
        return find(network, {row.id: row for row in rows}, results)
    trained = [row for row in named if row.status == "ok"]
    if not trained:
        raise InputError(f"no network of {network!r} in {results} was trained to its end: all seeds failed or diverged")
    settings = {replace(row.cell, seed=0) for row in named}
    if len(settings) > 1:
        raise InputError(
            f"{len(settings)} settings of {results} have the loss {network!r}; give the id of one row, see"
            f" lsbench report {results} --format csv"
        )
    return trained[0]


def _named(network: str, rows: Sequence[Row]) -> list[Row]:
    """The rows whose arm is called so, `gce q=0.7`, or else whose loss is, `gce`; by seed."""
    arms = [row for row in rows if row.cell.arm.name == network] or [row for row in rows if row.cell.loss == network]
    return sorted(arms, key=lambda row: row.cell.seed)


def _train_again(row: Row, rows: Mapping[str, Row], results: Path, data_dir: Path | None) -> None:
    """Train it, and keep its weights; exit code 3 where that is not the network of the row."""
    say(f"the weights of {row.id} were not kept (--save-models): it is trained again")
    with Claims(results) as claims:
        if not claims.take([row.id]):
            raise InputError(f"another run is training {row.id}; try again when it has ended")
        place = replace(place_of(row, results, data_dir), models=results / "models")
        again = train_again(row, dict(rows), place)
    comparison = compare_rows(row, again) if again.status == "ok" else None
    if comparison is None or not (comparison.equal or comparison.close):
        store.model_path(row.id, results / "models").unlink(missing_ok=True)
        say(f"{row.id} was not reproduced, so its network can't be exported; see lsbench rerun {row.id} --verify")
        raise typer.Exit(NOT_REPRODUCED)
