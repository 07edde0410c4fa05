"""A matrix out of a text file, as a spreadsheet, numpy or pandas writes it."""

from collections.abc import Sequence

import numpy as np

from lsbench.data.text_file import existing
from lsbench.errors import InputError


def load_matrix(file: str) -> np.ndarray:
    """The numbers of a text file, (rows, columns) float64; separated by commas or, without any, by white space.

    What follows a # is skipped, and a first line of names, or of the column numbers 0, 1, ... above a square.
    `InputError`: no such file, no text, no numbers, lines of different lengths.
    """
    rows = _cells(file)
    if rows and not any(_is_number(cell) for cell in rows[0][1]):
        rows = rows[1:]
    matrix = np.array([_numbers(file, line, cells, len(rows[0][1])) for line, cells in rows])
    if not matrix.size:
        raise InputError(f"{file} must hold a row of numbers for each class, got none")
    return matrix[1:] if _is_numbered(matrix) else matrix


def _cells(file: str) -> list[tuple[int, Sequence[str]]]:
    """The line numbers and cells of every line that has any."""
    try:
        lines = existing(file).read_text(encoding="utf-8-sig").splitlines()
    except (UnicodeDecodeError, OSError) as error:
        raise InputError(f"{file} must be a text file of numbers: {error}") from error
    bare = ((number, line.partition("#")[0].strip()) for number, line in enumerate(lines, 1))
    return [(number, line.split("," if "," in line else None)) for number, line in bare if line]


def _numbers(file: str, line: int, cells: Sequence[str], width: int) -> list[float]:
    wrong = [cell for cell in cells if not _is_number(cell)]
    if wrong:
        raise InputError(f"{file}, line {line}: {wrong[0].strip()!r} is no number")
    if len(cells) != width:
        raise InputError(f"{file}, line {line}: {len(cells)} numbers in a table of {width} columns")
    return [float(cell) for cell in cells]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _is_numbered(matrix: np.ndarray) -> bool:
    """Whether the first line is the column numbers, as pandas writes them, above a square."""
    rows, columns = matrix.shape
    return rows == columns + 1 and np.array_equal(matrix[0], np.arange(columns))
