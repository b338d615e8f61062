"""before_tasks.safetensors, which a Trainer wrote when it was no Loop over a task: step 37 of tests.train.resumable."""

from pathlib import Path

import numpy as np

from tests.train.resumable import EPOCHS, STEPS, training
from xdl.tensor import Tensor
from xdl.train import load_state

OLD = Path(__file__).with_name("before_tasks.safetensors")


def form(state, path=""):
    """Every path of a state with the type there; of arrays also dtype and shape."""
    if path in (".about", ".random"):  # the streams are those that the process has used
        return {path: dict}
    if isinstance(state, dict):
        return {p: f for name in state for p, f in form(state[name], f"{path}.{name}").items()}
    if isinstance(state, list | tuple) and "history" not in path:
        return {p: f for i, part in enumerate(state) for p, f in form(part, f"{path}.{i}").items()}
    if isinstance(state, Tensor | np.ndarray):
        return {path: (str(state.dtype), tuple(state.shape))}
    return {path: type(state)}


def test_it_is_loaded_and_trained_to_the_end(tmp_path):
    trainer, train, validation = training(tmp_path)
    old = load_state(OLD)
    trainer.load_state_dict(old)
    assert (trainer.step, trainer.epoch, trainer.batch) == (37, 2, 24)
    np.testing.assert_array_equal(trainer.model[0].weight.numpy(), old["model"]["0.weight"])
    trainer.fit(train, validation, EPOCHS)
    assert (trainer.step, len(trainer.history), trainer.history[0]) == (STEPS, EPOCHS, old["progress"]["history"][0])


def test_states_have_the_same_form_as_then(tmp_path):
    trainer, old = training(tmp_path)[0], load_state(OLD)
    trainer.load_state_dict(old)
    found, expected = form({**trainer.state_dict(), "about": {}}), form(old)
    assert list(found) == list(expected)
    assert found == expected
