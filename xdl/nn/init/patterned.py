"""Initial weights of a pattern: orthogonal, identity, sparse."""

from __future__ import annotations

from math import ceil, prod

from xdl import backend
from xdl.errors import SettingError, ShapeError, expect
from xdl.nn.init.plain import host, normal_, stream_of, write
from xdl.nn.init.scaled import fans
from xdl.tensor import Tensor


def orthogonal_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    """gain times a matrix (O, I K) with orthonormal rows, or columns where O > I K.

    The Q of a normal matrix, each column times the sign of R's diagonal, so that all directions are equally likely.
    Saxe, McClelland, Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
    ICLR 2014. Raises ShapeError for fewer than two dimensions or an empty tensor.
    """
    fans("orthogonal_", tensor)
    rows, columns = tensor.shape[0], prod(tensor.shape[1:])
    xp = backend.load("numpy").xp
    draws = stream_of("orthogonal_", tensor).normal((max(rows, columns), min(rows, columns)), "float64", host())
    q, r = xp.linalg.qr(draws)
    q = q * xp.where(xp.linalg.diagonal(r) < 0, -1.0, 1.0)
    return write(tensor, xp.reshape(q.T if rows < columns else q, tensor.shape) * gain)


def eye_(tensor: Tensor) -> Tensor:
    """1 on the diagonal of a matrix (O, I), else 0: a linear layer that hands on its input.

    Raises ShapeError for another number of dimensions.
    """
    expect(tensor.ndim == 2, ShapeError, "eye_", "a tensor of two dimensions", tensor.shape)
    return write(tensor, backend.load("numpy").xp.eye(*tensor.shape))


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """1 in the middle of the kernel from channel i to channel i of each group, else 0: for (O, I, *K) of 3 to 5 dims.

    A convolution then hands on its input, as far as it has channels. Raises ShapeError for another number of
    dimensions, SettingError unless groups divides O.
    """
    expect(tensor.ndim in (3, 4, 5), ShapeError, "dirac_", "a tensor of 3, 4 or 5 dimensions", tensor.shape)
    outer = tensor.shape[0]
    fits = isinstance(groups, int) and groups > 0 and outer % groups == 0
    expect(fits, SettingError, "dirac_", f"groups that divide {outer}", groups)
    values = backend.load("numpy").xp.zeros(tensor.shape)
    middle = tuple([size // 2 for size in tensor.shape[2:]])
    for group in range(groups):
        for i in range(min(outer // groups, tensor.shape[1])):
            values[(group * (outer // groups) + i, i, *middle)] = 1
    return write(tensor, values)


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01) -> Tensor:
    """Normal of mean 0 and std for a matrix (O, I), but 0 in a share `sparsity` of each column, rounded up.

    Martens, "Deep learning via Hessian-free optimization", ICML 2010. Raises ShapeError for another number of
    dimensions, SettingError for a sparsity outside [0, 1].
    """
    expect(tensor.ndim == 2, ShapeError, "sparse_", "a tensor of two dimensions", tensor.shape)
    expect(0 <= sparsity <= 1, SettingError, "sparse_", "0 <= sparsity <= 1", sparsity)
    normal_(tensor, 0.0, std)
    rows, columns = tensor.shape
    xp = backend.load("numpy").xp
    order = xp.argsort(stream_of("sparse_", tensor).uniform((rows, columns), "float64", host()), axis=0)
    values = xp.asarray(tensor.numpy(), copy=True)
    xp.put_along_axis(values, order[: ceil(sparsity * rows)], 0, axis=0)
    return write(tensor, values)
