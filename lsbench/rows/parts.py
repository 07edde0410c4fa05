"""What each part of a row's file must be to be believed: numbers of a sane size, texts, counts."""

from collections.abc import Callable, Collection
from itertools import chain
from types import NoneType
from typing import Any, TypeGuard


def _is_number(value: Any) -> bool:
    return _are_numbers([value])


def _are_numbers(values: Collection[Any]) -> bool:
    """Whether all are numbers of a sane size, or None: with C's speed, as 10,000 rows hold millions."""
    kinds = set(map(type, values))
    if kinds - {float, int, NoneType}:
        return False
    known = [value for value in values if value is not None] if NoneType in kinds else values
    return not known or -LARGEST < min(known) <= max(known) < LARGEST


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_numbers(value: Any) -> bool:
    return isinstance(value, list) and _are_numbers(value)


def _are_lists_of_numbers(values: Collection[Any]) -> bool:
    return all(isinstance(value, list) for value in values) and _are_numbers(list(chain.from_iterable(values)))


def _is_scaled(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(way, dict)
        and isinstance(way.get("status"), str)
        and _is_number(way.get("temperature"))
        and isinstance(metrics := way.get("metrics"), dict)
        and _are_numbers(metrics.values())
        and isinstance(bins := way.get("bins"), dict)
        and _are_lists_of_numbers(bins.values())
        for way in value.values()
    )


def _is_noise_estimate(value: Any) -> bool:
    if value == {}:
        return True
    matrix = value.get("matrix") if isinstance(value, dict) else None
    square = isinstance(matrix, list) and _are_lists_of_numbers(matrix) and set(map(len, matrix)) == {len(matrix)}
    return square and _is_number(value.get("rate", ""))


def _is_data(value: Any) -> bool:
    if value == {}:
        return True
    if not isinstance(value, dict) or not isinstance(names := value.get("classes"), list):
        return False
    if not _are_texts(value.get("notes", [])) or not isinstance(value.get("label_map", []), list):
        return False
    parts = [part for name in PARTS if _is_counts(part := value.get(name))]
    return len(parts) == len(PARTS) and len(set(map(len, parts))) == 1 and set(map(type, names)) <= {str}


def _is_counts(value: Any) -> TypeGuard[list[int]]:
    return isinstance(value, list) and set(map(type, value)) <= {int} and _are_numbers(value)


PARTS = ("train", "held_out", "test")  # of a row's data
LARGEST = 1e100  # in magnitude; no number of a row comes near, and its square can still be summed
CONTENTS: dict[str, Callable[[Any], bool]] = {  # what each part of a file must be to be believed
    "error": _is_text,
    "metrics": lambda value: isinstance(value, dict) and _are_numbers(value.values()),
    "curves": lambda value: isinstance(value, dict) and _are_lists_of_numbers(value.values()),
    "passport": lambda value: isinstance(value, dict) and _is_number(value.get("realised")),
    "seconds": _is_number,
    "stack": _are_texts,
    "provenance": lambda value: isinstance(value, dict),
    "scaled": _is_scaled,
    "sketch": _is_text,
    "risk_coverage": _is_numbers,
    "noise_estimate": _is_noise_estimate,
    "data": _is_data,
    "warnings": _are_texts,
}
