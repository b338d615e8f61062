"""The one place between backward pass and update, where data-parallel training puts its exchange, in any task."""

from threading import Thread

import numpy as np
import pytest

import xdl
from tests.train.around import StopAt, blobs, differences
from tests.train.tasks import adversarial, contrastive, skip_gram, truncated
from tests.train.tasks.data_parallel import DataParallel, Group
from xdl import nn, optim
from xdl.models import MLP
from xdl.train import Loop, Supervised
from xdl.train.state import copied

RANKS, EPOCHS = 2, 2
UPDATES = {adversarial: 2, contrastive: 1, skip_gram: 1, truncated: 1}  # in each step


def batches(shares=1, rank=0):
    """Batches of 10; of each the share of a rank, the first of them larger by a half."""
    x, y = blobs(50).arrays
    cuts = [0, 10] if shares == 1 else [0, 6, 10]
    low, high = cuts[rank], cuts[rank + 1]
    return [(xdl.tensor(x[i + low : i + high]), xdl.tensor(y[i + low : i + high])) for i in range(0, 50, 10)]


def supervised():
    xdl.manual_seed(0)
    model = MLP((2, 5, 3))
    return Supervised(model, nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=0.02), clip_norm=0.5)


def each_rank(work):
    """Runs work(rank, exchange) in a thread for each rank; what they returned."""
    group, found, tasks = Group(RANKS), [None] * RANKS, [supervised() for _ in range(RANKS)]

    def run(rank):
        found[rank] = work(rank, DataParallel(tasks[rank], group.of(rank)))

    threads = [Thread(target=run, args=(rank,)) for rank in range(RANKS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def trained(rank, task):
    loop = Loop(task)
    loop.fit(batches(RANKS, rank), epochs=EPOCHS)
    return loop


def learned(loop):
    return {name: state for name, state in loop.state_dict().items() if name in ("model", "optimizer")}


def weights(loop):
    return np.concatenate([p.numpy().ravel() for p in loop.task.module().parameters()])


def test_two_ranks_learn_what_one_process_learns_from_whole_batches():
    whole = Loop(supervised())
    whole.fit(batches(), epochs=EPOCHS)
    first, second = each_rank(trained)
    assert differences(learned(first), learned(second)) == []
    np.testing.assert_allclose(weights(first), weights(whole), atol=1e-6)
    norms = [loop.history[-1]["train_gradient_norm"] for loop in (first, second)]
    assert norms[0] == pytest.approx(norms[1], rel=1e-2)  # weighted by the shares of samples
    assert norms[0] == pytest.approx(whole.history[-1]["train_gradient_norm"], rel=1e-2)


def test_without_the_exchange_the_ranks_part():
    first, second = each_rank(lambda rank, task: trained(rank, task.task if alone(task.task) else task))
    assert differences(learned(first), learned(second)) != []


def alone(task):
    """Takes the exchange away."""
    task.exchange = None
    return True


@pytest.mark.parametrize("step", [3, 5, 7])
def test_all_ranks_are_killed_and_resumed(step):
    def broken(rank, task):
        loop = Loop(task, [StopAt(step)])
        with pytest.raises(KeyboardInterrupt):
            loop.fit(batches(RANKS, rank), epochs=EPOCHS)
        return copied(loop.state_dict())

    states, expected = each_rank(broken), each_rank(trained)

    def resumed(rank, task):
        loop = Loop(task)
        loop.load_state_dict(states[rank])
        loop.fit(batches(RANKS, rank), epochs=EPOCHS)
        return loop

    for ours, whole in zip(each_rank(resumed), expected, strict=True):
        assert differences(ours.state_dict(), whole.state_dict()) == []


@pytest.mark.parametrize("module", UPDATES)
def test_every_task_exchanges_before_each_update(module):
    """Where the exchange answers with zeros, models stay as they are; it is asked once an update."""
    task, loader = module.build()
    asked = []

    def zeros(tensors, weight):
        asked.append((len(tensors), weight))
        return [xdl.zeros_like(t) for t in tensors]

    loop = Loop(DataParallel(task, zeros))
    before = weights(loop)
    loop.fit(loader)
    np.testing.assert_array_equal(weights(loop), before)
    assert len(asked) == UPDATES[module] * loop.step
    assert all(count > 0 and weight > 0 for count, weight in asked)
