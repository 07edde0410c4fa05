"""`lsbench speed`: what a loss costs."""

import itertools
import platform
import re
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from lsbench.cli.progress import COLUMNS
from lsbench.cli.say import say
from lsbench.cli.show import Columns, require_columns, show_tables
from lsbench.errors import InputError
from lsbench.planning.lists import names
from lsbench.spec import DEVICES
from lsbench.speed import DTYPES, FORMS, SHAPES, MeasuringError, SpeedOptions, SpeedStudy, measure_apart
from lsbench.speed.process import count_steps, environment_for
from lsbench.training.devices import resolve

ALL = "all"
SHAPES_HELP = "Rows x classes: 128x10,8192x131072; or all."
BUFFERS_HELP = "Let the allocator keep large freed buffers, as lsbench's workers do, or give them back (glibc only)."


def speed(
    shapes: Annotated[list[str] | None, typer.Option(help=SHAPES_HELP, show_default="the device's")] = None,
    forms: Annotated[
        list[str] | None,
        typer.Option(help=f"{', '.join(FORMS)}.", show_default=ALL, autocompletion=lambda: list(FORMS)),
    ] = None,
    dtype: Annotated[
        list[str] | None,
        typer.Option(help=f"{', '.join(DTYPES)}.", show_default="float32", autocompletion=lambda: list(DTYPES)),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.", autocompletion=lambda: list(DEVICES))] = "auto",
    threads: Annotated[int, typer.Option(help="Of the CPU.")] = 1,
    eps: Annotated[float, typer.Option(help="Smoothing mass.")] = 0.1,
    seconds: Annotated[float, typer.Option(help="Of timing per shape; trying each form comes on top.")] = 3.0,
    reuse_buffers: Annotated[bool, typer.Option("--reuse-buffers/--fresh-buffers", help=BUFFERS_HELP)] = False,
    columns: Columns = None,
    as_json: Annotated[bool, typer.Option("--json", help="The numbers as JSON.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Also write speed.json, speed.md, speed.png and speed.svg.", show_default="none")
    ] = None,
) -> None:
    """Measure what a loss and its gradient cost: time, memory, accuracy, and the distance to a copy of the logits.

    A form that can't run here is listed with the reason.
    """
    from lsbench.report.speed_table import HEADER

    require_columns(HEADER, columns)
    device = resolve(device)
    asked = SpeedOptions(
        device=device,
        shapes=shapes_of(shapes, device),
        forms=tuple(FORMS) if forms is None or ALL in names("--forms", forms) else names("--forms", forms),
        dtypes=("float32",) if dtype is None else names("--dtype", dtype),
        threads=threads,
        eps=eps,
        seconds=seconds,
        reuse_buffers=reuse_buffers,
    )
    if reuse_buffers and platform.libc_ver()[0] != "glibc":
        raise InputError("--reuse-buffers sets up glibc's allocator, and this system has another: leave it out")
    if out is not None:
        require_writable(out)
    try:
        study = measured(asked)
    except MeasuringError as error:
        if error.study is not None:
            publish(error.study, out, columns, as_json=as_json)
        raise
    publish(study, out, columns, as_json=as_json)


def publish(study: SpeedStudy, out: Path | None, columns: list[str] | None = None, *, as_json: bool) -> None:
    """What was measured, in files if they were asked for, and on standard output."""
    from lsbench.report.speed_files import speed_json, write_speed
    from lsbench.report.speed_table import speed_tables

    if out is not None:
        write_speed(study, out)
        say(f"wrote speed.json, speed.md, speed.png and speed.svg into {out}")
    if as_json:
        print(speed_json(study), end="")
    else:
        show_tables(speed_tables(study), columns)


def shapes_of(words: list[str] | None, device: str) -> tuple[tuple[int, int], ...]:
    """The shapes that were typed, each once; of none, the device's own."""
    if words is None:
        return SHAPES[device]
    shapes = [
        shape for word in names("--shapes", words) for shape in (SHAPES["cuda"] if word == ALL else (_shape(word),))
    ]
    return tuple(dict.fromkeys(shapes))


def _shape(word: str) -> tuple[int, int]:
    match = re.fullmatch(r"([0-9]{1,18})\s*[x×]\s*([0-9]{1,18})", word)
    if match is None:
        raise InputError(f"--shapes takes rows x classes such as 128x10,8192x131072, or all; got {word!r}")
    return int(match[1]), int(match[2])


def require_writable(out: Path) -> None:
    """A folder that can't be written is an error now, not after the measuring."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=out).close()
    except OSError as error:
        raise InputError(f"can't write into {out} ({error.strerror}); choose another --out") from error


def measured(asked: SpeedOptions) -> SpeedStudy:
    """The study, made in a process whose allocator and threads are as was asked; a bar on a terminal."""
    console, steps = Console(stderr=True), itertools.count()
    bar = Progress(*COLUMNS, console=console, disable=not console.is_terminal, auto_refresh=False)  # no work meanwhile
    with bar:
        task = bar.add_task("starting", total=count_steps(asked))
        return measure_apart(
            asked,
            environment_for(asked),
            lambda what: bar.update(task, description=what, completed=next(steps), refresh=True),
        )
