"""A study: at every shape each form is tried for accuracy and memory, then all that could run are timed in turn."""

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from statistics import median

import torch

from lsbench.rows.provenance import processor
from lsbench.speed.accuracy import errors
from lsbench.speed.forms import FORMS, Form, Loss
from lsbench.speed.free_memory import too_large
from lsbench.speed.memory import peak_bytes
from lsbench.speed.options import DTYPES, TORCH, SpeedOptions
from lsbench.speed.result import FormCost, ShapeCosts, SpeedStudy
from lsbench.speed.step import Example, make_example, step
from lsbench.speed.timing import alternate, alternate_whole, is_out_of_memory

COPY = "a copy"
LABEL_BYTES = 8
NO_MEMORY = "out of memory"
LONGEST = 160  # characters of a reason

Tell = Callable[[str], object]  # what is done next, in a few words
Keep = Callable[[SpeedStudy], object]


@dataclass(frozen=True)
class RunnableForm:
    """A form that can run: its loss, the tensors it runs on, and what its cost is so far."""

    loss: Loss
    example: Example
    cost: FormCost


def measure(
    asked: SpeedOptions, tell: Tell = lambda _: None, keep: Keep = lambda _: None, forms: Mapping[str, Form] = FORMS
) -> SpeedStudy:
    """Measure all that was asked for in this process, whose allocator is as it was born.

    `keep` is given the study so far: at the start, and as each shape is done.
    """
    torch.set_num_threads(asked.threads)
    study = SpeedStudy(
        asked=asked,
        hardware=torch.cuda.get_device_name() if asked.device == "cuda" else processor(),
        torch=torch.__version__,
        buffers=_buffers(asked),
        shapes=(),
    )
    for empty in unmeasured(asked):
        keep(study)
        study = replace(study, shapes=(*study.shapes, measure_shape(asked, empty, tell, forms)))
    return study


def unmeasured(asked: SpeedOptions) -> list[ShapeCosts]:
    """Every shape in every dtype."""
    return [
        ShapeCosts(dtype=dtype, rows=rows, classes=classes, copy_seconds=None, costs=())
        for dtype in asked.dtypes
        for rows, classes in asked.shapes
    ]


def measure_shape(asked: SpeedOptions, at: ShapeCosts, tell: Tell, forms: Mapping[str, Form]) -> ShapeCosts:
    """One shape in one dtype; torch's own loss is measured as the yardstick, asked for or not."""
    device, where = torch.device(asked.device), f"{at.dtype} {at.shape}"
    if reason := too_large(2 * at.logits_bytes + LABEL_BYTES * at.rows, device):
        reasons = {name: forms[name].why_not(device) or _alone(reason) for name in asked.forms}
        return replace(at, costs=tuple(FormCost(form=name, reason=why) for name, why in reasons.items()))
    example = make_example(at.rows, at.classes, getattr(torch, at.dtype), device)
    target = example.logits.detach().clone()  # written now, so that what is free afterwards is free
    tried: dict[str, RunnableForm | FormCost] = {}
    for name in dict.fromkeys((*asked.forms, TORCH)):
        tell(f"{where} {name}")
        tried[name] = attempt(name, forms[name], example, asked.eps)
    tell(f"{where} timing")
    runs = {name: end for name, end in tried.items() if isinstance(end, RunnableForm)}
    calls = {name: partial(step, run.loss, run.example) for name, run in runs.items()}
    times = alternate({**calls, COPY: partial(target.copy_, example.logits.detach())}, asked.seconds, device)
    at = replace(at, copy_seconds=median(times[COPY]) if times.get(COPY) else None)
    costs = {name: end for name, end in tried.items() if isinstance(end, FormCost)}
    costs |= {name: timed(run.cost, at, times.get(name, []), times.get(TORCH)) for name, run in runs.items()}
    whole = alternate_whole({name: calls[name] for name in times if name != COPY}, asked.seconds / 4, device)
    costs |= {name: replace(costs[name], whole_seconds=median(own)) for name, own in whole.items()}
    return replace(at, costs=tuple(costs[name] for name in asked.forms))


def attempt(name: str, form: Form, example: Example, eps: float) -> RunnableForm | FormCost:
    """The form with its errors and its memory, or the reason why it can't run; whatever it raises is one."""
    count, device = example.logits.numel(), example.logits.device
    needed = form.needs[example.logits.element_size() == 2] * count
    if reason := form.why_not(device) or too_large(needed, device):
        return FormCost(form=name, reason=reason)
    try:
        return _run(name, form, example, eps)
    except Exception as error:  # noqa: BLE001  a compiler's, a driver's, a kernel's: it is what there is to say
        reason = NO_MEMORY if is_out_of_memory(error) else _shortened(f"{type(error).__name__}: {error}")
    return FormCost(form=name, reason=reason)


def _run(name: str, form: Form, example: Example, eps: float) -> RunnableForm:
    loss = form.build(eps)
    own = example.copy() if form.overwrites else example
    loss_error, gradient_error = errors(*step(loss, own), example, eps if form.smooths else 0.0)
    peak = peak_bytes(lambda: step(loss, own), example.logits.device)
    return RunnableForm(
        loss, own, FormCost(form=name, peak_bytes=peak, loss_error=loss_error, gradient_error=gradient_error)
    )


def timed(cost: FormCost, at: ShapeCosts, times: list[float], torchs: list[float] | None) -> FormCost:
    """The cost with its times, and what follows from them."""
    if not times:
        return FormCost(form=cost.form, reason=NO_MEMORY)
    seconds, copy = median(times), at.copy_seconds
    copies = seconds / copy if copy else None
    return replace(
        cost,
        seconds=seconds,
        turns=len(times),
        speed_up=median(torchs) / seconds if torchs else None,
        copies=copies,
        bytes_per_logit=None if copies is None else 2 * DTYPES[at.dtype] * copies,
        bandwidth=2 * at.logits_bytes / seconds,
    )


def _buffers(asked: SpeedOptions) -> str:
    if asked.device == "cuda":
        return "cached by torch"
    if platform.libc_ver()[0] != "glibc":
        return "as the system's allocator keeps them"
    return "reused" if asked.reuse_buffers else "fresh"


def _alone(reason: str) -> str:
    return f"the logits alone, and a copy of them, {reason}"


def _shortened(text: str) -> str:
    line = " ".join(text.splitlines()[0].split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
