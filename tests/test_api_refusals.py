"""What `lsbench.compare` refuses, before anything is trained."""

import pandas as pd
import pytest

import lsbench
from lsbench.errors import InputError
from tests.in_turn import in_turn


@in_turn(
    ("wrong", "words"),
    [
        ({"noise_kind": 3}, "noise_kind must be a text"),
        ({"noise_kind": []}, "noise_kind must be a text"),
        ({"model": []}, "model is empty"),
        ({"hyper": 3}, "hyper takes"),
        ({"out": 3}, "out must be a folder's path"),
        ({"data_dir": 3}, "data_dir must be a folder's path"),
        ({"by": "nope"}, "take --by accuracy"),
        (
            {"data": pd.DataFrame({"a": [0.5, 1.5] * 30, "g": ["u", "v"] * 30, "label": [0, 1] * 30})},
            r"leave it out with data\.drop\(columns=\['g'\]\)",
        ),
        ({"top": "a"}, "top must be a whole number"),
        ({"top": 0}, "top must be a whole number"),
    ],
)
def test_an_argument_that_makes_no_sense_is_refused_even_where_nothing_would_use_it(wrong, words):
    with pytest.raises(InputError, match=words):
        lsbench.compare(**{"data": "blobs", "losses": ["ce"], "seeds": 1, "model": "linear"} | wrong)
