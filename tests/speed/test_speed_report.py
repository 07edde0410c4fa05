from dataclasses import replace

import pytest

from lsbench.report import layout, tables
from lsbench.report.figures.roofline import ROOF, draw_roofline
from lsbench.report.figures.save import save
from lsbench.report.speed_table import HEADER, speed_tables
from lsbench.speed import FormCost
from tests.speed.speed_cases import made_up


def lines_of(table):
    return [[entry.text for entry in line] for line in table.lines]


def test_forms_stand_below_their_shape_with_numbers_in_the_units_of_the_header():
    (table,) = speed_tables(made_up("float32"))
    lines = lines_of(table)
    assert [line[0].strip() for line in lines] == ["10 x 10", "torch", "lsr", "a copy", "1000 x 10", "torch", "a copy"]
    assert lines[1] == ["  torch", "2", "1.50x", "2.00", "16.0", "1.5", "1.0e-08", "2.0e-07"]
    assert lines[2][-3:] == [tables.NOT_AVAILABLE] * 3
    assert {len(line) for line in lines} == {len(HEADER)}


def test_what_could_not_run_is_one_line_with_the_reasons():
    (table,) = speed_tables(made_up("float32"))
    assert table.notes[0] == "could not run: liger (runs on CUDA); lsr at 1000x10 (would need 9 GB)"


def test_forms_with_one_reason_share_it():
    study = made_up("float32")
    same = tuple(
        replace(at, costs=(*at.costs, FormCost(form="ours-triton", reason="runs on CUDA"))) for at in study.shapes
    )
    (table,) = speed_tables(replace(study, shapes=same))
    assert "liger, ours-triton (runs on CUDA);" in table.notes[0]


def test_the_last_line_says_what_it_was_measured_on():
    (table,) = speed_tables(made_up("bfloat16"))
    assert table.notes[-1] == "measured on: a machine; torch 2.99, 2 threads, bfloat16, buffers fresh"


def test_every_dtype_has_its_table_and_the_columns_are_explained_once():
    made = speed_tables(made_up("float32", "float16"))
    assert [table.title.split()[0] for table in made] == ["float32", "float16"]
    for text in (layout.plain(made), tables.markdown(made)):
        assert text.count("alternate between the forms") == 1
        assert "lsr: targets built in memory" in text


@pytest.mark.parametrize("dtypes", [("float32",), ("float32", "bfloat16")])
def test_the_picture_has_a_line_per_form_that_ran_and_the_copy_as_the_roof(dtypes):
    study = made_up(*dtypes)
    figure = draw_roofline(study)
    assert len(figure.axes) == len(dtypes)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["a copy: the roof", "torch", "lsr"]
    for axes, dtype in zip(figure.axes, dtypes, strict=True):
        shapes = study.of_dtype()[dtype]
        torch, lsr, liger, roof = (line.get_xydata().tolist() for line in axes.lines)
        assert torch == [[at.logits_bytes, at.costs[0].bandwidth] for at in shapes]
        assert lsr == [[shapes[0].logits_bytes, 1e7]]
        assert liger == []
        assert roof == [[at.logits_bytes, at.copy_bandwidth] for at in shapes]
        assert axes.lines[-1].get_color() == ROOF["color"]
        assert axes.get_xscale() == axes.get_yscale() == "log"


def test_every_axis_has_at_least_two_labels_however_near_the_points():
    study = made_up("float32")
    figure = draw_roofline(replace(study, shapes=study.shapes[:1]))
    figure.draw_without_rendering()
    for axis in (figure.axes[0].xaxis, figure.axes[0].yaxis):
        low, high = axis.get_view_interval()
        ticks = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
        assert len([label for at, label in ticks if low <= at <= high and "B" in label.get_text()]) >= 2


def test_a_study_in_which_nothing_ran_has_a_picture_too(tmp_path):
    study = made_up("float32")
    nothing = tuple(
        replace(at, copy_seconds=None, costs=tuple(FormCost(form=cost.form, reason="no") for cost in at.costs))
        for at in study.shapes
    )
    path = save(draw_roofline(replace(study, shapes=nothing)), tmp_path / "speed.png")
    assert path.read_bytes().startswith(b"\x89PNG")
