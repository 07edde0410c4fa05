"""`lsbench check`: whether a loss, a model or a data set of one's own keeps the contract."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from lsbench.cli.hashed_code import show_hashed_code
from lsbench.cli.messages import tell_notes
from lsbench.cli.say import say
from lsbench.cli.show import show_text
from lsbench.errors import InputError
from lsbench.names import resolve
from lsbench.names.catalogue import DATASETS, LOSSES, MODELS
from lsbench.names.encoding import printable
from lsbench.names.reference import is_own, load_own, parse, plugin
from lsbench.names.registry import lookup

BROKEN = 3  # exit code
SHAPE = "3,32,32"


def check(
    reference: Annotated[str, typer.Argument(metavar="REF", help="./file.py:object, package.module:object, a folder.")],
    kind: Annotated[str | None, typer.Option(help="loss, model or dataset; found out if left out.")] = None,
    shape: Annotated[str, typer.Option(help="Of the images that a model is checked with.")] = SHAPE,
    classes: Annotated[
        int | None, typer.Option(min=2, help="That a loss is made for, if not for any number.", show_default=False)
    ] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the data sets.")] = None,
) -> None:
    """Check a loss, a model or a data set of your own before hours are spent on it; say what fails, and why.

    Of a data set it also prints what was read: images, parts, classes and their counts.
    """
    from lsbench.training.contract.kinds import kind_typed

    kind = kind_typed(kind) if kind else kind_of(parse(reference).name)
    show_text([f"{printable(reference)} as a {kind}"])
    broken, read, may_be_k = 0, False, False
    for outcome in outcomes(kind, reference, _shape(shape), data_dir, classes):
        broken += not outcome.kept
        problem = f": {printable(outcome.problem)}" if outcome.problem else ""
        show_text([f"  {'ok    ' if outcome.kept else 'BROKEN'}  {outcome.promise}{problem}"])
        show_text(f"          {printable(line)}" for line in outcome.lines)
        read = read or bool(outcome.lines)
        may_be_k = may_be_k or (kind == "loss" and classes is None and "it raised" in outcome.problem)
    show_hashed_code(kind, parse(reference).name)
    if read:
        tell_notes([reference], data_dir)
    if broken:
        hint = "; a loss that is made for K classes is checked with --classes K" if may_be_k else ""
        say(("1 promise is broken" if broken == 1 else f"{broken} promises are broken") + hint)
        raise typer.Exit(BROKEN)


def outcomes(
    kind: str, reference: str, shape: tuple[int, ...], data_dir: Path | None, classes: int | None = None
) -> Iterable[Any]:
    """The contract of that kind, run."""
    from lsbench.training import contract

    if kind == "data set":
        return contract.check_dataset(reference, data_dir)
    if kind == "model":
        from lsbench.models.stack import factory_of

        return contract.check_model(factory_of(reference), shape)
    name, hyper = resolve.hyper(reference)
    return contract.check_loss(resolve.load_any(kind, name), hyper, name, classes)


def kind_of(name: str) -> str:
    """What a reference is: by its name where that is known, else by the look of the object."""
    for kind, table in (("loss", LOSSES), ("model", MODELS), ("data set", DATASETS)):
        if name in table or plugin(kind, name):
            return kind
    if name.startswith(resolve.TORCHVISION):
        return "model"
    if name.endswith((".py", ".py:")):
        raise InputError(f"{name!r} is a file of code; name the object in it, such as {name.rstrip(':')}:my_loss")
    if not is_own(name):
        _require_place(name)
        return "data set"
    from lsbench.training.contract.kinds import kind_of

    return kind_of(name, load_own(name))


def _shape(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    if len(parts) != 3 or not all(part.strip().isdecimal() and int(part) for part in parts):
        raise InputError(f"--shape is channels,height,width such as 3,32,32; got {text!r}")
    return tuple(map(int, parts))


def _require_place(name: str) -> None:
    """Raise an `InputError` with near names for what is neither the name of something nor a file or a folder."""
    if Path(name).exists():
        return
    if any(mark in name for mark in "/\\."):
        raise InputError(
            f"no file or folder {name}; it is looked for from the current folder, {printable(str(Path.cwd()))}"
        )
    lookup({**LOSSES, **MODELS, **DATASETS}, "loss, model or data set", name)
