import os
from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path

import pytest

from lsbench.cli import speed as cli_speed
from lsbench.speed import measure_apart, process
from lsbench.speed.process import MeasuringError
from lsbench.workers.processes import ALLOCATOR, environment_set
from tests.speed.speed_cases import asked, made_up


def listen(*messages):
    ours, theirs = Pipe()
    heard = []
    for message in messages:
        theirs.send(message)
    theirs.close()
    return heard, lambda: process._listen(ours, heard.append, lambda: "was killed by SIGKILL")


def test_a_study_made_apart_says_what_it_does_and_comes_back():
    heard = []
    study = measure_apart(asked(forms=("ours-aten",)), {}, heard.append)
    assert study.shapes[0].costs[0].seconds > 0
    assert heard == ["float32 16x7 ours-aten", "float32 16x7 torch", "float32 16x7 timing"]


def test_a_process_that_dies_is_named_with_what_it_did():
    heard, ended = listen(("doing", "float32 8x8 lsr"))
    with pytest.raises(MeasuringError, match="was killed by SIGKILL at float32 8x8 lsr"):
        ended()
    assert heard == ["float32 8x8 lsr"]


def test_what_was_measured_before_a_death_is_kept():
    whole = made_up("float32")
    begun, half = replace(whole, shapes=()), replace(whole, shapes=whole.shapes[:1])
    _, ended = listen(("kept", begun), ("kept", half), ("doing", "float32 1000x10 lsr"))
    with pytest.raises(MeasuringError, match="at float32 1000x10 lsr") as raised:
        ended()
    assert raised.value.study == half
    _, ended = listen(("kept", begun), ("error", "ValueError: no"))
    with pytest.raises(MeasuringError) as raised:
        ended()
    assert raised.value.study is None


def _report(connection, _):
    names = ("OMP_NUM_THREADS", "MALLOC_TRIM_THRESHOLD_", "TRITON_INTERPRET")
    connection.send(("study", [{name: os.environ.get(name) for name in names}, os.getpid()]))


def test_the_process_is_born_with_what_was_asked_and_is_gone_afterwards(monkeypatch):
    monkeypatch.setenv("TRITON_INTERPRET", "1")
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "77")
    monkeypatch.setattr(process, "_work", _report)
    monkeypatch.setattr(cli_speed, "measure_apart", lambda *arguments: seen.append(arguments) or made_up("float32"))
    for reuse, trim in ((False, None), (True, ALLOCATOR["MALLOC_TRIM_THRESHOLD_"])):
        seen = []
        cli_speed.measured(asked(threads=1, reuse_buffers=reuse))
        ((_, environment, tell),) = seen
        variables, pid = measure_apart(asked(), environment, tell)
        assert variables == {"OMP_NUM_THREADS": "1", "MALLOC_TRIM_THRESHOLD_": trim, "TRITON_INTERPRET": None}
        assert not Path(f"/proc/{pid}").exists()


def test_an_error_in_the_process_is_one_sentence():
    _, ended = listen(("error", "ValueError: no"))
    with pytest.raises(MeasuringError, match="failed at its start: ValueError: no"):
        ended()


def test_the_environment_is_the_childs_alone(monkeypatch):
    monkeypatch.setenv("LSBENCH_A", "kept")
    monkeypatch.delenv("LSBENCH_B", raising=False)
    with environment_set({"LSBENCH_A": None, "LSBENCH_B": "new"}):
        assert "LSBENCH_A" not in os.environ
        assert os.environ["LSBENCH_B"] == "new"
    assert os.environ["LSBENCH_A"] == "kept"
    assert "LSBENCH_B" not in os.environ
