"""Which engine computes the steps of a stack: what rules one out, what is said of it, what the rows hold."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

import lsbench
from lsbench.data.dataset import load
from lsbench.names.catalogue import MODELS
from lsbench.names.catalogue.engines import STEP_ENGINES
from lsbench.planning import engine_stacks, plan
from lsbench.planning.stacks import make_stacks
from lsbench.rows import store
from lsbench.spec import Grid, Place
from lsbench.training import engine_trial, step_engine
from lsbench.training.lanes import compiler
from lsbench.training.lanes import engine as lanes
from lsbench.training.stack import run_stack

needs_compiler = pytest.mark.skipif(bool(compiler.why_not()), reason=f"lanes: {compiler.why_not()}")


def narrow(shape, num_classes):
    """A small convolution."""
    return nn.Sequential(
        nn.Conv2d(shape[0], 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(3 * (shape[1] - 2) * (shape[2] - 2), num_classes)
    )


def smooth(shape, num_classes, before=narrow):
    """The same with a layer that lanes has not."""
    return nn.Sequential(before(shape, num_classes), nn.Softplus())


def broken(shape, num_classes):
    """A user's factory that takes its arguments otherwise."""
    raise TypeError("broken() got multiple values for argument 'd'")


@pytest.fixture(autouse=True)
def narrow_is_a_model(monkeypatch):
    """Of the catalogue, for lanes."""
    entry = replace(MODELS["cnn"], ref=f"{__name__}:narrow", smallest=1)
    monkeypatch.setitem(MODELS, "narrow", entry)
    monkeypatch.setattr(engine_stacks, "usable_cores", lambda: 2)
    engine_trial.trial.cache_clear()
    lanes.kernel_of.cache_clear()


def room_of(name):
    return STEP_ENGINES[name].ref.partition(":")[0].rpartition(".")[0]


def cells_of(**fields):
    choices = {"losses": ("ce", "lsr"), "seeds": (0, 1), "recipe": {"epochs": 2}, "train_size": 60, **fields}
    return plan.expand(Grid(datasets=("blobs",), models=("narrow",), **choices))


def rows_by(engine, **fields):
    (stack,) = make_stacks(cells_of(**fields), engine=engine)
    return run_stack(stack, Place(engine=engine))


def test_a_model_that_can_not_be_built_is_planned_so_that_its_trial_says_what_is_wrong(monkeypatch):
    monkeypatch.setitem(MODELS, "narrow", replace(MODELS["narrow"], ref=f"{__name__}:broken"))
    assert not lanes.takes("narrow", (1, 8, 8), 3)
    assert sum(len(stack) for stack in make_stacks(cells_of(), engine="auto")) == 4


@needs_compiler
def test_lanes_and_torch_give_the_same_rows_but_for_rounding():
    (stack,) = make_stacks(cells_of(losses=("ce", "prune"), noise_rates=(0.2,)), engine="lanes")
    own, other = run_stack(stack, Place(engine="lanes")), run_stack(stack, Place())
    assert [row.id for row in own] == [row.id for row in other] == [cell.id for cell in stack]
    assert {row.engine["name"] for row in own} == {"lanes"}
    assert {row.engine["name"] for row in other} == {"torch"}
    for a, b in zip(own, other, strict=True):
        assert a.metrics["nll"] == pytest.approx(b.metrics["nll"], abs=1e-4)
        assert a.curves["train_loss"] == pytest.approx(b.curves["train_loss"], abs=1e-5)
        assert a.cleaning.get("dropped") == b.cleaning.get("dropped")


def test_torch_trains_what_was_planned_for_another_engine_in_its_own_stacks():
    cells = cells_of()
    assert [len(stack) for stack in make_stacks(cells)] == [1] * 4
    (row, *_) = run_stack(tuple(cells), Place())
    assert row.stack == [row.id]


@needs_compiler
def test_stacks_are_halved_where_cores_would_have_nothing_to_do(monkeypatch):
    monkeypatch.setattr(engine_stacks, "usable_cores", lambda: 64)
    monkeypatch.setattr(compiler, "lanes", lambda: 16)
    assert [len(stack) for stack in make_stacks(cells_of(seeds=range(20)), engine="auto")] == [8] * 5


@needs_compiler
def test_stacks_are_as_large_as_the_vectors_of_the_code_that_is_compiled(monkeypatch):
    if compiler.lanes() != 16:
        pytest.skip("this processor has no AVX-512")
    assert [len(stack) for stack in make_stacks(cells_of(seeds=range(8)), engine="lanes")] == [16]
    monkeypatch.setenv("LSBENCH_LANES_FLAGS", "-march=haswell")
    assert [len(stack) for stack in make_stacks(cells_of(seeds=range(8)), engine="lanes")] == [8, 8]


@needs_compiler
def test_unasked_lanes_are_for_at_least_four_cells_on_a_cpu_in_float32(monkeypatch):
    monkeypatch.setattr(compiler, "lanes", lambda: 16)
    assert [len(stack) for stack in make_stacks(cells_of(seeds=range(20)), engine="auto")] == [13, 14, 13]
    assert [len(stack) for stack in make_stacks(cells_of(losses=("ce",)), engine="auto")] == [1, 1]
    assert [len(stack) for stack in make_stacks(cells_of(losses=("ce",)), engine="lanes")] == [2]
    in_halves = cells_of(recipe={"precision": "medium"})
    assert [len(stack) for stack in make_stacks(in_halves, engine="auto")] == [1] * 4


@needs_compiler
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda m: m.setattr(engine_trial, "MOST_ROUNDING", -1.0), "in 3 steps its errors are"),
        (
            lambda m: m.setattr(engine_trial, "differences", lambda *_: (torch.tensor([0.0, 0.0, 0.0, 0.002]), 1.0)),
            "3 steps differ from torch's by 2.0e-03",
        ),
        (lambda m: m.setattr(engine_trial, "_least_seconds", lambda _: {"lanes": 2.0, "torch": 0.001}), "a step takes"),
        (lambda m: m.setattr(sys.modules[__name__], "narrow", smooth), "Softplus"),
        (lambda m: m.setenv("CXX", "no-such-compiler"), "not on the PATH"),
        (lambda m: m.setenv("LSBENCH_LANES_FLAGS", "--no-such-option"), "could not compile it"),
    ],
    ids=["wrong", "one wrong cell", "slow", "another layer", "no compiler", "a compiler that fails"],
)
def test_torch_trains_where_lanes_can_not_and_the_row_says_why(monkeypatch, change, reason):
    stack = tuple(cells_of())
    change(monkeypatch)
    rows = run_stack(stack, Place(engine="auto"))
    assert {row.status for row in rows} == {"ok"}
    assert rows[0].engine["name"] == "torch"
    assert reason in rows[0].engine["why"]
    assert rows[0].stack == [rows[0].id]


@needs_compiler
def test_an_input_of_a_relu_that_rounding_puts_on_its_other_side_rules_no_engine_out(monkeypatch):
    parted = torch.tensor([1e-7, 1e-7, 1e-7, 5e-5])
    monkeypatch.setattr(engine_trial, "differences", lambda *_: (parted, 1.0))
    assert {row.engine["name"] for row in rows_by("lanes")} == {"lanes"}


def test_a_machine_without_a_compiler_is_told_once_and_trains_by_torch(lsbench, monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    options = ("--model", "narrow", "--dataset", "blobs", "--loss", "ce", "--epochs", "1", "--seeds", "4")
    for command in ("plan", "run"):
        code, _, told = lsbench(command, *options, "--engine", "auto")
        assert code == 0
        assert told.count("torch trains narrow; the engine lanes would be faster: CXX names 'no-such-compiler'") == 1
    code, _, told = lsbench("plan", *options, "--engine", "lanes")
    assert code == 2
    assert "--engine lanes can't run here: CXX names 'no-such-compiler', which is not on the PATH" in told


def large(shape, num_classes):
    """A convolution of many channels."""
    return nn.Sequential(nn.Conv2d(shape[0], 64, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, num_classes))


@needs_compiler
def test_of_own_networks_only_small_ones_of_known_layers_are_planned_for_lanes():
    for name, size in (("narrow", 4), ("smooth", 1), ("large", 1)):
        own = f"{__name__}:{name}"
        cells = plan.expand(Grid(datasets=("blobs",), models=(own,), losses=("ce",), seeds=range(4)))
        assert [len(stack) for stack in make_stacks(cells, engine="auto")] == [size] * (4 // size)


def test_an_engine_that_is_unknown_is_refused_before_anything_is_trained(lsbench):
    code, _, told = lsbench("run", "--engine", "lane")
    assert code == 2
    assert "lanes" in told


@needs_compiler
def test_a_run_says_in_each_row_what_computed_its_steps(lsbench, tmp_path):
    options = ("--model", "narrow", "--dataset", "blobs", "--loss", "ce", "--epochs", "1", "--seeds", "4")
    assert lsbench("run", *options, "--engine", "lanes")[0] == 0
    rows, _ = store.read(tmp_path / "results")
    assert {(row.engine["name"], len(row.stack)) for row in rows} == {("lanes", 4)}


def test_without_the_rooms_and_their_entries_all_else_works(tmp_path):
    copy = tmp_path / "lsbench"
    shutil.copytree(Path(lsbench.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__", "*.gz"))
    table = copy / "names" / "catalogue" / "engines.py"
    for name in STEP_ENGINES:  # that none needs another: the next test
        shutil.rmtree(copy / "training" / room_of(name).rpartition(".")[2])
        before, _, after = table.read_text().partition(f'    "{name}": StepEngineEntry(')
        table.write_text(before + after.partition("\n    ),\n")[2])
    command = "run --engine auto --model linear --dataset blobs --loss ce,prune --epochs 1 --seeds 2 --noise 0.2"
    done = subprocess.run(
        [sys.executable, "-m", "lsbench", *command.split()], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "4 of 4 cells ok" in done.stderr


@pytest.mark.parametrize("name", STEP_ENGINES)
def test_nothing_outside_the_room_names_it_but_the_table(name):
    package, room = Path(lsbench.__file__).parent, room_of(name)
    own = package.joinpath(*room.split(".")[1:])
    assert own.is_dir()
    files = [path for path in package.rglob("*.py") if not path.is_relative_to(own)]
    assert [path.name for path in files if room in path.read_text()] == ["engines.py"]


def test_a_graph_takes_stacks_of_torch_on_a_gpu_and_unasked_no_code_of_the_user():
    cells = cells_of()
    assert [len(stack) for stack in make_stacks(cells, "cuda", engine="auto")] == [4]
    assert [len(stack) for stack in make_stacks(cells, "cuda", engine="graph")] == [4]
    own = [replace(cell, sources=(("loss", "1234"),)) for cell in cells]
    chosen = {
        (word, name): step_engine.choose(tuple(stack), load("blobs"), Place(device="cuda", engine=word)).name
        for name, stack in (("torch's", cells[:1]), ("the user's", own))
        for word in ("auto", "graph", "torch")
    }
    assert chosen == {
        ("auto", "torch's"): "graph",
        ("graph", "torch's"): "graph",
        ("torch", "torch's"): "torch",
        ("auto", "the user's"): "torch",
        ("graph", "the user's"): "graph",
        ("torch", "the user's"): "torch",
    }


def test_rows_say_that_a_graph_could_not_be_recorded_and_why(monkeypatch):
    entry = replace(STEP_ENGINES["graph"], device="cpu")  # where torch has no graphs
    monkeypatch.setitem(STEP_ENGINES, "graph", entry)
    cells = tuple(cells_of())
    rows, others = run_stack(cells, Place(engine="graph")), [run_stack((cell,), Place())[0] for cell in cells]
    assert {row.engine["name"] for row in rows} == {"torch"}
    assert all(row.engine["why"].startswith("graph: a phase of 2 steps") for row in rows)
    for row, other in zip(rows, others, strict=True):
        assert row.metrics["nll"] == pytest.approx(other.metrics["nll"], abs=1e-4)


def test_a_graph_is_refused_where_there_is_no_gpu(lsbench):
    code, _, told = lsbench("plan", "--engine", "graph", "--device", "cpu")
    assert code == 2
    assert "--engine graph runs on a GPU, and this runs on a CPU; try --engine auto" in told
