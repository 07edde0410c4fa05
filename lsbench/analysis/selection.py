"""Which epoch of a training counts: the rules that the field's tables mix, side by side, from one training."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Curves = Mapping[str, Sequence[float | None]]  # of a row: name -> one number per epoch
LAST_K = 5  # epochs that `mean-last` averages, fewer where there are fewer


@dataclass(frozen=True)
class SelectionRule:
    """How a number is had from the curve of a metric on the test set."""

    summary: str
    needs: str  # what the choice looks at: "", "noisy labels", "clean labels" or "test labels"
    read: Callable[[Curves, str, int], float | None]  # curves, metric, k -> number

    @property
    def honest(self) -> bool:
        """Whether the test labels stay out of the choice."""
        return self.needs != "test labels"


def read_rule(rule: str, curves: Curves, metric: str) -> float | None:
    """The metric on the test set by that rule (`mean-last:3` takes 3); None where a curve it needs is broken."""
    name, _, k = rule.partition(":")
    return RULES[name].read(curves, metric, int(k or LAST_K))


def best_epoch(curve: Sequence[float | None], *, highest: bool) -> int | None:
    """The first epoch with the best value; None where there is none, or a value that is not a number."""
    values = [value for value in curve if value is not None]
    if not values or len(values) < len(curve):
        return None
    return values.index(max(values) if highest else min(values))


def _last(curves: Curves, metric: str, _k: int) -> float | None:
    curve = curves.get(metric)
    return curve[-1] if curve else None


def _mean_last(curves: Curves, metric: str, k: int) -> float | None:
    values = list(curves.get(metric, ()))[-k:]
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None


def _at_best(chosen_by: str, *, highest: bool) -> Callable[[Curves, str, int], float | None]:
    def read(curves: Curves, metric: str, _k: int) -> float | None:
        epoch, curve = best_epoch(curves.get(chosen_by, ()), highest=highest), curves.get(metric, ())
        return curve[epoch] if epoch is not None and epoch < len(curve) else None

    return read


RULES: dict[str, SelectionRule] = {
    "last": SelectionRule("the last epoch", "", _last),
    "mean-last": SelectionRule(f"the mean of the last {LAST_K} epochs", "", _mean_last),
    "val-accuracy": SelectionRule(
        "the epoch of the best held-out accuracy on given labels",
        "noisy labels",
        _at_best("val_accuracy", highest=True),
    ),
    "val-nll": SelectionRule(
        "the epoch of the lowest held-out NLL on given labels", "noisy labels", _at_best("val_nll", highest=False)
    ),
    "val-clean": SelectionRule(
        "oracle: the epoch of the best held-out accuracy on clean labels",
        "clean labels",
        _at_best("val_clean_accuracy", highest=True),
    ),
    "best-test": SelectionRule(
        "DISHONEST: the epoch of the best test accuracy, chosen by the test labels",
        "test labels",
        _at_best("accuracy", highest=True),
    ),
}
HONEST = tuple(name for name, rule in RULES.items() if rule.honest)
