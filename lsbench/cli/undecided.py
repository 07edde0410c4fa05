"""Why there is nothing to decide: what the rows of a folder lack, and what to do about it."""

from collections.abc import Sequence

from lsbench.analysis.criteria import UNSCALED, criterion_of
from lsbench.names.catalogue import TEMPERATURES
from lsbench.rows.row import Row
from lsbench.rows.status import GIVEN, TRAIN, needs_truth, status_of

NEEDED = {"matrix": "the true noise matrix", "clean": "the right labels of the held-out examples"}


def why_undecided(rows: Sequence[Row], by: str, temperature: str) -> str:
    """The first reason that holds of rows of which no two losses can be compared; rows as they are told."""
    ok = [row for row in rows if row.status == "ok"]
    if not ok:
        return f"all of its {len(rows)} cells failed or diverged; `lsbench report` says why"
    names = sorted({row.cell.arm.name for row in ok})
    if len(names) < 2:
        return f"it has results of {names[0]} alone; train another loss, with the same seeds: --loss {names[0]},lsr"
    if temperature != UNSCALED and not any(temperature in row.scaled for row in ok):
        return _why_not_scaled(ok, temperature)
    metric = criterion_of(by).metric
    if not any(row.metrics.get(metric) is not None for row in ok):
        return f"none of its rows has the number that --by {by} takes, {metric}; decide by another"
    return "no two losses share a setting, a seed and a number to decide by; train the same seeds of each"


def _why_not_scaled(rows: Sequence[Row], temperature: str) -> str:
    if needs_truth(temperature) and all(status_of(row, TRAIN) == GIVEN for row in rows):
        needed = " and ".join(NEEDED[part] for part in TEMPERATURES[temperature].needs)
        return (
            f"--temperature {temperature} needs {needed}, which nobody has of labels as given; take --temperature"
            f" {UNSCALED} or {', '.join(way for way in TEMPERATURES if not needs_truth(way))}, or say --trust train if"
            " you vouch for the training labels"
        )
    return (
        f"none of its rows has numbers after --temperature {temperature}, which is fitted on held-out examples; train"
        " with some (--folds 5 or --val 0.1), or leave out --temperature"
    )
