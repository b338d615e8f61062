"""Cards, streams and events, as far as xdl uses them. Everything is done when it is called; waiting is only counted."""

from . import machine
from .capturing import Capture
from .counts import note


class Device:
    """A card; inside `with` it is the current one of the thread."""

    def __init__(self, device=None):
        self.id = machine.current_device() if device is None else int(device)
        self._outer = []

    @property
    def compute_capability(self):
        """ "90" for 9.0."""
        return machine.played.compute_capability

    @property
    def mem_info(self):
        """Free and total memory."""
        return machine.played.total_memory // 2, machine.played.total_memory

    @property
    def attributes(self):
        """What the driver says of it, as far as it is asked."""
        played = machine.played
        return {
            "MultiProcessorCount": played.multiprocessors,
            "MaxSharedMemoryPerBlockOptin": played.shared_optin,
            "CooperativeLaunch": 1,
        }

    @property
    def cublas_handle(self):
        """Of this card."""
        return 1 + self.id

    def use(self):
        """Makes it the current one of the thread."""
        machine.set_device(self.id)
        return self

    def synchronize(self):
        """Waits for everything on the card."""
        note("waits", "Device.synchronize")

    def __enter__(self):
        self._outer.append(machine.current_device())
        return self.use()

    def __exit__(self, *error):
        machine.set_device(self._outer.pop())

    def __int__(self):
        return self.id

    def __eq__(self, other):
        return isinstance(other, Device) and self.id == other.id

    def __hash__(self):
        return hash(self.id)

    def __repr__(self):
        return f"<CUDA Device {self.id}>"


class Event:
    """A mark in a stream."""

    def __init__(self, block=False, disable_timing=False, interprocess=False):
        self.done = True

    def record(self, stream=None):
        """Nothing is queued."""

    def synchronize(self):
        """Waits for the mark."""
        note("waits", "Event.synchronize")


class Stream:
    """A queue of work."""

    def __init__(self, null=False, non_blocking=False, ptds=False, priority=None):
        self.ptr = 0 if null else id(self)
        self.null, self.is_non_blocking, self.done = null, non_blocking, True
        self._outer, self._capture = [], None

    def synchronize(self):
        """Waits for the queue."""
        note("waits", "Stream.synchronize")

    def record(self, event=None):
        """A mark."""
        return event or Event()

    def wait_event(self, event):
        """The card waits, not the host."""

    def is_capturing(self):
        """Whether what it is given is kept in a graph, and does not run."""
        return self._capture is not None

    def begin_capture(self, mode=None):
        """From now on; see capturing.py."""
        from .package import CUDARuntimeError

        if self.null:
            raise RuntimeError("cannot capture on the default (legacy) stream")
        if self._capture is not None:
            raise CUDARuntimeError("cudaErrorIllegalState")
        self._capture = Capture(lambda: _stream is self, CUDARuntimeError)

    def end_capture(self):
        """The graph of what it was given."""
        capture, self._capture = self._capture, None
        return capture.end()

    def use(self):
        """Makes it the current one."""
        global _stream
        _stream = self
        return self

    def __enter__(self):
        self._outer.append(_stream)
        return self.use()

    def __exit__(self, *error):
        self._outer.pop().use()


_stream = Stream.null = Stream(null=True)


def get_current_stream(device_id=-1):
    """The queue that work goes to."""
    return _stream


def get_elapsed_time(start_event, end_event):
    """In milliseconds; nothing takes time."""
    return 1.0
