"""A batch norm in evaluation, taken into the weights of the layer before it.

weight' = weight gamma / sqrt(var + eps)         bias' = (bias - mean) gamma / sqrt(var + eps) + beta
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from xdl.creation import ones_like, zeros_like
from xdl.errors import SettingError, expect
from xdl.nn.module import Module
from xdl.nn.parameter import Parameter
from xdl.tensor import Tensor, no_grad


def fuse_conv_bn_eval(conv: Any, bn: Any, transpose: bool = False) -> Any:
    """A copy of the convolution that does what both do. transpose: for a transposed one.

    Raises SettingError for layers in training, whose batch norm takes its statistics from each batch.
    """
    _check("fuse_conv_bn_eval", conv, bn)
    fused = deepcopy(conv)
    settings = bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias
    fused.weight, fused.bias = fuse_conv_bn_weights(fused.weight, fused.bias, *settings, transpose)
    return fused


def fuse_conv_bn_weights(
    conv_w: Tensor,
    conv_b: Tensor | None,
    bn_rm: Tensor,
    bn_rv: Tensor,
    bn_eps: float,
    bn_w: Tensor | None,
    bn_b: Tensor | None,
    transpose: bool = False,
) -> tuple[Parameter, Parameter]:
    """The weight (O, I, *K), or (I, O, *K) where transpose, and the bias of that convolution."""
    with no_grad():
        scale = (ones_like(bn_rm) if bn_w is None else bn_w) * (bn_rv + bn_eps).rsqrt()
        shape = [1] * conv_w.ndim
        shape[1 if transpose else 0] = -1
        bias = ((zeros_like(bn_rm) if conv_b is None else conv_b) - bn_rm) * scale + (0.0 if bn_b is None else bn_b)
        return Parameter(conv_w * scale.reshape(shape)), Parameter(bias)


def fuse_linear_bn_eval(linear: Any, bn: Any) -> Any:
    """The same of a linear layer."""
    _check("fuse_linear_bn_eval", linear, bn)
    fused = deepcopy(linear)
    settings = bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias
    fused.weight, fused.bias = fuse_linear_bn_weights(fused.weight, fused.bias, *settings)
    return fused


def fuse_linear_bn_weights(
    linear_w: Tensor,
    linear_b: Tensor | None,
    bn_rm: Tensor,
    bn_rv: Tensor,
    bn_eps: float,
    bn_w: Tensor | None,
    bn_b: Tensor | None,
) -> tuple[Parameter, Parameter]:
    """The weight (O, I) and the bias of that layer."""
    return fuse_conv_bn_weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b)


def _check(operation: str, *layers: Module) -> None:
    training = [type(layer).__name__ for layer in layers if layer.training]
    expect(not training, SettingError, operation, "layers in evaluation: call eval()", f"in training: {training}")
