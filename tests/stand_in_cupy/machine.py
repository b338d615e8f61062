"""The machine that is played: its cards, its driver, and which of them is current on this thread."""

import threading
import warnings
from dataclasses import dataclass


@dataclass
class Machine:
    """devices: the number of cards, all alike; peers: whether they reach each other's memory."""

    devices: int = 1
    peers: bool = True
    name: str = "Stand-in GPU"
    compute_capability: str = "90"
    multiprocessors: int = 132
    shared_optin: int = 227 << 10
    total_memory: int = 80 << 30
    driver: int = 12080
    runtime: int = 12090
    nvrtc: tuple[int, int] = (12, 9)

    def properties(self):
        """What getDeviceProperties says, as far as it is asked."""
        major, minor = int(self.compute_capability[:-1]), int(self.compute_capability[-1])
        return {
            "name": self.name.encode(),
            "major": major,
            "minor": minor,
            "multiProcessorCount": self.multiprocessors,
            "sharedMemPerBlock": FREE_SHARED_BYTES,
            "sharedMemPerBlockOptin": self.shared_optin,
            "l2CacheSize": 50 << 20,
            "totalGlobalMem": self.total_memory,
            "warpSize": 32,
        }


FREE_SHARED_BYTES = 48 << 10  # of dynamic shared memory, which every kernel may have without asking


class PerformanceWarning(RuntimeWarning):
    """CuPy's own."""


class _Current(threading.local):
    device = 0


played = Machine()
_current = _Current()


def play(machine):
    """Makes a machine the one that is played; its first card becomes current."""
    global played
    played = machine
    _current.device = 0


def current_device():
    """The number of this thread's current card."""
    return _current.device


def set_device(number):
    """Makes a card the current one of this thread."""
    _current.device = number


def reach(device):
    """As CuPy looks at every array that a kernel of its own reads: another card's warns, or raises without peers."""
    if device == _current.device:
        return
    found = f"The device where the array resides ({device}) is different from the current device ({_current.device})."
    if not played.peers:
        raise ValueError(f"{found} Peer access is unavailable between these devices.")
    warnings.warn(f"{found} Peer access has been activated automatically.", PerformanceWarning, stacklevel=2)
