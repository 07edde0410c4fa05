"""Making a network ready: without its last layer, in eval mode, its batch norms folded into convolutions."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
ACTIVATIONS = (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.SiLU, nn.Hardswish, nn.Hardsigmoid)
LAST = (nn.Linear, nn.Conv2d)
ROUNDING = 1e-4  # of the largest feature: what folding may change


def frozen(module: nn.Module) -> nn.Module:
    """The same module in eval mode, without gradients."""
    return module.eval().requires_grad_(False)


def without_head(model: nn.Module) -> nn.Module:
    """A classifier with an identity in place of its last fully connected layer, or its last convolution (SqueezeNet).

    Last in the order in which the model names its layers.
    """
    path = [path for path, layer in model.named_modules() if isinstance(layer, LAST)][-1]
    _put(model, path, nn.Identity())
    return model


def fold_norms(model: nn.Module) -> int:
    """Fold each batch norm that follows one convolution, and nothing else, into it; how many were folded.

    With y = w x + b and z = g (y - m) / s + h, the convolution becomes w g / s and (b - m) g / s + h, computed in 64
    bits. In eval mode that is the same function. Which batch norm follows which convolution is read by torch.fx; in a
    model that it can't trace nothing is folded.
    """
    pairs = list(_pairs(model))
    for conv, norm in pairs:
        _fold(model, conv, norm)
    return len(pairs)


def reuse_memory(model: nn.Module) -> int:
    """Let an activation write over its input where nothing else reads that; how many do.

    Its input must be what a convolution or a batch norm has just made. In a model that torch.fx can't trace none does.
    """
    steps: dict[str, list[fx.Node]] = {}
    for node in _nodes(model):
        steps.setdefault(str(node.target), []).append(node)
    safe = [
        layer
        for path, nodes in steps.items()
        if isinstance(layer := model.get_submodule(path), ACTIVATIONS) and all(_alone(model, node) for node in nodes)
    ]
    for layer in safe:
        layer.inplace = True
    return len(safe)


def is_near(features: Tensor, plain: Tensor) -> bool:
    """Whether two results differ by rounding only."""
    return bool((features - plain).abs().max() <= ROUNDING * plain.abs().max())


class _Tracer(fx.Tracer):
    """Convolutions of anybody's, such as those that pad as TensorFlow does, are one step of the graph."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, (*CONVOLUTIONS, *NORMS)) or super().is_leaf_module(m, module_qualified_name)


def _pairs(model: nn.Module) -> Iterator[tuple[str, str]]:
    """(path of a convolution, path of the batch norm that alone takes its output), each used once."""
    nodes = _nodes(model)
    uses = Counter(str(node.target) for node in nodes)
    for node in nodes:
        before = _only_read_by(node)
        if before is None:
            continue
        conv, norm = str(before.target), str(node.target)
        if uses[conv] == uses[norm] == 1 and _can_fold(model.get_submodule(conv), model.get_submodule(norm)):
            yield conv, norm


def _nodes(model: nn.Module) -> list[fx.Node]:
    """The calls of modules, in order; none where torch.fx can't follow the model."""
    try:
        return [node for node in _Tracer().trace(model).nodes if node.op == "call_module"]
    except Exception:  # noqa: BLE001 - control flow that depends on values: fx says so in many ways
        return []


def _only_read_by(node: fx.Node) -> fx.Node | None:
    """The call of a module that gives this call its input, if nothing else reads that."""
    before = node.args[0] if node.args else None
    is_alone = isinstance(before, fx.Node) and before.op == "call_module" and len(before.users) == 1
    return before if is_alone else None  # pyright: ignore[reportReturnType]


def _alone(model: nn.Module, node: fx.Node) -> bool:
    before = _only_read_by(node)
    return before is not None and isinstance(model.get_submodule(str(before.target)), (*CONVOLUTIONS, *NORMS))


def _can_fold(conv: nn.Module, norm: nn.Module) -> bool:
    is_norm = type(norm) in NORMS and getattr(norm, "running_mean", None) is not None  # others do more than scale
    return isinstance(conv, CONVOLUTIONS) and is_norm


def _fold(model: nn.Module, conv_path: str, norm_path: str) -> None:
    conv: Any = model.get_submodule(conv_path)
    norm: Any = model.get_submodule(norm_path)
    ones = torch.ones_like(norm.running_mean)
    scale, shift = (ones, 0 * ones) if norm.weight is None else (norm.weight, norm.bias)
    bias = 0 * ones if conv.bias is None else conv.bias
    weight, bias, mean, variance, scale, shift = (
        value.double() for value in (conv.weight, bias, norm.running_mean, norm.running_var, scale, shift)
    )
    folded = fuse_conv_bn_weights(weight, bias, mean, variance, norm.eps, scale, shift)
    conv.weight, conv.bias = (nn.Parameter(value.to(conv.weight.dtype), requires_grad=False) for value in folded)
    _put(model, norm_path, nn.Identity())


def _put(model: nn.Module, path: str, layer: nn.Module) -> None:
    parent, _, name = path.rpartition(".")
    setattr(model.get_submodule(parent), name, layer)
