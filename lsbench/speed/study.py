"""A study: at every shape each form is tried for accuracy and memory, then all that could run are timed in turn."""

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from statistics import median

import torch

from lsbench.rows.provenance import processor
from lsbench.speed.accuracy import errors
from lsbench.speed.asked import DTYPES, TORCH, Asked
from lsbench.speed.fit import too_large
from lsbench.speed.forms import FORMS, Form, Loss
from lsbench.speed.memory import peak_bytes
from lsbench.speed.result import Cost, ShapeCosts, Study
from lsbench.speed.step import Example, example, step
from lsbench.speed.timing import alternate, is_out_of_memory

COPY = "a copy"
LABEL_BYTES = 8
NO_MEMORY = "out of memory"
LONGEST = 160  # characters of a reason

Tell = Callable[[str], object]  # what is done next, in a few words
Keep = Callable[[Study], object]


@dataclass(frozen=True)
class Runs:
    """A form that can run: its loss, the tensors it runs on, and what its cost is so far."""

    loss: Loss
    of: Example
    cost: Cost


def measure(
    asked: Asked, tell: Tell = lambda _: None, keep: Keep = lambda _: None, forms: Mapping[str, Form] = FORMS
) -> Study:
    """Measure all that was asked for in this process, whose allocator is as it was born.

    `keep` is given the study so far: at the start, and as each shape is done.
    """
    torch.set_num_threads(asked.threads)
    study = Study(
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


def unmeasured(asked: Asked) -> list[ShapeCosts]:
    """Every shape in every dtype."""
    return [
        ShapeCosts(dtype=dtype, rows=rows, classes=classes, copy_seconds=None, costs=())
        for dtype in asked.dtypes
        for rows, classes in asked.shapes
    ]


def measure_shape(asked: Asked, at: ShapeCosts, tell: Tell, forms: Mapping[str, Form]) -> ShapeCosts:
    """One shape in one dtype; torch's own loss is measured as the yardstick, asked for or not."""
    device, where = torch.device(asked.device), f"{at.dtype} {at.shape}"
    if reason := too_large(2 * at.logits_bytes + LABEL_BYTES * at.rows, device):
        reasons = {name: forms[name].why_not(device) or _alone(reason) for name in asked.forms}
        return replace(at, costs=tuple(Cost(form=name, reason=why) for name, why in reasons.items()))
    of = example(at.rows, at.classes, getattr(torch, at.dtype), device)
    target = of.logits.detach().clone()  # written now, so that what is free afterwards is free
    tried: dict[str, Runs | Cost] = {}
    for name in dict.fromkeys((*asked.forms, TORCH)):
        tell(f"{where} {name}")
        tried[name] = attempt(name, forms[name], of, asked.eps)
    tell(f"{where} timing")
    runs = {name: found for name, found in tried.items() if isinstance(found, Runs)}
    calls = {name: partial(step, run.loss, run.of) for name, run in runs.items()}
    times = alternate({**calls, COPY: partial(target.copy_, of.logits.detach())}, asked.seconds, device)
    at = replace(at, copy_seconds=median(times[COPY]) if times.get(COPY) else None)
    costs = {name: found for name, found in tried.items() if isinstance(found, Cost)}
    costs |= {name: timed(run.cost, at, times.get(name, []), times.get(TORCH)) for name, run in runs.items()}
    return replace(at, costs=tuple(costs[name] for name in asked.forms))


def attempt(name: str, form: Form, of: Example, eps: float) -> Runs | Cost:
    """The form with its errors and its memory, or the reason why it can't run; whatever it raises is one."""
    count, device = of.logits.numel(), of.logits.device
    needed = form.needs[of.logits.element_size() == 2] * count
    if reason := form.why_not(device) or too_large(needed, device):
        return Cost(form=name, reason=reason)
    try:
        return _run(name, form, of, eps)
    except Exception as error:  # noqa: BLE001  a compiler's, a driver's, a kernel's: it is what there is to say
        reason = NO_MEMORY if is_out_of_memory(error) else _shortened(f"{type(error).__name__}: {error}")
    return Cost(form=name, reason=reason)


def _run(name: str, form: Form, of: Example, eps: float) -> Runs:
    loss = form.build(eps)
    own = of.copy() if form.overwrites else of
    loss_error, gradient_error = errors(*step(loss, own), of, eps if form.smooths else 0.0)
    peak = peak_bytes(lambda: step(loss, own), of.logits.device)
    return Runs(loss, own, Cost(form=name, peak_bytes=peak, loss_error=loss_error, gradient_error=gradient_error))


def timed(cost: Cost, at: ShapeCosts, times: list[float], torchs: list[float] | None) -> Cost:
    """The cost with its times, and what follows from them."""
    if not times:
        return Cost(form=cost.form, reason=NO_MEMORY)
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


def _buffers(asked: Asked) -> str:
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
