"""One thread per process, set before torch is imported: processes of several threads each slow each other down."""

import os

os.environ["OMP_NUM_THREADS"] = "1"

import signal
import sys

import pytest
import torch

from lsbench.cli.app import main
from lsbench.cli.stopping import SIGNALS
from tests import one_process, quick

torch.set_num_threads(1)


def pytest_addoption(parser):
    parser.addoption("--quick", action="store_true", help="skip a test as soon as it starts a process")


def pytest_collection_modifyitems(items):
    """The files that take longest first, so that no process is left alone with them in the end."""
    items.sort(key=lambda item: item.path.parent.name != "workers")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """See `quick`."""
    with quick.no_processes() if item.config.getoption("quick") else quick.everything():
        return (yield)


@pytest.fixture
def lsbench(monkeypatch, capsys, tmp_path):
    """Run the command line in this process and an empty folder: (exit code, stdout, stderr).

    It trains in this process too.
    """
    monkeypatch.chdir(tmp_path)
    one_process.use(monkeypatch)
    handlers = {number: signal.getsignal(number) for number in SIGNALS}

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["lsbench", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)
