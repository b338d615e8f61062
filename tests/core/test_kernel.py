"""Kernel slots: which version runs, what explain says, the modes, what registration refuses; errors of backends."""

import numpy as np
import pytest

import xdl
from xdl import backend, kernel
from xdl.errors import BackendError, DtypeError, SettingError


class Plain:
    """Doubles."""

    @staticmethod
    def forward(x):
        return x * 2, "plain"


class Fast(Plain):
    """Doubles short arrays."""

    @staticmethod
    def forward(x):
        return x + x, "fast"


@pytest.fixture
def slot():
    """A slot of its own with one version for arrays of at most three elements."""
    made = kernel.Kernel("double", Plain)
    made.register("numpy", name="short", when=lambda x: x.size <= 3, why="at most 3 elements")(Fast)
    yield made
    del kernel.slots["double"]


def test_the_first_that_fits_runs(slot):
    version, y, saved = slot(np.ones(2))
    assert (version.name, saved, y.tolist()) == ("short", "fast", [2.0, 2.0])
    assert slot(np.ones(4))[0].name == "reference"
    assert slot.__doc__ == "Doubles."


def test_explain(slot):
    assert slot.explain(np.ones(2)).splitlines() == [
        "double: short runs (takes at most 3 elements)",
        "double: reference would also fit",
    ]
    assert slot.explain(np.ones(9)).splitlines() == [
        "double: short does not fit (takes at most 3 elements)",
        "double: reference runs",
    ]


def test_modes(slot, monkeypatch):
    kernel.set_mode("reference")
    assert slot(np.ones(2))[0].name == "reference"
    kernel.set_mode("required")
    assert slot(np.ones(9))[0].name == "reference"  # NumPy is not accelerated
    monkeypatch.setattr(type(backend.load("numpy")), "accelerated", True)
    kernel.set_mode("required")
    assert slot(np.ones(2))[0].name == "short"
    with pytest.raises(BackendError, match="at most 3 elements"):
        slot(np.ones(9))
    kernel.set_mode("auto")
    assert slot(np.ones(9))[0].name == "reference"
    with pytest.raises(SettingError, match="Did you mean 'required'"):
        kernel.set_mode("require")


def test_no_name_twice(slot):
    with pytest.raises(BackendError, match="'double'"):
        kernel.Kernel("double", Plain)
    with pytest.raises(BackendError, match="short"):
        slot.register("numpy", name="short")(Fast)
    slot.register("numpy", name="other")(Fast)
    assert slot(np.ones(9))[0].name == "other"


def test_unknown_backends_suggest_the_nearest():
    with pytest.raises(BackendError, match="Did you mean 'numpy'"):
        xdl.use("nunpy")
    assert backend.current().name == "numpy"


def test_arrays_of_nothing_known_are_refused():
    with pytest.raises(BackendError, match="list"):
        xdl.Tensor([1.0])
    with pytest.raises(BackendError, match="NumPy array"):
        xdl.from_numpy([1.0])


def test_a_backend_is_added_once(strict):
    with pytest.raises(BackendError, match="array_api_strict"):
        backend.add(strict)


def test_backends_do_not_mix_and_both_arguments_are_named(strict):
    x = xdl.ones(2, 2)
    s = xdl.Tensor(strict.asarray(np.ones((2, 2), np.float32)))
    ids = xdl.Tensor(strict.asarray(np.zeros(2, np.int64)))
    for call, names in (
        (lambda: x + s, ("a", "b")),
        (lambda: x @ s, ("input", "other")),
        (lambda: xdl.linear(x, s), ("input", "weight")),
        (lambda: xdl.cat([x, s]), ("tensors_0", "tensors_1")),
        (lambda: xdl.embedding(ids, x), ("input", "weight")),
        (lambda: xdl.cross_entropy(x, ids), ("input", "target")),
        (lambda: xdl.where(s > 0, x, x), ("condition", "input")),
        (lambda: xdl.mse_loss(x, s), ("input", "target")),
        (lambda: x.__setitem__(0, s[0]), ("input", "value")),
    ):
        with pytest.raises(BackendError) as caught:
            call()
        for part in (*names, "'numpy'", "'array_api_strict'"):
            assert part in str(caught.value), caught.value


def test_new_tensors_follow_the_current_backend(strict):
    xdl.use(strict.name)
    for t in (xdl.zeros(2), xdl.ones(2), xdl.full((2,), 3), xdl.arange(3), xdl.tensor([1.0]), xdl.randn(2)):
        assert backend.of(t.data) is strict
        assert str(t.data.device) == str(strict.asarray(0).device)
    with pytest.raises(DtypeError, match="Did you mean 'float32'"):
        xdl.zeros(2, dtype="float23")
