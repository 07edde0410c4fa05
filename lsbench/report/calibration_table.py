"""Every number of calibration before and after temperature scaling, beside what separable classes would cost."""

from collections import Counter
from dataclasses import dataclass

from lsbench.analysis.summary import ArmResults, Setting, Summary
from lsbench.names.catalogue import TEMPERATURES
from lsbench.report.columns import Column, paragraph, table_of
from lsbench.report.fields import NAMES, spread_text, title_of
from lsbench.report.given import against, other_notes
from lsbench.report.tables import NOT_AVAILABLE, Table
from lsbench.rows.status import needs_truth

IF_SEPARABLE = "if separable"
OF_SEPARABLE = ("ece", "signed_error", "nll", "brier")  # what the closed form tells
SEPARABLE = (
    "if separable: the perfect fit to these noisy, smoothed labels if all classes were separable, in closed form, no "
    "temperature; left out where the measured accuracy is far from that."
)


@dataclass(frozen=True)
class Scaled:
    """What a line is about: an arm after one way of fitting the temperature, after none, or if classes were separable.

    `prefix` stands before the names of its numbers in a row.
    """

    arm: ArmResults
    way: str
    prefix: str

    def number(self, name: str, scale: float, digits: int) -> str:
        """A number of a row as a field's text; of separable classes without a spread, which is rounding only."""
        if self.way != IF_SEPARABLE:
            return spread_text(self.arm.spread(self.prefix + name), scale, digits)
        separable = self.arm.spread(self.prefix + name) if name in OF_SEPARABLE else None
        return NOT_AVAILABLE if separable is None else f"{separable.mean * scale:.{digits}f}"

    def smallest_and_largest(self, name: str) -> str:
        """Over the seeds: for p-values, of which a mean would say nothing."""
        values = [] if self.way == IF_SEPARABLE else list(self.arm.by_seed(self.prefix + name).values())
        ends = dict.fromkeys(f"{end(values):.3f}" for end in (min, max)) if values else (NOT_AVAILABLE,)
        return "–".join(ends)


def _arm(line: Scaled) -> ArmResults:
    return line.arm


def _temperature(line: Scaled) -> str:
    spread = line.arm.spread(f"{line.prefix}temperature") if line.way in TEMPERATURES else None
    return spread_text(spread, 1, 3)


def _number(name: str, heading: str, scale: float, digits: int, meaning: str = "") -> Column[Scaled]:
    """A number's name in a row, its heading, what it is multiplied by, its decimals, and what it means."""
    return Column(heading, lambda line: line.number(name, scale, digits), meaning)


SIGNED = "acc − conf: above 0 is under-confident."
SIGNED_OF_GIVEN = "acc − conf: wrong test labels lower it."
CALIBRATION = (
    _number("ece", "ECE %", 100, 2),
    _number("adaptive_ece", "adaptive %", 100, 2),
    _number("classwise_ece", "classwise %", 100, 2),
    _number("mce", "MCE %", 100, 1),
    _number("smooth_ece", "SmoothECE %", 100, 2),
    _number("l2_debiased", "L2² debiased", 1, 4),
    _number("signed_error", "acc − conf %", 100, 2, SIGNED),
    _number("overconfidence", "over %", 100, 2),
    _number("underconfidence", "under %", 100, 2),
    _number(
        *("calibration_slope", "slope", 1, 2),
        "slope: logistic regression of correctness on logit(confidence).",
    ),
    Column[Scaled](
        "p of slope 1",
        lambda line: line.smallest_and_largest("calibration_p"),
        "p of slope 1: the likelihood-ratio test of each seed by itself; the smallest and the largest over the seeds.",
    ),
    _number("nll", "NLL", 1, 4),
    _number("brier", "Brier", 1, 4),
    _number("brier_reliability", "reliability", 1, 4),
    _number("brier_resolution", "resolution", 1, 4),
)
SELECTIVE = (_number("aurc", "AURC %", 100, 3, "AURC: area under the risk-coverage curve."),)
DOUBTS = (
    _number("ece_floor", "floor %", 100, 2, "floor: the ECE that a perfectly calibrated model would show."),
    _number("edge_ties", "edge ties", 1, 1, "edge ties: confidences exactly between two bins."),
    _number("saturation", "p = 1 %", 100, 1),
)
COLUMNS = (
    *(column.of(_arm) for column in NAMES),
    Column[Scaled]("temperature", lambda line: line.way, names_line=True),
    Column[Scaled]("T", _temperature),
    *CALIBRATION,
    *SELECTIVE,
    *DOUBTS,
)


def calibration_table(summary: Summary) -> Table:
    """Per arm a line before scaling, one per way of fitting the temperature, and the one of separable classes."""
    setting, lines = summary.setting, [line for arm in summary.arms for line in _lines(arm)]
    return table_of(
        f"{against(setting, 'calibration')}: {title_of(summary)}",
        COLUMNS,
        lines,
        notes=[note for arm in summary.arms for note in _notes(arm)],
        footnotes=(
            _fitted_by(setting),
            *([] if setting.trains_on_given or setting.tests_on_given else [SEPARABLE]),
            _meaning(setting),
            *other_notes(setting),
        ),
    )


def _meaning(setting: Setting) -> str:
    text = paragraph((*CALIBRATION, *DOUBTS, *SELECTIVE))
    return text.replace(SIGNED, SIGNED_OF_GIVEN) if setting.tests_on_given else text


def _fitted_by(setting: Setting) -> str:
    """On which labels the temperatures were fitted: of given labels without the ways that need the right ones."""
    ways = {way: entry for way, entry in TEMPERATURES.items() if not (setting.trains_on_given and needs_truth(way))}
    listed = ", ".join(f"{way} by {entry.by}" for way, entry in ways.items())
    return f"temperature: none, or fitted on the held-out examples: {listed}. T divides the logits."


def _lines(arm: ArmResults) -> list[Scaled]:
    ways = [way for way in TEMPERATURES if arm.by_seed(f"{way}.temperature")]
    lines = [Scaled(arm, "none", ""), *(Scaled(arm, way, f"{way}.") for way in ways)]
    return lines + [Scaled(arm, IF_SEPARABLE, "separable.")] * bool(arm.by_seed("separable.ece"))


def _notes(arm: ArmResults) -> list[str]:
    """The fits that found no optimum."""
    failed = Counter(
        (way, status) for row in arm.rows for way in row.scaled if (status := row.scaled[way]["status"]) != "ok"
    )
    return [
        f"{arm.name}: temperature {way} is {status!r} for {count} of {arm.n} seeds"
        for (way, status), count in failed.items()
    ]
