"""Which epoch of a training is reported: the rules that published tables use, all read from one training.

A new rule is one more entry of `RULES`; tables, conditions, protocols and records take it from there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Curves = Mapping[str, Sequence[float | None]]  # of a row: name -> one number per epoch
CLEAN = "clean labels"  # which nobody has of data whose training labels are given
LAST_K = 5  # epochs that `mean-last` averages, fewer where there are fewer


@dataclass(frozen=True)
class SelectionRule:
    """How a number is read from the curve of a metric on the test set."""

    label: str  # above a column; {k} is how many epochs are averaged
    needs: str  # what the choice looks at: "", "noisy labels", "clean labels" or "test labels"
    read: Callable[[Curves, str, int], float | None]  # curves, metric, k -> number
    averages: bool = False  # whether it takes a number of epochs, as in `mean-last:3`
    given_label: str = ""  # above a column where nobody knows which training labels are wrong, if it is another

    @property
    def honest(self) -> bool:
        """Whether the test labels stay out of the choice."""
        return self.needs != "test labels"


def read_rule(rule: str, curves: Curves, metric: str) -> float | None:
    """The metric on the test set by that rule; None where a curve that it needs has a gap."""
    name, _, k = rule.partition(":")
    return RULES[name].read(curves, metric, int(k or LAST_K))


def rule_labels(
    k: int = LAST_K, *, shown: int | None = None, show_dishonest: bool = False, given: bool = False
) -> dict[str, str]:
    """The rules to show, each as `read_rule` takes it, with its label; the dishonest one only on request.

    `shown`: how many epochs a label says are averaged, where there are fewer than k. `given`: nobody knows
    which training labels are wrong, so that none can be chosen by right ones.
    """
    return {
        f"{name}:{k}" if rule.averages else name: ((given and rule.given_label) or rule.label).format(k=shown or k)
        for name, rule in RULES.items()
        if (rule.honest or show_dishonest) and not (given and rule.needs == CLEAN)
    }


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
    present = [value for value in values if value is not None]
    return sum(present) / len(present) if present and len(present) == len(values) else None


def _at_best(chosen_by: str, *, highest: bool) -> Callable[[Curves, str, int], float | None]:
    def read(curves: Curves, metric: str, _k: int) -> float | None:
        epoch, curve = best_epoch(curves.get(chosen_by, ()), highest=highest), curves.get(metric, ())
        return curve[epoch] if epoch is not None and epoch < len(curve) else None

    return read


RULES: dict[str, SelectionRule] = {  # the first is what tables show where nothing is said
    "last": SelectionRule("last epoch", "", _last),
    "mean-last": SelectionRule("mean of last {k}", "", _mean_last, averages=True),
    "val-accuracy": SelectionRule(
        "best noisy val accuracy",
        "noisy labels",
        _at_best("val_accuracy", highest=True),
        given_label="best val accuracy",
    ),
    "val-nll": SelectionRule(
        "best noisy val NLL", "noisy labels", _at_best("val_nll", highest=False), given_label="best val NLL"
    ),
    "val-clean": SelectionRule("best clean val (oracle)", CLEAN, _at_best("val_clean_accuracy", highest=True)),
    "best-test": SelectionRule("best test (DISHONEST)", "test labels", _at_best("accuracy", highest=True)),
}
HONEST = tuple(name for name, rule in RULES.items() if rule.honest)
