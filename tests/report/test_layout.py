"""Every table that the tool prints, at every width of a terminal from 60 columns."""

import re
from dataclasses import replace
from functools import cache

import pytest

from lsbench.analysis.decide import decide
from lsbench.analysis.summary import changes_since
from lsbench.cli import show
from lsbench.cli.say import say
from lsbench.errors import InputError
from lsbench.protocols import Published, compare_published, read_protocol
from lsbench.report import build, layout
from lsbench.report.baseline_table import baseline_table
from lsbench.report.build import Report, ReportOptions
from lsbench.report.column_choice import choose_columns
from lsbench.report.contradicted import contradicted_table
from lsbench.report.decision import decision_table, elsewhere_table
from lsbench.report.formats import TABLES
from lsbench.report.layout import blocks_of, fitted, paragraphs, plain
from lsbench.report.reproduction_table import reproduction_table
from lsbench.report.sequential_table import sequential_table
from lsbench.report.speed_table import speed_tables
from lsbench.report.tables import Entry, Table
from lsbench.report.text import WHOLE, width_of
from tests.analysis.summary.handmade import a_row
from tests.speed.speed_cases import made_up

NUMBERS = ("accuracy", "ece", "nll", "brier", "signed_error", "aurc", "train_accuracy_wrong", "mce", "smooth_ece")
ARMS = (("ce", None, 0.0), ("lsr", 0.1, 0.02), ("fused", 0.1, -0.0123), ("./my_losses/bounded.py:cap=2", None, 0.04))
WIDTHS = (*range(60, 100), *range(100, 201, 3))


@cache
def rows():
    """Two noise rates, four arms, six seeds; one arm wins, one row failed, two versions of torch."""
    curves = {"accuracy": [0.5, 0.6], "ece": [0.2, 0.1], "val_accuracy": [0.5, 0.6], "val_nll": [1.0, 1.1]}
    matrix = [[0.8 if i == j else 0.2 / 9 for j in range(10)] for i in range(10)]
    kept = [
        a_row(
            loss, seed, eps=eps, rate=rate,
            **dict.fromkeys(NUMBERS, 0.5 + gap * (1 + seed / 50) + seed / 77 + rate / 9), val_accuracy=0.5 + seed / 9,
            val_nll=1.0, val_clean_accuracy=0.5,
            parts={"curves": curves, "noise_record": {"realised": 0.2, "matrix": matrix},
                   "noise_estimate": {"rate": 0.2, "matrix": matrix, "count": 9000},
                   "provenance": {"torch": "2.11" if seed else "2.14.1", "lsbench": "0.2.0", "python": "3.13"}},
        )
        for rate in (0.0, 0.2) for loss, eps, gap in ARMS for seed in range(6)
    ]  # fmt: skip
    failed = replace(a_row("mae", 0, rate=0.0), status="failed", error="CUDA out of memory. Tried to allocate 2.50 GiB")
    return [*kept, *(a_row("lsr", seed, 0.5 + seed / 77, eps=0.2) for seed in range(6)), failed]


@cache
def tables():
    """One of each kind at least."""
    older = [replace(row, metrics={**row.metrics, "accuracy": 0.9 - row.cell.seed / 50}) for row in rows()]
    verdict = decide([row for row in rows() if row.cell.noise_rate == 0.2])[0]
    published = Published(loss="ce", value=90.0, sd=0.2, runs=5, provenance="read", by="Somebody et al., 2020")
    found = compare_published(published, [row for row in rows() if row.cell.loss == "ce"][:6], 1.0)
    numbers = {"p": 0.012, "mean": 0.0123, "low": -0.001, "high": 0.02, "look": 2, "n": 5, "noise_rate": 0.2}
    words = {"dataset": "fashion-mnist", "model": "mlp:widths=512-256", "noise": "symmetric", "loss": "lsr"}
    status = {"recipe": "5 epochs, batch 64, sgd 0.01", "status": "equivalent", "stopped_by": "seed 3 of lsr failed"}
    rule = {"looks": [3, 5, 8, 12, 20], "margin": 0.001, "spending": "obrien-fleming", "comparisons": 3}
    return [
        *Report([row for row in rows() if row.cell.noise_rate], [], ReportOptions(TABLES, show_dishonest=True)).tables,
        *Report([row for row in rows() if not row.cell.noise_rate], [], ReportOptions()).tables,
        decision_table(verdict),
        *elsewhere_table(verdict),
        contradicted_table(verdict.held_out),
        *map(baseline_table, changes_since(rows(), older)),
        sequential_table({"rule": rule, "comparisons": [{**numbers, **words, **status, "hyper": {"eps": 0.1}}]}),
        reproduction_table(read_protocol("apl-cifar10"), [found], ["a scaled run, of 12 epochs instead of 120"]),
        *speed_tables(made_up("float32")),
    ]


def test_the_tables_that_can_be_asked_for_are_those_that_are_made():
    assert tuple(build.TABLES) == TABLES


def lines_of(table, width):
    return ["".join(text for text, _ in line) for line in fitted(table, width)]


@pytest.mark.parametrize("table", range(len(tables())), ids=lambda i: re.sub(r"\W+", "-", tables()[i].title[:30]))
def test_at_every_width_no_line_is_too_long_no_number_broken_and_no_column_lost(table):
    table = tables()[table]
    texts = {entry.text for line in table.lines for entry in line}
    numbers = {text for text in texts if WHOLE.fullmatch(text)}
    numbers |= {number for text in texts for number in re.findall(r"\d[\d.,]*\d", text)}
    for width in WIDTHS:
        lines = lines_of(table, width)
        assert max(map(width_of, lines)) <= width, width
        text = "\n".join(lines)
        assert all(number in text for number in numbers), width
        shown = {column.place for block in blocks_of(table, width) for column in block.columns}
        assert shown == set(range(len(table.header))), width


def test_later_blocks_take_the_least_room_that_makes_no_further_block():
    table = tables()[0]
    columns = [
        layout.TextColumn(i, name, tuple(line[i] for line in table.lines)) for i, name in enumerate(table.header)
    ]
    widths = {column.place: column.within(20) for column in columns}
    for room in range(10, 200, 9):
        blocks, least = layout._in_order(columns, widths, room), layout._least_room(columns, widths, room)
        assert len(layout._in_order(columns, widths, least)) == len(blocks)
        assert least in (layout.LEAST_NAME, room) or len(layout._in_order(columns, widths, least - 1)) > len(blocks)


def test_a_rule_is_as_long_as_its_block_and_every_block_names_its_lines():
    table = tables()[0]
    lines = lines_of(table, 80)
    rules = [line for line in lines if set(line) == {"-"}]
    assert len(rules) == 2 * len(blocks_of(table, 80)) > 2
    assert sum(line.startswith("fused ") for line in lines) == len(rules) // 2


def test_at_80_columns_loss_eps_accuracy_difference_and_ece_stand_beside_each_other():
    first = blocks_of(tables()[0], 80)[0]
    assert {"loss", "eps", "accuracy %", "Δ accuracy vs ce [joint 95 %]", "ECE %"} <= {
        of.heading for of in first.columns
    }


def test_where_there_is_room_and_in_a_pipe_a_table_is_one_block_of_full_width():
    for table in tables():
        assert len(blocks_of(table, None)) == 1
        assert lines_of(table, 10_000) == plain([table]).split("\n\n")[0].splitlines()


def test_the_best_is_marked_in_whatever_block_it_stands():
    best = [text.strip() for table in tables()[:3] for line in fitted(table, 80) for text, best in line if best]
    assert best
    assert all(text.endswith("*") for text in best)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_prose_is_broken_between_words_and_never_in_a_number(width):
    notes = [note for table in tables() for note in (*table.footnotes, *table.notes)]
    lines = paragraphs(notes, width)
    assert max(map(len, lines)) <= width
    assert " ".join(map(str.strip, lines)).split() == " ".join(notes).split()


def test_wide_characters_count_for_two_columns():
    table = Table("t", ("loss", "accuracy %"), ((Entry("損失関数" * 9), Entry("97.88 ± 0.11")),), ())
    assert max(map(width_of, lines_of(table, 60))) <= 60
    assert width_of("損失") == 4


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        (["accuracy"], ["accuracy %"]),
        (["ECE", "accuracy"], ["ECE %", "accuracy %"]),
        (["delta"], ["Δ accuracy vs ce [joint 95 %]"]),
        (["seeds"], ["seeds to decide"]),
        (["s/epoch", "n"], ["s/epoch", "n"]),
    ],
)
def test_columns_are_asked_for_by_words_of_their_headings_and_come_in_that_order(asked, shown):
    (table,) = choose_columns([tables()[0]], asked)
    assert list(table.header) == ["loss", "eps", *shown]
    assert all(len(line) == len(table.header) for line in table.lines)


def test_every_column_can_be_asked_for_by_its_heading():
    for table in tables():
        for i, heading in enumerate(table.header):
            (kept,) = choose_columns([table], [heading])
            assert heading in kept.header, i


def test_a_column_that_no_table_has_is_refused_with_the_known_ones(lsbench, tmp_path):
    with pytest.raises(InputError, match=r"'acuracy'; did you mean 'accuracy %'\? known: loss, eps, n, accuracy %"):
        choose_columns([tables()[0]], ["acuracy"])
    assert lsbench("speed", "--columns", "acuracy")[0] == 2  # before anything is measured
    assert lsbench("reproduce", "tutorial-mnist", "--columns", "acuracy")[0] == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("width", [60, 100])
def test_on_a_terminal_tables_and_texts_are_within_its_width(monkeypatch, capsys, width):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    show.show_tables(tables()[:2])
    show.show_text(["nce-rce    " + "a formula, alpha 0.5; " * 20])
    show.show_paragraphs(["a verdict of 0.13 points [0.04, 0.21] " * 9])
    lines = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert width * 0.9 < max(map(len, lines)) <= width


@pytest.mark.parametrize("width", [60, 100])
def test_a_message_is_within_a_terminals_width_and_one_line_in_a_pipe(monkeypatch, capsys, width):
    text = "a file of labels that can't be read is named, and so is what to do about it; " * 4
    say(text)
    assert capsys.readouterr().err == f"lsbench: {text}\n"
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    say(text)
    lines = capsys.readouterr().err.splitlines()
    assert width * 0.8 < max(map(len, lines)) <= width
    assert " ".join(map(str.strip, lines)) == f"lsbench: {text.strip()}"


def test_main_columns_shown_first_are_columns():
    assert all(set(table.first) <= set(table.header) for table in tables())
