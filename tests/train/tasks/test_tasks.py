"""Tasks of all kinds: each learns, and one that is killed after any step goes on to the last bit."""

from textwrap import dedent

import pytest

import xdl
from tests.house.source import ROOT
from tests.train.around import StopAt, differences
from tests.train.tasks import adversarial, contrastive, sequences, skip_gram, truncated
from tests.train.tasks.data_parallel import DataParallel, Group
from xdl import functional, nn, optim, train
from xdl.errors import NonFiniteError
from xdl.train import Checkpoints, Loop, Measures, Task, load_state

KINDS = {kind.__name__.rpartition(".")[2]: kind for kind in (adversarial, contrastive, sequences, skip_gram, truncated)}
MEASURES = {"adversarial": "distance", "contrastive": "reconstruction_error"}


def made(kind, *callbacks, parallel=False):
    """A loop over a new task from the same seed, and its loader."""
    xdl.manual_seed(7)
    task, loader = KINDS[kind].build()
    if parallel:
        task = DataParallel(task, Group(1).of(0))
    return Loop(task, callbacks, 3, accumulate=2 if kind == "sequences" else 1), loader


def whole(kind, **options):
    loop, loader = made(kind, **options)
    loop.fit(loader, loader, 2)
    return loop


def state_of(loop):
    return {**loop.state_dict(), "callbacks": {}}


@pytest.mark.parametrize("parallel", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_killed_after_any_step_and_resumed(tmp_path, kind, parallel):
    expected = whole(kind)
    for step in [4] if parallel else range(1, expected.step):
        broken, loader = made(kind, Checkpoints(tmp_path, None, every_steps=step), StopAt(step), parallel=parallel)
        with pytest.raises(KeyboardInterrupt):
            broken.fit(loader, loader, 2)
        resumed, loader = made(kind, Checkpoints(tmp_path, every_steps=100), parallel=parallel)
        xdl.manual_seed(1)  # the state brings its own
        resumed.load_state_dict(load_state(tmp_path / Checkpoints.last))
        assert resumed.step == step
        resumed.fit(loader, loader, 2)
        assert differences(state_of(resumed), state_of(expected)) == []


@pytest.mark.parametrize("part", ["state", "optimizer"])
def test_the_comparison_sees_a_part_that_is_not_saved(monkeypatch, part):
    expected, parts = whole("truncated"), truncated.Truncated.parts
    monkeypatch.setattr(truncated.Truncated, "parts", lambda t: {n: p for n, p in parts(t).items() if n != part})
    broken, loader = made("truncated", StopAt(8))
    with pytest.raises(KeyboardInterrupt):
        broken.fit(loader, loader, 2)
    resumed, loader = made("truncated")
    resumed.load_state_dict(broken.state_dict())
    resumed.fit(loader, loader, 2)
    assert differences(resumed.state_dict()["model"], expected.state_dict()["model"]) != []


@pytest.mark.parametrize("kind", KINDS)
def test_it_learns(kind):
    loop, loader = made(kind)
    measure = MEASURES.get(kind, "loss")
    before = loop.evaluate(loader)[measure]
    history = loop.fit(loader, loader, KINDS[kind].EPOCHS)
    assert history[-1][f"validation_{measure}"] < 0.7 * before
    assert ("lr" in history[-1]) == (kind != "contrastive")
    assert f"train_{loop.task.unit}_per_second" in history[-1]


def test_each_is_short():
    tasks = [p for p in (ROOT / "tests/train/tasks").glob("*.py") if not p.name.startswith("test_")]
    lengths = {p.name: len(p.read_text().splitlines()) for p in tasks}
    assert len(lengths) == len(KINDS) + 1
    assert {name: lines for name, lines in lengths.items() if lines > 100} == {}


def test_the_example_of_the_docstring_trains(tmp_path):
    lines = Task.__doc__.splitlines()
    first, last = (next(i for i, line in enumerate(lines) if line.strip().startswith(w)) for w in ("class", "Loop("))
    names = {**vars(train), "nn": nn, "optim": optim, "functional": functional, "folder": tmp_path}
    names["batches"] = [xdl.randn(10, 8) for _ in range(3)]
    exec(dedent("\n".join(lines[first:last])), names)
    before = Loop(names["Autoencoder"]()).evaluate(names["batches"])["loss"]
    exec(lines[last].strip(), names)
    after = load_state(tmp_path / "last.safetensors")["progress"]["history"]
    assert len(after) == 10
    assert after[-1]["train_loss"] < before


class Poisoned(adversarial.Adversarial):
    """A critic whose loss is nan at one step, and what is said about it."""

    unchecked = ()

    def train_step(self, real):
        self.steps = getattr(self, "steps", 0) + 1
        measures = super().train_step(real)
        loss = measures["critic_loss"] * (float("nan") if self.steps == 6 else 1)
        values = {"critic_loss": loss, "generator_loss": measures["generator_loss"]}
        return Measures(values, len(real), unchecked=self.unchecked)


@pytest.mark.parametrize("log_every", [1, 4, 100])
def test_any_measure_that_is_not_finite_ends_the_training_and_is_named(tmp_path, log_every):
    loop = Loop(Poisoned(), [Checkpoints(tmp_path)], log_every)
    with pytest.raises(NonFiniteError, match=r"Loop\.fit: expected a finite critic loss, found nan at step 6"):
        loop.fit(adversarial.build()[1], epochs=3)
    assert load_state(tmp_path / "last.safetensors")["progress"]["step"] == 4  # the last good one


def test_a_measure_that_says_that_it_may_be_nan_is_not_checked():
    task = Poisoned()
    task.unchecked = {"critic_loss"}
    history = Loop(task).fit(adversarial.build()[1], epochs=3)
    assert [record["train_critic_loss"] == record["train_critic_loss"] for record in history] == [True, False, True]
    task.unchecked = {"generator_loss"}  # another one
    task.steps = 0
    with pytest.raises(NonFiniteError, match="critic loss"):
        Loop(task).fit(adversarial.build()[1], epochs=3)
