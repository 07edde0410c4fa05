"""One thread per process, set before torch is imported: processes of several threads each slow each other down."""

import os

os.environ["OMP_NUM_THREADS"] = "1"

import signal
import sys

import pytest
import torch

from lsbench.cli.app import main
from lsbench.cli.stopping import SIGNALS

torch.set_num_threads(1)


@pytest.fixture
def lsbench(monkeypatch, capsys, tmp_path):
    """Run the command line in this process and an empty folder: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
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
