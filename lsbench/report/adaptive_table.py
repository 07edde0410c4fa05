"""The comparisons of `run --adaptive`, by the rule that was fixed before they began."""

from typing import Any

from lsbench.report.fields import optional
from lsbench.report.tables import NOT_AVAILABLE, Entry, Table
from lsbench.report.text import printable
from lsbench.summary import BASELINE

FOOTNOTES = (
    "adaptive: seeds were added until a comparison stopped, at looks and levels fixed in advance; the intervals here "
    "are repeated ones, right at all looks together. Those of the other tables are for a fixed number of seeds.",
)


def adaptive_table(kept: dict[str, Any]) -> Table:
    """One line per comparison of what `lsbench.adaptive.read` gave."""
    rule = kept["rule"]
    looks = ", ".join(f"{n}" for n in rule.get("looks", []))
    margin = rule.get("margin")
    return Table(
        title=printable(
            f"adaptive comparisons with {BASELINE}: {rule.get('spending')} bounds at {looks} seeds, 5 % shared by "
            f"{rule.get('comparisons')} comparisons" + (f", equal within {margin * 100:g} points" if margin else "")
        ),
        header=(
            "loss",
            "data set",
            "model",
            "noise",
            "verdict",
            "look",
            "n",
            "Δ accuracy [repeated interval]",
            "p there",
        ),
        lines=tuple(_line(one) for one in kept["comparisons"]),
        notes=(),
        footnotes=FOOTNOTES,
    )


def _line(one: dict[str, Any]) -> tuple[Entry, ...]:
    hyper = one.get("hyper") or {}
    eps = hyper.get("eps")
    name = f"{one.get('loss')} {eps:g}" if eps is not None else str(one.get("loss"))
    noise = f"{one.get('noise')} {one.get('noise_rate'):g}" if one.get("noise_rate") else "none"
    texts = (name, one.get("dataset"), one.get("model"), noise, one.get("status"), one.get("look"), one.get("n"))
    return tuple(Entry(printable(str(text))) for text in (*texts, _interval(one), optional(one.get("p"), ".2g")))


def _interval(one: dict[str, Any]) -> str:
    mean, low, high = (one.get(name) for name in ("mean", "low", "high"))
    if mean is None:
        return NOT_AVAILABLE
    bounds = "" if low is None or high is None else f" [{low * 100:+.2f}, {high * 100:+.2f}]"
    return f"{mean * 100:+.2f}{bounds}"
