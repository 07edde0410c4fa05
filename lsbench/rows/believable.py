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

LARGEST = 1e100  # in magnitude; no number of a row comes near, and its square can still be summed

STATUSES = ("published", "given", "trusted")
# what each entry of a row's labels may be
LABELS: dict[str, tuple[str, ...]] = {"train": STATUSES, "test": STATUSES, "noise": ("unknown",)}


def is_number(value: Any) -> bool:
    """Whether the value is a number or None."""
    return _all_numbers([value])


def _all_numbers(values: Collection[Any]) -> bool:
    """Whether all are numbers of a possible size, or None; without a loop in Python, as 10,000 rows hold millions."""
    kinds = set(map(type, values))
    if kinds - {float, int, NoneType}:
        return False
    numbers = [value for value in values if value is not None] if NoneType in kinds else values
    return _hypot(numbers) < LARGEST or -LARGEST < min(numbers) <= max(numbers) < LARGEST


def _hypot(numbers: Collection[float]) -> float:
    """At least the largest magnitude; endless where a whole number is no float."""
    try:
        return math.hypot(*numbers)
    except OverflowError:
        return math.inf


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
    return set(map(type, values)) <= {list}


def is_scaled(value: Any) -> bool:
    """Whether the value has, per way of fitting a temperature, its status, the temperature, metrics and bins."""
    if not isinstance(value, dict) or not all(map(_is_scaled_one_way, value.values())):
        return False
    ways = value.values()
    bins = chain.from_iterable(way["bins"].values() for way in ways)
    metrics = (way["metrics"].values() for way in ways)
    return _all_numbers([*(way.get("temperature") for way in ways), *chain.from_iterable(chain(metrics, bins))])


def _is_scaled_one_way(way: Any) -> bool:
    """All but whether its numbers are some."""
    return (
        isinstance(way, dict)
        and isinstance(way.get("status"), str)
        and isinstance(way.get("metrics"), dict)
        and isinstance(bins := way.get("bins"), dict)
        and _all_lists(bins.values())
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
    counts: list[Any] = [value.get(name) for name in PARTS]
    return _all_lists(counts) and len(set(map(len, counts))) == 1 and _all_counts(counts) and _all_texts(names)


def _all_counts(lists: Collection[list[Any]]) -> bool:
    counts = list(chain.from_iterable(lists))
    return set(map(type, counts)) <= {int} and _all_numbers(counts)


def _all_texts(values: Collection[Any]) -> bool:
    return set(map(type, values)) <= {str}
