"""What `make quick` leaves out: whatever begins something that takes seconds, by whichever door, and nothing else."""

import subprocess
import sys
from multiprocessing import get_context
from pathlib import Path

import pytest
import torch
from matplotlib.figure import Figure
from torch import nn
from torch.utils import cpp_extension

from lsbench.api import compare
from lsbench.data.published_files import find_files
from lsbench.models import resnet
from tests import quick
from tests.conftest import LONGEST
from tests.cpu_time import cpu_time

TINY = (
    "--dataset",
    "blobs",
    "--model",
    "linear",
    "--loss",
    "ce",
    "--seeds",
    "1",
    "--epochs",
    "1",
    "--train-size",
    "50",
)
PROCESSES = {
    "subprocess.run": lambda: subprocess.run([sys.executable, "-c", ""]),
    "subprocess.Popen": lambda: subprocess.Popen([sys.executable, "-c", ""]),
    "a shell's line": lambda: subprocess.run(f"{sys.executable} -c ''", shell=True),
    "multiprocessing": lambda: get_context("spawn").Process(target=print).start(),
    "a compiler": lambda: cpp_extension.load_inline("none", "// nothing", build_directory="."),
}
OTHERS = {
    "compiles": lambda: torch.compile(abs),
    "builds a large network": lambda: resnet.resnet18((3, 32, 32), 10),
    "a large network": lambda: nn.Conv2d(in_channels=300, out_channels=300, kernel_size=3),
    "torch's compiler": lambda: __import__(quick.COMPILER),
    "compares speeds": lambda: cpu_time(list),
    "reads a large file": lambda: max(find_files("mnist"), key=lambda path: path.stat().st_size).read_bytes(),
    "source or the docs": lambda: Path(quick.__file__).read_text(),
}
PARTS = {
    "draws a figure": lambda: Figure().savefig("drawn.png"),
    "trains by `compare`": lambda: compare(data="blobs", model="linear", losses=["ce"], seeds=1, recipe={"epochs": 1}),
}


@pytest.fixture
def marked():
    """Mark this test as the way through the whole, or as any other."""
    before = quick.whole
    yield lambda whole: setattr(quick, "whole", whole)
    quick.whole = before


@pytest.mark.parametrize("door", PROCESSES.values(), ids=PROCESSES)
def test_a_test_that_starts_a_process_is_skipped(door, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with quick.only(), pytest.raises(pytest.skip.Exception, match="starts a process"):
        door()


@pytest.mark.parametrize(("reason", "door"), [*OTHERS.items(), *PARTS.items()], ids=[*OTHERS, *PARTS])
def test_so_is_one_that_begins_something_else_that_takes_seconds(reason, door, monkeypatch):
    monkeypatch.delitem(sys.modules, quick.COMPILER, raising=False)
    with quick.only(), pytest.raises(pytest.skip.Exception, match=reason):
        door()


def test_so_is_one_that_trains_by_the_command_line(lsbench):
    with quick.only(), pytest.raises(pytest.skip.Exception, match="trains by the command line"):
        lsbench("run", *TINY)


def test_the_way_through_the_whole_may_train_and_draw_but_not_on_real_images(lsbench, marked, tmp_path):
    with quick.only():
        marked(True)
        assert lsbench("run", *TINY)[0] == 0
        Figure().savefig(tmp_path / "drawn.png")
        with pytest.raises(pytest.skip.Exception, match="real images"):
            lsbench("run", "--loss", "ce", "--seeds", "1")


def test_nor_may_it_train_for_long(lsbench, marked):
    with quick.only():
        marked(True)
        with pytest.raises(pytest.skip.Exception, match="trains for long"):
            lsbench("run", *TINY, "--batch-size", "1", "--epochs", 1 + quick.MOST // 40)


def test_all_this_goes_on_afterwards(tmp_path):
    with quick.only():
        pass
    assert subprocess.run([sys.executable, "-c", ""]).returncode == 0
    Figure().savefig(tmp_path / "drawn.png")
    assert Path(quick.__file__).read_text()


def test_one_test_is_the_way_through_the_whole(request):
    marks = sum(path.read_text().count("@pytest.mark.whole\n") for path in quick.PROJECT.glob("tests/**/test_*.py"))
    assert marks == 1


def test_make_quick_leaves_them_out(request):
    assert "--quick" in (request.config.rootpath / "Makefile").read_text().split("\nquick:")[1].split("\n\n")[0]


def test_the_files_that_start_first_are_there(request):
    there = {path.stem for path in (request.config.rootpath / "tests").rglob("test_*.py")}
    assert there >= {*LONGEST, *quick.WHOLE_FILES}
