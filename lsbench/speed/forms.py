"""The forms of the loss that are measured: how each is built, whether it can run here, and what memory it needs."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from lsbench.kernels import smoothed_cross_entropy
from lsbench.kernels.choose import why_not as why_no_kernel
from lsbench.losses import LOSSES
from lsbench.speed.options import TORCH

Loss = Callable[[Tensor, Tensor], Tensor]  # logits (N, K), labels (N) -> their mean loss ()


@dataclass(frozen=True, kw_only=True)
class Form:
    """One way to write the loss."""

    build: Callable[[float], Loss]  # eps -> the loss
    needs: tuple[float, float]  # bytes per logit beyond the logits, the gradient included: float32, half precision
    why_not: Callable[[torch.device], str] = lambda device: ""  # noqa: ARG005  why it can't run there; empty if it can
    smooths: bool = True  # whether it takes eps; cross-entropy has none
    overwrites: bool = False  # whether it puts the gradient in the logits' place


def _cross_entropy(eps: float) -> Loss:
    return lambda logits, labels: F.cross_entropy(logits, labels, label_smoothing=eps)


def _compiled(eps: float) -> Loss:
    torch.compiler.reset()  # each shape is compiled for itself, and torch gives up after eight
    return torch.compile(_cross_entropy(eps), dynamic=False)


def _loss(name: str) -> Callable[[float], Loss]:
    return lambda eps: lambda logits, labels: LOSSES[name](logits, labels, eps=eps).mean()


def _liger(eps: float) -> Loss:
    module = importlib.import_module("liger_kernel.transformers")
    return module.LigerCrossEntropyLoss(label_smoothing=eps)


def _why_no_liger(device: torch.device) -> str:
    if device.type != "cuda":
        return "runs on CUDA"
    return "" if importlib.util.find_spec("liger_kernel") else "needs liger_kernel: pip install liger-kernel"


def _kernel(name: str, needs: tuple[float, float]) -> Form:
    def build(eps: float) -> Loss:
        return lambda logits, labels: smoothed_cross_entropy(logits, labels, eps=eps, reduction="mean", backend=name)

    def why_not(device: torch.device) -> str:
        return "runs on CUDA" if name == "triton" and device.type != "cuda" else why_no_kernel(name, device)

    return Form(build=build, needs=needs, why_not=why_not)


FORMS: dict[str, Form] = {
    "ce": Form(build=lambda eps: F.cross_entropy, needs=(12, 6), smooths=False),  # noqa: ARG005  it has no eps
    TORCH: Form(build=_cross_entropy, needs=(12, 6)),
    "torch-compiled": Form(build=_compiled, needs=(12, 12)),
    "lsr": Form(build=_loss("lsr"), needs=(16, 20)),
    "linear": Form(build=_loss("linear"), needs=(12, 12)),
    "reid": Form(build=_loss("reid"), needs=(16, 20)),
    "keras-cce": Form(build=_loss("keras-cce"), needs=(12, 16)),
    "liger": Form(build=_liger, needs=(4, 2), why_not=_why_no_liger, overwrites=True),
    "ours-aten": _kernel("aten", needs=(4, 10)),
    "ours-cpp": _kernel("cpp", needs=(4, 2)),
    "ours-triton": _kernel("triton", needs=(4, 2)),
}
