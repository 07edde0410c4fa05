"""`--trust`: for which labels of their own data a user vouches."""

from collections.abc import Sequence
from typing import Annotated

import typer

from lsbench.cli.say import say
from lsbench.errors import InputError
from lsbench.names.dataset_name import is_of_catalogue
from lsbench.planning.lists import names
from lsbench.rows.row import Row
from lsbench.rows.status import LABELLED, TEST, require_parts

TRUST_HELP = f"You vouch for these labels of your data: {', '.join(LABELLED)}. No number changes, what is said does."
Trust = Annotated[list[str] | None, typer.Option("--trust", help=TRUST_HELP, show_default="none")]


def trusted_parts(texts: Sequence[str] | None) -> tuple[str, ...]:
    """The parts, train or test, as typed; an `InputError` for another word."""
    parts = names("--trust", texts) if texts else ()
    require_parts(parts)
    return parts


def require_given(parts: Sequence[str], datasets: Sequence[str], *, test_noise: bool) -> None:
    """Raise an `InputError` where trust has no effect, as all labels are published or the test's are made wrong."""
    if TEST in parts and test_noise:
        raise InputError("--trust test contradicts --test-noise, which makes test labels wrong; leave out one of them")
    if parts and all(map(is_of_catalogue, datasets)):
        listed = ", ".join(datasets)
        raise InputError(f"--trust has no effect: the labels of {listed} are published; it is for data of your own")


def say_what_stays_given(parts: Sequence[str], rows: Sequence[Row]) -> None:
    """Say that nobody can vouch for test labels that were made wrong, where there are such."""
    if TEST in parts and any(row.cell.test_noise_rate for row in rows):
        say("--trust test has no effect on test labels that --test-noise made wrong: they stay as given")
