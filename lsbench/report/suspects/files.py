"""Suspicious labels as CSV and JSON: every example that was predicted without having been seen."""

from collections.abc import Iterable, Sequence
from typing import Any

from lsbench.analysis.suspects import TRAIN
from lsbench.analysis.suspects.named import COLUMNS
from lsbench.data.relabelled.fixes_file import COLUMNS as FIXES
from lsbench.data.relabelled.fixes_file import PREDICTIONS
from lsbench.names.answers import Answer, spell
from lsbench.names.encoding import printable
from lsbench.names.spreadsheet import csv_text
from lsbench.report.decision import training_json
from lsbench.report.suspects.listing import Listing

DIGITS = 6


def as_csv(listings: Iterable[Listing]) -> str:
    """A line per example, the most suspicious of each part first; the data set first where there are several."""
    listings = list(listings)
    several = len(listings) > 1
    rows: list[list[Any]] = [[*(["dataset"] if several else []), *COLUMNS]]
    for listing in listings:
        for line in listing.lines:
            values = [getattr(line, name) for name in COLUMNS]
            rows.append([_field(value) for value in [*([listing.suspects.dataset] if several else []), *values]])
    return csv_text(rows)


def _field(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    return printable(value) if isinstance(value, str) else value


def as_fixes(listing: Listing, take: int = 0, time: str = "") -> str:
    """A line for each example for which another label is suggested, the most suspicious first, as `labels=` takes them.

    The column of verdicts is for people. Of the `take` most suspicious training examples it holds the suggested label,
    by `predictions`: what they change is trained on, and nothing is measured against it.
    """
    names = listing.suspects.classes
    rows: list[Sequence[Any]] = [FIXES]
    taken = {line.example for line in [one for one in listing.suggesting if one.part == TRAIN][:take]}
    for line in listing.suggesting:
        given, suggested = (spell(Answer((names.index(name),)), names) for name in (line.given, line.suggested))
        verdict = (suggested, PREDICTIONS, time) if line.example in taken else ("", "", "")
        rows.append([line.example, printable(line.path), given, suggested, round(line.suspicion, DIGITS), *verdict])
    return csv_text(rows)


def as_json(listing: Listing) -> dict[str, Any]:
    """All that is known of one data set's list, as plain values."""
    suspects = listing.suspects
    return {
        "dataset": suspects.dataset,
        "fingerprint": suspects.fingerprint,
        "model": suspects.model,
        "classes": list(suspects.classes),
        "arms": list(suspects.arms),
        "trainings": suspects.trainings,
        "held_out_accuracy": suspects.accuracy,
        "examples": [_values(line._asdict()) for line in listing.lines],
        "looked_at": listing.looked and training_json(listing.looked),
        "near_duplicates": [
            [
                {"example": twin.example, "path": listing.path(twin.example), "given": suspects.classes[twin.label]}
                for twin in unit
            ]
            for unit in listing.twins.units
        ],
        "recall_of_random_flips": [
            {
                "noise": one.noise,
                "rate": one.rate,
                "examples": one.examples,
                "planted": one.planted,
                "at": [{"first": m, "recall": share} for m, share in one.at],
                "arms": list(one.arms),
            }
            for one in suspects.planted
        ],
    }


def _values(line: dict[str, Any]) -> dict[str, Any]:
    del line["number"]
    return {name: round(value, DIGITS) if isinstance(value, float) else value for name, value in line.items()}
