"""Accuracy and ECE against eps, one column of panels per noise rate, one line per loss."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lsbench.analysis.summary import BASELINE
from lsbench.names.bins import DEFAULT_BINS
from lsbench.report.pictures.groups import Group, Sweep, number
from lsbench.report.pictures.names import rate_text
from lsbench.report.pictures.picture import MOST_LINES, Line, Panel, as_table, line, seeds_text
from lsbench.spec import Arm
from lsbench.statistics import Spread, spread

METRICS = ("accuracy", "ece")
MOST_RATES = 4


@dataclass(frozen=True)
class Column:
    """One noise rate: a panel per metric, and the baseline in each."""

    noise_rate: float
    panels: tuple[Panel, ...]  # x is eps; the arms are without their eps
    baseline: tuple[Spread | None, ...]  # per panel


@dataclass(frozen=True)
class SmoothingSweep:
    """Columns by noise rate."""

    noise: str
    columns: tuple[Column, ...]
    left_out_rates: tuple[float, ...]
    left_out_losses: int
    added: bool = False  # whether the noise was added to given training labels
    given: bool = False  # whether nobody knows which test labels are wrong


def prepare(sweep: Sweep) -> SmoothingSweep | None:
    """At most 4 rates, evenly chosen, and 8 losses; None where no loss has two values of eps."""
    losses = list(dict.fromkeys(arm.without_eps for arm in sweep.arms if arm.eps is not None))
    shown = losses[:MOST_LINES]
    rates = [rate for rate, group in sweep.groups.items() if any(len(_values(group, loss)) > 1 for loss in shown)]
    if not rates:
        return None
    kept = _evenly(rates, MOST_RATES)
    columns = tuple(_column(sweep.groups[rate], rate, shown) for rate in kept)
    left_out = tuple(rate for rate in rates if rate not in kept)
    left_out_losses, setting = len(losses) - len(shown), sweep.setting
    return SmoothingSweep(
        setting.noise, columns, left_out, left_out_losses, setting.trains_on_given, setting.tests_on_given
    )


def _evenly(values: Sequence[float], most: int) -> list[float]:
    places = np.linspace(0, len(values) - 1, min(most, len(values))).round().astype(int)
    return [values[i] for i in places]


def _values(group: Group, loss: Arm) -> list[Arm]:
    """The arms of a loss, by eps; also those that are another loss there, as lsr 0 is ce."""
    arms = (arm for arm in group.every_arm if arm.eps is not None and arm.without_eps == loss)
    return sorted(arms, key=lambda arm: arm.eps or 0.0)


def _column(group: Group, rate: float, losses: Sequence[Arm]) -> Column:
    panels = (Panel(name, tuple(filter(None, (_line(group, loss, name) for loss in losses)))) for name in METRICS)
    rows = group.every_arm.get(Arm(BASELINE), ())
    values = ([v for row in rows if (v := number(row, name)) is not None] for name in METRICS)
    return Column(rate, tuple(panels), tuple(map(spread, values)))


def _line(group: Group, loss: Arm, name: str) -> Line | None:
    arms = _values(group, loss)
    table = as_table([[number(row, name) for row in group.every_arm[arm]] for arm in arms])
    return line(loss, [arm.eps or 0.0 for arm in arms], table.T)


def caption(data: SmoothingSweep) -> str:
    """What is shown."""
    lines = [line for column in data.columns for panel in column.panels for line in panel.lines]
    rates = ", ".join(map(rate_text, data.left_out_rates))
    against = ", against given labels" * data.given
    return (
        f"Test accuracy and expected calibration error ({DEFAULT_BINS} bins) after the last epoch against the "
        f"smoothing eps{against}; dashed: {BASELINE}. {seeds_text(lines)} Each accuracy panel has a scale of its own."
        + f" Noise rates left out: {rates}." * bool(rates)
        + f" {data.left_out_losses} more losses were left out." * bool(data.left_out_losses)
    )
