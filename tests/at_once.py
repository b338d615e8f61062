"""Work in several threads at once, which change as often as Python lets them, and in several processes."""

import sys
from contextlib import contextmanager
from threading import Barrier, Thread


@contextmanager
def frequent_switches():
    """Python's threads take turns every 10 microseconds, not every 5 milliseconds."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def at_once(work, count=4):
    """[work(0), work(1), ...], each in a thread of its own, begun together. Raises what the first of them raised."""
    found, errors, begin = [None] * count, [], Barrier(count)

    def run(i):
        try:
            begin.wait(60)
            found[i] = work(i)
        except BaseException as error:  # raised below
            errors.append(error)

    workers = [Thread(target=run, args=(i,), daemon=True) for i in range(count)]
    with frequent_switches():
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(300)
    if errors:
        raise errors[0]
    assert not any(worker.is_alive() for worker in workers), "a thread hangs"
    return found
