"""What can be said of a command line before it is taken apart: an option that is given nothing is a mistake."""

import re
from collections.abc import Sequence

from lsbench.errors import InputError

EMPTY = re.compile(r"(--[\w-]+)=")  # --out=


def require_values(arguments: Sequence[str]) -> None:
    """Raise `InputError` for an empty argument: `--out ""` is no folder, and would be taken for the current one."""
    for before, word in zip(["", *arguments], arguments, strict=False):
        match = EMPTY.fullmatch(word)
        option = match[1] if match else before
        if (match or not word) and not _may_be_empty(option.removeprefix("--")):
            where = f"{option} is empty" if option.startswith("-") else "an argument is empty"
            raise InputError(f"{where}; give it a value, or leave it out (is a variable of your script unset?)")


def _may_be_empty(option: str) -> bool:
    from lsbench.planning.study import MAY_BE_EMPTY  # much that no other command line needs

    return option in MAY_BE_EMPTY
