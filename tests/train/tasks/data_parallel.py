"""Data-parallel training: any task, with the means of what it learns from taken over several processes.

The processes are threads here, and what is sent between them lies in a list.
"""

from threading import Barrier

import xdl
from xdl.train import Task


class Group:
    """The communicator of `size` ranks; each calls `mean` in the same order."""

    def __init__(self, size):
        self.given, self.barrier, self.calls = [None] * size, Barrier(size, timeout=20), 0

    def of(self, rank):
        """The exchange of one rank."""

        def mean(tensors, weight):
            self.given[rank] = ([t.numpy().copy() for t in tensors], float(weight))
            self.barrier.wait()
            total = sum(weight for _, weight in self.given)
            parts = zip(*[[array * (weight / total) for array in arrays] for arrays, weight in self.given], strict=True)
            means = [xdl.tensor(sum(part)) for part in parts]
            self.barrier.wait()
            self.calls += rank == 0
            return means

        return mean


class DataParallel(Task):
    """A task of which each process does its share of every batch."""

    def __init__(self, task, exchange):
        self.task, self.unit = task, task.unit
        task.exchange = exchange

    def parts(self):
        return self.task.parts()

    def train_step(self, *batches):
        return self.task.train_step(*batches)

    def evaluate_step(self, batch):
        return self.task.evaluate_step(batch)

    def start_epoch(self):
        self.task.start_epoch()

    def train(self):
        self.task.train()

    def eval(self):
        self.task.eval()

    def replacing(self, old, new):
        return DataParallel(self.task.replacing(old, new), self.task.exchange)
