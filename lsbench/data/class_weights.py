"""A weight for each class, out of a file that anybody may have written."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lsbench.data.csv_file import read_lines
from lsbench.errors import InputError
from lsbench.names.few import few

HEADER = ["class", "weight"]
SHOWN = 5  # names in a sentence
HOW = "write a line CLASS,WEIGHT for each class, or the weights alone, one per line in the order of the classes"

Line = tuple[int, list[str]]  # its number in the file, and its fields


def read_class_weights(file: str, class_names: Sequence[str]) -> NDArray[np.float64]:
    """The weights (K,) of the classes, in their order.

    A table with two columns, class and weight, with or without this header, separated by commas, semicolons or tabs; a
    class is named, or has its number from 0. Or the weights alone, in the order of the classes.

    `InputError`: no such file, not one weight per class, a class that is unknown or named twice, a weight that is no
    finite number of at least 0, or no weight above 0.
    """
    lines = _lines(file)
    weights = _of_names(file, lines, class_names) if _has_names(lines) else _alone(file, lines, len(class_names))
    if not weights.any():
        raise InputError(f"{file}: the weight of every class is 0; at least one must be above 0")
    return weights


def _lines(file: str) -> list[Line]:
    """What is written, without empty lines and without the header."""
    written = [(line.number, _tidy(line.cells)) for line in read_lines(file)]
    has_header = bool(written) and [field.lower() for field in written[0][1]] == HEADER
    lines = written[has_header:]
    if not lines:
        raise InputError(f"{file} holds no class weights; {HOW}")
    return lines


def _tidy(fields: Sequence[str]) -> list[str]:
    """Without what a spreadsheet leaves empty behind the weight."""
    return list(fields[: len(HEADER)] if not any(fields[len(HEADER) :]) else fields)


def _has_names(lines: Sequence[Line]) -> bool:
    return len(lines) > 1 and len(lines[0][1]) > 1


def _alone(file: str, lines: Sequence[Line], count: int) -> NDArray[np.float64]:
    """One line of weights, or one weight in each line."""
    weights = [_weight(file, number, field) for number, fields in lines for field in fields if field]
    if len(weights) != count:
        raise InputError(f"{file} must hold a weight for each of {count} classes, got {len(weights)}; {HOW}")
    return np.array(weights)


def _of_names(file: str, lines: Sequence[Line], class_names: Sequence[str]) -> NDArray[np.float64]:
    numbers = {name: number for number, name in enumerate(class_names)}
    if not any(name.lstrip("-").isdigit() for name in class_names):
        numbers |= {str(number): number for number in range(len(class_names))}
    weights: dict[int, float] = {}
    for line, fields in lines:
        if len(fields) != len(HEADER):
            raise InputError(f"{file}, line {line}: a class and a weight are expected, got {len(fields)}; {HOW}")
        name, weight = fields
        if name not in numbers:
            raise InputError(f"{file}, line {line}: no class {name!r}; the classes are {_listed(class_names)}")
        if numbers[name] in weights:
            raise InputError(f"{file}, line {line}: class {name!r} has two weights")
        weights[numbers[name]] = _weight(file, line, weight)
    if missing := [name for number, name in enumerate(class_names) if number not in weights]:
        raise InputError(f"{file} has no weight for {_listed(missing)}; every class needs one")
    return np.array([weights[number] for number in range(len(class_names))])


def _weight(file: str, line: int, text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = math.nan
    if not (math.isfinite(weight) and weight >= 0):
        raise InputError(f"{file}, line {line}: a weight must be a finite number of at least 0, got {text!r}")
    return weight


def _listed(names: Sequence[str]) -> str:
    return few(map(repr, names), SHOWN)
