"""Checks of the values in a row's file. Each takes a value of JSON and answers whether a row can hold it.

A file can be edited by hand, cut off, or made by another program. Only the form is checked: types, numbers of a
possible size, lists of equal length.
"""

import math
from collections.abc import Collection
from itertools import chain
from types import NoneType
from typing import Any

from lsbench.data.parts import PARTS
from lsbench.errors import InputError
from lsbench.spec import Screening

LARGEST = 1e100  # in magnitude; no number of a row comes near, and its square can still be summed
KINDS = frozenset({float, int, NoneType})  # of numbers

STATUSES = ("published", "given", "trusted")
# what each entry of a row's labels may be
LABELS: dict[str, tuple[str, ...]] = {"train": STATUSES, "test": STATUSES, "noise": ("unknown",)}


def is_number(value: Any) -> bool:
    """Whether the value is a number or None."""
    return value is None or (type(value) in KINDS and -LARGEST < value < LARGEST)


def _all_numbers(values: Collection[Any]) -> bool:
    """Whether all are numbers of a possible size, or None; without a loop in Python, as 10,000 rows hold millions."""
    kinds = {*map(type, values)}
    if not kinds <= KINDS:
        return False
    numbers = filter(None, values) if NoneType in kinds else values
    try:  # the root of the squares' sum is at least the largest magnitude
        return math.hypot(*numbers) < LARGEST or all(map(is_number, values))
    except OverflowError:  # a whole number that is no float
        return False


def is_text(value: Any) -> bool:
    """Whether the value is text or None."""
    return value is None or isinstance(value, str)


def is_object(value: Any) -> bool:
    """Whether the value is a JSON object, whatever it holds."""
    return isinstance(value, dict)


def is_labels(value: Any) -> bool:
    """Whether the value says of some parts who vouches for their labels: see `lsbench.rows.status`."""
    return isinstance(value, dict) and all(word in LABELS.get(part, ()) for part, word in value.items())


def is_numbers_by_name(value: Any) -> bool:
    """Whether the value is an object of numbers or None."""
    return isinstance(value, dict) and _all_numbers(value.values())


def is_curves_by_name(value: Any) -> bool:
    """Whether the value is an object of lists of numbers or None."""
    return isinstance(value, dict) and _all_lists_of_numbers(value.values())


def is_noise_record(value: Any) -> bool:
    """Whether the value is an object that has the realised rate, which may be None."""
    return isinstance(value, dict) and is_number(value.get("realised"))


def is_noise_record_if_any(value: Any) -> bool:
    """Whether the value is such an object, or an empty one."""
    return value == {} or is_noise_record(value)


def is_list_of_texts(value: Any) -> bool:
    """Whether the value is a list of texts."""
    return isinstance(value, list) and _all_texts(value)


def is_list_of_numbers(value: Any) -> bool:
    """Whether the value is a list of numbers or None."""
    return isinstance(value, list) and _all_numbers(value)


def _all_lists_of_numbers(values: Collection[Any]) -> bool:
    return _all_lists(values) and _all_numbers(list(chain.from_iterable(values)))


def _all_lists(values: Collection[Any]) -> bool:
    return {*map(type, values)} <= {list}


def is_scaled(value: Any) -> bool:
    """Whether the value has, per way of fitting a temperature, its status, the temperature, metrics and bins."""
    return isinstance(value, dict) and all(map(_is_scaled_one_way, value.values()))


def _is_scaled_one_way(way: Any) -> bool:
    return (
        isinstance(way, dict)
        and isinstance(way.get("status"), str)
        and isinstance(metrics := way.get("metrics"), dict)
        and isinstance(bins := way.get("bins"), dict)
        and _all_lists(bins.values())
        and _all_numbers([way.get("temperature"), *metrics.values(), *chain.from_iterable(bins.values())])
    )


def is_noise_estimate(value: Any) -> bool:
    """Whether the value is empty, or has a rate and a square matrix."""
    if value == {}:
        return True
    matrix = value.get("matrix") if isinstance(value, dict) else None
    square = isinstance(matrix, list) and _all_lists_of_numbers(matrix) and set(map(len, matrix)) == {len(matrix)}
    return square and is_number(value.get("rate", ""))


def is_screening(value: Any) -> bool:
    """Whether the value is empty, or says how an arm was chosen: see `lsbench.spec.Screening`."""
    try:
        return value == {} or bool(Screening.from_json(value))
    except InputError:
        return False


def is_data(value: Any) -> bool:
    """Whether the value is empty, or has the names of the classes and, of each part, the examples of each class."""
    if value == {}:
        return True
    if not isinstance(value, dict) or not isinstance(names := value.get("classes"), list):
        return False
    if not is_list_of_texts(value.get("notes", [])) or not isinstance(value.get("label_map", []), list):
        return False
    if not is_numbers_by_name(value.get("annotators", {})):
        return False
    counts: list[Any] = [value.get(name) for name in PARTS]
    return _all_lists(counts) and len(set(map(len, counts))) == 1 and _all_counts(counts) and _all_texts(names)


def _all_counts(lists: Collection[list[Any]]) -> bool:
    counts = list(chain.from_iterable(lists))
    return {*map(type, counts)} <= {int} and _all_numbers(counts)


def _all_texts(values: Collection[Any]) -> bool:
    return {*map(type, values)} <= {str}
