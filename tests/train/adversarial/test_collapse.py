"""A collapse that is planted is caught with its step, a sound training is not accused, the last good state stays."""

import numpy as np
import pytest

import xdl
from tests.train.around import StopAt
from xdl import nn, optim
from xdl.errors import CollapseError, NonFiniteError, SettingError
from xdl.models import MLP
from xdl.train import Adversarial, Callback, Checkpoints, Collapse, Divergence, Loop, SampleMeasures, load_state
from xdl.train.adversarial import Wasserstein
from xdl.train.metrics.samples import class_shares, entropy_of, modes_covered

CENTRES = np.array([[-1.0, 0.0], [1.0, 0.0]])


def pair(rate=0.01, **given):
    generator, critic = MLP((2, 8, 2)), MLP((2, 8, 1), nn.LeakyReLU)
    optimizers = [optim.SGD(one.parameters(), lr=rate) for one in (generator, critic)]
    return Adversarial(generator, critic, *optimizers, noise=(2,), **given)


class Planted(Callback):
    """From an epoch on the generator makes one point; before, points on both sides."""

    order = -60

    def __init__(self, epoch, place=1.0):
        self.epoch, self.place = epoch, place

    def on_epoch_end(self, trainer, record):  # noqa: ARG002
        last = trainer.task.generator.layers[-1]
        with xdl.no_grad():
            last.weight.zero_()
            last.bias[...] = xdl.tensor([self.place if trainer.epoch >= self.epoch else 0.0, 0.0])
            if trainer.epoch < self.epoch:
                last.weight[0, 0] = 40.0


def modes(task):
    """Modes covered, with fixed noise."""
    with xdl.random.own_streams(0):
        noise = xdl.randn(200, 2)
    return {"modes": modes_covered(task.generator(noise), CENTRES, 1000.0).covered}


def classes(task):
    """Entropy of two classes: left and right."""
    with xdl.random.own_streams(0):
        noise = xdl.randn(200, 2)
    return {"entropy": entropy_of(class_shares((task.generator(noise)[:, 0] > 0).to("int64"), 2))}


def loop_of(*callbacks):
    return Loop(pair(), callbacks, 2)


BATCHES = [xdl.randn(8, 2) for _ in range(3)]


@pytest.mark.parametrize(("look", "measure", "least"), [(modes, "modes", 1.5), (classes, "entropy", 0.3)])
def test_a_planted_collapse_is_caught_and_the_good_checkpoint_stays(tmp_path, look, measure, least):
    watch = Collapse(f"samples_{measure}", least)
    loop = loop_of(Planted(4), SampleMeasures(look), watch, Checkpoints(tmp_path))
    with pytest.raises(CollapseError, match=rf"Collapse: expected {measure} to stay at .* after epoch 4, step 12: the"):
        loop.fit(BATCHES, epochs=9)
    kept = load_state(tmp_path / "last.safetensors")
    assert kept["progress"]["step"] == 9
    assert kept["progress"]["history"][-1][f"samples_{measure}"] >= least
    assert kept["callbacks"]["Collapse"] == {"reached": True}


def test_a_sound_training_is_not_accused():
    history = loop_of(Planted(99), SampleMeasures(modes), Collapse("samples_modes", 1.5, within=1)).fit(
        BATCHES, epochs=5
    )
    assert [record["samples_modes"] for record in history] == [2] * 5


def test_one_that_has_not_come_so_far_is_given_time():
    callbacks = Planted(1), SampleMeasures(modes), Collapse("samples_modes", 1.5)
    assert len(loop_of(*callbacks).fit(BATCHES, epochs=5)) == 5
    callbacks = Planted(1), SampleMeasures(modes), Collapse("samples_modes", 1.5, within=3)
    with pytest.raises(CollapseError, match=r"modes of 1\.5 or above within 3 epochs, found 1 after epoch 3, step 9"):
        loop_of(*callbacks).fit(BATCHES, epochs=5)


def test_samples_that_are_not_good_yet_have_nothing_to_lose():
    def good_from(epoch):
        return lambda record: record["epoch"] >= epoch

    callbacks = Planted(3), SampleMeasures(modes), Collapse("samples_modes", 1.5, good=good_from(3))
    assert len(loop_of(*callbacks).fit(BATCHES, epochs=5)) == 5  # the two epochs of many modes were far from the data
    callbacks = Planted(3), SampleMeasures(modes), Collapse("samples_modes", 1.5, good=good_from(2))
    with pytest.raises(CollapseError, match="after epoch 3"):
        loop_of(*callbacks).fit(BATCHES, epochs=5)


def test_what_was_reached_is_known_after_a_resume(tmp_path):
    def callbacks():
        return (
            Planted(4),
            SampleMeasures(modes),
            Collapse("samples_modes", 1.5),
            Checkpoints(tmp_path, None, every_steps=8),
        )

    with pytest.raises(KeyboardInterrupt):
        loop_of(*callbacks(), StopAt(8)).fit(BATCHES, epochs=9)
    resumed = loop_of(*callbacks())
    resumed.load_state_dict(load_state(tmp_path / "last.safetensors"))
    with pytest.raises(CollapseError, match="step 12"):
        resumed.fit(BATCHES, epochs=9)


def test_measures_of_samples_leave_the_training_as_it_is():
    weights = []
    for callbacks in ((), (SampleMeasures(modes),)):
        xdl.manual_seed(0)
        loop = loop_of(*callbacks)
        loop.fit(BATCHES, epochs=2)
        weights.append([p.numpy() for p in loop.task.module().parameters()])
    assert all(np.array_equal(a, b) for a, b in zip(*weights, strict=True))


def test_a_measure_that_is_missing_is_named():
    with pytest.raises(SettingError, match="samples_modes"):
        loop_of(Collapse("samples_modes", 1)).fit(BATCHES)


def test_a_critic_without_a_bound_is_caught_and_one_with_it_is_not(tmp_path):
    xdl.manual_seed(0)
    batches = [100 + xdl.randn(8, 2) for _ in range(50)]
    unbound, bound = (pair(0.001, objective=Wasserstein(), clip=clip) for clip in (None, 0.1))
    loop = Loop(unbound, [Divergence(1e3), Checkpoints(tmp_path, None, every_steps=1)], 10)
    with pytest.raises(CollapseError, match=r"critic_loss within 1000, found -.* at step \d+0: the training diverges"):
        loop.fit(batches, epochs=40)
    assert load_state(tmp_path / "last.safetensors")["progress"]["step"] == loop.step - 1
    assert len(Loop(bound, [Divergence(1e3)], 10).fit(batches, epochs=10)) == 10


def test_a_loss_that_is_not_finite_is_named_with_its_step(tmp_path):
    task = pair(objective=Wasserstein())
    batches = [xdl.randn(8, 2) for _ in range(3)] + [xdl.full((8, 2), float("nan"))]
    with pytest.raises(NonFiniteError, match="a finite critic loss, found nan at step 4"):
        Loop(task, [Checkpoints(tmp_path, None, every_steps=1)], 1).fit(batches)
    assert load_state(tmp_path / "last.safetensors")["progress"]["step"] == 3


def test_settings_out_of_range_are_refused():
    with pytest.raises(SettingError, match="limit > 0"):
        Divergence(0)
    with pytest.raises(SettingError, match="within >= 1"):
        Collapse("samples_modes", 1, within=0)
