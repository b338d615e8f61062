"""What belongs to gradients, gathered under PyTorch's name: `xdl.autograd.grad` is `xdl.grad`."""

from __future__ import annotations

from collections.abc import Sequence

from xdl.autograd.function import Function
from xdl.gradcheck import gradcheck, gradgradcheck
from xdl.profiling.anomaly import detect_anomaly, set_detect_anomaly
from xdl.recording.switches import inference_mode, set_grad_enabled
from xdl.tape import grad
from xdl.tensor import Tensor, enable_grad, no_grad


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
) -> None:
    """`Tensor.backward` of each tensor in turn, with its gradient; all leaves add up what they get."""
    roots = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    given = [grad_tensors] if isinstance(grad_tensors, Tensor) else list(grad_tensors or [None] * len(roots))
    keep = create_graph if retain_graph is None else retain_graph
    for i, (root, g) in enumerate(zip(roots, given, strict=True)):
        root.backward(g, retain_graph=keep or i + 1 < len(roots), create_graph=create_graph)


__all__ = [
    "Function",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "inference_mode",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]
