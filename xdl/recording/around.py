"""A context manager as a decorator, for whatever kind of function Python runs.

The body of a generator or a coroutine runs in steps, and between them its caller's code runs. So the context is entered
at each step and left after it: it holds in the whole body, and nowhere else.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager
from functools import wraps
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from typing import Any, TypeVar

from xdl.errors import KindError

F = TypeVar("F", bound=Callable[..., Any])
Context = Callable[[], AbstractContextManager[Any]]


def around(operation: str, context: Context, function: F) -> F:
    """The function with a context, made anew for each call and each step, around its body.

    function: a function, method, staticmethod, classmethod or object to call; a generator, async or not

    Raises KindError for a class, of which the methods are to be decorated, and for what cannot be called.
    """
    if isinstance(function, staticmethod | classmethod):
        return type(function)(around(operation, context, function.__func__))
    if isinstance(function, type) or not callable(function):
        found = f"the class {function.__name__}" if isinstance(function, type) else repr(function)
        raise KindError(operation, "a function to decorate", found, "Decorate each method that it is for")

    @wraps(function)
    def plain(*args: Any, **kwargs: Any) -> Any:
        with context():
            return function(*args, **kwargs)

    @wraps(function)
    def generator(*args: Any, **kwargs: Any) -> Any:
        return (yield from _Steps(context).of(function(*args, **kwargs)))

    @wraps(function)
    async def coroutine(*args: Any, **kwargs: Any) -> Any:
        return await _Awaited(context, function(*args, **kwargs))

    @wraps(function)
    async def async_generator(*args: Any, **kwargs: Any) -> Any:
        body: AsyncGenerator[Any, Any] = function(*args, **kwargs)
        step, given = body.asend, None
        while True:
            try:
                result = await _Awaited(context, step(given))
            except StopAsyncIteration:
                return
            try:
                step, given = body.asend, (yield result)
            except GeneratorExit:
                await _Awaited(context, body.aclose())
                raise
            except BaseException as error:
                step, given = body.athrow, error

    kinds = ((isgeneratorfunction, generator), (iscoroutinefunction, coroutine), (isasyncgenfunction, async_generator))
    for is_one, wrapped in kinds:
        if is_one(function) or is_one(function.__call__):  # type: ignore[operator]  # an object's, or a function's own
            return wrapped  # type: ignore[return-value]
    return plain  # type: ignore[return-value]


class _Steps:
    """Runs a body step by step, each inside the context."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def of(self, body: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """What the body yields, and its result; it gets what is sent, thrown or closed here."""
        step, given = body.send, None
        while True:
            with self.context():
                try:
                    result = step(given)
                except StopIteration as end:
                    return end.value
            try:
                step, given = body.send, (yield result)
            except GeneratorExit:
                with self.context():
                    body.close()
                raise
            except BaseException as error:
                step, given = body.throw, error


class _Awaited:
    """An awaitable whose steps run inside the context."""

    def __init__(self, context: Context, awaitable: Any) -> None:
        self.context, self.awaitable = context, awaitable

    def __await__(self) -> Generator[Any, Any, Any]:
        return _Steps(self.context).of(self.awaitable.__await__())
