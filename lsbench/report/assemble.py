"""The page of a report: verdict, sections, pictures, conventions, label-noise records, provenance, commands."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from lsbench.analysis.summary import Setting, commands_of, label_sets, provenance_of
from lsbench.analysis.verdict import Verdict
from lsbench.names.catalogue import LOSSES, METRICS, NOISES
from lsbench.names.dataset_name import shown_dataset
from lsbench.names.reference import is_own
from lsbench.report.baseline_table import baseline_table
from lsbench.report.build import Report, tables_of
from lsbench.report.contradicted import noise_tables
from lsbench.report.decision import looked_paragraphs, looked_tables, paragraphs, verdict_tables
from lsbench.report.fields import short_title_of
from lsbench.report.figures import draw, save, to_svg
from lsbench.report.label_sets_table import label_sets_tables
from lsbench.report.page import Figure, Page, Section, render_page
from lsbench.report.picks_table import selection_paragraphs, selection_tables
from lsbench.report.pictures import Picture, prepare_pictures
from lsbench.report.sequential_table import sequential_table
from lsbench.report.sizes import classes_table
from lsbench.report.tables import Table
from lsbench.rows.row import Row
from lsbench.version import __version__

FORMATS = (".png", ".svg", ".pdf")
CONVENTIONS = (
    ("eps", "smoothing mass, spread over all K classes, the labelled class included: q = (1−eps)·onehot + eps/K"),
    ("seed", "picks the split, the noise, the initial weights and the batch order; all losses of a seed share them"),
    ("±", "standard deviation of one seed (n − 1 in the denominator), not the error of the mean"),
    (
        "Δ",
        "mean of the differences paired by seed; the intervals of a column hold together with 95 %; p by Holm over it",
    ),
    ("probabilities", "softmax of the logits in float64; for keras-bce the K sigmoids, normalised to sum 1"),
)
OF_RIGHT = (
    ("test set", "changed only by --test-noise, never used to choose anything, unless a column says DISHONEST"),
    ("oracle", "chosen or fitted with clean labels, which a user with doubtful labels does not have"),
)
OF_GIVEN = (
    ("labels as given", "the labels of your data; nobody knows which of them are wrong, unless you --trust them"),
    ("test set", "measured against its labels as they are, which choose nothing unless a column says DISHONEST"),
)


def pictures_of(report: Report) -> list[Picture]:
    """All pictures of a report's rows."""
    return prepare_pictures(report.results)


def build_page(report: Report, tables: Sequence[str], pictures: Sequence[Picture]) -> str:
    """The report with these tables and pictures as one HTML file."""
    rows = report.rows
    verdicts = report.verdicts
    on_top = verdicts if len(verdicts) == 1 else []  # of several, each stands in its section
    return render_page(
        Page(
            title=_title(rows),
            verdict=(
                *(text for selection in report.selections for text in selection_paragraphs(selection)),
                *(text for verdict in verdicts for text in _paragraphs(report, verdict)),
            ),
            verdict_tables=tuple(table for verdict in on_top for table in _decision(report, verdict)),
            sections=(
                Section("Pictures", (), (), tuple(map(_figure, pictures))),
                *_sections(report, tables, [] if on_top else verdicts),
            ),
            conventions=(*CONVENTIONS, *_of_labels(report.results), *_definitions(rows)),
            noise_records=label_sets_tables(label_sets(rows)),
            provenance=tuple(provenance_of(rows)),
            commands=(*commands_of(rows), report.options.command),
            made=f"lsbench {__version__}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        )
    )


def save_all(pictures: Sequence[Picture], folder: Path) -> None:
    """Every picture as PNG, SVG and PDF."""
    folder.mkdir(parents=True, exist_ok=True)
    for picture in pictures:
        figure = draw(picture)
        for suffix in FORMATS:
            save(figure, folder / f"{picture.name}{suffix}")


def _title(rows: Sequence[Row]) -> str:
    return "lsbench: " + ", ".join(sorted({f"{shown_dataset(row.cell.dataset)} with {row.cell.model}" for row in rows}))


def _of_labels(settings: Iterable[Setting]) -> Iterable[tuple[str, str]]:
    """What is said of right labels where some setting has them, and of given ones where some has those."""
    given = {setting.trains_on_given or setting.tests_on_given for setting in settings}
    return dict([*OF_RIGHT * (False in given), *OF_GIVEN * (given == {True}), *OF_GIVEN[:1] * (True in given)]).items()


def _paragraphs(report: Report, verdict: Verdict) -> list[str]:
    looked = report.looked.get(verdict.setting)
    return looked_paragraphs(looked) if looked else paragraphs(verdict)


def _decision(report: Report, verdict: Verdict) -> list[Table]:
    looked = report.looked.get(verdict.setting)
    by_looks = looked_tables(looked) if looked else []
    return [*by_looks, *verdict_tables(verdict), *noise_tables(verdict)]


def _sections(report: Report, tables: Sequence[str], verdicts: Sequence[Verdict]) -> Iterable[Section]:
    options = replace(report.options, tables=tuple(tables))
    decisions = {verdict.setting: _decision(report, verdict) for verdict in verdicts}
    for summary in report.summaries:
        counted = [classes_table(summary.sizes, summary.setting.test_labels)] if summary.sizes else []
        made = (*decisions.get(summary.setting, ()), *tables_of(summary, options), *counted)
        yield Section(short_title_of(summary), (), made, ())
    for one in report.selections:
        yield Section(f"{', '.join(one.names)} picked on held-out labels", (), tuple(selection_tables(one)), ())
    if options.adaptive:
        yield Section("Seeds added adaptively", (), tuple(map(sequential_table, options.adaptive)), ())
    if report.changes:
        yield Section("Since the baseline", (), tuple(map(baseline_table, report.changes)), ())


def _figure(picture: Picture) -> Figure:
    return Figure(picture.name, picture.title, picture.caption, to_svg(draw(picture, narrow=True)))


def _definitions(rows: Sequence[Row]) -> Iterable[tuple[str, str]]:
    losses, noises = {row.cell.loss for row in rows}, {row.cell.noise for row in rows}
    for table, names in ((LOSSES, losses), (NOISES, noises), (METRICS, set(METRICS))):
        yield from ((name, f"{entry.summary} ({entry.source})") for name, entry in table.items() if name in names)
    yield from (
        (name, "your own; its source, and what of yours it imports, is hashed into every row's id")
        for name in sorted(filter(is_own, losses))
    )
