"""Accumulation that does not divide an epoch's batches: every remainder, killed after every step, resumed."""

import pytest

import xdl
from tests.train.around import StopAt
from xdl.data import DataLoader, TensorDataset
from xdl.train import Carried, Loop, Measures, Task
from xdl.train.state import copied

EPOCHS = 2


class Seen(Task):
    """Notes the samples of every step."""

    def __init__(self):
        self.steps = Carried([])

    def parts(self):
        return {"steps": self.steps}

    def train_step(self, *batches):
        self.steps.value = [*self.steps.value, [batch[0].tolist() for batch in batches]]
        return Measures({"batches": xdl.tensor(float(len(batches)))})


def build(batches, accumulate, *callbacks):
    """A loop, and a loader of so many batches of up to two samples in random order."""
    xdl.manual_seed(7)
    return Loop(Seen(), callbacks, accumulate=accumulate), DataLoader(
        TensorDataset(xdl.arange(2 * batches - 1).numpy()), 2, shuffle=True
    )


@pytest.mark.parametrize("accumulate", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("batches", [1, 2, 3, 4, 5, 6, 7])
def test_a_resume_takes_the_same_batches_in_the_same_steps(batches, accumulate):
    whole, loader = build(batches, accumulate)
    whole.fit(loader, epochs=EPOCHS)
    steps = EPOCHS * -(-batches // accumulate)
    assert (whole.step, len(whole.history)) == (steps, EPOCHS)
    assert sum(map(len, whole.task.steps.value)) == EPOCHS * batches
    for step in range(1, steps + 1):
        broken, loader = build(batches, accumulate, StopAt(step))
        with pytest.raises(KeyboardInterrupt):
            broken.fit(loader, epochs=EPOCHS)
        state = copied(broken.state_dict())
        resumed, loader = build(batches, accumulate)
        resumed.load_state_dict(state)
        resumed.fit(loader, epochs=EPOCHS)
        assert (resumed.step, len(resumed.history)) == (steps, EPOCHS)
        assert resumed.task.steps.value == whole.task.steps.value
        assert [r["train_batches"] for r in resumed.history] == [r["train_batches"] for r in whole.history]
