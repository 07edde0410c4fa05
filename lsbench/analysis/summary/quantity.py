"""The numbers of a row, by name: as conditions, tables and protocols ask for them."""

import re
from dataclasses import fields
from functools import lru_cache
from itertools import chain
from typing import Any

from lsbench.analysis.optimum import Optimum, optimum
from lsbench.analysis.selection import CLEAN, RULES, read_rule
from lsbench.data.parts import PARTS
from lsbench.errors import InputError
from lsbench.names.catalogue import LOSSES, METRICS, TEMPERATURES, temperature_of
from lsbench.names.reference import is_own
from lsbench.names.registry import lookup
from lsbench.rows import status
from lsbench.rows.row import Row
from lsbench.rows.status import GIVEN, RENAMED, TEST, TRAIN, status_of
from lsbench.rows.truth import TRUE

SEPARABLE, TEMPERATURE, CONFIDENCE, EXAMPLES = "separable", "temperature", "confidence", "examples"
OPTIMUM = "optimum"  # what 0.2.0 called SEPARABLE, still read
P_VALUES = ("calibration_p",)  # numbers of which a mean over seeds says nothing
RECALL = "recall"  # of a class, by its name or its number
PREFIXES = (*RULES, *TEMPERATURES, SEPARABLE, EXAMPLES, RECALL)  # the allowed words before the point of a name


def value_of(row: Row, name: str) -> float | None:
    """One number of a row; None where the row has none of that name.

    "ece": on the test set after the last epoch; "val_nll": on the held-out examples; "confidence": the mean largest
    prob. "val-nll.ece": at the epoch that a rule of `analysis.selection.RULES` chooses. "noisy.ece": after
    temperature scaling by one of `catalogue.TEMPERATURES`; "noisy.temperature": that temperature. "separable.ece": of
    a perfect fit if all classes were separable, in closed form, where it applies: see `analysis.optimum`.
    "examples.train": the number of training examples. "recall.cat": of the test examples of a class, see `recall_of`.
    """
    if name.startswith(f"{RECALL}."):
        return recall_of(row, name.partition(".")[2])
    if "." not in name or is_own(name):
        return _confidence(row) if name == CONFIDENCE else row.metrics.get(name)
    where, what = name.split(".", 1)
    if where.split(":")[0] in RULES:
        return read_rule(where, row.curves, what)
    if (way := temperature_of(where)) in TEMPERATURES:
        return _after(row, way, what)
    if where in (SEPARABLE, OPTIMUM):
        return _of_separable(row, what)
    if where == EXAMPLES:
        return sum(row.data[what]) if what in PARTS and row.data else None
    raise InputError(f"no number is called {name!r}; the allowed words before the point are {', '.join(PREFIXES)}")


def recall_of(row: Row, of_class: str) -> float | None:
    """The share of a class's test examples that are predicted as it; the class by its name or, without one, number.

    None of a class without test examples, of one that there is not, and of a row that does not keep it.
    """
    values = row.recall.get(TEST, [])
    names = row.data.get("classes") or list(map(str, range(len(values))))
    return dict(zip(names, values, strict=False)).get(of_class)


def require_name(name: str) -> None:
    """Raise an `InputError` unless `value_of` has numbers of that name."""
    if name.startswith(f"{RECALL}.") and name != f"{RECALL}.":
        return
    where, _, what = name.rpartition(".")
    rule, colon, k = where.partition(":")
    if rule in RULES:
        if colon and not (RULES[rule].averages and k.isdecimal() and int(k) > 0):
            takes = " and ".join(f"{name}:3" for name, one in RULES.items() if one.averages)
            raise InputError(f"{where!r}: a rule that averages takes a number of epochs from 1, as in {takes}")
        lookup(EACH_EPOCH, "metric of each epoch", what)
    elif temperature_of(where) in TEMPERATURES:
        lookup({**METRICS, TEMPERATURE: None}, "metric", what)
    elif where in (SEPARABLE, OPTIMUM):
        lookup({f.name: None for f in fields(Optimum)}, "number of separable classes", what)
    elif where == EXAMPLES:
        lookup(dict.fromkeys(PARTS), "part of the examples", what)
    elif where:
        raise InputError(f"no number is called {name!r}; the allowed words before the point are {', '.join(PREFIXES)}")
    elif not is_own(name):
        lookup(PLAIN, "number", what)


def is_percentage(name: str) -> bool:
    """Whether a number of that name is shown as a percentage."""
    if name.startswith(f"{RECALL}."):
        return True
    base = re.sub(r"^(val_clean_|val_|true_)", "", name.rpartition(".")[2])
    return base.startswith("train_accuracy") or base == CONFIDENCE or (base in METRICS and METRICS[base].percent)


def needs_truth(name: str) -> bool:
    """Whether only somebody who knows which labels are wrong has a number of that name."""
    where, _, what = name.rpartition(".")
    rule = RULES.get(where.partition(":")[0])
    return (
        what in RENAMED
        or what.startswith(("val_clean_", TRUE))
        or where in (SEPARABLE, OPTIMUM)
        or (rule is not None and rule.needs == CLEAN)
        or ((way := temperature_of(where)) in TEMPERATURES and status.needs_truth(way))
    )


def is_dishonest(name: str) -> bool:
    """Whether the test labels choose the epoch of a number of that name."""
    rule = RULES.get(name.split(".")[0].split(":")[0])
    return rule is not None and not rule.honest


EACH_EPOCH = {name: None for name, metric in METRICS.items() if metric.each_epoch}
PLAIN: dict[str, Any] = {
    **METRICS,
    CONFIDENCE: None,
    **{f"{prefix}{name}": None for prefix in ("val_", "val_clean_") for name in EACH_EPOCH},
    **{f"{TRUE}{name}": None for name in METRICS},
    **dict.fromkeys(("train_loss", "train_accuracy", *chain(*RENAMED.items()))),
}


def _confidence(row: Row) -> float | None:
    accuracy, signed = row.metrics.get("accuracy"), row.metrics.get("signed_error")
    return None if accuracy is None or signed is None else accuracy - signed


def _after(row: Row, way: str, what: str) -> float | None:
    fit = row.scaled.get(way, {})
    return fit.get(TEMPERATURE) if what == TEMPERATURE else fit.get("metrics", {}).get(what)


def _of_separable(row: Row, what: str) -> float | None:
    """None where nobody knows which labels are wrong, or where the accuracy is far from the assumed one."""
    entry, matrix = LOSSES.get(row.cell.loss), row.noise_record.get("matrix")
    if entry is None or not entry.optimum or not matrix or row.cell.recipe.mixup is not None:
        return None
    if GIVEN in (status_of(row, TRAIN), status_of(row, TEST)):
        return None
    try:
        tested = tuple(row.data["test"]) if row.data else None
        perfect = _perfect_fit(tuple(map(tuple, matrix)), row.cell.eps or 0.0, entry.optimum, tested)
    except (ValueError, TypeError):  # a label-noise record that holds no noise matrix
        return None
    accuracy = row.metrics.get("accuracy")
    if perfect is None or accuracy is None or not perfect.applies(accuracy, len(matrix)):
        return None
    return getattr(perfect, what, None)


@lru_cache(maxsize=4096)
def _perfect_fit(
    matrix: tuple[tuple[float | None, ...], ...], eps: float, form: str, tested: tuple[int, ...] | None
) -> Optimum | None:
    """The closed form, kept: all losses of a seed share the noise."""
    return optimum(matrix, eps, form, tested)
