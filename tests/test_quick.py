"""What `make quick` leaves out: whatever starts a process, by whichever door, and nothing else."""

import subprocess
import sys
from multiprocessing import get_context

import pytest
import torch
from torch.utils import cpp_extension

from tests import quick
from tests.conftest import LONGEST

DOORS = {
    "subprocess.run": lambda: subprocess.run([sys.executable, "-c", ""]),
    "subprocess.Popen": lambda: subprocess.Popen([sys.executable, "-c", ""]),
    "a shell's line": lambda: subprocess.run(f"{sys.executable} -c ''", shell=True),
    "multiprocessing": lambda: get_context("spawn").Process(target=print).start(),
    "a compiler": lambda: cpp_extension.load_inline("none", "// nothing", build_directory="."),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_a_test_that_starts_a_process_is_skipped(door, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with quick.no_processes(), pytest.raises(pytest.skip.Exception, match="starts a process"):
        door()


def test_so_is_one_that_compiles():
    with quick.no_processes(), pytest.raises(pytest.skip.Exception, match="compiles"):
        torch.compile(abs)


def test_so_is_one_that_trains_on_real_images(lsbench):
    with quick.no_processes(), pytest.raises(pytest.skip.Exception, match="real images"):
        lsbench("run", "--loss", "ce", "--seeds", "1")


def test_so_is_one_that_trains_more_than_a_few_stacks(lsbench):
    line = (
        "run",
        "--dataset",
        "blobs",
        "--model",
        "mlp:widths=4",
        "--loss",
        "ce",
        "--epochs",
        "1",
        "--train-size",
        "50",
    )
    with quick.no_processes(), pytest.raises(pytest.skip.Exception, match="many stacks"):
        lsbench(*line, "--seeds", quick.MOST + 1)


def test_a_test_that_trains_here_is_not(lsbench):
    with quick.no_processes():
        code, _, err = lsbench("run", "--dataset", "blobs", "--model", "linear", "--loss", "ce", "--seeds", "1")
    assert code == 0, err


def test_processes_start_again_afterwards():
    with quick.no_processes():
        pass
    assert subprocess.run([sys.executable, "-c", ""]).returncode == 0


def test_make_quick_leaves_them_out(request):
    assert "--quick" in (request.config.rootpath / "Makefile").read_text().split("\nquick:")[1].split("\n\n")[0]


def test_the_files_that_start_first_are_there(request):
    there = {path.stem for path in (request.config.rootpath / "tests").rglob("test_*.py")}
    assert there >= set(LONGEST)
