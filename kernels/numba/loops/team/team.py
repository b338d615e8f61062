"""A fork and a join without the interpreter: a helper that waits awake takes jobs within a fraction of a microsecond.

A run is a table with a row for each job: the address of a function and the numbers that it takes. Who runs it counts
up the first jobs in NEXT, the helpers the last ones, and each does the job of its number, until all are taken; so
nobody waits for a helper that sleeps, and one that is late does less. What a thread has written in one run it mostly
reads in the next, and it still lies in its cache. Which thread does a job never changes what it computes.

    word          holds
    NEXT          run << 40 | first jobs that are taken << 20 | last jobs that are taken
    RUN           which run the following words are of
    COUNT, TABLE, STEP   jobs, the first row's address, bytes of a row
    DONE          jobs that are done
    AWAKE         helpers that wait awake
    COMING        1 while a run is prepared and until it ends
    OFF           and LINE bytes further for each helper: 1 if it is to come back

A helper that took a number from NEXT may find that the run ended meanwhile and another one began. A job that is taken
and not done keeps its run from ending; so the number is good if its run is still the one in RUN. A new run writes RUN
before its other words: who has read one of those reads RUN as the new one. And it writes NEXT last, by which helpers
see that it has begun.

Who prepares a run sets COMING before it reads AWAKE, and a helper that is about to sleep counts itself off AWAKE before
it reads COMING: so either the helper stays, or the other sees that it has to be woken. Without that a long run was
sometimes done by one thread, whose helper fell asleep in the last microseconds before it.
"""

from __future__ import annotations

from ..template import loop
from .memory import call, fetch_add, load, pause, store

LINE = 64  # bytes: words that different threads write lie apart
NEXT, RUN, COUNT, TABLE, STEP, DONE = 0, LINE, LINE + 8, LINE + 16, LINE + 24, 2 * LINE
AWAKE, COMING, OFF = 3 * LINE, 3 * LINE + 8, 4 * LINE
BITS = 20  # of a number of jobs
JOBS = (1 << BITS) - 1
RUNS = (1 << 23) - 1  # then runs begin at 0 again: NEXT is not to be negative
FIRST, LAST = 1 << BITS, 1  # what is added to NEXT


@loop
def _take(words, side):
    """Does jobs from one side, FIRST or LAST, until none is left."""
    while True:
        number = fetch_add(words + NEXT, side)
        first, last, count = number >> BITS & JOBS, number & JOBS, load(words + COUNT)
        table, step = load(words + TABLE), load(words + STEP)
        if load(words + RUN) != number >> 2 * BITS or first + last >= count:
            return
        row = table + (first if side == FIRST else count - 1 - last) * step
        call(load(row), row + 8)
        fetch_add(words + DONE, 1)


@loop
def run(words, table, count, step):
    """Returns when all jobs of a table are done."""
    number = (load(words + RUN) + 1) & RUNS
    store(words + RUN, number)
    store(words + DONE, 0)
    store(words + COUNT, count)
    store(words + TABLE, table)
    store(words + STEP, step)
    store(words + NEXT, number << 2 * BITS)
    _take(words, FIRST)
    while load(words + DONE) != count:
        pause()


@loop
def serve(words, helper, patience):
    """Takes jobs of every run, until none came for `patience` looks or its OFF is set."""
    fetch_add(words + AWAKE, 1)
    off = words + OFF + helper * LINE
    left, seen = patience, (load(words + NEXT) >> 2 * BITS) - 1  # a run may wait for the helper that it has woken
    while load(off) == 0:
        now = load(words + NEXT) >> 2 * BITS
        if now != seen:
            seen, left = now, patience
            _take(words, LAST)
        pause()
        left -= 1
        if left <= 0:
            fetch_add(words + AWAKE, -1)
            if load(words + COMING) == 0:
                return
            fetch_add(words + AWAKE, 1)
            left = patience
    fetch_add(words + AWAKE, -1)


@loop
def play(table, count, step):
    """Does all jobs of a table in order; how many found no memory."""
    failed = 0
    for i in range(count):
        row = table + i * step
        call(load(row), row + 8)
        failed += load(row + 8) == 0
    return failed
