import os
from multiprocessing import Pipe

import pytest
from speed_cases import asked

from lsbench.speed import measure_apart, process
from lsbench.speed.process import MeasuringError


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


def test_an_error_in_the_process_is_one_sentence():
    _, ended = listen(("error", "ValueError: no"))
    with pytest.raises(MeasuringError, match="failed at its start: ValueError: no"):
        ended()


def test_the_environment_is_the_childs_alone(monkeypatch):
    monkeypatch.setenv("LSBENCH_A", "kept")
    monkeypatch.delenv("LSBENCH_B", raising=False)
    with process._born_with({"LSBENCH_A": None, "LSBENCH_B": "new"}):
        assert "LSBENCH_A" not in os.environ
        assert os.environ["LSBENCH_B"] == "new"
    assert os.environ["LSBENCH_A"] == "kept"
    assert "LSBENCH_B" not in os.environ
