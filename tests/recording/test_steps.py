"""The switches of recording hold in the whole body of what they decorate, whatever runs it, and nowhere else."""

import asyncio

import pytest

import xdl


def on():
    return xdl.is_grad_enabled()


SWITCHES = {
    "no_grad": lambda F: F.no_grad(),
    "enable_grad": lambda F: F.enable_grad(),
    "set_grad_enabled(False)": lambda F: F.set_grad_enabled(False),
    "set_grad_enabled(True)": lambda F: F.set_grad_enabled(True),
    "inference_mode": lambda F: F.inference_mode(),
    "inference_mode(False)": lambda F: F.inference_mode(False),
}
each = pytest.mark.parametrize("name", SWITCHES)


def inside(name):
    """What the switch sets."""
    return name in ("enable_grad", "set_grad_enabled(True)", "inference_mode(False)")


def both_ways(check):
    """Runs a check with recording on around it, and off."""
    check()
    with xdl.no_grad():
        check()
    assert on()


@each
def test_in_a_generator_at_every_step_and_not_between_them(name):
    log = []

    def counted(n):
        try:
            for i in range(n):
                log.append(on())
                try:
                    got = yield i
                    log.append((got, on()))
                except KeyError:
                    log.append(("caught", on()))
                    yield -1
            return "the result"
        finally:
            log.append(("last", on()))

    def check():
        log.clear()
        expected, outside = inside(name), on()
        steps = SWITCHES[name](xdl)(counted)(3)
        assert on() == outside
        assert (next(steps), on()) == (0, outside)
        assert (steps.send("sent"), on()) == (1, outside)
        assert (steps.throw(KeyError), on()) == (-1, outside)
        assert (next(steps), on()) == (2, outside)
        with pytest.raises(StopIteration) as end:
            next(steps)
        assert end.value.value == "the result"
        begun = SWITCHES[name](xdl)(counted)(3)
        next(begun)
        begun.close()
        assert log == [
            *(expected, ("sent", expected), expected, ("caught", expected), expected, (None, expected)),
            *(("last", expected), expected, ("last", expected)),
        ]
        assert on() == outside

    both_ways(check)


@each
def test_in_coroutines_that_take_turns(name):
    log, expected = [], inside(name)

    @SWITCHES[name](xdl)
    async def quiet():
        for _ in range(3):
            log.append(on() == expected)
            await asyncio.sleep(0)
        return "done"

    @SWITCHES[name](xdl)
    async def numbers():
        try:
            for i in range(3):
                log.append(on() == expected)
                try:
                    got = yield i
                    log.append(got in (None, "sent"))
                except KeyError:
                    yield "caught"
        finally:
            log.append(on() == expected)

    async def other(outside):
        for _ in range(4):
            log.append(on() == outside)
            await asyncio.sleep(0)

    async def main(outside):
        results = await asyncio.gather(quiet(), other(outside), quiet())
        assert results == ["done", None, "done"]
        assert [i async for i in numbers()] == [0, 1, 2]
        stepwise = numbers()
        assert await anext(stepwise) == 0
        assert await stepwise.asend("sent") == 1
        assert await stepwise.athrow(KeyError) == "caught"
        await stepwise.aclose()
        assert on() == outside

    both_ways(lambda: asyncio.run(main(on())))
    assert all(log)
    assert len(log) > 40


def test_a_coroutine_runs_in_whichever_context_drives_it():
    @xdl.no_grad
    async def work():
        await asyncio.sleep(0)
        return on()

    body = work()
    body.send(None)
    with pytest.raises(StopIteration) as end:
        body.send(None)
    assert end.value.value is False
    assert on()


@pytest.mark.torch
@each
def test_generators_and_nesting_beside_pytorch(name):
    import torch

    def trace(F):
        log = []

        @SWITCHES[name](F)
        def body():
            log.append(F.is_grad_enabled())
            with F.no_grad():
                try:
                    yield 1
                finally:
                    log.append(F.is_grad_enabled())
            yield 2
            log.append(F.is_grad_enabled())

        for around in (F.no_grad, F.enable_grad):
            with around():
                for _ in body():
                    log.append(F.is_grad_enabled())
        return log

    ours, theirs = trace(xdl), trace(torch)
    assert ours == theirs
    assert on()
