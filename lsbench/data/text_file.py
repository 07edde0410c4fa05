"""Texts in files that anybody may have written: a text, or an error in a sentence. No numpy."""

from pathlib import Path

from lsbench.errors import InputError


def existing(path: str) -> Path:
    """The path of a file that is there, or an error that says where it was looked for."""
    file = Path(path).expanduser()
    if not file.is_file():
        raise InputError(f"no file {path}; it is looked for from the current folder, {Path.cwd()}")
    return file


def read_text(path: str) -> str:
    """The text of a file; bytes that are no UTF-8 are as Python has them in a path."""
    try:
        return existing(path).read_bytes().decode("utf-8-sig", "surrogateescape")
    except OSError as error:
        raise InputError(f"can't read {path}: {error.strerror}") from error
