"""Who trains what was asked: options, the files that are shipped, the Slurm script."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from lsbench.cli.options import RunOptions
from lsbench.cli.worker_options import worker_options
from lsbench.errors import InputError
from lsbench.spec import Grid
from lsbench.workers import local, local_options
from lsbench.workers.shipped_files import copied, files_to_ship
from tests.in_turn import in_turn

GRID = Grid(datasets=("blobs",))
TINY = ("--dataset", "blobs", "--model", "linear", "--epochs", "1", "--seeds", "2")


def test_the_local_pool_is_the_default(monkeypatch):
    device, options = worker_options(RunOptions(jobs="3", timeout=7.0, device="cpu"), GRID)
    assert (device, options.engine, options.jobs, options.timeout, options.gpus) == ("cpu", "local", 3, 7.0, ())


def test_ray_takes_what_it_was_told():
    asked = RunOptions(
        workers="ray", address="auto", gpus_per_stack=0.25, cpus_per_stack=0.5, retries=0, shared_results=True
    )
    device, options = worker_options(asked, GRID)
    assert device == "cuda"
    assert (options.address, options.gpus, options.cpus, options.retries) == ("auto", 0.25, 0.5, 0)
    assert options.workers_write
    device, options = worker_options(RunOptions(workers="ray"), GRID)
    assert (device, options.gpus, options.cpus, options.retries, options.jobs) == ("cpu", 0, 1, 2, None)


@in_turn(
    ("asked", "message"),
    [
        ({"workers": "dask"}, "--workers must be one of local, ray"),
        ({"address": "auto"}, "--address belongs to --workers ray"),
        ({"shared_results": True}, "--shared-results belongs to --workers ray"),
        ({"workers": "ray", "gpus": "0"}, "--gpus-per-stack"),
        ({"workers": "ray", "gpus_per_stack": 1.5}, "a fraction below 1 or a whole number"),
        ({"workers": "ray", "gpus_per_stack": 1.0, "device": "cpu"}, "leave out one of them"),
        ({"workers": "ray", "cpus_per_stack": 0.0}, "--cpus-per-stack"),
        ({"workers": "ray", "retries": -1}, "--retries"),
        ({"gpus": "0", "device": "cpu"}, "chooses among GPUs"),
    ],
)
def test_options_that_do_not_go_together_are_an_error(asked, message):
    with pytest.raises(InputError, match=message):
        worker_options(RunOptions(**asked), GRID)


@pytest.fixture
def four_gpus(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(local_options, "resolve", lambda _: "cuda")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)


def test_each_gpu_has_a_process_or_as_many_as_were_asked_for(four_gpus, monkeypatch):
    _, options = worker_options(RunOptions(), GRID)
    assert (options.jobs, options.gpus) == (4, ("0", "1", "2", "3"))
    _, options = worker_options(RunOptions(gpus="0,2"), GRID)
    assert (options.jobs, options.gpus) == (2, ("0", "2"))
    _, options = worker_options(RunOptions(gpus="1", jobs="3"), GRID)
    assert (options.jobs, options.gpus) == (3, ("1",))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,7")
    assert worker_options(RunOptions(), GRID)[1].gpus == ("5", "7")
    assert worker_options(RunOptions(gpus="1"), GRID)[1].gpus == ("7",)


@pytest.mark.parametrize("text", ["4", "0,0", "x", "0,", "-1"])
def test_a_gpu_that_is_not_there_is_an_error(four_gpus, text):
    with pytest.raises(InputError, match="numbers of this machine's 4 GPUs"):
        worker_options(RunOptions(gpus=text), GRID)


def test_processes_share_the_gpus_in_turn():
    seen = [local._gpu_of_process(("0", "2"), i)["CUDA_VISIBLE_DEVICES"] for i in range(4)]
    assert seen == ["0", "2", "0", "2"]
    assert local._gpu_of_process((), 1) == {}


def test_the_users_files_are_packed_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("mine.py", "pkg/part.py", ".hidden/x.py", "venv/lib/y.py", "labels.npy", "results/z.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"'{name}'\n" + "loss = print\n" * (name == "mine.py"))
    assert files_to_ship(GRID) == ()
    own = replace(GRID, losses=("ce", "./mine.py:loss:cap=2"), noises=("human:labels.npy",))
    assert files_to_ship(own) == tuple((name, name) for name in ("labels.npy", "mine.py", "pkg/part.py"))
    (tmp_path / "labels.npz").write_text("several")
    assert files_to_ship(replace(GRID, noises=("human:labels.npz:key", "human:nowhere.npy"))) == (
        ("labels.npz", "labels.npz"),
    )
    with copied(files_to_ship(own)) as folder:
        files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        assert files == set(dict(files_to_ship(own)))
        assert (folder / "pkg/part.py").read_text() == "'pkg/part.py'\n"
    assert not folder.exists()


def test_what_the_users_code_imports_travels_from_wherever_it_lies(tmp_path, monkeypatch):
    work, elsewhere = tmp_path / "work", tmp_path / "elsewhere"
    for path, text in {
        work / "mine_t.py": "import helper_t, kit_t.part\nfrom build.made_t import x\nloss = print\n",
        work / "build/made_t.py": "x = 1\n",
        elsewhere / "helper_t.py": "x = 1\n",
        elsewhere / "kit_t/__init__.py": "x = 1\n",
        elsewhere / "kit_t/part.py": "from . import x\n",
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(work)
    monkeypatch.syspath_prepend(work)
    monkeypatch.syspath_prepend(elsewhere)
    files = files_to_ship(replace(GRID, losses=("./mine_t.py:loss",)))
    assert set(dict(files)) == {"mine_t.py", "build/made_t.py", "helper_t.py", "kit_t/__init__.py", "kit_t/part.py"}
    with copied(files) as folder:
        line = [
            sys.executable,
            "-c",
            "from lsbench.names import reference; print(reference.source_hash('./mine_t.py:loss'))",
        ]
        there = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=True).stdout
    path = os.pathsep.join([str(elsewhere), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path}  # a process of its own: this one holds what other tests imported
    here = subprocess.run(line, cwd=work, env=environment, capture_output=True, text=True, check=True).stdout
    assert there == here


def test_the_slurm_script_runs_the_same_line_in_every_task(lsbench, tmp_path):
    code, out, _ = lsbench("plan", *TINY, "--loss", "ce,mae", "--noise", "0,0.2", "--sbatch", "--out", "shared results")
    assert code == 0
    assert out.startswith("#!/bin/bash\n")
    assert "#SBATCH --array=0-0" in out
    (line,) = [line for line in out.splitlines() if line.startswith("srun ")]
    (tmp_path / "job.sh").write_text(out.replace("srun lsbench", "echo"))
    printed = subprocess.run(["bash", "job.sh"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert printed.split()[:3] == ["run", "--loss", "ce,mae"]
    assert "--jobs 4" in printed
    assert f"--out '{tmp_path / 'shared results'}'" in line


def test_the_scripts_line_trains_what_was_planned(lsbench, tmp_path):
    _, out, _ = lsbench("plan", *TINY, "--loss", "ce,mae", "--sbatch")
    (line,) = [line for line in out.splitlines() if line.startswith("srun ")]
    words = line.split()[2:-2]
    assert lsbench(*words, "--jobs", "1")[0] == 0
    assert len(list((tmp_path / "results").rglob("cells/*/*.json"))) == 4
