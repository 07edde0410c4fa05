"""The comparisons of `run --adaptive`, by the rule that was fixed before they began."""

from typing import Any

from lsbench.analysis.summary import BASELINE
from lsbench.analysis.summary.setting_text import noise_text
from lsbench.report.fields import optional
from lsbench.report.tables import NOT_AVAILABLE, Entry, Table
from lsbench.spec import Arm

FOOTNOTES = (
    "adaptive: seeds were added until a comparison stopped, at looks and levels fixed in advance; the intervals here "
    "are repeated ones, right at all looks together. Those of the other tables are for a fixed number of seeds.",
)


def sequential_table(kept: dict[str, Any]) -> Table:
    """One line per comparison of what `lsbench.analysis.sequential.read` gave; what all share stands above them."""
    rule, comparisons = kept["rule"], kept["comparisons"]
    looks, margin = ", ".join(f"{n}" for n in rule["looks"]), rule["margin"]
    said = [_setting(one) for one in comparisons]
    shared = [texts[0] for texts in zip(*said, strict=True) if len(set(texts)) == 1]
    apart = any(len(set(texts)) > 1 for texts in zip(*said, strict=True))
    return Table(
        title=(
            f"adaptive comparisons with {BASELINE}: {rule['spending']} bounds at {looks} seeds, 5 % shared by "
            f"{rule['comparisons']} comparisons" + (f", equal within {margin * 100:g} points" if margin else "")
        ),
        header=("loss", *(["setting"] * apart), "verdict", "look", "n", "Δ accuracy [repeated interval]", "p there"),
        lines=tuple(
            _line(one, [", ".join(text for text in of if text not in shared)] * apart)
            for one, of in zip(comparisons, said, strict=True)
        ),
        notes=(),
        footnotes=FOOTNOTES,
        above=(", ".join(shared),) * bool(shared),
        named_by=(0, 1) if apart else (0,),
    )


def _setting(one: dict[str, Any]) -> tuple[str, ...]:
    return one["dataset"], one["model"], noise_text(one["noise"], one["noise_rate"]), one["recipe"]


def _line(one: dict[str, Any], setting: list[str]) -> tuple[Entry, ...]:
    name = Arm(one["loss"], tuple(one["hyper"].items())).name
    verdict = f"{one['status']} ({one['stopped_by']})" if one["stopped_by"] else one["status"]
    texts = (name, *setting, verdict, one["look"], one["n"])
    return tuple(Entry(str(text)) for text in (*texts, _interval(one), optional(one["p"], ".2g")))


def _interval(one: dict[str, Any]) -> str:
    mean, low, high = one["mean"], one["low"], one["high"]
    if mean is None:
        return NOT_AVAILABLE
    bounds = "" if low is None or high is None else f" [{low * 100:+.2f}, {high * 100:+.2f}]"
    return f"{mean * 100:+.2f}{bounds}"
