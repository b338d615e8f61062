"""Every function in a captured step, forward and backward: the graph holds what is launched without, or it is refused.

Only copies from the host are no nodes: their arrays are made once. Two families run always, all under the mark tools.
"""

from dataclasses import replace

import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from tests.functional.cases import FAMILIES, activations, indices
from tests.functional.namespaces import Xdl
from tests.stand_in_cupy.capturing import listed
from xdl import random
from xdl.capture.launches import Recording, recorded
from xdl.errors import BackendError

pytestmark = [needs_compiler, pytest.mark.filterwarnings("ignore::RuntimeWarning")]


class Again(Xdl):
    """Functions that draw the same numbers in every run: a seed that is set in the step would be refused."""

    def seeded(self):
        for name in random.get_state()["steps"]:
            random.stream(name).step = 0
        return self


F = Again()
FROM_HOST = ("copies", "host to device")
MAKES_WEIGHTS = "the same values in every run of a captured step"  # modules that a case makes in the step
REFUSED = ("products of matrices", "no values read by the host", MAKES_WEIGHTS)


def step_of(case):
    """Forward, and gradients of the sums."""

    def step(*inputs):
        result = F.call(case)(F, *inputs)
        outputs = [y for y in (result if isinstance(result, tuple | list) else [result]) if isinstance(y, xdl.Tensor)]
        roots = [y.sum() for y in outputs if y.requires_grad]
        wanted = [x for x in inputs if x.requires_grad]
        return outputs, xdl.grad(roots, wanted) if roots else None

    return step


def refusal(case):
    """Why the case is refused; None where it is captured as it is run."""
    step, places = step_of(case), case.differentiable()
    inputs = [F.tensor(x, i in places) for i, x in enumerate(case.inputs("float32"))]
    try:
        captured = xdl.capture(step, *inputs)
    except BackendError as error:
        return error.expected
    with recorded(Recording((), refuse=False)), listed() as uncaptured:
        step(*inputs)
    assert captured._graph._graph.nodes == [node for node in uncaptured if node != FROM_HOST], case.id
    return None


@pytest.mark.parametrize(
    "family",
    [activations, indices, *[pytest.param(f, marks=pytest.mark.tools) for f in FAMILIES]],
    ids=lambda family: family.__name__.removeprefix("tests.functional."),
)
@pytest.mark.usefixtures("stand_in")
def test_one_case_of_each_function(family):
    xdl.use("cupy")
    for case in {case.name: case for case in reversed(list(family.cases()))}.values():
        found = refusal(replace(case, second=""))
        assert found is None or any(words in found for words in REFUSED), (case.id, found)
        assert found is not None or not case.dynamic, case.id
