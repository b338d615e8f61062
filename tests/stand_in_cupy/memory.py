"""Device memory: NumPy's, at multiples of 256 bytes, from a pool for each card that has a limit."""

from contextlib import contextmanager
from weakref import WeakSet

import numpy as np

from . import machine
from .counts import note

ALIGNMENT = 256
BLOCK = 512  # the pool gives out multiples of this
POISON = 0xFF  # every byte of fresh memory: NaN, or -1


class OutOfMemoryError(MemoryError):
    """CuPy's own."""

    def __init__(self, size, total, limit=0):
        limited = f", limit set to: {limit:,} bytes" if limit else ""
        super().__init__(f"Out of memory allocating {size:,} bytes (allocated so far: {total:,} bytes{limited}).")


ALIVE = WeakSet()  # every allocation


def contents():
    """What all memory holds: allocation -> a copy of its bytes."""
    return {memory: memory.bytes.copy() for memory in ALIVE}


def restore(held):
    """Gives memory back what it held."""
    for memory, values in held.items():
        memory.bytes[...] = values


class Memory:
    """An allocation on a card. ptr: its address, which is one of the host; 0 where there are no bytes."""

    def __init__(self, size, pool=None):
        self.size, self.device_id, self.pool = size, machine.current_device(), pool
        raw = np.empty(size + ALIGNMENT if size else 0, np.uint8)
        start = -raw.ctypes.data % ALIGNMENT
        self.bytes = raw[start : start + size]
        self.bytes.fill(POISON)
        self.ptr = self.bytes.ctypes.data if size else 0
        ALIVE.add(self)

    @property
    def device(self):
        """The card."""
        from .devices import Device

        return Device(self.device_id)

    def __del__(self):
        if getattr(self, "pool", None) is not None:
            self.pool.give_back(self.device_id, self.size)


class Unowned(Memory):
    """Memory that something else has allocated, which owns the array of the host behind it."""

    def __init__(self, host, device):
        self.size, self.device_id, self.pool = host.nbytes, device, None
        self.bytes, self.ptr = host, host.ctypes.data


class MemoryPointer:
    """A place in an allocation."""

    def __init__(self, mem, offset):
        self.mem, self.offset = mem, offset

    @property
    def ptr(self):
        """The address."""
        return self.mem.ptr + self.offset

    @property
    def device_id(self):
        """The number of the card."""
        return self.mem.device_id

    @property
    def device(self):
        """The card."""
        return self.mem.device

    def __add__(self, bytes_):
        return MemoryPointer(self.mem, self.offset + bytes_)

    def __int__(self):
        return self.ptr

    def memset_async(self, value, size, stream=None):
        """Sets bytes."""
        note("launches", "memset")
        self.mem.bytes[self.offset : self.offset + size] = value

    def copy_from_device_async(self, src, size, stream=None):
        """Copies bytes of the device."""
        note("copies", "device to device")
        self.mem.bytes[self.offset : self.offset + size] = src.mem.bytes[src.offset : src.offset + size]


class MemoryPool:
    """CuPy's default pool, as far as its sizes tell: used, free, and the limit, of the current card."""

    def __init__(self, allocator=None):
        self._used, self._free, self._limit = {}, {}, {}

    def malloc(self, size):
        """A pointer to `size` bytes. Raises OutOfMemoryError beyond the limit or the card's memory."""
        size = -(-size // BLOCK) * BLOCK
        device = machine.current_device()
        used, limit = self._used.get(device, 0), self._limit.get(device, 0)
        if used + size > (limit or machine.played.total_memory):
            self.free_all_blocks()
            raise OutOfMemoryError(size, used, limit)
        self._used[device] = used + size
        self._free[device] = max(0, self._free.get(device, 0) - size)
        return MemoryPointer(Memory(size, self), 0)

    def give_back(self, device, size):
        """An allocation is kept for reuse."""
        self._used[device] -= size
        self._free[device] = self._free.get(device, 0) + size

    def free_all_blocks(self, stream=None):
        """Gives back to the card what is kept for reuse."""
        self._free[machine.current_device()] = 0

    def used_bytes(self):
        """In arrays."""
        return self._used.get(machine.current_device(), 0)

    def free_bytes(self):
        """Kept for reuse."""
        return self._free.get(machine.current_device(), 0)

    def total_bytes(self):
        """Both."""
        return self.used_bytes() + self.free_bytes()

    def get_limit(self):
        """In bytes; 0 is none."""
        return self._limit.get(machine.current_device(), 0)

    def set_limit(self, size=None, fraction=None):
        """Limits the memory of the current card; a fraction is one of its memory."""
        if fraction is not None:
            if size is not None:
                raise ValueError("size and fraction cannot be specified at one time")
            size = int(fraction * machine.played.total_memory)
        if size is None or size < 0:
            raise ValueError("size must be non-negative")
        self._limit[machine.current_device()] = size


class _State:
    """The pool, and who allocates; None: the pool."""

    def __init__(self):
        self.pool, self.allocator = MemoryPool(), None


_state = _State()


def exchange(state):
    """Puts another state in, by default a fresh one, and gives the one before."""
    global _state
    outer, _state = _state, state or _State()
    return outer


def alloc(size):
    """Memory from whoever allocates now."""
    return get_allocator()(size)


def get_default_memory_pool():
    """The pool."""
    return _state.pool


def get_allocator():
    """Whoever allocates now."""
    return _state.allocator or _state.pool.malloc


def set_allocator(allocator=None):
    """Chooses who allocates; None: the pool."""
    _state.allocator = allocator


@contextmanager
def using_allocator(allocator=None):
    """Inside, that one allocates."""
    outer, _state.allocator = _state.allocator, allocator
    try:
        yield
    finally:
        _state.allocator = outer
