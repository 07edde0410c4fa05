import pytest

from lsbench.errors import InputError
from lsbench.planning import lists
from tests.in_turn import in_turn


@in_turn(
    ("written", "meant"),
    [
        (["0.1"], (0.1,)),
        (["0,0.1"], (0.0, 0.1)),
        (["0", "0.1,0.2"], (0.0, 0.1, 0.2)),
        (["0:0.4:0.1"], (0.0, 0.1, 0.2, 0.3, 0.4)),
        (["0:0.35:0.1"], (0.0, 0.1, 0.2, 0.3)),
        (["0,0.2:0.4:0.2"], (0.0, 0.2, 0.4)),
        (["0.1,0.1,-0,0"], (0.1, 0.0)),
        (["-8"], (-8.0,)),
        (["1e-3, 2"], (0.001, 2.0)),
    ],
)
def test_lists_are_written_with_commas_repeats_or_ranges(written, meant):
    assert lists.numbers("--eps", written) == meant


@in_turn(
    "text",
    [
        "two",
        "nan",
        "inf",
        "0:1",
        "0:1:0",
        "1:0:0.1",
        "0:1:1e-9",
        "0:1:0.1:2",
        ",",
        "",
        "0..1",
        "0:1e999999:1e-999999",
        "1e400",
    ],
)
def test_what_is_no_number_is_an_error_that_names_the_option(text):
    with pytest.raises(InputError, match="--eps"):
        lists.numbers("--eps", [text])


@in_turn(
    ("written", "meant"),
    [(["3"], (0, 1, 2)), (["7,"], (7,)), (["3,7"], (3, 7)), (["1:3:1"], (1, 2, 3)), (["4", "5"], (4, 5))],
)
def test_seeds_are_a_count_or_a_list(written, meant):
    assert lists.seeds("--seeds", written) == meant


@in_turn("text", ["0", "-1", "1.5", "two", "0.5,1", "1e9"])
def test_seeds_that_make_no_sense_are_an_error(text):
    with pytest.raises(InputError, match="--seeds"):
        lists.seeds("--seeds", [text])


def test_names_are_split_at_commas_and_come_once():
    assert lists.names("--loss", ["ce, lsr", "ce"]) == ("ce", "lsr")
    with pytest.raises(InputError, match="--loss is empty"):
        lists.names("--loss", [" , "])
