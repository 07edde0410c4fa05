"""Which of a row's temperatures an exported network gets, and what is said of it."""

from typing import NamedTuple

from lsbench.errors import InputError, require_choice
from lsbench.names.catalogue import TEMPERATURES, temperature_of
from lsbench.rows.row import Row
from lsbench.rows.status import GIVEN, TRAIN

NONE = "none"
USUAL = next(iter(TEMPERATURES))  # the way that needs the given labels alone
WAYS = (NONE, *TEMPERATURES)
LOOKED = "looked at"


class ChosenTemperature(NamedTuple):
    """The number that logits are divided by."""

    value: float
    way: str  # one of WAYS, or LOOKED
    sentence: str


def chosen_temperature(row: Row, way: str | None = None) -> ChosenTemperature:
    """That of the way asked for, or by default that of the given labels, and 1 where the row has none.

    `InputError`: a word that is no way, a row without it, or a fit that has no optimum.
    """
    asked = temperature_of(way) if way else USUAL
    require_choice("--temperature", asked, WAYS)
    if asked == NONE:
        return ChosenTemperature(1.0, NONE, "Probabilities are the network's own: no temperature.")
    scaled = row.scaled.get(asked)
    if scaled is None or scaled["status"] != "ok":
        if way is None:
            return ChosenTemperature(1.0, NONE, f"Probabilities are the network's own: {_why_none(row)}.")
        raise InputError(f"{row.id} has no temperature {asked!r}: {_why_none(row, asked)}; take --temperature none")
    value = float(scaled["temperature"])
    return ChosenTemperature(value, asked, f"Divided by the temperature {value:.4g}, {_fitted(row, asked)}.")


def _why_none(row: Row, way: str = USUAL) -> str:
    if way not in row.scaled:
        return "no examples were held out to fit a temperature"
    return f"no temperature fits the held-out labels best ({row.scaled[way]['status']})"


def _fitted(row: Row, way: str) -> str:
    text = f"fitted on held-out examples, by {TEMPERATURES[way].by}"
    if way == USUAL and row.labels.get(TRAIN) == GIVEN:
        return f"{text}: a probability is that of the label that would be given, whether or not that is right"
    return text
