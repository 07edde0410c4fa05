import json
from collections import Counter
from dataclasses import replace
from functools import partial
from time import sleep

import pytest
import torch
import torch.nn.functional as F

from lsbench.errors import InputError
from lsbench.speed import FORMS as NAMES
from lsbench.speed import FormCost, ShapeCosts, free_memory, study, timing
from lsbench.speed.forms import FORMS, Form
from lsbench.speed.step import make_example
from lsbench.speed.study import attempt, measure, timed
from lsbench.speed.timing import LEAST, alternate, alternate_whole
from tests import quick
from tests.speed.speed_cases import asked

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


@pytest.fixture(autouse=True, scope="module")
def left_out():
    quick.leave_out("measures speed")


def plain(eps):
    return lambda z, y: F.cross_entropy(z, y, label_smoothing=eps)


def with_form(name, form):
    return {**FORMS, name: form}


def costs(**options):
    forms = options.pop("table", FORMS)
    return {cost.form: cost for cost in measure(asked(**options), forms=forms).shapes[0].costs}


def test_every_name_has_a_form_and_every_form_a_name():
    assert list(FORMS) == list(NAMES)


def test_every_asked_form_is_there_with_numbers_or_a_reason():
    names = tuple(name for name in NAMES if name not in ("torch-compiled", "ours-cpp"))
    found = costs(forms=names)
    assert tuple(found) == names
    for cost in found.values():
        numbers = [value for name, value in vars(cost).items() if name not in ("form", "reason", "whole_seconds")]
        assert all(value is None for value in numbers) if cost.reason else None not in numbers
    assert {name for name, cost in found.items() if cost.reason} == {"liger", "ours-triton"}


def test_torch_is_the_yardstick_even_if_nobody_asked_for_it():
    found = costs(forms=("ours-aten",))
    assert list(found) == ["ours-aten"]
    assert found["ours-aten"].speed_up > 0


def test_the_numbers_follow_from_the_times():
    at = ShapeCosts(dtype="bfloat16", rows=100, classes=10, copy_seconds=2e-6, costs=())
    cost = timed(FormCost(form="x"), at, [9e-6, 4e-6, 5e-6], [20e-6])
    assert (cost.seconds, cost.turns) == (5e-6, 3)
    assert cost.speed_up == pytest.approx(4)
    assert cost.copies == pytest.approx(2.5)
    assert cost.bytes_per_logit == pytest.approx(2 * 2 * 2.5)
    assert cost.bandwidth == pytest.approx(2 * 2 * 100 * 10 / 5e-6)
    assert at.copy_bandwidth == pytest.approx(2 * at.logits_bytes / 2e-6)


def test_the_numbers_of_float32_count_four_bytes_a_logit():
    at = ShapeCosts(dtype="float32", rows=10, classes=10, copy_seconds=1e-6, costs=())
    assert timed(FormCost(form="x"), at, [3e-6], None).bytes_per_logit == pytest.approx(2 * 4 * 3)


def test_a_form_without_smoothing_is_compared_with_cross_entropy():
    assert costs(forms=("ce",), shapes=((64, 33),))["ce"].loss_error < 1e-6


def test_what_a_cpu_says_of_memory_is_understood():
    with pytest.raises(RuntimeError) as raised:
        torch.empty(2**60)
    assert timing.is_out_of_memory(raised.value)
    assert timing.is_out_of_memory(torch.OutOfMemoryError("x"))
    assert not timing.is_out_of_memory(RuntimeError("shapes"))
    with pytest.raises(ZeroDivisionError):
        alternate({"a": lambda: 1 / 0}, 0.0, CPU)


def test_calls_alternate_and_none_is_called_more_often():
    called = []

    def call(name):
        called.append(name)
        sleep(timing.TURN)  # so that a turn is one call

    times = alternate({name: partial(call, name) for name in "abc"}, 20 * timing.TURN, CPU)
    assert set(map(len, times.values())) == {len(called) // 3}
    assert all(Counter(called[i : i + 3]) == Counter("abc") for i in range(0, len(called), 3))
    assert len({tuple(called[i : i + 3]) for i in range(0, len(called), 3)}) > 1


def test_a_short_call_is_timed_without_the_first_of_its_turn(monkeypatch):
    seconds = iter([1e-6, *[2e-6] * 10**4])
    calls = []
    monkeypatch.setattr(timing, "_on_cpu", lambda call: (call(), next(seconds))[1])
    assert timing._in_a_turn(lambda: calls.append(1)) == pytest.approx(2e-6)
    assert len(calls) == 1 + round(timing.TURN / 1e-6)


def test_a_form_that_runs_out_of_memory_while_it_is_timed_is_listed_so():
    def hungry():
        raise torch.OutOfMemoryError("taken by somebody else")

    assert list(alternate({"a": hungry, "b": lambda: None}, 0.0, CPU)) == ["b"]
    at = ShapeCosts(dtype="float32", rows=2, classes=2, copy_seconds=1.0, costs=())
    assert timed(FormCost(form="a", peak_bytes=8), at, [], [1.0]) == FormCost(form="a", reason="out of memory")


def test_a_budget_that_is_too_small_gives_a_median_all_the_same():
    assert len(alternate({"a": lambda: None}, 0.0, CPU)["a"]) == LEAST


def test_a_shape_that_does_not_fit_is_refused_before_anything_is_allocated(monkeypatch):
    monkeypatch.setattr(study, "make_example", lambda *_: pytest.fail("allocated"))
    found = costs(shapes=((10**6, 10**6),), forms=("torch", "lsr", "liger"))
    assert all("would need about" in found[name].reason for name in ("torch", "lsr"))
    assert "GB are free" in found["torch"].reason
    assert found["liger"].reason == "runs on CUDA"


def test_a_form_that_does_not_fit_is_refused_and_the_others_run(monkeypatch):
    greedy = Form(build=lambda eps: pytest.fail("built"), needs=(1e12, 1e12))
    found = costs(forms=("torch", "lsr"), table=with_form("lsr", greedy))
    assert "would need about" in found["lsr"].reason
    assert found["torch"].seconds > 0


def test_what_a_form_raises_is_its_reason():
    def broken(_):
        raise RuntimeError("no such instruction\nand a long story")

    def hungry(_):
        raise torch.OutOfMemoryError("tried to allocate")

    tensors = make_example(4, 3, torch.float32, CPU)
    assert attempt("x", Form(build=broken, needs=(1, 1)), tensors, 0.1).reason == "RuntimeError: no such instruction"
    assert attempt("x", Form(build=hungry, needs=(1, 1)), tensors, 0.1).reason == "out of memory"


def test_a_form_that_overwrites_its_logits_spoils_nobody_elses():
    class Spoils(torch.autograd.Function):
        @staticmethod
        def forward(ctx, logits, labels):
            with torch.enable_grad():
                own = logits.detach().clone().requires_grad_()
                loss = plain(0.1)(own, labels)
            logits.data.copy_(torch.autograd.grad(loss, own)[0])
            ctx.save_for_backward(logits.detach())
            return loss.detach()

        @staticmethod
        def backward(ctx, _):
            return ctx.saved_tensors[0], None

    spoils = Form(build=lambda eps: Spoils.apply, needs=(16, 16), overwrites=True)
    found = costs(forms=("lsr", "torch", "ours-aten"), table=with_form("lsr", spoils))
    assert all(cost.gradient_error < 1e-6 for cost in found.values())


def test_a_wrong_form_is_shown_to_be_wrong():
    found = costs(forms=("torch", "lsr"), table=with_form("lsr", replace(FORMS["lsr"], build=lambda eps: plain(0.5))))
    assert found["lsr"].gradient_error > 0.1
    assert found["torch"].gradient_error < 1e-6


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_a_study_of_any_dtype_is_valid_json(dtype):
    result = measure(asked(dtypes=(dtype,), forms=("torch", "ours-aten"), shapes=((8, 5), (4, 3))))
    found = json.loads(json.dumps(result.as_json(), allow_nan=False))
    assert [(at["rows"], at["classes"], at["dtype"]) for at in found["shapes"]] == [(8, 5, dtype), (4, 3, dtype)]
    assert [cost["form"] for cost in found["shapes"][0]["costs"]] == ["torch", "ours-aten"]


def test_a_number_that_is_none_is_null_in_json():
    at = ShapeCosts(
        dtype="float32", rows=2, classes=2, copy_seconds=1.0, costs=(FormCost(form="x", loss_error=float("nan")),)
    )
    result = replace(measure(asked(shapes=((2, 2),))), shapes=(at,))
    assert result.as_json()["shapes"][0]["costs"][0]["loss_error"] is None


def test_what_runs_on_cuda_says_so_on_a_cpu():
    assert FORMS["ours-triton"].why_not(CPU) == FORMS["liger"].why_not(CPU) == "runs on CUDA"
    assert "CPU" in FORMS["ours-cpp"].why_not(CUDA)


def test_liger_is_asked_for_where_it_is_not_installed(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "pip install liger-kernel" in FORMS["liger"].why_not(CUDA)


@pytest.mark.parametrize("version", [0, 1])
def test_a_containers_limit_is_kept_to(monkeypatch, tmp_path, version):
    limit, used, statistics, droppable = free_memory.GROUPS[version]
    (tmp_path / "memory").mkdir()
    for name, text in ((limit, "5000"), (used, "3000"), (statistics, f"file 7\n{droppable} 500\n")):
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(free_memory, "CONTAINER", tmp_path)
    assert free_memory.free_bytes(CPU) == 5000 - 3000 + 500
    (tmp_path / limit).write_text("max")
    assert free_memory.free_bytes(CPU) > 5000


def test_some_memory_is_free_on_a_system_that_does_not_tell(monkeypatch, tmp_path):
    monkeypatch.setattr(free_memory, "MEMINFO", tmp_path / "none")
    assert free_memory.free_bytes(CPU) > 0


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("device", "tpu", "--device"),
        ("shapes", ((0, 10),), "rows"),
        ("shapes", ((10, 1),), "classes"),
        ("forms", ("tirch",), "did you mean torch"),
        ("dtypes", ("int8",), "unknown dtype"),
        ("threads", 0, "--threads"),
        ("eps", 1.5, "--eps"),
        ("seconds", float("nan"), "--seconds"),
    ],
)
def test_what_makes_no_sense_is_refused(option, value, said):
    with pytest.raises(InputError, match=said):
        asked(**{option: value})


def test_buffers_are_not_chosen_on_cuda():
    with pytest.raises(InputError, match="leave it out"):
        asked(device="cuda", reuse_buffers=True)


def test_a_gpu_is_kept_busy_until_a_call_is_launched_and_only_then_timed(monkeypatch):
    told = []

    class Event:
        def __init__(self, enable_timing):
            self.name = "event"

        def record(self):
            told.append("record")

        def synchronize(self):
            told.append("wait")

        def elapsed_time(self, _):
            return 3.0  # milliseconds

    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: told.append("idle"))
    monkeypatch.setattr(torch.cuda, "_sleep", lambda cycles: told.append("busy"))
    times = alternate({"a": lambda: told.append("call")}, 0.0, CUDA)
    assert times == {"a": [0.003] * LEAST}
    assert told[:8] == ["idle", "call", "idle", "busy", "record", "call", "record", "wait"]
    told.clear()
    assert list(alternate_whole({"a": lambda: told.append("call")}, 0.0, CUDA)) == ["a"]
    assert told[:3] == ["idle", "call", "idle"]
    assert alternate_whole({"a": lambda: None}, 0.0, CPU) == {}
