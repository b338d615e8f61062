"""How much of a change of the state at step t is left at the last step T: the gradient by distance T - t.

s_t is h_t, and (h_t, c_t) of an LSTM. For a random u of length sqrt(H), the mean of |u . dh_T / ds_t|**2 over u is the
squared Frobenius norm of the Jacobian, so its root over sqrt(H) is the root mean square of the Jacobian's stretching:
1 for h_T itself. Each sequence of a batch has a u of its own.
"""

from __future__ import annotations

from typing import Any

from xdl.nn.rnn.base import RNNBase
from xdl.random import randn
from xdl.tape import grad
from xdl.tensor import Tensor


def gradient_by_distance(layer: RNNBase, x: Tensor) -> list[float]:
    """The root mean square of dh_T / ds_t for the distances T - t = 1, ..., T - 1; x (N, T, I), batch_first.

    The layer has one layer and one direction, and is run step by step, so that each state is a value of the tape. It
    becomes float64: in float32 small gradients would be 0.
    """
    layer, x = layer.to("float64"), x.to("float64")
    state: Any = None
    states: list[Any] = []
    for t in range(x.shape[1]):
        outputs, state = layer(x[:, t : t + 1], state)
        states.append(state)
    last = outputs[:, 0]
    u = randn(*last.shape, dtype="float64")
    pieces = [part for state in states[:-1] for part in _parts(state)]
    found = grad(last, pieces, u)
    each = len(_parts(states[0]))
    squares = [0.0 if g is None else g.square().sum().item() for g in found]
    norms = [(sum(squares[i : i + each]) / u.square().sum().item()) ** 0.5 for i in range(0, len(squares), each)]
    return norms[::-1]


def _parts(state: Any) -> tuple[Tensor, ...]:
    return state if isinstance(state, tuple) else (state,)
