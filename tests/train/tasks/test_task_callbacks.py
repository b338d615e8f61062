"""Callbacks that look at models work for any task: here for two models and for a machine without an optimizer."""

import io
import json
from types import SimpleNamespace

import numpy as np
import pytest

import xdl
from tests.train.around import StopAt, differences
from tests.train.tasks import adversarial, contrastive, truncated
from xdl import nn
from xdl.errors import NonFiniteError, SettingError
from xdl.train import (
    Callback,
    Checkpoints,
    EarlyStopping,
    Loop,
    MetricsFile,
    ParameterTrace,
    Progress,
    WeightAverage,
    WeightSnapshots,
    load_state,
    read_trace,
)


def pair(*callbacks):
    """A loop over an adversarial pair, and its loader."""
    xdl.manual_seed(0)
    task, loader = adversarial.build()
    return Loop(task, callbacks, 2), loader


def flat(model):
    return np.concatenate([p.numpy().ravel() for p in model.parameters()])


def test_a_trace_names_the_parameters_by_their_model(tmp_path):
    loop, loader = pair(ParameterTrace(tmp_path / "trace.jsonl", 4))
    loop.fit(loader)
    (line,) = read_trace(tmp_path / "trace.jsonl")
    names = [f"generator.{i}.{w}" for i in (0, 2) for w in ("weight", "bias")]
    assert list(line["parameters"]) == [*names, *(f"critic.{i}.{w}" for i in (0, 3) for w in ("weight", "bias"))]
    loop = Loop(contrastive.build()[0], [ParameterTrace(tmp_path / "machine.jsonl", 4)])
    loop.fit(contrastive.build()[1])
    (line,) = read_trace(tmp_path / "machine.jsonl")
    assert list(line["parameters"]) == ["weight", "visible_bias", "hidden_bias"]
    assert line["parameters"]["weight"]["gradient"] is None


def test_a_checkpoint_is_not_written_where_one_of_the_models_is_not_finite(tmp_path):
    class Poison(Callback):
        def on_step_end(self, trainer):
            if trainer.step == 3:
                trainer.task.critic[0].bias.array[0] = float("nan")

    loop, loader = pair(Poison(), Checkpoints(tmp_path, every_steps=1))
    with pytest.raises(NonFiniteError, match=r"nan or infinity in critic\.0\.bias after step 3"):
        loop.fit(loader)
    assert load_state(tmp_path / "last.safetensors")["progress"]["step"] == 2


def test_early_stopping_brings_all_models_back_to_the_best_epoch():
    class Score(Callback):
        order = -1
        best = None

        def on_epoch_end(self, trainer, record):
            record["score"] = (2, 1, 3, 3)[trainer.epoch - 1]
            if trainer.epoch == 2:
                self.best = [flat(trainer.task.generator), flat(trainer.task.critic)]

    score = Score()
    loop, loader = pair(score, EarlyStopping("score", patience=2, mode="min"))
    loop.fit(loader, epochs=9)
    assert len(loop.history) == 4
    for best, model in zip(score.best, (loop.task.generator, loop.task.critic), strict=True):
        np.testing.assert_array_equal(flat(model), best)


def averaged(folder, *more):
    """A pair whose generator and critic are averaged, each in its own way."""
    xdl.manual_seed(0)
    task, loader = adversarial.build()
    averages = [WeightAverage(task.generator, None), WeightAverage(task.critic, 0.5)]
    return Loop(task, [*averages, Checkpoints(folder, every_steps=1), *more]), loader, averages


def test_averages_of_several_models_are_evaluated_and_end_in_them(tmp_path):
    seen = []

    class Look(Callback):
        def on_epoch_end(self, trainer, _):
            random = xdl.random.get_state()
            seen.append((trainer.evaluation, trainer.task, trainer.evaluate(loader)["distance"]))
            xdl.random.set_state(random)

    loop, loader, averages = averaged(tmp_path, Look())
    loop.fit(loader)
    ((evaluation, task, distance),) = seen
    assert task is loop.task is loop.evaluation
    assert [evaluation.generator, evaluation.critic] == [a.averaged.module for a in averages]
    assert evaluation.critic_optimizer is task.critic_optimizer
    plain, loader = pair()
    plain.fit(loader)
    assert plain.evaluate(loader)["distance"] != distance
    np.testing.assert_array_equal(flat(task.generator), flat(averages[0].averaged.module))
    assert not np.array_equal(flat(task.generator), flat(plain.task.generator))


@pytest.mark.parametrize("step", [1, 4, 6])
def test_averages_of_several_models_are_resumed(tmp_path, step):
    whole, loader, _ = averaged(tmp_path / "whole")
    whole.fit(loader, loader, 2)
    broken, loader, _ = averaged(tmp_path, StopAt(step))
    with pytest.raises(KeyboardInterrupt):
        broken.fit(loader, loader, 2)
    resumed, loader, _ = averaged(tmp_path)
    resumed.load_state_dict(load_state(tmp_path / "last.safetensors"))
    resumed.fit(loader, loader, 2)
    assert differences(resumed.state_dict(), whole.state_dict()) == []


def test_an_average_of_another_model_is_refused_before_the_first_step():
    loop, loader = pair(WeightAverage(nn.Linear(2, 2)))
    with pytest.raises(SettingError, match="a model that is a part of the task, found Linear"):
        loop.fit(loader)
    assert loop.step == 0


def test_a_model_that_the_task_does_not_keep_as_an_attribute_is_named_before_it_is_evaluated_wrongly():
    task, _ = truncated.build()
    with pytest.raises(SettingError, match=r"Truncated\.replacing: expected a model that is an attribute"):
        task.replacing(task.model.out, nn.Linear(8, 3))
    assert task.replacing(task.model, task.model) is task


def test_pictures_measures_and_progress(tmp_path):
    stream, folder = io.StringIO(), SimpleNamespace(path=tmp_path)
    pictures = WeightSnapshots(tmp_path / "pictures", "generator.0.weight", shape=(1, 3), strip=False)
    loop, loader = pair(pictures, MetricsFile(folder), Progress(stream))
    loop.fit(loader, loader)
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == ["step-0000000.png", "step-0000004.png"]
    assert json.loads((tmp_path / "metrics.jsonl").read_text())["train_critic_loss"] > 0
    assert "train critic_loss" in stream.getvalue()
    assert "samples/s  validation distance" in stream.getvalue()
    Loop(contrastive.build()[0], [Progress(stream)]).fit(contrastive.build()[1])
    assert "reconstruction_error" in stream.getvalue().splitlines()[-1]
    assert "lr" not in stream.getvalue().splitlines()[-1]
