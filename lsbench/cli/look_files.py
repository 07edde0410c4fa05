"""The files of `lsbench verify`: the page, the CSV for a spreadsheet, and the pictures that it names."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, count
from pathlib import Path

from lsbench.analysis.looking.asking import Asked
from lsbench.cli.say import say
from lsbench.data.looked_file import may_have_answers
from lsbench.data.looked_sheet import SheetLine, sheet
from lsbench.errors import InputError
from lsbench.names.dataset_name import of_images
from lsbench.names.encoding import command_line, to_bytes
from lsbench.report.looking import Look, LookPage, verify_page
from lsbench.report.looking.look_page import in_page_order
from lsbench.rows.looks import StoredDesign
from lsbench.rows.status import TEST
from lsbench.rows.store import write_atomically

PICTURES = "pictures"


@dataclass(frozen=True)
class PageFiles:
    """Where the files of one page go, and what they are for."""

    folder: Path
    design: StoredDesign
    results: Path
    earlier: tuple[str, ...] = ()  # files of answers that there are
    count: int = 0  # of looks that there will be with this page's
    is_second: bool = False  # whether it is for a second person

    @property
    def name(self) -> str:
        """Of the page and the CSV, without a suffix: `verify`, `verify-train`, `verify-second`."""
        part = "" if self.design.part == TEST else f"-{self.design.part}"
        return f"verify{part}{'-second' if self.is_second else ''}"

    @property
    def table(self) -> Path:
        """The CSV for a spreadsheet."""
        return self.folder / f"{self.name}.csv"

    @property
    def answers(self) -> str:
        """What the page calls the file of answers: a name that those before it do not have."""
        more = f"-{self.count}" if self.earlier and not self.is_second else ""
        name = f"{self.name.replace('verify', 'verified')}{more}"
        taken = {Path(file).name.casefold() for file in self.earlier}
        names = chain((f"{name}.csv",), (f"{name}-{k}.csv" for k in count(2)))
        return next(one for one in names if one not in taken)

    @property
    def next_line(self) -> str:
        """What to do with the answers, those before included."""
        verified = [word for file in (*self.earlier, self.answers) for word in ("--verified", file)]
        return command_line(["lsbench", "decide", str(self.results), *verified])


def write_files(files: PageFiles, asked: Sequence[Asked]) -> None:
    """Write the page and the CSV, with pictures where examples are images; say where they are.

    `InputError` where somebody wrote answers into the CSV that is there: they would be lost.
    """
    _require_no_answers(files)
    page = _page(files, asked)
    lines = [SheetLine(look.item, look.probability, _picture(files, look)) for look in in_page_order(page)]
    html, table = files.folder / f"{files.name}.html", files.table
    write_atomically(table, sheet(lines, files.design.id).encode())
    write_atomically(html, verify_page(page).encode())
    say(f"wrote {html}: open it in a browser, look at {len(lines):,} examples, and save {files.answers}")
    say(f"or fill in the column label of {table}, and save it as {files.answers}")
    say(f"then: {files.next_line}")


def _require_no_answers(files: PageFiles) -> None:
    if files.table.is_file() and may_have_answers(str(files.table)):
        raise InputError(
            f"{files.table} holds answers, and would be written again; rename it, as to {files.answers}, and name it so"
            " in --verified"
        )


def _page(files: PageFiles, asked: Sequence[Asked]) -> LookPage:
    design = files.design
    noun = "test" if design.part == TEST else "training"
    return LookPage(
        title=f"{len(asked):,} {noun} examples of {of_images(design.dataset)}",
        design=design.id,
        page=_page_id(files, asked),
        class_names=design.classes,
        looks=tuple(Look(one.item, one.rank, f"{one.size:.6g}") for one in asked),
        earlier=0 if files.is_second else files.count - len(asked),
        commands=(files.next_line,),
        file_name=files.answers,
        made=f"lsbench {design.version}",
    )


def _page_id(files: PageFiles, asked: Sequence[Asked]) -> str:
    """Of a first page always the same: it grows with --n, and keeps its answers. Other pages have other examples."""
    if not files.earlier:
        return "first"
    parts = ["second" if files.is_second else "next", *files.earlier, *(str(one.rank) for one in asked)]
    return f"{parts[0]} {sha256(to_bytes(' '.join(parts))).hexdigest()[:8]}"


def _picture(files: PageFiles, look: Look) -> str:
    """Write the picture of an example beside the CSV; its path from there, or "" where there is none."""
    item = look.item
    if item.picture is None:
        return ""
    path = Path(PICTURES) / files.design.id / f"{item.number}{item.suffix}"
    write_atomically(files.folder / path, item.picture)
    return path.as_posix()
