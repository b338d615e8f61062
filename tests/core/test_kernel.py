"""Kernel slots: which version runs, what explain says, the modes, what registration refuses; errors of backends."""

import sys

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
    assert (version.name, saved, y.tolist(), slot.has_version(np.ones(4))) == ("short", "fast", [2.0, 2.0], False)
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


def named(slot):
    """Registers a version of this name; `**settings` as `register` takes them."""
    return lambda name, **settings: slot.register("numpy", name=name, **settings)(Fast)


def order(slot):
    return [v.name for v in slot.versions["numpy"]]


def test_a_version_registered_later_runs_first(slot):
    x = np.ones(9)
    assert slot(x)[0].name == "reference"
    for name in ("first", "second"):
        named(slot)(name)
        assert slot(x)[0].name == name
    assert order(slot) == ["second", "first", "short"]
    assert slot.first("numpy") == "second"


def test_a_higher_priority_is_tried_first(slot):
    for name, priority in (("low", 10), ("high", 40), ("middle", 20), ("also middle", 20), ("lower", 10)):
        named(slot)(name, priority=priority)
    assert order(slot) == ["high", "short", "also middle", "middle", "lower", "low"]
    assert slot(np.ones(2))[0].name == "high"


def test_xdl_own_versions_leave_room_for_compiled_ones_and_for_users():
    priorities = {v.priority for slot in kernel.slots.values() for found in slot.versions.values() for v in found}
    assert priorities <= {9, 10, 11, 12, 20}
    assert kernel.USERS > 20


def test_what_is_never_reached_is_shadowed(slot):
    named(slot)("everything")
    assert slot.explain(np.ones(2)).splitlines() == [
        "double: everything runs",
        "double: short shadowed by everything (takes at most 3 elements)",
        "double: reference would also fit",
    ]


@pytest.fixture
def asked(slot):
    """The keys that a choice between the versions "even" and "odd" was asked for; of no elements it takes neither."""
    asked = []

    def pick(size):
        asked.append(size)
        return ("even", "odd")[size % 2] if size else None

    for name, rest in (("even", 0), ("odd", 1)):
        named(slot)(name, when=lambda x, rest=rest: x.size and x.size % 2 == rest, why=name, priority=5)
    slot.choose("numpy", key=lambda x: x.size, pick=pick, priority=5)
    return asked


def test_a_choice_is_asked_once_for_each_key(slot, asked):
    for _ in range(3):
        assert [slot(np.ones(n))[0].name for n in (2, 4, 5, 0)] == ["short", "even", "odd", "short"]
    assert asked == [4, 5]


def test_a_choice_may_take_nothing(slot, asked):
    named(slot)("above", when=lambda x: x.size > 100)
    for size, name in ((200, "above"), (50, "even"), (51, "odd")):
        assert slot(np.ones(size))[0].name == name
    slot.versions["numpy"][:] = [v for v in slot.versions["numpy"] if v.name != "short"]
    slot.forget()
    assert slot(np.ones(0))[0].name == "reference"


def test_explain_knows_the_choice(slot, asked):
    assert slot.explain(np.ones(5)).splitlines() == [
        "double: short does not fit (takes at most 3 elements)",
        "double: odd runs (takes odd)",
        "double: even does not fit (takes even)",
        "double: reference would also fit",
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda _: kernel.set_mode(kernel.get_mode()),
        lambda _: kernel.set_precision(kernel.get_precision()),
        lambda _: kernel.set_convolution(kernel.get_convolution()),
        lambda _: xdl.set_num_threads(xdl.get_num_threads()),
        lambda slot: named(slot)("newest", priority=1),
    ],
    ids=["mode", "precision", "convolution", "threads", "registration"],
)
def test_every_setting_makes_a_choice_anew(change, slot, asked):
    for _ in range(2):
        slot(np.ones(4))
    change(slot)
    for _ in range(2):
        slot(np.ones(4))
    assert asked == [4, 4]


def test_a_choice_forgets_when_it_knows_too_much(slot, asked, monkeypatch):
    monkeypatch.setattr(kernel, "KEYS", 3)
    for size in (4, 5, 6, 7, 7, 6, 4):
        slot(np.ones(size))
    assert asked == [4, 5, 6, 7, 6, 4]


def test_a_known_convolution_asks_no_rule():
    calls = []

    def note(frame, event, _):
        if event == "call" and "/conv/choice.py" in frame.f_code.co_filename:
            calls.append(frame.f_code.co_qualname)

    layer, x = xdl.nn.Conv2d(3, 8, 3), xdl.ones(2, 3, 8, 8, requires_grad=True)
    [layer(x).sum().backward() for _ in range(3)]  # an order of memory is chosen in the second pass
    sys.setprofile(note)
    try:
        layer(x).sum().backward()
    finally:
        sys.setprofile(None)
    assert calls == []  # all three products are known


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
        assert backend.of(t.array) is strict
        assert str(t.array.device) == str(strict.asarray(0).device)
    with pytest.raises(DtypeError, match="Did you mean 'float32'"):
        xdl.zeros(2, dtype="float23")
