"""What losses cost, as a table per dtype: a line per form, grouped by shape."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lsbench.report.columns import Column, headings, paragraph, table_of
from lsbench.report.tables import NOT_AVAILABLE, Table
from lsbench.speed import FORMS, FormCost, ShapeCosts, SpeedStudy

MICROSECONDS = "µs: forward + backward, the median of turns that alternate between the forms, 2 ms or one call each."


@dataclass(frozen=True)
class Line:
    """What a line is about: a form, or without its cost a shape, which heads its forms, or a plain copy."""

    label: str
    seconds: float | None = None
    cost: FormCost | None = None


def _number(
    heading: str, value: Callable[[FormCost], float | None], text: Callable[[float], str], meaning: str
) -> Column[Line]:
    """A number of a form's cost: its heading, which one, how it is written, what it means."""

    def field(line: Line) -> str:
        number = line.cost and value(line.cost)
        return "" if line.cost is None else NOT_AVAILABLE if number is None else text(number)

    return Column(heading, field, meaning)


def _microseconds(line: Line) -> str:
    missing = "" if line.cost is None else NOT_AVAILABLE
    return missing if line.seconds is None else _short(line.seconds * 1e6)


TIMES = (
    Column[Line]("µs", _microseconds, MICROSECONDS),
    _number(
        *("vs torch", lambda cost: cost.speed_up, "{:.2f}x".format),
        "vs torch: how many times as fast as F.cross_entropy(label_smoothing).",
    ),
)
TRAFFIC = (
    _number(
        *("copies", lambda cost: cost.copies, "{:.2f}".format),
        "copies: that time in copies of the logits; 1 is the least, as every logit has to be read and every gradient "
        "written.",
    ),
    _number(
        *("bytes/logit", lambda cost: cost.bytes_per_logit, "{:.1f}".format),
        "bytes/logit: the traffic that would take so long at the speed of a copy.",
    ),
)
ERRORS = "Errors: against float64 of the same logits; |loss - exact| / |exact|, max |gradient - exact| / max |exact|."
MEMORY_AND_ERRORS = (
    _number(
        *("peak MB", lambda cost: cost.peak_bytes, lambda size: _short(size / 1e6)),
        "peak MB: the most memory beyond the logits, the gradient included.",
    ),
    _number("loss error", lambda cost: cost.loss_error, "{:.1e}".format, ERRORS),
    _number("gradient error", lambda cost: cost.gradient_error, "{:.1e}".format, ERRORS),
)
GROUPS = (TIMES, TRAFFIC, MEMORY_AND_ERRORS)  # what the columns of a group mean is said in one text
COLUMNS = (Column[Line]("form", lambda line: line.label, names_line=True), *(c for group in GROUPS for c in group))
HEADER = headings(COLUMNS)


def speed_tables(study: SpeedStudy) -> list[Table]:
    """A table per dtype, with the reasons of what could not run, and what it was measured on."""
    asked = study.asked
    return [
        table_of(
            f"{dtype} on {asked.device}: a loss and its gradient, reduction mean, eps {asked.eps:g}",
            COLUMNS,
            [line for at in shapes for line in _lines(at)],
            notes=(*_not_run(shapes), *_whole_calls(shapes), measured_on(study, dtype)),
            footnotes=(
                *map(paragraph, GROUPS),
                f"forms: {'; '.join(f'{name}: {FORMS[name]}' for name in asked.forms)}.",
            ),
        )
        for dtype, shapes in study.of_dtype().items()
    ]


def _whole_calls(shapes: Sequence[ShapeCosts]) -> list[str]:
    """What a program waits for where it asks an idle GPU, launches included: a line per shape."""
    whole = {at.shape: [cost for cost in at.costs if cost.whole_seconds is not None] for at in shapes}
    return [f"{shape}, launches included: {', '.join(map(_whole_call, own))}." for shape, own in whole.items() if own]


def _whole_call(cost: FormCost) -> str:
    return f"{cost.form} {_short((cost.whole_seconds or 0.0) * 1e6)} µs"


def measured_on(study: SpeedStudy, dtype: str) -> str:
    """Hardware, versions and settings in one line."""
    threads = f"{study.asked.threads} thread{'s' * (study.asked.threads > 1)}"
    buffers = f"buffers {study.buffers}"
    return f"measured on: {study.hardware or 'unknown hardware'}; torch {study.torch}, {threads}, {dtype}, {buffers}"


def _lines(at: ShapeCosts) -> Iterable[Line]:
    yield Line(f"{at.rows} x {at.classes}")
    yield from (Line(f"  {cost.form}", cost.seconds, cost) for cost in at.costs if cost.reason is None)
    if at.copy_seconds is not None:
        yield Line("  a copy", at.copy_seconds)


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
    for (form, reason), at_shapes in where.items():
        only = "" if len(at_shapes) == len(shapes) else f" at {', '.join(at_shapes)}"
        forms.setdefault((only, reason), []).append(form)
    texts = [f"{', '.join(names)}{only} ({reason})" for (only, reason), names in forms.items()]
    return [f"could not run: {'; '.join(texts)}"] if texts else []
