"""Commands as processes of their own: signals, outputs that are closed or full, and what is imported."""

import json
import os
import shlex
import signal
import subprocess
import sys
from time import perf_counter, sleep

import pytest

from tests.workers import light

TINY = ("--dataset", "blobs", "--model", "linear", "--epochs", "1", "--train-size", "200")


def command(*arguments, start=(sys.executable, "-m", "lsbench"), **options):
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.Popen(
        [*start, *map(str, arguments)],
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        **options,
    )


HEAVY = ("torch", "torchvision", "numpy", "scipy", "pandas", "matplotlib", "PIL", "multiprocessing.spawn")


LIGHT = [["--help"], ["--version"], ["list", "losses"], ["run", "--help"], ["report", "--help"], ["decide", "--help"]]


def test_what_needs_no_torch_starts_at_once():
    code = f"""
import sys
from lsbench.cli.app import main
for line in {LIGHT}:
    sys.argv = ["lsbench", *line]
    try:
        main()
    except SystemExit as end:
        found = [name for name in {HEAVY} if name in sys.modules]
        print(line, end.code or 0, found, file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.splitlines() == [f"{line} 0 []" for line in LIGHT]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_keeps_what_is_finished_and_says_how_to_go_on(tmp_path, monkeypatch, number, code):
    monkeypatch.setenv(light.GATE, str(tmp_path / "never"))
    line = ("run", "--dataset", "blobs", "--model", "mlp", "--seeds", "3", "--loss", "ce", "--jobs", "1")
    process = command(*line, "--out", tmp_path, start=light.START)
    deadline = perf_counter() + 120
    while not list(tmp_path.rglob("*.json")) and perf_counter() < deadline:
        sleep(0.05)
    process.send_signal(number)
    _, err = process.communicate(timeout=120)
    assert process.returncode == code
    assert "go on with: lsbench run --dataset blobs" in err
    assert "Traceback" not in err
    kept = list((tmp_path / "cells").rglob("*.json"))
    assert [json.loads(path.read_text())["status"] for path in kept] == ["ok"]


def test_closed_outputs_cost_no_cell(tmp_path):
    line = shlex.join([*light.START, "run", *TINY, "--loss", "ce", "--seeds", "1", "--out", str(tmp_path)])
    assert subprocess.run(f"{line} >&- 2>&-", shell=True, check=False).returncode == 0
    (path,) = (tmp_path / "cells").rglob("*.json")
    assert json.loads(path.read_text())["status"] == "ok"


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_output_is_a_sentence(tmp_path, lsbench, monkeypatch, unbuffered):
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    lsbench("run", *TINY, "--loss", "ce", "--seeds", "1")
    with open("/dev/full", "w") as full:
        process = command("report", tmp_path / "results", stdout=full)
        err = process.communicate()[1]
    assert (process.returncode, err.count("No space left"), err.count("\n")) == (1, 1, 1)


def test_a_stream_that_cannot_take_a_character_gets_a_question_mark():
    code = "from lsbench.cli.streams import take_any_character; take_any_character(); print('5 µs')"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert (done.stdout, done.stderr) == ("5 ?s\n", "")
