"""`lsbench suspects`: which given labels are suspicious."""

import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lsbench.cli.report import stored
from lsbench.cli.say import say
from lsbench.cli.show import Columns, show_paragraphs, show_tables
from lsbench.cli.verified import Verifieds, read
from lsbench.errors import InputError, NothingToReportError, require_choice, require_whole
from lsbench.names.dataset_name import features_of, is_of_catalogue, quoted
from lsbench.rows.store import write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsbench.analysis.looked import LookedTraining
    from lsbench.analysis.suspects import Suspects
    from lsbench.report.suspects import Listing
    from lsbench.rows.row import Row

PARTS = ("train", "test", "all")
FILES = ("suspects.csv", "suspects.json")
WRITE_HELP = "Write a fixes.csv: a line for each example with another suggested label, and a column for your verdict."
TAKE_HELP = "With --write: take the suggested label of so many training examples, to be trained on and nothing else."


class Format(StrEnum):
    """How the list is written."""

    table = "table"
    csv = "csv"
    json = "json"


def suspects(
    results: Annotated[Path, typer.Argument(help="The folder that `run` wrote.")] = Path("results"),
    part: Annotated[str, typer.Option(help="Training labels, test labels, or all: train, test, all.")] = "all",
    top: Annotated[int, typer.Option(help="How many of each part the table shows.")] = 25,
    format: Annotated[  # noqa: A002 - the option's name
        Format, typer.Option(help="table: the most suspicious; csv, json: every example.")
    ] = Format.table,
    out: Annotated[Path | None, typer.Option(help="Write suspects.csv, .json and a gallery, suspects.html.")] = None,
    write: Annotated[Path | None, typer.Option("--write", help=WRITE_HELP)] = None,
    take: Annotated[int, typer.Option(help=TAKE_HELP)] = 0,
    verified: Verifieds = None,
    dataset: Annotated[str | None, typer.Option(help="Of this data set alone.", show_default="all")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the data sets.")] = None,
    columns: Columns = None,
) -> None:
    """Rank given labels by how suspicious they are, by predictions of networks that have not seen the example.

    Suspicious is not wrong: what share is wrong is known from examples that people look at (`lsbench verify`).
    """
    require_choice("--part", part, PARTS)
    require_whole("--top", top, 1, 10**9)
    require_whole("--take", take, 0, 10**9)
    if take and write is None:
        raise InputError("--take is for --write FILE.csv, the file that it writes the suggested labels into")
    rows = stored(results)
    made = in_folder(rows, results, dataset)
    if write is not None:
        require_fixes(made, write)
    looked = looked_in(made, verified, rows, results) if verified else {}
    for one in made:
        require_unchanged(one, data_dir)
    listings = [listed(one, part, data_dir, looked.get(one.fingerprint)) for one in made]
    if write is not None:
        write_fixes(listings, write, take)
    if out is not None:
        write_all(listings, out)
        write_pages(listings, out, results, data_dir)
    show(listings, results, top, format, columns)


def in_folder(rows: "Sequence[Row]", results: Path, dataset: str | None) -> "list[Suspects]":
    """The suspects of each data set; an `InputError` for a name that is none of them."""
    from lsbench.analysis.suspects import suspects_of

    names = dict.fromkeys(row.cell.dataset for row in rows)
    if dataset is not None and dataset not in names:
        raise InputError(f"--dataset {dataset!r}: {results} has rows of {', '.join(map(repr, names))}")
    made = suspects_of([row for row in rows if dataset in (None, row.cell.dataset)], results)
    if not made:
        raise NothingToReportError(why_none(results, rows))
    return made


def looked_in(
    made: "list[Suspects]", verified: "Sequence[str]", rows: "Sequence[Row]", results: Path
) -> "dict[str, LookedTraining]":
    """What people said of training labels, by fingerprint; an `InputError` where they were asked of none of them."""
    from lsbench.analysis.looked import looked_training

    looked = {
        one.verified.design.fingerprint: one for one in looked_training(rows, read(verified, results, rows), results)
    }
    if not any(one.fingerprint in looked for one in made):
        raise InputError(
            "--verified has no looks at training labels of these data; they are made by:"
            f" lsbench verify {results} --part train --n 100"
        )
    return looked


def why_none(results: Path, rows: "Sequence[Row]") -> str:
    """Why nothing is suspicious, and what to do."""
    if all(row.cell.noise_rate or row.cell.test_noise_rate for row in rows):
        return (
            f"all rows of {results} were trained or tested on labels that the run made wrong; suspicious are labels as"
            " given: train with --noise 0, too"
        )
    return (
        f"{results} has no predictions of the examples; they are kept of your own data without --no-per-example, and of"
        " the catalogue's with --save-logits"
    )


def require_unchanged(one: "Suspects", data_dir: Path | None) -> None:
    """Raise an `InputError` where the data set is not the one that was trained on; no feature is computed."""
    from lsbench.data.describe import fingerprint_of

    if (now := fingerprint_of(one.dataset, data_dir)) != one.fingerprint:
        raise InputError(
            f"the files of {quoted(one.dataset)} have changed since the rows were trained ({one.fingerprint} then,"
            f" {now} now); train again, into a folder of its own"
        )


def listed(one: "Suspects", part: str, data_dir: Path | None, looked: "LookedTraining | None") -> "Listing":
    """With the names of the examples, and what people said of them."""
    from lsbench.analysis.suspects.named import named
    from lsbench.data.alike.disagreeing import disagreeing
    from lsbench.data.describe import describe, read
    from lsbench.names.dataset_name import of_images
    from lsbench.report.suspects import Listing

    description = describe(of_images(one.dataset), data_dir)  # features are not needed
    by_part = {ranking.part: named(one, ranking, description) for ranking in one.rankings(part)}
    return Listing(one, description, by_part, disagreeing(read(of_images(one.dataset), data_dir)[0]), looked)


def write_all(listings: "list[Listing]", out: Path) -> None:
    """Write the files, and say which."""
    from lsbench.names.encoding import json_text
    from lsbench.report.suspects import as_csv, as_json

    texts = as_csv(listings), json_text([as_json(listing) for listing in listings])
    for name, text in zip(FILES, texts, strict=True):
        write_atomically(out / name, text.encode())
    say(f"wrote {' and '.join(FILES)} into {out}")


def write_pages(listings: "list[Listing]", out: Path, results: Path, data_dir: Path | None) -> None:
    """Write the galleries, and say which."""
    from lsbench.cli.suspects_gallery import write_galleries

    names = write_galleries(listings, out, results, data_dir)
    say(f"wrote {' and '.join(names)} into {out}: open it in a browser")


def require_fixes(made: "list[Suspects]", path: Path) -> None:
    """Raise an `InputError` for several data sets, a file that is no CSV, or one that is there."""
    if len(made) > 1:
        names = ", ".join(repr(one.dataset) for one in made)
        raise InputError(f"--write is for one data set; choose it with --dataset: {names}")
    if path.suffix.lower() != ".csv":
        raise InputError(f"--write takes the name of a .csv file, got {str(path)!r}")
    if path.exists():
        raise InputError(f"{path} is there, and may hold your verdicts; give another name, or remove it")


def write_fixes(listings: "list[Listing]", path: Path, take: int) -> None:
    """Write the file, and say how it is used."""
    from lsbench.names.encoding import command_line
    from lsbench.report.suspects import as_fixes

    time = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    write_atomically(path, as_fixes(listings[0], take, time).encode())  # or no file, which later ones would not replace
    dataset = listings[0].suspects.dataset
    if is_of_catalogue(dataset):
        say(f"wrote {path}; labels of a published data set are not changed, so that it is for you to read")
        return
    network = features_of(dataset)
    words = command_line(["--dataset", with_file(dataset, path), *(["--features", network] if network else [])])
    say(
        f"wrote {path}; write a class (or keep) and your name into the columns verdict and person, then train with"
        f" {words}"
    )


def with_file(dataset: str, path: Path) -> str:
    """The name of the data set with a file of changed labels."""
    from lsbench.names.dataset_name import of_images
    from lsbench.names.reference import Reference, parse

    reference = parse(of_images(dataset))
    files = [*([str(reference.options["labels"])] if "labels" in reference.options else []), str(path)]
    return str(Reference(reference.name, {**reference.options, "labels": "+".join(files)}))


def show(listings: "list[Listing]", results: Path, top: int, form: Format, columns: list[str] | None) -> None:
    """On standard output."""
    from lsbench.names.encoding import json_text
    from lsbench.report.suspects import as_csv, as_json, paragraphs, tables

    if form is Format.csv:
        sys.stdout.write(as_csv(listings))
        return
    if form is Format.json:
        print(json_text([as_json(listing) for listing in listings]))
        return
    for listing in listings:
        show_paragraphs(paragraphs(listing, str(results)))
        show_tables(tables(listing, top), columns)
        print()
