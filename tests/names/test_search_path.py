"""Code of the user's may add folders to Python's search path while it runs; what a row is called does not change."""

import sys
from pathlib import Path

import pytest

from lsbench.data.features.network import find_network
from lsbench.data.own import read_own
from lsbench.errors import InputError
from lsbench.names.reference import load_own, source_hash
from lsbench.planning import plan
from lsbench.spec import Grid
from lsbench.training.contract.probe import probe

MODEL = """
import sys

from torch import nn


def make(shape, num_classes):
    sys.path.insert(0, {folder!r})
    import elsewhere_{number}

    return nn.Sequential(nn.Flatten(), nn.Linear(256, num_classes))


def features():
    make(None, 2)
    return nn.Sequential(nn.AvgPool2d(8), nn.Flatten())


def data():
    make(None, 2)
    raise ValueError("no data")
"""


@pytest.fixture
def model(tmp_path, monkeypatch, request):
    """The name of a model whose module of another folder can be imported only once it has run."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    number = abs(hash(request.node.name))
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / f"elsewhere_{number}.py").write_text("value = 1\n")
    (tmp_path / "model.py").write_text(MODEL.format(folder=str(tmp_path / "lib"), number=number))
    return f"{tmp_path / 'model.py'}:make"


def test_the_hash_of_code_is_the_same_before_and_after_it_ran(model):
    before = source_hash(model)
    load_own(model)((1, 16, 16), 10)
    assert "elsewhere" in " ".join(sys.modules)  # it ran
    assert source_hash(model) == before


def test_a_module_that_is_written_later_beside_the_file_is_hashed(model):
    before = source_hash(model)
    (Path(model).parent / next(Path(model).parent.glob("lib/*.py")).name).write_text("value = 2\n")
    assert source_hash(model) != before


def test_trying_a_model_leaves_the_search_path_as_it_was(model):
    cells = plan.expand(Grid(datasets=("blobs",), models=(model,), losses=("ce",), seeds=(0,)))
    before = list(sys.path)
    probe(cells)
    assert sys.path == before


def test_reading_data_leaves_the_search_path_as_it_was(model):
    load_own(model)  # which adds the folder of the file itself
    before = list(sys.path)
    with pytest.raises(InputError, match="no data"):
        read_own(model.replace(":make", ":data"), {})
    assert sys.path == before


def test_a_network_of_features_leaves_the_search_path_as_it_was(model):
    load_own(model)
    before = list(sys.path)
    find_network(model.replace(":make", ":features") + ":size=8:mean=0.5:sd=0.5").build()
    assert sys.path == before
