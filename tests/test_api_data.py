"""Data that `lsbench.compare` is given as objects: ids, and files that change their labels."""

import numpy as np
import pandas as pd
import pytest
import torch

from lsbench import compare
from lsbench.data.given_data import name_of_data
from lsbench.errors import InputError
from lsbench.names.reference import source_hash
from tests.in_turn import in_turn


def test_the_ids_of_data_that_are_given_as_objects_stay():
    assert source_hash(name_of_data((np.zeros((4, 2)), np.arange(4)))) == "6e594e3753996a88"


FIXES = "example,given,verdict,person\n0,{},{},predictions\n{},{},{},ada\n"


def test_files_of_labels_change_those_of_arrays_as_they_change_those_of_a_file(tmp_path):
    generator = torch.Generator().manual_seed(0)
    x, y = torch.randn(60, 4, generator=generator).numpy(), np.arange(60) % 3
    tested = torch.randn(30, 4, generator=generator).numpy(), np.arange(30) % 3
    np.savez(tmp_path / "own.npz", x_train=x, y_train=y, x_test=tested[0], y_test=tested[1])
    (tmp_path / "fixes.csv").write_text(FIXES.format(y[0], (y[0] + 1) % 3, 60, tested[1][0], (tested[1][0] + 1) % 3))
    asked = {"losses": ["ce"], "model": "linear", "seeds": 1, "recipe": {"epochs": 1}}
    fixes = tmp_path / "fixes.csv"

    def made(data, labels=None, **more):
        (row,) = compare(data=data, labels=labels, **asked, **more).attrs["cells"].to_dict("records")
        return {name: row[name] for name in ("accuracy", "nll", "brier")}

    arrays, plain = (x, y, *tested), tmp_path / "own.npz"
    changed = made(plain, [fixes])
    assert made(arrays) == made(plain) != changed
    assert made(arrays, fixes) == made(lambda: arrays, [str(fixes)]) == changed
    with pytest.raises(InputError, match="it is of another data set, or the labels have changed"):
        made(pd.DataFrame(x).add_prefix("x").assign(kind=y), fixes, label="kind")


@in_turn(
    ("data", "labels", "said"),
    [
        ("blobs", "fixes.csv", "which is published, are not changed by a file"),
        ("./own.npz:labels=fixes.csv", "fixes.csv", "names its files of labels already"),
        ((np.eye(4), np.arange(4)), "", "got an empty path"),
        ((np.eye(4), np.arange(4)), "c:fixes.csv", "paths without :, got 'c:fixes.csv'"),
        ((np.eye(4), np.arange(4)), ["a+b.csv", "c.csv"], r"without : and \+, got 'a\+b.csv'"),
        ((np.eye(4), np.arange(4)), "none.csv", "none.csv has others, or is not there"),
    ],
)
def test_files_of_labels_that_can_not_be_are_refused_in_a_sentence(data, labels, said):
    with pytest.raises(InputError, match=said):
        compare(data=data, labels=labels, losses=["ce"], model="linear", seeds=1)
