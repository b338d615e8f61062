"""Contrastive divergence: its statistics are those of a plain loop, and it goes on after a stop to the last bit."""

import numpy as np
import pytest

import xdl
from tests.models.energy.test_rbm import H, V, data, made
from tests.train.around import StopAt, differences
from tests.train.tasks.data_parallel import DataParallel, Group
from xdl import optim
from xdl.errors import SettingError
from xdl.models.energy import RBM, GaussianRBM, log_likelihood
from xdl.train import Checkpoints, ContrastiveDivergence, Loop, load_state

KINDS = [RBM, GaussianRBM]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def plain_loop(model, v, k, chains=None):
    """What each parameter's gradient is, with the model's draws made again: no product of matrices, one unit a time."""
    W, b, c = (p.numpy() for p in model.parameters())

    def up(v):
        return np.array([[sigmoid(c[j] + sum(W[j, i] * v[n, i] for i in range(V))) for j in range(H)] for n in rows])

    def down(h):
        a = np.array([[b[i] + sum(W[j, i] * h[n, j] for j in range(H)) for i in range(V)] for n in rows])
        if isinstance(model, GaussianRBM):
            return a + xdl.randn(*a.shape, dtype="float64").numpy()
        return xdl.rand(*a.shape, dtype="float64").numpy() < sigmoid(a)

    rows = range(len(v))
    p = up(v)
    own = v if chains is None else chains
    rows = range(len(own))
    q = up(own)
    for _ in range(k):
        own = down(xdl.rand(*q.shape, dtype="float64").numpy() < q).astype(float)
        q = up(own)
    weight = [[mean(q[:, j] * own[:, i]) - mean(p[:, j] * v[:, i]) for i in range(V)] for j in range(H)]
    visible = [mean(own[:, i]) - mean(v[:, i]) for i in range(V)]
    return [weight, visible, [mean(q[:, j]) - mean(p[:, j]) for j in range(H)]]


def mean(values):
    return sum(values) / len(values)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("k", "chains"), [(1, 0), (3, 0), (2, 6)])
def test_the_statistics_are_those_of_a_plain_loop(kind, k, chains):
    model, v = made(kind), data(kind)
    task = ContrastiveDivergence(model, optim.SGD(model.parameters(), lr=0.0), k, chains)
    start = task.chains.value
    xdl.manual_seed(3)
    expected = plain_loop(model, v.numpy(), k, None if start is None else start.numpy())
    xdl.manual_seed(3)
    task.train_step((v,))
    for parameter, gradient in zip(model.parameters(), expected, strict=True):
        np.testing.assert_allclose(parameter.grad.numpy(), gradient, rtol=1e-12, atol=1e-14)


def test_the_mean_of_many_long_chains_is_the_gradient_of_the_likelihood():
    """k = 50 from the data is the model's own distribution: then the statistics are the exact gradient."""
    xdl.manual_seed(0)
    model = made(dtype="float32")
    v = data(n=10, dtype="float32")
    (-log_likelihood(model, v).mean()).backward()
    exact = [p.grad.numpy().copy() for p in model.parameters()]
    many = xdl.tensor(np.repeat(v.numpy(), 2000, 0))
    ContrastiveDivergence(model, optim.SGD(model.parameters(), lr=0.0), 50).train_step(many)
    for parameter, gradient in zip(model.parameters(), exact, strict=True):
        np.testing.assert_allclose(parameter.grad.numpy(), gradient, atol=0.015)


def loop_of(chains, *callbacks, parallel=False):
    xdl.manual_seed(7)
    model = RBM(V, H)
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.5, weight_decay=0.001)
    task = ContrastiveDivergence(model, optimizer, 2, chains)
    return Loop(DataParallel(task, Group(1).of(0)) if parallel else task, callbacks, 3)


def batches():
    values = np.random.default_rng(0).integers(0, 2, (20, V)).astype(np.float32)
    return [(xdl.tensor(part), xdl.zeros(5)) for part in np.split(values, 4)]


@pytest.mark.parametrize(("chains", "parallel"), [(0, False), (6, False), (6, True)])
def test_killed_after_any_step_and_resumed(tmp_path, chains, parallel):
    whole = loop_of(chains, parallel=parallel)
    whole.fit(batches(), batches(), 2)
    for step in range(1, whole.step):
        broken = loop_of(chains, Checkpoints(tmp_path, None, every_steps=step), StopAt(step), parallel=parallel)
        with pytest.raises(KeyboardInterrupt):
            broken.fit(batches(), batches(), 2)
        resumed = loop_of(chains, Checkpoints(tmp_path, every_steps=100), parallel=parallel)
        xdl.manual_seed(1)
        resumed.load_state_dict(load_state(tmp_path / Checkpoints.last))
        resumed.fit(batches(), batches(), 2)
        assert differences({**resumed.state_dict(), "callbacks": {}}, {**whole.state_dict(), "callbacks": {}}) == []


@pytest.mark.parametrize("chains", [0, 10])
def test_it_learns(chains):
    xdl.manual_seed(0)
    model = RBM(8, 4)
    half = np.random.default_rng(0).integers(0, 2, (20, 4))
    v = xdl.tensor(np.tile(half, (1, 2)).astype(np.float32))
    before = log_likelihood(model, v).mean().item()
    loop = Loop(ContrastiveDivergence(model, optim.SGD(model.parameters(), lr=0.2, momentum=0.5), 1, chains))
    history = loop.fit([v], [v], 300)
    assert log_likelihood(model, v).mean().item() > before + 1
    assert history[-1]["validation_reconstruction_error"] < 0.7 * history[0]["validation_reconstruction_error"]
    assert "validation_free_energy" in history[-1]


def test_on_the_strict_backend_no_value_is_looked_at(strict, no_synchronization):
    xdl.use("array_api_strict")
    model = RBM(V, H)
    task = ContrastiveDivergence(model, optim.SGD(model.parameters(), lr=0.1, momentum=0.5), chains=3)
    v, before = model.noise(4), model.weight.numpy().copy()
    with no_synchronization():
        task.train_step(v)
    assert (model.weight.numpy() != before).any()


@pytest.mark.parametrize(("given", "said"), [({"k": 0}, "k of at least 1"), ({"chains": -1}, "chains of at least 0")])
def test_settings_out_of_range(given, said):
    model = RBM(V, H)
    with pytest.raises(SettingError, match=said):
        ContrastiveDivergence(model, optim.SGD(model.parameters(), lr=0.1), **given)
