"""The switches of recording: what they decorate, how they nest, and what they refuse."""

from functools import partial

import pytest

import xdl
from tests.at_once import at_once
from xdl.errors import KindError, SettingError


def on():
    return xdl.is_grad_enabled()


def test_without_parentheses_on_all_that_can_be_called():
    class Owner:
        @xdl.no_grad
        def method(self):
            return on()

        @xdl.inference_mode
        @classmethod
        def of_class(cls):
            return cls.__name__, on()

        @xdl.no_grad()
        @staticmethod
        def static():
            return on()

        @xdl.no_grad
        def __call__(self):
            yield on()

        @property
        @xdl.no_grad
        def shown(self):
            return on()

    class Bare:
        def __call__(self):
            yield on()

    assert (Owner().method(), Owner.of_class(), Owner.static(), [*Owner()()]) == (
        False,
        ("Owner", False),
        False,
        [False],
    )
    assert Owner().shown is False
    assert [*xdl.no_grad(Bare())()] == [False]
    assert xdl.no_grad(partial(lambda a, b: (a, b, on()), 1))(b=2) == (1, 2, False)
    assert xdl.enable_grad(on)() is True
    assert Owner.method.__name__ == "method"
    assert on()


def test_recursion_and_threads_share_a_decorator():
    @xdl.no_grad()
    def down(n):
        if n == 1:
            with xdl.enable_grad():
                return [on(), *down(0)]
        return [on(), *(down(n - 1) if n else []), on()]

    assert down(3) == [False, False, True, False, False, False, False]
    assert on()
    assert at_once(lambda i: (down(i), on()) == (down(i), True), 4) == [True] * 4


def test_one_object_in_several_blocks_and_threads():
    quiet = xdl.no_grad()
    with quiet, xdl.enable_grad(), quiet:
        assert not on()
        with quiet:
            pass
        assert not on()
    assert on()

    def work(i):
        with xdl.set_grad_enabled(bool(i % 2)):
            with quiet:
                assert not on()
            return on()

    assert at_once(work, 4) == [False, True, False, True]


def test_blocks_that_end_in_another_order():
    first, second = xdl.no_grad(), xdl.enable_grad()
    first.__enter__()
    second.__enter__()
    first.__exit__()
    assert on()
    second.__exit__()
    assert not on()
    with xdl.enable_grad():
        assert on()
    xdl.set_grad_enabled(True)


def test_set_grad_enabled_as_a_function_a_block_and_a_decorator():
    switch = xdl.set_grad_enabled(False)
    assert not on()
    xdl.set_grad_enabled(True)
    assert on()
    with switch:
        assert not on()
    assert on()
    with xdl.set_grad_enabled(mode=False) as entered:
        with entered:
            assert not on()
        assert not on()
    assert on()
    quiet = xdl.set_grad_enabled(False)(on)
    assert on()
    assert quiet() is False
    assert on()


def test_inference_mode_is_stronger_than_enable_grad():
    x = xdl.ones(2, requires_grad=True)
    with xdl.inference_mode():
        assert xdl.is_inference_mode_enabled()
        with xdl.enable_grad(), xdl.set_grad_enabled(True):
            assert not (x * 2).requires_grad
        with xdl.inference_mode(False):
            assert (x * 2).requires_grad
            assert not xdl.is_inference_mode_enabled()
        y = x * 2
    assert (x * y).requires_grad
    assert not xdl.is_inference_mode_enabled()


@pytest.mark.parametrize("make", [
    lambda: xdl.no_grad(xdl.nn.Module), lambda: xdl.no_grad()(xdl.nn.Module), lambda: xdl.no_grad(3),
    lambda: xdl.inference_mode("on"), lambda: xdl.set_grad_enabled(on), lambda: xdl.set_grad_enabled(False)(int),
])  # fmt: skip
def test_what_is_refused(make):
    for kind in (KindError, SettingError, TypeError):
        with pytest.raises(kind):
            make()
    assert on()
