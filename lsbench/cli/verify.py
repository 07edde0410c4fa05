"""`lsbench verify`: ask people for the labels of about a hundred well-chosen examples."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lsbench.cli.report import stored
from lsbench.cli.say import say
from lsbench.errors import InputError, require_choice, require_number, require_whole
from lsbench.names.dataset_name import of_images, quoted
from lsbench.names.few import few
from lsbench.planning.lists import names
from lsbench.rows.status import LABELLED, TEST

if TYPE_CHECKING:  # numpy, which --help does without
    from lsbench.analysis.looking.ready import Ready
    from lsbench.rows.looks import Verified

FEWEST, MOST = 2, 100_000  # looks
LEAST_SHARE = 0.01  # for a second person
SHOWN = 8  # arms in a sentence
N_HELP = "How many examples are to be looked at in all."
PART_HELP = "test, or train: training examples, by held-out predictions."
VERIFIED_HELP = "Answers that there are: the page asks about the others. Repeat it, or separate files by commas."
SECOND_HELP = "A page for a second person: this share of what --verified has, and all labels that it changed."


def verify(
    results: Annotated[Path, typer.Argument(help="The folder that `run` wrote.")] = Path("results"),
    n: Annotated[int | None, typer.Option("--n", help=N_HELP, show_default="100, or as before")] = None,
    part: Annotated[str | None, typer.Option(help=PART_HELP, autocompletion=lambda: list(LABELLED))] = None,
    dataset: Annotated[
        str | None, typer.Option(help="Whose examples, if the rows are of several.", show_default="the only one")
    ] = None,
    test_noise: Annotated[
        float | None, typer.Option(help="Of which rows, if their test labels were made wrong at several rates.")
    ] = None,
    verified: Annotated[list[str] | None, typer.Option(help=VERIFIED_HELP, show_default="none")] = None,
    second: Annotated[float | None, typer.Option(help=SECOND_HELP, show_default="none")] = None,
    seed: Annotated[int, typer.Option(help="Of the order in which examples are looked at.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder of the page.", show_default="RESULTS/verify")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the data sets.")] = None,
) -> None:
    """Ask people for the labels of about a hundred well-chosen examples: a page for a browser, a CSV for a spreadsheet.

    The same line goes on where it was, and a larger --n reads on in the same order. `decide --verified` takes the
    answers.
    """
    if n is not None:
        require_whole("--n", n, FEWEST, MOST)
    if part is not None:
        require_choice("--part", part, LABELLED)
    require_whole("--seed", seed, 0, 2**32 - 1)
    files = names("--verified", verified) if verified else ()
    if second is not None:
        require_number("--second", second, LEAST_SHARE, 1)
        if not files:
            raise InputError("--second is for what somebody has looked at already; name the answers: --verified FILE")
    answers = answers_in(files, results, part, dataset) if files else None
    if answers is not None:
        from lsbench.analysis.looking.ready import announced

        made = announced(answers.design, n if second is None else None, results, data_dir, answers.files)
    else:
        from lsbench.analysis.looking.ready import Wanted, ready

        made = ready(stored(results), results, Wanted(part or TEST, dataset, test_noise, seed, n), data_dir)
    for note in made.notes:
        say(note)
    tell(made, answers)
    ask(made, answers, second, results, out, data_dir)


def answers_in(files: Sequence[str], results: Path, part: str | None, dataset: str | None) -> "Verified":
    """The answers of one design; `InputError` where the files are of several, and the options do not say which."""
    from lsbench.rows.looks import design_folder, read_verified

    read = read_verified(files, [design_folder(results)])
    names_of = [(one, (None, one.design.dataset, of_images(one.design.dataset))) for one in read]
    meant = [one for one, known_as in names_of if part in (None, one.design.part) and dataset in known_as]
    if len(meant) == 1:
        return meant[0]
    designs = "; ".join(f"the {one.design.part} part of {one.design.dataset!r}" for one in meant or read)
    raise InputError(f"--verified has answers of {designs}; say which is meant with --part and --dataset")


def tell(made: "Ready", answers: "Verified | None") -> None:
    """What is asked, by which design, and for what it was made."""
    design = made.design
    arms = listed([arm.name for arm in design.arms])
    how = f"what their labels can say of {arms}" if design.part == TEST else f"doubt, by held-out predictions of {arms}"
    part = "test" if design.part == TEST else "held-out training"
    say(
        f"design {design.id}{'' if made.is_new else ', made before'}: {made.count:,} of {design.count:,} {part}"
        f" examples of {quoted(design.dataset)}, chosen by {how}"
    )
    if answers is not None:
        gap = f"; {answers.unused} more stand after the first gap and do not count yet" if answers.unused else ""
        say(f"{answers.n:,} of them have an answer, by {', '.join(answers.people)}{gap}")


def listed(arms: Sequence[str]) -> str:
    """The names of arms, the first of many."""
    return few(arms, SHOWN)


def ask(
    made: "Ready",
    answers: "Verified | None",
    second: float | None,
    results: Path,
    out: Path | None,
    data_dir: Path | None,
) -> None:
    """Write the page, the CSV and the pictures, and say what to do with them."""
    from lsbench.analysis.looking.asking import asked, ranks_for_second, ranks_without_answer
    from lsbench.analysis.looking.ready import next_count
    from lsbench.cli.look_files import PageFiles, write_files
    from lsbench.rows.looks import design_folder

    if answers is not None and second is not None:
        ranks = ranks_for_second(answers, second)
    else:
        ranks = ranks_without_answer(made.count, answers.answered if answers else ())
    if not ranks:
        more = next_count(made.design, made.count)
        say("all of them have an answer" + (f"; to look at more: --n {more}" if more else ", and there are no more"))
        return
    folder, is_second = out or design_folder(results), second is not None
    files = PageFiles(folder, made.design, results, answers.files if answers else (), made.count, is_second)
    write_files(files, asked(made.design, ranks, data_dir))
