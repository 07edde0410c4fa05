"""Texts in files that anybody may have written: a text, or an error in a sentence. No numpy."""

import codecs
from pathlib import Path

from lsbench.errors import InputError


def existing(path: str) -> Path:
    """The path of a file that is there, or an error that says where it was looked for."""
    file = Path(path).expanduser()
    if not file.is_file():
        raise InputError(f"no file {path}; it is looked for from the current folder, {Path.cwd()}")
    return file


def read_text(path: str) -> str:
    """The text of a file; bytes that are no UTF-8 are as Python has them in a path.

    `InputError`: no such file, one that can't be read, or one in UTF-16, as spreadsheets save "Unicode text".
    """
    try:
        content = existing(path).read_bytes()
    except OSError as error:
        raise InputError(f"can't read {path}: {error.strerror}") from error
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(f"{path} is text in UTF-16; save it as CSV UTF-8")
    return content.decode("utf-8-sig", "surrogateescape")
