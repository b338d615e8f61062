"""Tasks of models that generate: killed after any step and resumed, they end with the same bits."""

import pytest

import xdl
from tests.train.around import StopAt, differences
from xdl import optim
from xdl.models import ConditionalVAE, DenseAutoencoder, kl_sparsity
from xdl.train import Checkpoints, Loop, Reconstruction, Variational, load_state

IMAGES = [((xdl.rand(6, 1, 4, 4) > 0.5).to("float32"), xdl.tensor([0, 1, 2, 0, 1, 2])) for _ in range(3)]


def denoising():
    model = DenseAutoencoder((1, 4, 4), (8, 3))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    return Reconstruction(model, optimizer, lambda x: x + 0.3 * xdl.randn_like(x), lambda z: z.abs().mean())


def sparse():
    model = DenseAutoencoder((1, 4, 4), (6,), code=xdl.nn.Sigmoid)
    return Reconstruction(model, optim.Adam(model.parameters(), lr=0.01), sparsity=lambda z: kl_sparsity(z, 0.1))


def variational():
    model = ConditionalVAE((1, 4, 4), 3, 8, 2)
    return Variational(model, optim.Adam(model.parameters(), lr=0.01))


KINDS = {"denoising": denoising, "sparse": sparse, "variational": variational}


def made(kind, *callbacks):
    xdl.manual_seed(5)
    return Loop(KINDS[kind](), callbacks, 2)


def state_of(loop):
    return {**loop.state_dict(), "callbacks": {}}


@pytest.mark.parametrize("kind", KINDS)
def test_killed_after_any_step_and_resumed(tmp_path, kind):
    expected = made(kind)
    expected.fit(IMAGES, IMAGES, 2)
    for step in range(1, expected.step):
        broken = made(kind, Checkpoints(tmp_path, None, every_steps=step), StopAt(step))
        with pytest.raises(KeyboardInterrupt):
            broken.fit(IMAGES, IMAGES, 2)
        resumed = made(kind, Checkpoints(tmp_path, None, every_steps=100))
        xdl.manual_seed(1)
        resumed.load_state_dict(load_state(tmp_path / Checkpoints.last))
        resumed.fit(IMAGES, IMAGES, 2)
        assert differences(state_of(resumed), state_of(expected)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_it_learns(kind):
    loop = made(kind)
    before = loop.evaluate(IMAGES)["loss"]
    assert loop.fit(IMAGES, IMAGES, 60)[-1]["validation_loss"] < 0.9 * before


@pytest.mark.parametrize("kind", KINDS)
def test_accumulated_steps_count_as_one_of_all_their_samples(kind):
    xdl.manual_seed(0)
    task = KINDS[kind]()
    measures = task.train_step(*IMAGES)
    assert measures.samples == 18
    assert len([values for _, values, _ in measures.rows if "loss" in values]) == 3
