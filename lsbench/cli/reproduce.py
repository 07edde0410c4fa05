"""`lsbench reproduce`: a published protocol, trained again and compared."""

from pathlib import Path
from typing import Annotated

import typer

from lsbench.cli.options import Rerun, RunOptions
from lsbench.cli.run import finish
from lsbench.cli.say import say
from lsbench.cli.show import Columns, require_columns
from lsbench.errors import InputError, require_choice, require_number, require_whole

OUT = Path("results/reproductions")
FORMATS = ("table", "markdown", "latex")


def reproduce(
    name: Annotated[str | None, typer.Argument(help="A protocol of --list, or a PATH.toml of your own.")] = None,
    listing: Annotated[bool, typer.Option("--list", help="What there is; train nothing.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="These losses of it.", show_default="all")] = None,
    noise: Annotated[list[str] | None, typer.Option(help="These noise rates of it.", show_default="all")] = None,
    scale: Annotated[float, typer.Option(help="Train so many times the epochs; then nothing is comparable.")] = 1.0,
    epochs: Annotated[int | None, typer.Option(help="Other epochs; likewise.", show_default="its own")] = None,
    seeds: Annotated[list[str] | None, typer.Option(help="How many, or which.", show_default="its own")] = None,
    dataset: Annotated[str | None, typer.Option(help="Another data set; likewise.", show_default="its own")] = None,
    precision: Annotated[
        str | None, typer.Option(help="highest, high, medium or bf16; said in the table.", show_default="its own")
    ] = None,
    out: Annotated[Path, typer.Option(help="Results folder.")] = OUT,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder of the data sets.", show_default="LSBENCH_DATA, or the cache")
    ] = None,
    jobs: Annotated[str | None, typer.Option(help="Worker processes.", show_default="one per core")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu or cuda.", show_default="auto")] = None,
    rerun: Annotated[Rerun | None, typer.Option(help="Train cells again that have a row.")] = None,
    download: Annotated[bool, typer.Option("--download", help="Fetch data sets that are missing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be trained.")] = False,
    format: Annotated[str, typer.Option(help="table, markdown or latex.")] = FORMATS[0],  # noqa: A002 - its name
    columns: Columns = None,
    as_json: Annotated[bool, typer.Option("--json", help="The numbers as JSON.")] = False,
) -> None:
    """Train a published protocol and say whether its numbers come out, within a margin, and how sure that is.

    What has a row already is not trained again. Published numbers are shown with where they are known from.
    """
    from lsbench.cli import protocols  # numpy, which --help does without
    from lsbench.protocols import planned
    from lsbench.report.reproduction_table import HEADER

    if listing:
        protocols.show_list(as_json=as_json)
        return
    require_choice("--format", format, FORMATS)
    require_columns(HEADER, columns)
    _require_one_length(scale, epochs)
    protocol = planned.find(name, precision)
    where = RunOptions(out=out, data_dir=data_dir, jobs=jobs, device=device, rerun=rerun, download=download)
    studies = planned.kept_studies(planned.studies_of(protocol, seeds, dataset, precision), only, noise)
    changes = planned.changes_of(protocol, studies, scale=scale, epochs=epochs, dataset=dataset)
    studies = planned.scaled_studies(studies, scale=scale, epochs=epochs)
    grids = planned.checked_grids(studies)
    for change in changes.values():
        say(f"NOT COMPARABLE with what is published: {change}")
    if dry_run:
        protocols.show_plans(grids, where, as_json=as_json)
        return
    rows = protocols.train_grids(grids, where)
    reproductions = planned.compared(protocol, studies, rows, changes, data_dir)
    protocols.show(protocol, reproductions, list(changes.values()), "json" if as_json else format, columns)
    finish(rows)


def _require_one_length(scale: float, epochs: int | None) -> None:
    require_number("--scale", scale, 1e-6, 1)
    if epochs is not None:
        require_whole("--epochs", epochs, 1, 10**6)
        if scale != 1:
            raise InputError("give --scale or --epochs, not both: each says how many epochs")
