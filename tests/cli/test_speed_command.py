import json
import platform
import sys
from dataclasses import replace

import pytest

from lsbench.speed import FORMS, MeasuringError
from lsbench.speed.study import measure
from tests.speed.speed_cases import made_up

QUICK = ("--shapes", "16x7", "--seconds", "0.01")


def test_json_and_files_hold_every_asked_form_at_every_shape_and_the_reason_where_one_did_not_run(
    lsbench, tmp_path, monkeypatch
):
    monkeypatch.setenv("CXX", "/nonexistent/c++")
    forms, shapes = ["ce", "torch", "lsr", "ours-aten", "liger", "ours-triton"], [[64, 50], [1000000, 1000000]]
    forms += ["torch-compiled", "ours-cpp"]
    code, out, err = lsbench(
        *("speed", "--shapes", "64x50,1000000x1000000", "--forms", ",".join(forms), "--dtype", "float32,bfloat16"),
        *("--seconds", "0.02", "--device", "cpu", "--json", "--out", "made"),
    )
    assert code == 0, err
    found = json.loads(out)
    assert [[at["rows"], at["classes"]] for at in found["shapes"]] == 2 * shapes
    for at in found["shapes"]:
        assert [cost["form"] for cost in at["costs"]] == forms
        fits, (ce, torch, lsr, ours, *on_cuda, compiled, cpp) = at["rows"] == 64, at["costs"]
        assert all(cost["reason"] == "runs on CUDA" for cost in on_cuda)
        assert all(bool(cost["reason"]) != fits for cost in (ce, torch, lsr, ours))
        assert all((cost["copies"] is not None) == fits for cost in (ce, torch, lsr, ours))
        if fits:
            assert lsr["peak_bytes"] > ours["peak_bytes"] >= at["logits_bytes"]
            assert torch["speed_up"] == 1
            assert max(cost["gradient_error"] for cost in (ce, torch, lsr, ours)) < 0.02
            assert "compiler" in compiled["reason"].lower()
            assert "needs a C++ compiler" in cpp["reason"]
        else:
            assert "would need about" in lsr["reason"]
    made = tmp_path / "made"
    assert {path.name for path in made.iterdir()} == {"speed.json", "speed.md", "speed.png", "speed.svg"}
    assert json.loads((made / "speed.json").read_text()) == found
    assert "| form " in (made / "speed.md").read_text()
    assert "a copy: the roof" in (made / "speed.svg").read_text()


@pytest.fixture
def in_this_process(monkeypatch):
    """No process is started that must import torch; that it has what was asked for is test_speed_process's to say."""
    monkeypatch.setattr("lsbench.cli.speed.measure_apart", lambda asked, environment, tell: measure(asked, tell))


@pytest.mark.parametrize("buffers", ["fresh", "reused"])
def test_the_table_says_what_ran_what_did_not_and_on_what(lsbench, in_this_process, buffers):
    if buffers == "reused" and platform.libc_ver()[0] != "glibc":
        pytest.skip("needs glibc")
    option = "--reuse-buffers" if buffers == "reused" else "--fresh-buffers"
    code, out, err = lsbench("speed", *QUICK, "--forms", "ours-aten,liger", "--device", "cpu", option)
    lines = out.splitlines()
    assert code == 0, err
    assert lines[2].split()[:3] == ["form", "µs", "vs"]
    assert [line.split()[0] for line in lines[4:7]] == ["16", "ours-aten", "a"]
    assert lines[7] == "could not run: liger (runs on CUDA)"
    assert lines[8].endswith(f"1 thread, float32, buffers {buffers}")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--shapes", "big"), "128x10,8192x131072"),
        (("--shapes", "0x10"), "rows"),
        (("--shapes", ","), "--shapes is empty"),
        (("--forms", "ours"), "unknown form"),
        (("--dtype", "float64"), "unknown dtype"),
        (("--device", "gpu"), "--device must be one of"),
        (("--threads", "0"), "--threads"),
        (("--eps", "1.1"), "--eps"),
        (("--seconds", "0"), "--seconds"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(lsbench, arguments, said):
    code, out, err = lsbench("speed", *arguments)
    assert code == 2
    assert out == ""
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_measured(lsbench, tmp_path, monkeypatch):
    monkeypatch.setattr("lsbench.cli.speed.measured", lambda asked: pytest.fail("measured"))
    (tmp_path / "file").write_text("")
    code, _, err = lsbench("speed", "--out", "file/below")
    assert code == 2
    assert "choose another --out" in err


def test_all_shapes_are_those_of_a_large_gpu_and_each_is_taken_once():
    from lsbench.cli.speed import shapes_of
    from lsbench.speed import SHAPES

    assert shapes_of(["all"], "cpu") == SHAPES["cuda"]
    assert shapes_of(["5x4", "128x10,5×4"], "cpu") == ((5, 4), (128, 10))
    assert shapes_of(None, "cpu") == SHAPES["cpu"]
    assert (8192, 131072) in SHAPES["cuda"]
    assert "lsbench.cli.speed" in sys.modules


def test_what_was_measured_before_the_process_died_is_written_and_shown(lsbench, tmp_path, monkeypatch):
    kept = replace(made_up("float32"), shapes=made_up("float32").shapes[:1])

    def dies(*_):
        raise MeasuringError("the measuring process was killed by SIGKILL at float32 1000x10 lsr", kept)

    monkeypatch.setattr("lsbench.cli.speed.measure_apart", dies)
    code, out, err = lsbench("speed", "--json", "--out", "made")
    assert code == 1
    assert "was killed by SIGKILL at float32 1000x10 lsr" in err
    assert [at["rows"] for at in json.loads(out)["shapes"]] == [10]
    assert json.loads((tmp_path / "made" / "speed.json").read_text()) == json.loads(out)


def test_all_forms_may_be_asked_for_beside_others(lsbench, monkeypatch):
    asked = []
    monkeypatch.setattr("lsbench.cli.speed.measure_apart", lambda of, *_: asked.append(of) or made_up("float32"))
    assert lsbench("speed", "--forms", "all,torch")[0] == 0
    assert asked[0].forms == tuple(FORMS)
