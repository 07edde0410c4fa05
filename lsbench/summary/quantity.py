"""Every number that can be had from a row, by name."""

from functools import lru_cache

from lsbench.catalogue import LOSSES, TEMPERATURES
from lsbench.errors import InputError
from lsbench.optimum import Optimum, optimum
from lsbench.selection import RULES, read_rule
from lsbench.store import Row

OPTIMUM, TEMPERATURE, CONFIDENCE = "optimum", "temperature", "confidence"


def value_of(row: Row, name: str) -> float | None:
    """One number of a row; None where the row has none of that name.

    "ece": the last epoch, on the test set, and "val_nll" on held-out examples. "val-nll.ece": at the epoch that a rule
    of `lsbench.selection.RULES` picks. "forward.ece": after temperature scaling by one of `catalogue.TEMPERATURES`,
    "forward.temperature" what it was. "optimum.ece": of the perfect fit, in closed form. "confidence" is the mean
    largest prob.
    """
    if "." not in name:
        return _confidence(row) if name == CONFIDENCE else row.metrics.get(name)
    where, what = name.split(".", 1)
    if where.split(":")[0] in RULES:
        return read_rule(where, row.curves, what)
    if where in TEMPERATURES:
        return _after(row, where, what)
    if where == OPTIMUM:
        return _optimum(row, what)
    raise InputError(f"no number is called {name!r}; before the point stand {', '.join([*RULES, *TEMPERATURES])}")


def _confidence(row: Row) -> float | None:
    accuracy, signed = row.metrics.get("accuracy"), row.metrics.get("signed_error")
    return None if accuracy is None or signed is None else accuracy - signed


def _after(row: Row, way: str, what: str) -> float | None:
    fit = row.scaled.get(way, {})
    return fit.get(TEMPERATURE) if what == TEMPERATURE else fit.get("metrics", {}).get(what)


def _optimum(row: Row, what: str) -> float | None:
    entry, matrix = LOSSES.get(row.cell.loss), row.passport.get("matrix")
    if entry is None or not entry.optimum or not matrix:
        return None
    try:
        found = _found(tuple(map(tuple, matrix)), row.cell.eps or 0.0, entry.optimum)
    except (ValueError, TypeError):  # a passport that holds no noise matrix
        return None
    return None if found is None else getattr(found, what, None)


@lru_cache(maxsize=4096)
def _found(matrix: tuple[tuple[float | None, ...], ...], eps: float, form: str) -> Optimum | None:
    """All losses of a seed share the noise."""
    return optimum(matrix, eps, form)
