"""Accuracy and ECE against the noise rate, one line per arm."""

from collections.abc import Iterable
from dataclasses import dataclass

from lsbench.analysis.summary import BASELINE, value_of
from lsbench.names.bins import DEFAULT_BINS
from lsbench.names.catalogue import LOSSES
from lsbench.report.pictures.groups import Group, Sweep, choose, number
from lsbench.report.pictures.picture import MOST_LINES, Line, Panel, as_table, left_out_text, line, seeds_text
from lsbench.spec import Arm

METRICS = ("accuracy", "ece")
MOST_PERFECT = 4


@dataclass(frozen=True)
class NoiseSweep:
    """One panel per metric; x is the noise rate."""

    noise: str
    panels: tuple[Panel, ...]
    perfect: tuple["Perfect", ...]  # in the ECE's panel
    left_out: int  # arms
    added: bool = False  # whether the noise was added to given training labels
    given: bool = False  # whether nobody knows which test labels are wrong


@dataclass(frozen=True)
class Perfect:
    """The ECE on right labels that a perfect fit of separable data has: see `lsbench.analysis.optimum`."""

    eps: float
    x: tuple[float, ...]
    ece: tuple[float, ...]


def prepare(sweep: Sweep) -> NoiseSweep | None:
    """The lines of at most 8 arms; None with fewer than two noise rates."""
    if len(sweep.groups) < 2:
        return None
    arms = choose(sweep.arms, MOST_LINES)
    panels = (Panel(name, tuple(filter(None, (_line(sweep, arm, name) for arm in arms)))) for name in METRICS)
    perfect = tuple(filter(None, (_perfect(sweep, eps) for eps in _smoothings(arms))))
    left_out, setting = len(sweep.arms) - len(arms), sweep.setting
    return NoiseSweep(setting.noise, tuple(panels), perfect, left_out, setting.trains_on_given, setting.tests_on_given)


def _smoothings(arms: Iterable[Arm]) -> list[float]:
    """The eps of the smoothed cross-entropies among the arms, at most four of them."""
    return sorted({arm.eps or 0.0 for arm in arms if _is_plain(arm)})[:MOST_PERFECT]


def _is_plain(arm: Arm) -> bool:
    """Whether an arm is a cross-entropy, smoothed or not."""
    smoothed = [name for name, _ in arm.hyper] == ["eps"]
    return arm.loss in LOSSES and LOSSES[arm.loss].link == "softmax" and (arm.loss == BASELINE or smoothed)


def _perfect(sweep: Sweep, eps: float) -> Perfect | None:
    ece_by_rate = {rate: ece for rate, group in sweep.groups.items() if (ece := _perfect_ece(group, eps)) is not None}
    return Perfect(eps, tuple(ece_by_rate), tuple(ece_by_rate.values())) if len(ece_by_rate) > 1 else None


def _perfect_ece(group: Group, eps: float) -> float | None:
    """Of any row that tells: seeds differ in its last digits only."""
    rows = (
        row
        for arm, arm_rows in group.every_arm.items()
        if _is_plain(arm) and (arm.eps or 0.0) == eps
        for row in arm_rows
    )
    return next((ece for row in rows if (ece := value_of(row, "separable.ece")) is not None), None)


def _line(sweep: Sweep, arm: Arm, name: str) -> Line | None:
    columns = [[number(row, name) for row in group.every_arm.get(arm, ())] for group in sweep.groups.values()]
    return line(arm, tuple(sweep.groups), as_table(columns).T)


def caption(data: NoiseSweep) -> str:
    """What is shown."""
    lines = [line for panel in data.panels for line in panel.lines]
    return (
        f"Test accuracy and expected calibration error ({DEFAULT_BINS} bins) after the last epoch, "
        + ("against given labels. " if data.given else "on right labels. ")
        + "Grey: the ECE of a perfect fit with this noise and eps if all classes were separable. " * bool(data.perfect)
        + f"{seeds_text(lines)}{left_out_text(data.left_out)}"
    )
