"""The comparisons of `run --adaptive`, by the rule that was fixed before they began."""

from collections.abc import Sequence
from typing import Any

from lsbench.analysis.summary import BASELINE
from lsbench.analysis.summary.setting_text import labels_of_cells
from lsbench.names.dataset_name import shown_dataset
from lsbench.names.percent import points
from lsbench.report.columns import Column, table_of
from lsbench.report.fields import optional
from lsbench.report.intervals import interval_text
from lsbench.report.tables import NOT_AVAILABLE, Table
from lsbench.spec import Arm

Kept = dict[str, Any]  # a comparison, as a results folder keeps it
FOOTNOTES = (
    "adaptive: seeds were added until a comparison stopped, at looks and levels fixed in advance; the intervals here "
    "are repeated ones, right at all looks and for all comparisons of a setting together. Losses that are one function "
    "are one comparison. Those of the other tables are for a fixed number of seeds.",
)


def sequential_table(kept: dict[str, Any]) -> Table:
    """One line per comparison of what `lsbench.analysis.sequential.read` gave; what all share stands above them."""
    rule, comparisons = kept["rule"], kept["comparisons"]
    looks, margin = ", ".join(f"{n}" for n in rule["looks"]), rule["margin"]
    settings = list(map(_setting, comparisons))
    count = "1 planned comparison" if rule["comparisons"] == 1 else f"{rule['comparisons']} planned comparisons"
    shared = _shared(settings)
    return table_of(
        f"adaptive comparisons with {BASELINE}: {rule['spending']} bounds at {looks} seeds, 5 % shared by {count}"
        + (f", equal within {points(margin)}" if margin else ""),
        _columns(shared, apart=len(set(settings)) > 1),
        comparisons,
        above=(", ".join(shared),) * bool(shared),
        footnotes=FOOTNOTES,
    )


def _columns(shared: Sequence[str], *, apart: bool) -> list[Column[Kept]]:
    """`apart`: whether comparisons differ in more than the loss."""

    def setting(one: Kept) -> str:
        return ", ".join(text for text in _setting(one) if text not in shared)

    return [
        Column("loss", lambda one: Arm(one["loss"], tuple(one["hyper"].items())).name, names_line=True),
        *([Column("setting", setting, names_line=True)] * apart),
        Column("verdict", lambda one: one["status"] + (f" ({one['stopped_by']})" if one["stopped_by"] else "")),
        Column("look", lambda one: str(one["look"])),
        Column("n", lambda one: str(one["n"])),
        Column("Δ accuracy [repeated interval]", _interval),
        Column("p there", lambda one: optional(one["p"], ".2g")),
    ]


def _setting(one: Kept) -> tuple[str, ...]:
    labels = labels_of_cells(one["dataset"], one["noise"], one["noise_rate"])
    return shown_dataset(one["dataset"]), one["model"], labels, one["recipe"]


def _shared(settings: Sequence[tuple[str, ...]]) -> list[str]:
    """What all settings say."""
    return [texts[0] for texts in zip(*settings, strict=True) if len(set(texts)) == 1]


def _interval(one: Kept) -> str:
    mean, low, high = one["mean"], one["low"], one["high"]
    if mean is None:
        return NOT_AVAILABLE
    bounds = "" if low is None or high is None else f" {interval_text(low, high)}"
    return f"{mean * 100:+.2f}{bounds}"
