"""The steps of a phase: the first ones as they are, the others by replaying the record of one."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

import torch
from torch import Tensor, nn

from lsbench.models.average import WeightAverage
from lsbench.models.dropout import CellDropout
from lsbench.models.stack import Single, StackedModel
from lsbench.training.epoch_draws import EpochDraws
from lsbench.training.graphs.host import Observed, Signature, difference
from lsbench.training.graphs.inputs import Inputs
from lsbench.training.graphs.numbers import Changes, Numbers, rows_of
from lsbench.training.graphs.optimizers import DeviceAverage, DeviceOptimizer, Rule, rule_of, why_no_rule
from lsbench.training.graphs.recorder import Recorder, Run
from lsbench.training.graphs.state import State
from lsbench.training.loop import Step

WARM = 3  # steps that are taken as they are before one is recorded
LARGEST_ERROR = 1e-5  # of a replayed step, of a number or relative to the largest of its tensor

Take = Callable[[EpochDraws], Tensor]


def recorded(step: Step, recorder: Recorder) -> Take:
    """What takes the steps of a phase; the step itself where it can't be recorded, and the model is told why."""
    if why := why_not(step):
        step.model.why_not_by = why
        return step
    return RecordedSteps(on_device(step), recorder)


def why_not(step: Step) -> str:
    """What rules recording out before a step is taken; "" if nothing does."""
    if step.steps <= WARM:
        return f"a phase of {step.steps} steps, of which the first {WARM} are not recorded"
    return why_no_rule(step.phase.optimizer)


def why_drawing(step: Step) -> str:
    """Why a network that has taken steps can't be recorded for what it draws; "" if it can."""
    layers = step.model.layers
    is_drawing = isinstance(layers, Single) and layers.draws is not None and layers.draws.has_drawn
    return "layers of the network draw from torch's own generators" if is_drawing else ""


def on_device(step: Step) -> Step:
    """The same step with all numbers that change from one to the next on the device; `why_not` rules nothing out."""
    optimizer = cast(torch.optim.Optimizer, step.phase.optimizer)
    rule = cast(Rule, rule_of(optimizer))
    average = step.average if isinstance(step.average, WeightAverage) else None
    rows = list(rows_of(optimizer, step.phase.scheduler, step.steps, rule.numbers))
    done = 0 if average is None else average.updates
    shares = [0.0 if average is None else average.share_of(done + i) for i in range(len(rows))]
    device = step.phase.trained[0].device
    numbers = Numbers([[*row, share] for row, share in zip(rows, shares, strict=True)], device)
    phase = replace(step.phase, optimizer=DeviceOptimizer(optimizer, rule, numbers), scheduler=numbers)
    if average is None:
        return replace(step, phase=phase)
    average.updates += step.steps
    return replace(step, phase=phase, average=DeviceAverage(average, numbers))


class RecordedSteps:
    """Takes the steps of a phase by records: one of batches of the usual size, one of shorter last ones."""

    def __init__(self, step: Step, recorder: Recorder) -> None:
        self.step: Step = step
        self.recorder: Recorder = recorder
        self.sizes: dict[int, RecordedStep] = {}

    def __call__(self, drawn: EpochDraws) -> Tensor:
        """As `Step`. What it gives is written over by the next step."""
        if self.step.model.why_not_by:
            return self.step(drawn)
        size = drawn.order.shape[1]
        if size not in self.sizes:
            self.sizes[size] = RecordedStep(self.step, self.recorder, Inputs(drawn))
        return self.sizes[size](drawn)


class RecordedStep:
    """Takes steps on batches of one size: the first ones as they are, the others by a record of one."""

    def __init__(self, step: Step, recorder: Recorder, inputs: Inputs) -> None:
        self.step: Step = step
        self.recorder: Recorder = recorder
        self.inputs: Inputs = inputs
        self.signatures: list[Signature] = []  # of the steps that were taken as they are
        self.replay: Run | None = None

    def __call__(self, drawn: EpochDraws) -> Tensor:
        """As `RecordedSteps`."""
        self.inputs.fill(drawn)
        self._take(self.inputs)
        return self.inputs.losses

    def _take(self, inputs: Inputs) -> None:
        def run() -> None:
            inputs.losses.copy_(self.step(inputs.draws))

        if len(self.signatures) < WARM:
            self._warm(run)
        elif self.replay is not None:
            self.replay()
        else:
            self.replay = self._record(run, inputs)

    def _warm(self, run: Run) -> None:
        """Take a step as it is, and look at it."""
        with Observed() as step:
            self.recorder.warm(run)
        self.signatures.append(step.signature)
        # its first step prepares what the others find
        other = difference(self.signatures[1], step.signature) if len(self.signatures) > 2 else ""
        waiting = step.problem if len(self.signatures) > 1 else ""
        self.step.model.why_not_by = waiting or other or why_drawing(self.step)

    def _record(self, run: Run, inputs: Inputs) -> Run:
        """Record a step and take it; what takes the next ones: the step as it is, where recording fails."""
        device, layers = inputs.losses.device, self.step.model.layers
        if isinstance(layers, Single):
            layers.draws = None  # it has drawn nothing, and what keeps draws apart can't be recorded
        masks = generators_of(self.step.model, device)
        generators = [generator for own in masks for generator in own.values()]
        state = None
        try:
            state = State(changed_by(self.step, inputs), [*generators, default_generator(device)])
            replay = self.recorder.record(run, generators)
        except Exception as error:  # noqa: BLE001  whatever a library or the user's code raises while it is recorded
            if state is not None:
                restore_with_new_generators(masks, state)
            self.step.model.why_not_by = f"a step can't be recorded: {_first_line(error)}"
            run()
            return run
        return self._compared(run, replay, state)

    def _compared(self, run: Run, replay: Run, state: State) -> Run:
        """What takes the next steps: the replay, if it does what the step does."""
        if not self.recorder.takes_a_step:
            self.recorder.warm(run)
        state.keep_after()
        state.restore_before()
        replay()
        error = state.error()
        if error <= LARGEST_ERROR:
            return replay
        state.restore_after()
        self.step.model.why_not_by = f"a replayed step differs from one as it is by {error:.1e}"
        return run


def changed_by(step: Step, inputs: Inputs) -> list[Tensor]:
    """Every tensor that a step on the device changes, of all that lasts longer than a step."""
    parts = [step.model, step.objective, step.phase.optimizer, step.phase.scheduler, step.average]
    return [inputs.losses, *(tensor for part in parts for tensor in _tensors(part))]


def _tensors(part: object) -> list[Tensor]:
    if isinstance(part, nn.Module):
        return [*part.parameters(), *part.buffers()]
    return part.changed if isinstance(part, Changes) else []


def generators_of(model: StackedModel, device: torch.device) -> list[dict[int, torch.Generator]]:
    """Of each dropout what it draws its masks from, by seed; a layer draws from what stands in its dict."""
    return [layer.generators(device) for layer in model.modules() if isinstance(layer, CellDropout)]


def default_generator(device: torch.device) -> torch.Generator:
    """What is drawn from where no generator is given."""
    on_cuda = device.type == "cuda"
    return torch.cuda.default_generators[torch.cuda.current_device()] if on_cuda else torch.default_generator


def restore_with_new_generators(masks: Sequence[dict[int, torch.Generator]], state: State) -> None:
    """All as it was, with generators of their own for the masks: a record that failed may keep the old ones."""
    seeds = [(own, seed) for own in masks for seed in own]
    for (own, seed), drawn in zip(seeds, state.draws, strict=False):
        own[seed] = torch.Generator(own[seed].device).set_state(drawn)
    state.generators[: len(seeds)] = [own[seed] for own, seed in seeds]
    state.restore_before()


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
