from xml.etree import ElementTree

import pytest
from test_pictures import grid

from lsbench.errors import InputError
from lsbench.pictures import Picture, prepare_all
from lsbench.report.figures import draw, save, to_svg


@pytest.fixture(scope="module")
def pictures():
    return prepare_all(grid())


def test_every_picture_is_drawn_with_its_title_and_something_in_its_axes(pictures):
    for picture in pictures:
        figure = draw(picture)
        assert picture.title[:20] in figure.get_suptitle()
        assert figure.axes
        assert all(axes.has_data() or not axes.axison for axes in figure.axes), picture.name


def test_a_line_is_drawn_for_every_arm(pictures):
    picture = next(of for of in pictures if of.name.startswith("accuracy-noise"))
    accuracy = draw(picture).axes[0]
    drawn = [line for line in accuracy.lines if len(line.get_xdata()) == 3]
    assert len(drawn) == len(picture.data.panels[0].lines)
    assert list(drawn[0].get_ydata()) == pytest.approx([100 * y for y in picture.data.panels[0].lines[0].mean])


@pytest.mark.parametrize(("suffix", "magic"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")])
def test_files_of_every_kind_are_written_and_are_the_same_each_time(pictures, tmp_path, suffix, magic):
    first, again = (save(draw(pictures[0]), tmp_path / f"{i}{suffix}").read_bytes() for i in range(2))
    assert first.startswith(magic)
    assert first == again


def test_another_kind_of_file_or_data_is_refused(pictures, tmp_path):
    with pytest.raises(InputError, match=r"\.png"):
        save(draw(pictures[0]), tmp_path / "x.gif")
    with pytest.raises(InputError, match="no picture"):
        draw(Picture("a", "b", "c", object()))


def test_svgs_of_one_page_share_no_id_and_are_small(pictures):
    ids = []
    for picture in pictures:
        text = to_svg(draw(picture))
        assert len(text) < 200_000, picture.name
        ids += [value for element in ElementTree.fromstring(text).iter() if (value := element.get("id"))]
    assert len(ids) == len(set(ids))


def test_text_of_rows_is_escaped_in_a_drawing():
    evil = Picture("evil", "<script>alert(1)</script> & $x^2$ \\frac", "", prepare_all(grid())[0].data)
    svg = to_svg(draw(evil))
    assert "<script" not in svg
    ElementTree.fromstring(svg)
