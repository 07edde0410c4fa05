"""Every number of calibration before and after temperature scaling, beside what separable classes would cost."""

from collections import Counter

from lsbench.analysis.summary import ArmResults, Summary
from lsbench.names.catalogue import TEMPERATURES
from lsbench.report.fields import name_fields, spread_text, title_of
from lsbench.report.tables import NOT_AVAILABLE, Entry, Table

COLUMNS = (  # name of the number, heading, scale, digits
    ("ece", "ECE %", 100, 2),
    ("adaptive_ece", "adaptive %", 100, 2),
    ("classwise_ece", "classwise %", 100, 2),
    ("mce", "MCE %", 100, 1),
    ("smooth_ece", "SmoothECE %", 100, 2),
    ("l2_debiased", "L2² debiased", 1, 4),
    ("signed_error", "acc − conf %", 100, 2),
    ("overconfidence", "over %", 100, 2),
    ("underconfidence", "under %", 100, 2),
    ("calibration_slope", "slope", 1, 2),
    ("calibration_p", "p of slope 1", 1, 3),
    ("nll", "NLL", 1, 4),
    ("brier", "Brier", 1, 4),
    ("brier_reliability", "reliability", 1, 4),
    ("brier_resolution", "resolution", 1, 4),
    ("aurc", "AURC %", 100, 3),
    ("ece_floor", "floor %", 100, 2),
    ("edge_ties", "edge ties", 1, 1),
    ("saturation", "p = 1 %", 100, 1),
)
IF_SEPARABLE = "if separable"
OF_SEPARABLE = ("ece", "signed_error", "nll", "brier")  # what the closed form tells
FOOTNOTES = (
    "temperature: none, or fitted on the held-out examples: "
    + ", ".join(f"{way} by {entry.by}" for way, entry in TEMPERATURES.items())
    + ". T divides the logits.",
    "if separable: the perfect fit to these noisy, smoothed labels if all classes were separable, in closed form, no "
    "temperature; left out where the noise is not known, or the measured accuracy is far from that.",
    "acc − conf: above 0 is under-confident. slope: logistic regression of correctness on logit(confidence), with the "
    "p of its likelihood-ratio test. floor: the ECE that a perfectly calibrated model would show. edge ties: "
    "confidences exactly between two bins. AURC: area under the risk-coverage curve.",
)


def calibration_table(summary: Summary) -> Table:
    """Per arm a line before scaling, one per way of fitting the temperature, and the one of separable classes."""
    return Table(
        title=f"calibration: {title_of(summary)}",
        header=("loss", "eps", "n", "temperature", "T", *(heading for _, heading, *_ in COLUMNS)),
        lines=tuple(line for arm in summary.arms for line in _lines(arm)),
        notes=tuple(note for arm in summary.arms for note in _notes(arm)),
        footnotes=FOOTNOTES,
        named_by=(0, 1, 3),
    )


def _lines(arm: ArmResults) -> list[tuple[Entry, ...]]:
    ways = [way for way in TEMPERATURES if arm.by_seed(f"{way}.temperature")]
    lines = [_line(arm, "none", "")] + [_line(arm, way, f"{way}.") for way in ways]
    return lines + [_line(arm, IF_SEPARABLE, "separable.")] * bool(arm.by_seed("separable.ece"))


def _line(arm: ArmResults, way: str, prefix: str) -> tuple[Entry, ...]:
    def number(name: str, scale: float, digits: int) -> str:
        if way == IF_SEPARABLE:
            found = arm.spread(prefix + name) if name in OF_SEPARABLE else None
            return NOT_AVAILABLE if found is None else f"{found.mean * scale:.{digits}f}"
        return spread_text(arm.spread(prefix + name), scale, digits)

    temperature = spread_text(arm.spread(f"{prefix}temperature"), 1, 3) if way in TEMPERATURES else NOT_AVAILABLE
    texts = (way, temperature, *(number(name, scale, digits) for name, _, scale, digits in COLUMNS))
    return (*name_fields(arm), *map(Entry, texts))


def _notes(arm: ArmResults) -> list[str]:
    """The fits that found no optimum."""
    found = Counter(
        (way, status) for row in arm.rows for way in row.scaled if (status := row.scaled[way]["status"]) != "ok"
    )
    return [
        f"{arm.name}: temperature {way} is {status!r} for {count} of {arm.n} seeds"
        for (way, status), count in found.items()
    ]
