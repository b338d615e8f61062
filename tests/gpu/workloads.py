"""What is counted on the stand-in for CuPy: name -> a function that makes a workload and gives what one run costs.

A training step and an update are counted when they run for the second time, when an optimizer has its state.
"""

from collections.abc import Callable

import xdl
from tests.functional.cases import FAMILIES
from tests.functional.namespaces import Xdl, evaluate
from tests.models.zoo import CHECKED, build
from tests.optim.runs import RUNS, parameters, set_gradients
from tests.stand_in_cupy import counted
from xdl import models, nn, optim

F = Xdl()
READS_THE_COUNT = "BatchNorm1d of all batches equally"  # momentum None: the mean over all batches so far
Workloads = dict[str, Callable]
SMALL = {
    "MLP": (lambda: models.MLP((64, 32, 10)), (64,)),
    "LeNet5": (lambda: models.LeNet5(), (1, 28, 28)),
    "softmax": (lambda: models.SoftmaxRegression(784, 10), (1, 28, 28)),
}
LARGE = {name: (lambda name=name: build(name), CHECKED[name][3]) for name in CHECKED}
LARGE |= {"BookCNN": (lambda: models.BookCNN(), (1, 28, 28))}
LAYERS = {
    "RNN": lambda: nn.RNN(16, 128),
    "LSTM": lambda: nn.LSTM(16, 128),
    "GRU": lambda: nn.GRU(16, 128),
    "LSTM in both directions": lambda: nn.LSTM(16, 128, bidirectional=True),
    "GRU in both directions": lambda: nn.GRU(16, 128, bidirectional=True),
    "TransformerEncoderLayer": lambda: nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0),
}
STEPS = 100  # of a sequence


def of_case(case):
    """Forward and backward pass of a case of a function or a module; it may have no result that depends on values."""
    with counted() as costs:
        evaluate(F, case, "float32")
    return costs


def by_norm(p):
    nn.utils.clip_grad_norm_(p, 1.0)


def by_value(p):
    nn.utils.clip_grad_value_(p, 0.01)


def of_training(make, shape, clip=None):
    """A step with cross entropy and momentum beyond its inputs."""
    model, x, y = make(), xdl.randn(3, *shape), xdl.tensor([1, 0, 3])
    optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    for _ in range(2):
        with counted() as costs:
            optimizer.zero_grad()
            loss = nn.CrossEntropyLoss()(model(x), y)
            loss.backward()
            if clip:
                clip(model.parameters())
            optimizer.step()
    assert loss.item() > 0
    return costs


def of_layer(make):
    """Forward and backward pass over a sequence of STEPS steps."""
    layer, x = make(), xdl.randn(STEPS, 2, 16 if not isinstance(make(), nn.TransformerEncoderLayer) else 32)
    x.requires_grad = True
    for _ in range(2):
        layer.zero_grad()
        with counted() as costs:
            output = layer(x)
            output = output[0] if isinstance(output, tuple) else output
            output.backward(xdl.ones_like(output))
    return costs


def of_update(run):
    """The last of three updates."""
    p = parameters(F, "float32")
    optimizer = run.make(optim, p)
    for step in range(3):
        set_gradients(F, optimizer, p, step, "float32")
        with counted() as costs:
            optimizer.step()
    return costs


def first_cases():
    """A case of each function and module that waits for nothing, without second gradients."""
    for family in FAMILIES:
        named = {case.name: case for case in reversed(list(family.cases()))}
        yield from ((name, case) for name, case in named.items() if not case.dynamic and case.id != READS_THE_COUNT)


def workloads():
    """All of them but the larger networks."""
    found = {f"function {name}": (of_case, case) for name, case in first_cases()}
    found |= {f"training {name}": (of_training, *made) for name, made in SMALL.items()}
    found |= {f"training {name} with clipping": (of_training, *made, by_norm) for name, made in SMALL.items()}
    found["training MLP with clipped values"] = (of_training, *SMALL["MLP"], by_value)
    found |= {f"layer {name}": (of_layer, make) for name, make in LAYERS.items()}
    return found | {f"update {run.id}": (of_update, run) for run in {r.id.split()[0]: r for r in RUNS}.values()}
