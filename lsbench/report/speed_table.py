"""What losses cost, as a table per dtype: a line per form, grouped by shape."""

from collections.abc import Iterable, Sequence

from lsbench.report.tables import NOT_AVAILABLE, Entry, Table
from lsbench.speed import FORMS, Cost, ShapeCosts, Study

HEADER = ("form", "µs", "vs torch", "copies", "bytes/logit", "peak MB", "loss error", "gradient error")
FOOTNOTES = (
    "µs: forward + backward, the median of turns that alternate between the forms, 2 ms or one call each. "
    "vs torch: how many times as fast as F.cross_entropy(label_smoothing).",
    "copies: that time in copies of the logits; 1 is the least, as every logit has to be read and every gradient "
    "written. bytes/logit: the traffic that would take so long at the speed of a copy.",
    "peak MB: the most memory beyond the logits, the gradient included. "
    "Errors: against float64 of the same logits; |loss - exact| / |exact|, max |gradient - exact| / max |exact|.",
)


def speed_tables(study: Study) -> list[Table]:
    """A table per dtype, with the reasons of what could not run, and what it was measured on."""
    asked = study.asked
    return [
        Table(
            title=f"{dtype} on {asked.device}: a loss and its gradient, reduction mean, eps {asked.eps:g}",
            header=HEADER,
            lines=tuple(line for at in shapes for line in _lines(at)),
            notes=(*_not_run(shapes), measured_on(study, dtype)),
            footnotes=(*FOOTNOTES, f"forms: {'; '.join(f'{name}: {FORMS[name]}' for name in asked.forms)}."),
        )
        for dtype, shapes in study.of_dtype().items()
    ]


def measured_on(study: Study, dtype: str) -> str:
    """Hardware, versions and settings in one line."""
    threads = f"{study.asked.threads} thread{'s' * (study.asked.threads > 1)}"
    buffers = f"buffers {study.buffers}"
    return f"measured on: {study.hardware or 'unknown hardware'}; torch {study.torch}, {threads}, {dtype}, {buffers}"


def _lines(at: ShapeCosts) -> Iterable[tuple[Entry, ...]]:
    yield _line(f"{at.rows} x {at.classes}")
    yield from (_line(f"  {cost.form}", *_numbers(cost)) for cost in at.costs if cost.reason is None)
    if at.copy_seconds is not None:
        yield _line("  a copy", _microseconds(at.copy_seconds))


def _line(*texts: str) -> tuple[Entry, ...]:
    return tuple(Entry(text) for text in (*texts, *[""] * (len(HEADER) - len(texts))))


def _numbers(cost: Cost) -> Iterable[str]:
    yield NOT_AVAILABLE if cost.seconds is None else _microseconds(cost.seconds)
    yield NOT_AVAILABLE if cost.speed_up is None else f"{cost.speed_up:.2f}x"
    yield NOT_AVAILABLE if cost.copies is None else f"{cost.copies:.2f}"
    yield NOT_AVAILABLE if cost.bytes_per_logit is None else f"{cost.bytes_per_logit:.1f}"
    yield NOT_AVAILABLE if cost.peak_bytes is None else _short(cost.peak_bytes / 1e6)
    yield NOT_AVAILABLE if cost.loss_error is None else f"{cost.loss_error:.1e}"
    yield NOT_AVAILABLE if cost.gradient_error is None else f"{cost.gradient_error:.1e}"


def _microseconds(seconds: float) -> str:
    return _short(seconds * 1e6)


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 99.95 else f"{number:.3g}"


def _not_run(shapes: Sequence[ShapeCosts]) -> list[str]:
    """One line: the forms that could not run, where if not everywhere, and why."""
    where: dict[tuple[str, str], list[str]] = {}
    for at in shapes:
        for cost in at.costs:
            if cost.reason is not None:
                where.setdefault((cost.form, cost.reason), []).append(at.shape)
    forms: dict[tuple[str, str], list[str]] = {}
    for (form, reason), found in where.items():
        only = "" if len(found) == len(shapes) else f" at {', '.join(found)}"
        forms.setdefault((only, reason), []).append(form)
    texts = [f"{', '.join(of)}{only} ({reason})" for (only, reason), of in forms.items()]
    return [f"could not run: {'; '.join(texts)}"] if texts else []
