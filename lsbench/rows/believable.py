"""Checks of the values in a row's file. Each takes a value of JSON and answers whether a row can hold it.

A file can be edited by hand, cut off, or made by another program. Only the form is checked: types, numbers of a
possible size, lists of equal length.
"""

from collections.abc import Collection
from itertools import chain
from types import NoneType
from typing import Any, TypeGuard

from lsbench.data.parts import PARTS

LARGEST = 1e100  # in magnitude; no number of a row comes near, and its square can still be summed

STATUSES = ("published", "given", "trusted")
LABELS = {"train": STATUSES, "test": STATUSES, "noise": ("unknown",)}  # what each entry of a row's labels may be


def is_number(value: Any) -> bool:
    """Whether the value is a number or None."""
    return _all_numbers([value])


def _all_numbers(values: Collection[Any]) -> bool:
    """Whether all are numbers of a possible size, or None; without a loop in Python, as 10,000 rows hold millions."""
    kinds = set(map(type, values))
    if kinds - {float, int, NoneType}:
        return False
    numbers = [value for value in values if value is not None] if NoneType in kinds else values
    return not numbers or -LARGEST < min(numbers) <= max(numbers) < LARGEST


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
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def is_list_of_numbers(value: Any) -> bool:
    """Whether the value is a list of numbers or None."""
    return isinstance(value, list) and _all_numbers(value)


def _all_lists_of_numbers(values: Collection[Any]) -> bool:
    return all(isinstance(value, list) for value in values) and _all_numbers(list(chain.from_iterable(values)))


def is_scaled(value: Any) -> bool:
    """Whether the value has, per way of fitting a temperature, its status, the temperature, metrics and bins."""
    return isinstance(value, dict) and all(
        isinstance(way, dict)
        and isinstance(way.get("status"), str)
        and is_number(way.get("temperature"))
        and isinstance(metrics := way.get("metrics"), dict)
        and _all_numbers(metrics.values())
        and isinstance(bins := way.get("bins"), dict)
        and _all_lists_of_numbers(bins.values())
        for way in value.values()
    )


def is_noise_estimate(value: Any) -> bool:
    """Whether the value is empty, or has a rate and a square matrix."""
    if value == {}:
        return True
    matrix = value.get("matrix") if isinstance(value, dict) else None
    square = isinstance(matrix, list) and _all_lists_of_numbers(matrix) and set(map(len, matrix)) == {len(matrix)}
    return square and is_number(value.get("rate", ""))


def is_data(value: Any) -> bool:
    """Whether the value is empty, or has the names of the classes and, of each part, the examples of each class."""
    if value == {}:
        return True
    if not isinstance(value, dict) or not isinstance(names := value.get("classes"), list):
        return False
    if not is_list_of_texts(value.get("notes", [])) or not isinstance(value.get("label_map", []), list):
        return False
    if not isinstance(people := value.get("annotators", {}), dict) or not _all_numbers(people.values()):
        return False
    parts = [part for name in PARTS if _is_counts(part := value.get(name))]
    return len(parts) == len(PARTS) and len(set(map(len, parts))) == 1 and set(map(type, names)) <= {str}


def _is_counts(value: Any) -> TypeGuard[list[int]]:
    return isinstance(value, list) and set(map(type, value)) <= {int} and _all_numbers(value)
