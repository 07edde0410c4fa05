"""Steps that are recorded once and replayed without Python give the bits of steps that are taken one by one."""

import sys

import pytest
import torch
from torch import nn

from lsbench.losses import checks, logit_adjustment, noise_correction
from lsbench.names.catalogue import LOSSES, OPTIMIZERS
from lsbench.training.graphs import host, steps
from lsbench.training.graphs.host import Observed
from lsbench.training.graphs.recorder import CudaRecorder
from lsbench.training.graphs.tape import Tape, TapeRecorder
from lsbench.training.loop import Step
from lsbench.training.schedule import RULES
from tests.in_turn import in_turn
from tests.training.graphs.graph_cases import EXAMPLES, assert_equal_bits, both, trained


@in_turn(
    "case",
    [
        *({"optimizer": name, "weight_decay": 0.01} for name in OPTIMIZERS),
        *({"optimizer": name, "schedule": schedule} for name in ("sgd", "adam") for schedule in RULES),
        {"momentum": 0.0},
        {"clip": 0.5, "ema": 0.9},
        {"mixup": 0.3},
        {"augment": "crop-2,flip"},
        {"augment": "randaugment"},
        {"precision": "bf16"},
        {"precision": "bf16", "model": "mlp:dropout=0.3", "optimizer": "adamw", "mixup": 0.2, "clip": 0.5, "ema": 0.9},
        {"head_epochs": 2, "body_scale": 0.1, "ema": 0.9},
        {"batch_size": 13, "epochs": 3},
        {"batch_size": 19, "epochs": 3},
        {"seeds": (3, 3, 3), "losses": ("elr", "ce", "elr")},
        {"model": "mlp:dropout=0.3", "losses": ("elr", "ce", "ce"), "mixup": 0.2, "batch_size": 13, "clip": 1.0},
        {"seeds": (4, 4, 1)},
    ],
)
def test_recorded_steps_give_the_bits_of_steps_as_they_are(case):
    one, other = both(**{"model": "linear", "losses": ("ce", "lsr", "ce"), **case})
    assert_equal_bits(one, other)
    assert other[0].why_not_by == ""


@in_turn(("model", "precision"), [("cnn", "highest"), ("resnet8", "highest"), ("resnet8", "bf16")])
def test_so_do_those_of_convolutions_and_running_statistics(model, precision):
    options = {"batch_size": 6, "epochs": 1, "ema": 0.5, "precision": precision}
    one, other = both(model, losses=("ce", "gce"), seeds=(0, 1), **options)
    assert_equal_bits(one, other)
    assert other[0].why_not_by == ""


def test_every_loss_can_be_recorded(monkeypatch):
    for module in (checks, logit_adjustment, noise_correction):
        monkeypatch.setattr(module, "readable", lambda _: False)  # as on a GPU
    # some train another loss; the kernel of `fused`, which nls has too, reads a number where it is on a CPU
    names = tuple(name for name, entry in LOSSES.items() if entry.ref and name not in ("fused", "nls"))
    one, other = both("linear", losses=names, seeds=(0,) * len(names), epochs=1, batch_size=6)
    assert_equal_bits(one, other)
    assert other[0].why_not_by == ""


def test_examples_that_are_left_out_are_left_out_of_a_replay():
    kept = torch.rand(3, EXAMPLES, generator=torch.Generator().manual_seed(0)) < 0.7
    one, other = both("linear", kept=kept, mixup=0.2)
    assert_equal_bits(one, other)


def test_a_replay_runs_no_python_of_the_step(monkeypatch):
    taken = []
    call = Step.__call__
    monkeypatch.setattr(Step, "__call__", lambda self, drawn: taken.append(drawn.order.shape[1]) or call(self, drawn))
    trained("linear", ("ce", "ce"), (0, 1), TapeRecorder(), epochs=7)
    assert taken == [32, 6] * 4  # of each size three as they are, and one recorded


def looks(logits, labels, _):
    """A loss that reads a number."""
    losses = nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none").view(labels.shape)
    return losses * (2.0 if losses.mean().item() > 1 else 1.0)


class Counting:
    """A loss whose factor is counted by Python."""

    def __init__(self):
        self.calls = 0

    def __call__(self, logits, labels, _):
        self.calls += 1
        losses = nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
        return losses.view(labels.shape) * (1 + self.calls / 10)


class Late(Counting):
    """One that changes when it is recorded."""

    def __call__(self, *inputs):
        return Counting.__call__(self, *inputs) if self.calls > 3 else looks_not(self, *inputs)


def looks_not(self, logits, labels, _):
    self.calls += 1
    return nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none").view(labels.shape)


class Refusing(TapeRecorder):
    """What a GPU does with a step that waits."""

    takes_a_step = False

    def record(self, run, generators):
        raise RuntimeError("operation not permitted when stream is capturing\nand more")


class RefusingTheSecond(TapeRecorder):
    """One that has no room for the record of the shorter last batch."""

    records = 0

    def record(self, run, generators):
        self.records += 1
        return Refusing().record(run, generators) if self.records == 2 else super().record(run, generators)


class Wrong(TapeRecorder):
    """One whose replay does something else."""

    def record(self, run, generators):
        run()
        return lambda: None


@pytest.mark.parametrize(
    ("objective", "recorder", "why"),
    [
        (lambda: looks, TapeRecorder, "the host waits for local_scalar_dense"),
        (Counting, TapeRecorder, "has other numbers or shapes in another step"),
        (lambda: None, Refusing, "a step can't be recorded: RuntimeError: operation not permitted"),
        (lambda: None, RefusingTheSecond, "a step can't be recorded: RuntimeError: operation not permitted"),
        (lambda: None, Wrong, "a replayed step differs from one as it is by"),
    ],
    ids=["a loss that waits", "a loss that counts", "a failed record", "a failed second one", "a wrong record"],
)
def test_what_can_not_be_recorded_is_trained_as_it_is_and_the_model_says_why(objective, recorder, why):
    options = {"model": "mlp:dropout=0.3", "losses": ("ce", "elr"), "seeds": (0, 1), "ema": 0.9}
    one = trained(**options, recorder=None, objective=objective())
    other = trained(**options, recorder=recorder(), objective=objective())
    assert_equal_bits(one, other)
    assert why in other[0].why_not_by


class Noisy(nn.Linear):
    """A layer of somebody's."""

    def forward(self, x):
        return nn.functional.dropout(super().forward(x), 0.5, self.training)


class Quiet(nn.Linear):
    """Another one."""


def noisy(_shape, num_classes):
    return nn.Sequential(nn.Flatten(), Noisy(36, num_classes))


def quiet(_shape, num_classes):
    return nn.Sequential(nn.Flatten(), Quiet(36, num_classes))


@pytest.mark.parametrize(
    ("name", "why"), [("noisy", "layers of the network draw from torch's own generators"), ("quiet", "")]
)
def test_networks_that_draw_from_torchs_own_generators_are_not_recorded(name, why):
    one, other = both(f"{__name__}:{name}", losses=("ce",), seeds=(0,), optimizer="adagrad")
    assert_equal_bits(one, other)
    assert other[0].why_not_by == why


def test_a_phase_of_few_steps_is_not_recorded():
    _, (network, _) = both("linear", epochs=1, batch_size=35)
    assert network.why_not_by == f"a phase of 2 steps, of which the first {steps.WARM} are not recorded"


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda x: x[x > 0], "how many examples a mask chooses"),
        (lambda x: torch.tensor([1.0, 2.0]), "numbers of Python become a tensor"),
        (lambda x: x.to("meta"), "tensors move between cpu and meta"),
        (lambda x: x.nonzero(), "waits for nonzero"),
        (lambda x: x.repeat_interleave(torch.full((3,), 2), 0), "waits for repeat_interleave"),
        (lambda x: x.repeat_interleave(torch.full((3,), 2), 0, output_size=6), ""),
        (lambda x: x[torch.arange(2)].clamp(0).to(torch.float64), ""),
    ],
)
def test_what_a_step_takes_from_the_host_is_seen(call, problem):
    x = torch.randn(3, 2)
    with host.Observed() as step:
        call(x)
    assert problem in step.problem
    assert bool(problem) == bool(step.problem)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@in_turn(
    "case",
    [
        {},
        {"optimizer": "adam", "clip": 1.0, "ema": 0.9},
        {"model": "mlp:dropout=0.3", "mixup": 0.2},
        {"precision": "bf16", "model": "cnn"},
    ],
)
def test_a_cuda_graph_gives_the_bits_of_its_steps_one_by_one(case):
    options = {"model": "mlp", "losses": ("ce", "elr"), "seeds": (0, 1), "device": "cuda", **case}
    one = trained(**options, recorder=None, as_they_are=steps.on_device)
    other = trained(**options, recorder=CudaRecorder())
    assert_equal_bits(one, other)
    assert other[0].why_not_by == ""


@pytest.mark.parametrize("mode", [Observed, Tape])
def test_looking_at_operations_does_not_import_torchs_compiler(mode, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)  # importing it is an error now
    with mode():
        assert torch.ones(2).sum() == 2
