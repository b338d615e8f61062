"""Segments: what of one is free, beside a list of all its bytes, and how the pool shares them out."""

import numpy as np
import pytest

from tests.core.memory.test_buffers import check_apart
from xdl.kernels.common import segment as segments
from xdl.kernels.common.buffers import FIRST, SEGMENT, SMALLEST, BufferPool, Lease
from xdl.kernels.common.segment import Segment

SHAPE = (SMALLEST // 4, 4)


@pytest.fixture
def pool():
    return BufferPool(limit=1 << 24)


@pytest.mark.parametrize("seed", range(5))
def test_a_segment_knows_what_is_free(seed):
    """Pieces never overlap, the lowest that fits is taken, neighbours are joined."""
    rng, segment, taken, held = np.random.default_rng(seed), Segment(4000), np.zeros(4000, bool), []
    for _ in range(2000):
        if held and rng.random() < 0.5:
            piece = held.pop(int(rng.integers(len(held))))
            segment.returned.append(piece)
            taken[slice(*piece)] = False
        size = int(rng.integers(1, 300))
        segment.settle()
        gaps = np.flatnonzero(np.diff([True, *taken[: segment.top], True])).reshape(-1, 2).tolist()
        assert [list(piece) for piece in segment.free] == gaps
        fits = [start for start, stop in gaps if stop - start >= size]
        end = gaps[-1][0] if gaps and gaps[-1][1] == segment.top else segment.top
        expected = min(fits, default=end if end + size <= 4000 else None)
        piece = segment.take(size) or segment.extend(size)
        assert piece == (None if expected is None else (expected, expected + size))
        if piece:
            taken[slice(*piece)] = True
            held.append(piece)
        assert segment.lent() == taken.sum()


def test_arrays_of_all_sizes_share_the_same_bytes(pool):
    """What is alive at one time bounds the memory, not the most of each size: small ones become large ones again."""
    for count in (1, 2, 4, 8, 16, 5, 3, 1):
        held = [pool.empty((16 * SMALLEST // count,), np.uint8) for _ in range(count)]
        del held
    assert sum(segment.top for segment in pool._segments) <= 16 * SMALLEST + 16 * (1 << 13)
    assert len(pool._segments) == 1


def test_a_larger_array_than_a_segment_has_one_of_its_own(pool):
    x, y = pool.empty((SEGMENT + 1,), np.uint8), pool.empty(SHAPE, np.float32)
    assert [len(segment.memory) > SEGMENT for segment in pool._segments] == [True, False]
    del x
    assert np.may_share_memory(pool.empty(SHAPE, np.float32), pool._segments[0].memory)
    pool.clear()
    assert np.may_share_memory(y, pool._segments[0].memory)
    assert len(pool._segments) == 1


def test_equal_arrays_begin_at_different_places_of_the_cache(pool):
    """Also such as lie in two segments."""
    held = [pool.empty((1 << 20,), np.uint8) for _ in range(20)]
    assert len({x.ctypes.data % 4096 for x in held}) == 20
    assert len(pool._segments) == 2


def test_the_first_segment_is_too_small_for_large_pages(pool):
    """NumPy asks for pages of 2 MB for arrays of 4 MB and more; a net that needs 300 kB would take one whole."""
    held = [pool.empty((FIRST // 3,), np.uint8) for _ in range(3)]
    first, second = pool._segments
    assert len(first.memory) == FIRST < (4 << 20) - 4096
    assert len(second.memory) == SEGMENT
    assert len(held) == 3


def test_who_asks_from_within_gets_memory_of_its_own(pool, monkeypatch):
    """A finalizer, or a handler of signals, that runs in the midst of `empty` and computes."""
    inner = []

    def settle(self):
        if not inner:
            inner.append(pool.empty(SHAPE, np.float32))
        given(self)

    given = Segment.settle
    monkeypatch.setattr(Segment, "settle", settle)
    pool.empty(SHAPE, np.float32)
    outer = pool.empty(SHAPE, np.float32)
    assert inner[0].flags.owndata
    assert not outer.flags.owndata
    check_apart(pool)


def test_an_interrupt_in_the_midst_lends_nothing_twice(pool, monkeypatch):
    def interrupted(self, *args):
        given(self, *args)
        raise KeyboardInterrupt

    given = Segment.settle
    held = [pool.empty(SHAPE, np.float32) for _ in range(4)]
    del held[1]
    with monkeypatch.context() as patched:
        patched.setattr(Segment, "settle", interrupted)
        with pytest.raises(KeyboardInterrupt):
            pool.empty(SHAPE, np.float32)
    check_apart(pool)
    assert not pool.empty(SHAPE, np.float32).flags.owndata


def test_a_lease_that_an_interrupt_left_without_a_piece_returns_none():
    Lease.__new__(Lease).__del__()


def test_views_are_kept_for_some_pieces_not_for_all(monkeypatch):
    monkeypatch.setattr(segments, "MOST_VIEWS", 4)
    segment = Segment(1000)
    for size in range(1, 40):
        memory, _ = segment.view((size, 2 * size))
        assert (memory.size, segment.view((size, 2 * size))[0] is memory) == (size, True)
        assert len(segment._views) <= 4
