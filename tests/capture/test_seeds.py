"""Random numbers of a captured step follow the seed; one that is set within the step is refused."""

import pytest

import xdl
from xdl import random
from xdl.errors import BackendError
from xdl.nn import functional

X = xdl.ones(4, 3)


def drawing(x):
    query = x.view(1, 1, 4, 3)
    weighed = functional.scaled_dot_product_attention(query, query, query, dropout_p=0.5)
    return functional.dropout(x, 0.5), weighed, xdl.randn(3), xdl.rand(2, dtype="float64"), xdl.randperm(9)


SEEDING = {
    "manual_seed": lambda run: (random.manual_seed(7), run())[1],
    "set_state": lambda run: (random.set_state({"seed": 8, "steps": {"dropout": 3, "random": 9}}), run())[1],
    "as it was": lambda run: (random.manual_seed(0), run())[1],
}


@pytest.mark.parametrize("how", [*SEEDING, "own_streams"])
def test_random_numbers_follow_a_seed_that_is_set_after_the_capture(how):
    captured, found = xdl.capture(drawing, X), []
    for step in (captured, drawing):

        def run(step=step):
            return [y.numpy().tobytes() for _ in range(2) for y in step(X)]

        if how == "own_streams":
            with random.own_streams(5):
                found.append(run())
        else:
            found.append(SEEDING[how](run))
    assert found[0] == found[1]


def test_a_stream_of_the_step_keeps_its_own_seed():
    own, twin = random.Stream(3, "mine"), random.Stream(3, "mine")
    captured = xdl.capture(lambda: xdl.rand(5, generator=own))
    for _ in range(3):
        xdl.rand(5, generator=twin)
    for seed in (3, 4):
        own.reseed(seed)
        twin.reseed(seed)
        assert captured().tolist() == xdl.rand(5, generator=twin).tolist()


@pytest.mark.parametrize(
    ("set_seed", "name"),
    [
        (lambda: random.manual_seed(1), "manual_seed"),
        (lambda: random.set_state({"seed": 1, "steps": {}}), "manual_seed"),
        (lambda: random.own_streams(1).__enter__(), "own_streams"),
        (lambda: random.stream("dropout").reseed(1), "Stream.reseed"),
    ],
)
def test_a_seed_that_is_set_in_the_step_is_refused(set_seed, name):
    runs = []

    def step(x):
        runs.append(1)
        if len(runs) > 1:
            set_seed()
        return x + xdl.rand(3)

    with pytest.raises(BackendError, match="no seed set inside a captured step") as refused:
        xdl.capture(step, X)
    assert refused.value.operation == name
