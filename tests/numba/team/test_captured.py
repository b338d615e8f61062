"""Captured steps whose small layers are played on memory that stays."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import xdl
from tests.capture.test_programs import compared
from xdl import nn, optim


def built(more=lambda *_: (), optimizer=optim.Adam, steps=1):
    """What builds a small network and its step; more(model, x, hidden, loss): further outputs."""

    def build():
        first, second = nn.Sequential(nn.Linear(32, 24), nn.ReLU()), nn.Linear(24, 10)
        parts = nn.ModuleList([first, second])
        update = optimizer(parts.parameters(), lr=0.01)

        def step(x, labels):
            outputs = ()
            for _ in range(steps):
                update.zero_grad()
                hidden = first(x)
                loss = nn.functional.cross_entropy(second(hidden), labels)
                loss.backward()
                outputs += loss, *more(parts, x, hidden, loss)
                update.step()
            return outputs

        return step, [parts], [update]

    return build


def makers():
    return (lambda *_: xdl.randn(16, 32)), (lambda *_: xdl.randint(10, (16,)))


@pytest.mark.parametrize("optimizer", [optim.Adam, optim.SGD, optim.RMSprop, optim.Adafactor])
@pytest.mark.parametrize("steps", [1, 2])
def test_small_layers_are_played_with_the_same_bits(optimizer, steps):
    captured = compared(built(optimizer=optimizer, steps=steps), makers())
    assert captured.played.count("played") == 2 * steps
    assert "linear(" not in captured.played
    assert "linear(" in captured.source


def gradients(parts, x, hidden, loss):
    del x, hidden, loss
    return [p.grad for p in parts.parameters()]


def clipped(parts, x, hidden, loss):
    del x, hidden, loss
    return (nn.utils.clip_grad_norm_(parts.parameters(), 0.1),)


def doubled(parts, x, hidden, loss):
    del x, hidden, loss
    for p in parts.parameters():
        p.grad *= 2
    return ()


def layers(parts, x, hidden, loss):
    del parts, loss
    return hidden, x, hidden[0]


@pytest.mark.parametrize("more", [gradients, clipped, doubled, layers])
@pytest.mark.parametrize("steps", [1, 2])
def test_outputs_and_gradients_in_between_have_the_same_bits(more, steps):
    compared(built(more, steps=steps), makers())


def test_outputs_are_not_written_over():
    step, _, _ = built(lambda *seen: (*layers(*seen), *gradients(*seen)))()
    captured = xdl.capture(step, *(make() for make in makers()))
    first = captured(*(make() for make in makers()))
    before = [y.numpy().copy() for y in first]
    captured(*(make() for make in makers()))
    for y, expected in zip(first, before, strict=True):
        np.testing.assert_array_equal(y.numpy(), expected)


def test_a_step_goes_on_uncaptured():
    build = built()
    results = []
    for captured in (True, False):
        xdl.manual_seed(0)
        step, (parts,), _ = build()
        run = xdl.capture(step, *(make() for make in makers())) if captured else step
        if not captured:
            example = [make() for make in makers()]
            for _ in range(3):
                step(*example)
        run(*(make() for make in makers()))
        step(*(make() for make in makers()))
        run(*(make() for make in makers()))
        results.append([p.numpy().tobytes() for p in parts.parameters()])
    assert results[0] == results[1]


def test_threads_get_their_own_results():
    model = nn.Sequential(*(nn.Linear(64, 64) for _ in range(20)))
    captured = xdl.capture(model, xdl.randn(64, 64))
    assert "played" in captured.played
    inputs = [xdl.randn(64, 64) for _ in range(8)]
    expected = [captured(x).numpy().tobytes() for x in inputs]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            for _ in range(50):
                assert [y.numpy().tobytes() for y in pool.map(captured, inputs)] == expected
    finally:
        sys.setswitchinterval(before)
