"""A CUDA graph of what a thread launches, by CuPy's stream capture.

While it is captured, a stream of its own takes the launches and runs none. Its arrays come from a pool of its own,
which the graph keeps: nobody else gets the memory that its kernels read and write. Values of the host (shares of a
pooling's windows, places of a padding) go to the device outside the capture, once, and their arrays are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from xdl.backend import Array
from xdl.errors import BackendError, XdlError

PRODUCTS = "Call the step itself, or capture the parts without products: there is no binding of xdl's own to cuBLAS yet"


class CupyGraph:
    """One graph.

    cupy:      the package
    enter:     makes the graph's card the current one of this thread
    reporting: makes an allocator of one that does not say in words what a full card holds
    announce:  is told of the graph while it is captured, and of None after
    """

    def __init__(
        self,
        cupy: Any,
        enter: Callable[[], None],
        reporting: Callable[[Any], Any],
        announce: Callable[[CupyGraph | None], None],
    ) -> None:
        self._cupy, self._enter, self._announce = cupy, enter, announce
        enter()
        self._pool = cupy.cuda.MemoryPool()
        self._pool.set_limit(size=cupy.get_default_memory_pool().get_limit())
        self._allocate = reporting(self._pool.malloc)
        self._stream, self._beside = (cupy.cuda.Stream(non_blocking=True) for _ in range(2))
        self._graph: Any = None
        self._constants: list[Array] = []

    @contextmanager
    def capture(self) -> Iterator[None]:
        """Inside, what this thread launches is kept and does not run.

        Raises BackendError for what CUDA or CuPy keep out of a graph.
        """
        self._enter()
        cuda, stream = self._cupy.cuda, self._stream
        cuda.get_current_stream().synchronize()  # nothing that is queued writes into what is captured
        try:
            with cuda.using_allocator(self._allocate), stream:
                stream.begin_capture()
                self._announce(self)
                try:
                    yield
                except BaseException:
                    with suppress(cuda.runtime.CUDARuntimeError):  # it says only that there is no graph
                        stream.end_capture()
                    raise
                finally:
                    self._announce(None)
                self._graph = stream.end_capture()
        except XdlError:
            raise
        except NotImplementedError as error:  # of CuPy's bindings
            raise _refused("a step without products of matrices or linear algebra", error, PRODUCTS) from error
        except RuntimeError as error:
            raise _refused("a step that a graph can hold", error, "") from error

    def launch(self) -> None:
        """Queues the graph on the current stream."""
        self._enter()
        self._graph.launch()

    def constant(self, make: Callable[[], Array]) -> Array:
        """The array that `make` copies from the host, outside the capture, and kept with the graph."""
        with self._beside:
            made = make()
            self._beside.synchronize()
        self._constants.append(made)
        return made


def _refused(expected: str, error: Exception, hint: str) -> BackendError:
    return BackendError("capture", expected, str(error).partition("\n")[0], hint)
