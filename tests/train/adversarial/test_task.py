"""The adversarial task: what a step does, on every backend, and that a training resumes to the last bit."""

from functools import partial

import numpy as np
import pytest

import xdl
from tests.train.around import StopAt, differences
from xdl import nn, optim
from xdl.data import DataLoader, TensorDataset
from xdl.errors import SettingError
from xdl.models import MLP
from xdl.models.adversarial import spectral
from xdl.train import Adversarial, Checkpoints, Loop, SampleFrames, load_state
from xdl.train.adversarial import LogOdds, Wasserstein
from xdl.train.adversarial.task import frozen

NOISE = 3


class Conditional(nn.Module):
    """A network that is given labels, too."""

    def __init__(self, inputs, outputs):
        self.table, self.layers = nn.Embedding(2, 2), MLP((inputs + 2, 8, outputs), nn.LeakyReLU)

    def forward(self, x, labels):
        """Of both."""
        return self.layers(xdl.cat([x, self.table(labels)], 1))


KINDS = {
    "log odds": lambda: pair(MLP((NOISE, 8, 2), batch_norm=True), MLP((2, 8, 1), nn.LeakyReLU, dropout=0.2)),
    "minimax": lambda: pair(MLP((NOISE, 8, 2)), MLP((2, 8, 1)), objective=LogOdds(minimax=True, smoothing=0.1)),
    "clipped": lambda: pair(MLP((NOISE, 8, 2)), MLP((2, 8, 1)), objective=Wasserstein(), clip=0.1),
    "penalty": lambda: pair(MLP((NOISE, 8, 2)), MLP((2, 8, 1), nn.Tanh), objective=Wasserstein(), penalty=10.0),
    "spectral": lambda: pair(MLP((NOISE, 8, 2)), spectral(MLP((2, 8, 1), partial(nn.LeakyReLU, 0.2)))),
    "conditional": lambda: pair(Conditional(NOISE, 2), Conditional(2, 1), objective=Wasserstein(), penalty=1.0),
}


def pair(generator, critic, **given):
    optimizers = (optim.Adam(one.parameters(), lr=0.01, betas=(0.5, 0.9)) for one in (generator, critic))
    return Adversarial(generator, critic, *optimizers, noise=(NOISE,), **given)


def made(kind, *callbacks, steps=1):
    """A loop over a new pair from the same seed, and its loader."""
    xdl.manual_seed(3)
    task = KINDS[kind]()
    rng = np.random.default_rng(0)
    points, labels = rng.normal((2, -1), 1, (40, 2)).astype(np.float32), np.arange(40) % 2
    given = (points, labels) if kind == "conditional" else (points,)
    return Loop(task, callbacks, 2, accumulate=steps), DataLoader(TensorDataset(*given), 8, shuffle=True)


def state_of(loop):
    return {**loop.state_dict(), "callbacks": {}}


@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_killed_after_any_step_and_resumed(tmp_path, kind, steps):
    expected, loader = made(kind, steps=steps)
    expected.fit(loader, loader, 2)
    assert expected.step == {1: 10, 2: 6}[steps]
    for step in range(1, expected.step, 3):
        broken, loader = made(kind, Checkpoints(tmp_path, None, every_steps=step), StopAt(step), steps=steps)
        with pytest.raises(KeyboardInterrupt):
            broken.fit(loader, loader, 2)
        resumed, loader = made(kind, Checkpoints(tmp_path, every_steps=100), steps=steps)
        xdl.manual_seed(1)  # the state brings its own
        resumed.load_state_dict(load_state(tmp_path / Checkpoints.last))
        resumed.fit(loader, loader, 2)
        assert differences(state_of(resumed), state_of(expected)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_looks_at_no_value(kind, strict, no_synchronization):
    xdl.use("array_api_strict")
    task = KINDS[kind]()
    x, labels = xdl.randn(6, 2), xdl.tensor([0, 1, 0, 1, 0, 1])
    batch = (x, labels) if kind == "conditional" else x
    matrices = [p for p in task.module().parameters() if p.ndim == 2]  # of a Wasserstein critic the last bias stays
    before = [p.numpy().copy() for p in matrices]
    with no_synchronization():
        measures = task.train_step(batch, batch)
    assert {"critic_loss", "gap", "generator_loss"} <= {name for _, values, _ in measures.rows for name in values}
    assert all((p.numpy() != old).any() for p, old in zip(matrices, before, strict=True))


def test_the_critic_steps_once_a_batch_and_the_generator_once(monkeypatch):
    task, order = KINDS["log odds"](), []
    monkeypatch.setattr(task, "minimize", lambda _, optimizer, n: order.append((optimizer, n)))
    task.train_step(xdl.randn(4, 2), xdl.randn(4, 2), xdl.randn(2, 2))
    critic, generator = task.critic_optimizer, task.generator_optimizer
    assert order == [(critic, 4), (critic, 4), (critic, 2), (generator, 2)]


def test_the_generators_step_leaves_the_critic_alone(monkeypatch):
    task, kept = KINDS["log odds"](), []
    minimize = task.minimize

    def watched(loss, optimizer, n):
        minimize(loss, optimizer, n)
        kept.append([p.grad.numpy().copy() for p in task.critic.parameters()])

    monkeypatch.setattr(task, "minimize", watched)
    task.train_step(xdl.randn(4, 2))
    after_critic, after_generator = kept
    assert all(np.array_equal(a, b) for a, b in zip(after_critic, after_generator, strict=True))
    assert all(p.requires_grad for p in task.critic.parameters())
    with pytest.raises(KeyError), frozen(task.critic):  # also where the step fails
        raise KeyError
    assert all(p.requires_grad for p in task.critic.parameters())


def test_clipped_weights_stay_within_the_limit():
    loop, loader = made("clipped", steps=2)
    loop.fit(loader, epochs=3)
    assert max(np.abs(p.numpy()).max() for p in loop.task.critic.parameters()) == np.float32(0.1)
    assert max(np.abs(p.numpy()).max() for p in loop.task.generator.parameters()) > 0.1


def test_it_learns_where_the_points_lie():
    loop, loader = made("penalty", steps=5)

    def apart():
        with xdl.no_grad():
            return np.hypot(*(loop.task.made(500).mean(0).numpy() - [2, -1]))

    before = apart()
    loop.fit(loader, epochs=300)
    assert apart() < 0.4 * before
    assert {"train_critic_loss", "train_generator_loss", "train_penalty", "train_gap", "lr"} <= set(loop.history[-1])


def test_samples_are_in_the_generators_dtype():
    task = KINDS["log odds"]()
    assert task.made(2).dtype == "float32"
    task.generator.to("float64")
    assert task.made(2).dtype == "float64"


def test_settings_out_of_range_are_refused():
    for given, match in (({"clip": 0.0}, "clip > 0"), ({"penalty": -1.0}, "penalty >= 0")):
        with pytest.raises(SettingError, match=match):
            pair(MLP((NOISE, 2)), MLP((2, 1)), **given)
    with pytest.raises(SettingError, match="a clip or a penalty"):
        pair(MLP((NOISE, 2)), MLP((2, 1)), clip=0.1, penalty=1.0)


def test_frames_of_the_same_noise_are_kept_and_resumed(tmp_path):
    noise = xdl.randn(5, NOISE)
    whole = SampleFrames(lambda task: task.generator(noise), 2)
    loop, loader = made("log odds", whole)
    loop.fit(loader, epochs=4)
    assert whole.steps == [0, 10, 20]
    broken, loader = made(
        "log odds", SampleFrames(whole.make, 2), Checkpoints(tmp_path, None, every_steps=12), StopAt(12)
    )
    with pytest.raises(KeyboardInterrupt):
        broken.fit(loader, epochs=4)
    frames = SampleFrames(whole.make, 2)
    resumed, loader = made("log odds", frames, Checkpoints(tmp_path))
    resumed.load_state_dict(load_state(tmp_path / Checkpoints.last))
    resumed.fit(loader, epochs=4)
    frames.save(tmp_path / "frames.safetensors")
    kept = load_state(tmp_path / "frames.safetensors", kind="frames")
    assert differences(kept, whole.state_dict()) == []
