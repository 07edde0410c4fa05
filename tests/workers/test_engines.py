"""An engine is its own module and an entry of the table: the command line asks the table alone."""

import pytest

from lsbench.errors import InputError
from lsbench.names.registry import load
from lsbench.rows import store
from lsbench.workers.engines import ENGINES, Engine
from lsbench.workers.local_options import LocalOptions
from tests import one_process

COMMAND = ("run", "--dataset", "blobs", "--model", "linear", "--loss", "ce", "--seeds", "1", "--epochs", "1")


@pytest.fixture
def new_engine(monkeypatch):
    """An engine that no other file knows, with an option of its own."""
    here = "tests.workers.test_engines"
    engine = Engine(ref=f"{here}:run_all", options=f"{here}:read_options", summary="in this process", own=("address",))
    monkeypatch.setitem(ENGINES, "inline", engine)


def read_options(values, _grid):
    if not values.address:
        raise InputError("--workers inline needs --address")
    return "cpu", LocalOptions()


run_all = one_process.run_all


def test_a_new_engine_trains_what_the_command_line_asks_for(lsbench, new_engine, tmp_path):
    code, _, err = lsbench(*COMMAND, "--workers", "inline", "--address", "x")
    assert code == 0, err
    assert len(store.read(tmp_path / "results")[0]) == 1


def test_a_new_engine_checks_its_own_options(lsbench, new_engine):
    code, _, err = lsbench(*COMMAND, "--workers", "inline")
    assert (code, err) == (2, "lsbench: --workers inline needs --address\n")
    code, _, err = lsbench(*COMMAND, "--address", "x")
    assert (code, "--address belongs to --workers" in err) == (2, True)


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_of_the_table_is_there_with_its_options(name):
    if name == "ray":
        pytest.importorskip("ray", reason="needs lsbench[ray]")
    assert callable(load(ENGINES[name].ref))
    assert callable(load(ENGINES[name].options))
