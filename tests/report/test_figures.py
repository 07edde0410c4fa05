import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from lsbench.errors import InputError
from lsbench.report.figures import draw, save, to_svg
from lsbench.report.figures.style import LONGEST, shortened
from lsbench.report.pictures import Picture, prepare_all
from tests import quick
from tests.report.pictures.test_pictures import RATES, grid


@pytest.fixture(autouse=True, scope="module")
def left_out():
    quick.leave_out("draws figures")


@pytest.fixture(scope="module")
def pictures():
    return prepare_all(grid())


@pytest.fixture(scope="module")
def kinds(pictures):
    """One picture of each kind."""
    return {type(picture.data): picture for picture in pictures}.values()


@pytest.fixture(scope="module")
def drawn(pictures):
    """Up to two pictures of each kind, with their figures."""
    by_kind = {}
    for picture in pictures:
        by_kind.setdefault(type(picture.data), []).append(picture)
    return [(picture, draw(picture)) for some in by_kind.values() for picture in some[:2]]


def test_a_picture_of_every_kind_is_drawn_with_its_title_and_something_in_its_axes(drawn):
    for picture, figure in drawn:
        assert picture.title[:20] in figure.get_suptitle()
        assert figure.axes
        assert all(axes.has_data() or not axes.axison for axes in figure.axes), picture.name


def test_a_line_is_drawn_for_every_arm(pictures):
    picture = next(of for of in pictures if of.name.startswith("accuracy-noise"))
    accuracy = draw(picture).axes[0]
    drawn = [line for line in accuracy.lines if len(line.get_xdata()) == len(RATES)]
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


def test_svgs_of_one_page_share_no_id_and_are_small(drawn):
    ids = []
    for picture, figure in drawn:
        text = to_svg(figure)
        assert len(text) < 200_000, picture.name
        ids += [value for element in ElementTree.fromstring(text).iter() if (value := element.get("id"))]
    assert len(ids) == len(set(ids))


def test_text_of_rows_is_escaped_in_a_drawing():
    evil = Picture("evil", "<script>alert(1)</script> & $x^2$ \\frac", "", prepare_all(grid())[0].data)
    svg = to_svg(draw(evil))
    assert "<script" not in svg
    ElementTree.fromstring(svg)


def test_letters_of_a_pages_figures_are_at_least_eight_pixels_high_on_a_screen_of_390(kinds):
    for picture in kinds:
        svg = to_svg(draw(picture, narrow=True))
        width = float(re.search(r'width="([\d.]+)pt"', svg)[1])
        sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)px", svg)]
        assert sizes
        assert min(sizes) * 332 / width >= 8, picture.name  # of 390 pixels, 58 are margins


def test_no_name_of_a_ranking_is_cut_off(pictures):
    ranks = next(of for of in pictures if of.name == "ranks")
    for narrow in (True, False):
        figure = draw(ranks, narrow=narrow)
        figure.draw_without_rendering()
        for axes in figure.axes:
            for text in axes.texts:
                box = text.get_window_extent()
                assert box.x0 >= 0
                assert box.x1 <= figure.bbox.width


def test_names_that_are_too_long_are_still_told_apart():
    names = [f"./my_losses/bounded_cross_entropy.py:bounded cap={cap}" for cap in (2, 2.5)]
    short = [shortened(name) for name in names]
    assert len(set(short)) == 2
    assert all(len(name) <= LONGEST for name in short)


def test_a_long_title_is_drawn_whole_and_within_the_figure(kinds):
    title = "Reliability: mnist, resnet18, human:labels.npz:worst noise, crop-4 + flip, weights averaged by 0.999"
    for picture in kinds:
        figure = draw(replace(picture, title=title))
        figure.draw_without_rendering()
        assert figure.get_suptitle().split() == title.split()
        assert figure._suptitle.get_window_extent().x1 <= figure.bbox.width, picture.name
