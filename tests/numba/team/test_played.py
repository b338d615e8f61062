"""Calls of loops that are played on memory that stays, and what cannot be."""

import numpy as np
import pytest

from xdl import backend, threads

pytest.importorskip("numba")

backend.load("numpy")

from xdl.kernels.numba import activation, compiled, linear, loss, played, sharing, team  # noqa: E402

RNG = np.random.default_rng(0)
FLOAT = np.dtype("float32")


def numbers(*shape, dtype="float32"):
    return RNG.standard_normal(shape).astype(dtype)


def again(function, *args, loops=(linear.linear, linear.linear_back)):
    for loop in loops:
        loop[np.dtype("float32")], loop[np.dtype("float64")]
    return played.again(loops, function, args)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(16, 32, 10), (1, 1, 1), (7, 33, 17)])
def test_a_linear_layer_is_played(dtype, shape):
    n, c, o = shape
    x, w, b = numbers(n, c, dtype=dtype), numbers(o, c, dtype=dtype), numbers(o, dtype=dtype)
    forward = linear.linear_activation_compiled.forward
    (y, saved), play = again(forward, x, w, b, ("relu",))
    g = numbers(n, o, dtype=dtype)
    backward = linear.linear_activation_compiled.backward
    gradients, play_back = again(backward, g, saved, [True, True, True])
    for _ in range(3):
        for a in (x, w, b, g):
            a[...] = numbers(*a.shape)
        play()
        play_back()
        expected, kept = forward(x, w, b, ("relu",))
        assert y.tobytes() == expected.tobytes()
        for ours, theirs in zip(gradients, backward(g, kept, [True, True, True]), strict=True):
            assert ours.tobytes() == theirs.tobytes()


def test_plays_are_joined_and_moved():
    x, w, v = numbers(4, 8), numbers(8, 8), numbers(3, 8)
    (h, _), first = again(linear.linear_compiled.forward, x, w, None)
    (y, _), second = again(linear.linear_compiled.forward, h, v, None)
    elsewhere = np.zeros_like(y)
    assert second.takes_whole(y)
    both = first + second.moved([(y, elsewhere)])
    x[...] = numbers(4, 8)
    both()
    np.testing.assert_array_equal(elsewhere, linear.linear_compiled.forward(
        linear.linear_compiled.forward(x, w, None)[0], v, None)[0])  # fmt: skip


def test_what_the_loops_do_not_do_alone_is_not_played():
    x, w = numbers(4, 8), numbers(8, 8)

    def doubled(x, w):
        return linear.linear_compiled.forward(x, w, None)[0] * 2

    def added(x, w):
        y = np.zeros((4, 8), "float32")
        linear.linear[FLOAT](x, w, y[0, :0], y, False)
        y += 1
        return y

    def of_a_copy(x, w):
        y = np.empty((4, 8), "float32")
        linear.linear[FLOAT](x.copy(), w, y[0, :0], y, False)
        return y

    for function in (doubled, added, of_a_copy):
        expected = function(x, w)
        y, play = again(function, x, w)
        assert play is None
        assert y.tobytes() == expected.tobytes()
    y, play = again(lambda x: x * 2, np.full((4, 8), np.nan, "float32"))
    assert play is None  # though all is nan before and after
    assert np.isnan(y).all()
    turned = np.asfortranarray(numbers(8, 8))
    (y, _), play = again(linear.linear_compiled.forward, x, turned, None)
    assert play is None  # the loop took a copy, which is saved
    assert y.tobytes() == linear.linear_compiled.forward(x, turned, None)[0].tobytes()


def test_large_arrays_and_loops_that_no_row_holds_are_not_played():
    (y, _), play = again(linear.linear_compiled.forward, numbers(256, 16), numbers(64, 16), None)
    assert y.nbytes == played.MOST
    assert play is not None
    _, play = again(linear.linear_compiled.forward, numbers(256, 16), numbers(65, 16), None)
    assert play is None
    labels = np.zeros(4, np.int64)

    def losses(x):
        loss.counted[FLOAT](labels, 3, -100)
        return np.empty((2, 3), "float32")

    assert again(losses, numbers(4, 3), loops=[loss.counted])[1] is None


def test_nothing_is_kept_of_a_loop_that_threads_shared():
    threads.set_num_threads(2)
    x = numbers(1 << 20)
    again(activation.relu_compiled.forward, x, loops=[activation.relu])
    jobs, loops = len(team._jobs), len(compiled.MADE)
    y, play = again(activation.relu_compiled.forward, x, loops=[activation.relu])
    assert play is None
    assert y[0].tobytes() == np.maximum(x, 0).tobytes()
    assert (len(team._jobs), len(compiled.MADE)) == (jobs, loops)


def test_another_thread_shares_a_loop_that_it_got_while_it_was_heard():
    threads.set_num_threads(2)
    x, got = numbers(1 << 20), []
    again(lambda x: got.append(activation.relu[FLOAT]) or x, x, loops=[activation.relu])
    y = np.empty_like(x)
    sharing.over(got[0], activation.COPY, [x, y])
    assert y.tobytes() == np.maximum(x, 0).tobytes()


def test_all_is_as_before_after_an_error():
    def fails(_):
        raise ValueError("no")

    before = activation.relu[FLOAT]
    with pytest.raises(ValueError, match="no"):
        again(fails, 1, loops=[activation.relu])
    assert activation.relu[FLOAT] is before
