"""`lsbench check`: whether a loss, a model or a data set of one's own keeps the contract."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lsbench.cli.fetch import fetch_data
from lsbench.cli.hashed_code import show_hashed_code
from lsbench.cli.messages import tell_notes
from lsbench.cli.say import say
from lsbench.cli.show import show_text
from lsbench.errors import InputError
from lsbench.names.dataset_name import WRITTEN, shown_dataset, with_features
from lsbench.names.encoding import printable
from lsbench.names.reference import parse

if TYPE_CHECKING:  # torch, which --help does without
    from lsbench.training.contract.checking import CheckResult

BROKEN = 3  # exit code
SHAPE = "3,32,32"


def check(
    reference: Annotated[str, typer.Argument(metavar="REF", help="./file.py:object, package.module:object, a folder.")],
    kind: Annotated[str | None, typer.Option(help="loss, model or dataset; found out if left out.")] = None,
    shape: Annotated[str, typer.Option(help="Of the images that a model is checked with.")] = SHAPE,
    classes: Annotated[
        int | None, typer.Option(min=2, help="That a loss is made for, if not for any number.", show_default=False)
    ] = None,
    features: Annotated[
        str | None, typer.Option(help=f"Of a data set: {WRITTEN}.", show_default="the images themselves")
    ] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the data sets.")] = None,
    download: Annotated[
        bool, typer.Option("--download", help="Fetch a data set, or weights of features, that are missing.")
    ] = False,
) -> None:
    """Check a loss, a model or a data set of your own before hours are spent on it; say what fails, and why.

    Of a data set it also prints what was read: images, parts, classes and their counts.
    """
    from lsbench.training.contract.kinds import DATASET, kind_typed  # torch, which --help does without
    from lsbench.training.contract.reference import check_reference, kind_of_reference

    kind = kind_typed(kind) if kind else kind_of_reference(parse(reference).name)
    if features is not None:
        if kind != DATASET:
            raise InputError(f"--features is for a data set, and {reference} is a {kind}; leave it out")
        reference = with_features(reference, features)
    if kind == DATASET and (download or features is not None):
        fetch_data([reference], data_dir, download=download)
    show_text([f"{printable(shown_dataset(reference) if kind == DATASET else reference)} as a {kind}"])
    results = []
    for result in check_reference(kind, reference, _shape(shape), data_dir, classes):
        show_result(result)
        results.append(result)
    show_hashed_code(kind, parse(reference).name)
    if any(result.lines for result in results):
        tell_notes([reference], data_dir)
    if broken := [result.problem for result in results if not result.kept]:
        may_be_k = kind == "loss" and classes is None and any("it raised" in problem for problem in broken)
        hint = "; a loss that is made for K classes is checked with --classes K" if may_be_k else ""
        say(("1 promise is broken" if len(broken) == 1 else f"{len(broken)} promises are broken") + hint)
        raise typer.Exit(BROKEN)


def show_result(result: "CheckResult") -> None:
    """Print a promise, whether it is kept, and what was read."""
    problem = f": {printable(result.problem)}" if result.problem else ""
    show_text([f"  {'ok    ' if result.kept else 'BROKEN'}  {result.promise}{problem}"])
    show_text(f"          {printable(line)}" for line in result.lines)


def _shape(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    if len(parts) != 3 or not all(part.strip().isdecimal() and int(part) for part in parts):
        raise InputError(f"--shape is channels,height,width such as 3,32,32; got {text!r}")
    return tuple(map(int, parts))
