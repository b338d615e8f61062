"""The likelihood of a restricted Boltzmann machine: exactly, where the hidden units are few, or by a stand-in for it.

Z = sum over all h of exp(c h) times the sum over all v of exp((h W + b) v): 2**H terms, each a product over v.
"""

from __future__ import annotations

from xdl.creation import arange
from xdl.errors import SettingError, expect
from xdl.functional import cat, logsigmoid, logsumexp, softplus
from xdl.models.energy.gaussian_rbm import GaussianRBM
from xdl.models.energy.rbm import RBM
from xdl.tensor import Tensor

MOST = 20  # hidden units: a million states
BLOCK = 12  # hidden units whose states are summed at a time


def log_partition(model: RBM) -> Tensor:
    """ln Z, (), by summing over the 2**H states of the hidden units, in the model's dtype. It has a gradient.

    Raises SettingError for more than 20 hidden units.
    """
    hidden = len(model.hidden_bias)
    expected = f"at most {MOST} hidden units, for the sum over all their states"
    expect(hidden <= MOST, SettingError, "log_partition", expected, hidden)
    low = min(hidden, BLOCK)
    weight, bias, visible = model.weight, model.hidden_bias, model.visible_bias
    states = _states(low, weight)
    inputs, energies = states @ weight[:low], states @ bias[:low]
    if low == hidden:
        return logsumexp(model.log_sum_visible(inputs + visible) + energies, 0)
    others = _states(hidden - low, weight)  # of the rest: for each of them all those above come again
    shifts, shares = others @ weight[low:] + visible, others @ bias[low:]
    blocks = [
        logsumexp(model.log_sum_visible(inputs + shifts[i]) + energies, 0, keepdim=True) + shares[i]
        for i in range(len(others))
    ]
    return logsumexp(cat(blocks), 0)


def log_likelihood(model: RBM, v: Tensor) -> Tensor:
    """ln p(v) = -F(v) - ln Z in nats, (N,), for v (N, V). Raises as `log_partition`."""
    return -model.free_energy(v) - log_partition(model)


def pseudo_log_likelihood(model: RBM, v: Tensor) -> Tensor:
    """The sum over i of ln p(v_i | all other v), (N,): a stand-in for ln p(v) that needs no Z (Besag 1975).

    ln p(v_i | others) = ln sigmoid(F(v with v_i turned) - F(v)); turning v_i changes the input of hidden unit j by
    (1 - 2 v_i) W_ji, so each i costs N x H. Raises SettingError for visible units that are not binary.
    """
    binary = not isinstance(model, GaussianRBM)
    expect(binary, SettingError, "pseudo_log_likelihood", "binary visible units", type(model).__name__)
    inputs, turn = model.hidden_input(v), 1 - 2 * v
    before = softplus(inputs).sum(1)
    total = before * 0
    for i in range(v.shape[1]):
        change = turn[:, i : i + 1]
        after = softplus(inputs + change * model.weight[:, i]).sum(1)
        total = total + logsigmoid(before - after - change[:, 0] * model.visible_bias[i])
    return total


def _states(units: int, like: Tensor) -> Tensor:
    """All states of so many binary units, (2**units, units), in the dtype of `like` and where it lives."""
    numbers = arange(2**units, dtype=like.dtype, device=like.device).unsqueeze(1)
    powers = 2 ** arange(units, dtype=like.dtype, device=like.device)
    return (numbers / powers).floor() % 2
