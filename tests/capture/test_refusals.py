"""xdl.capture refuses on the host, by its name, what a program would keep as it was, and leaves all else as before."""

import numpy as np
import pytest

import xdl
from tests.gpu.steps import Counter
from xdl import nn, observe, optim
from xdl.backend import namespaces
from xdl.errors import BackendError, DataError, DtypeError, GraphError, KindError, ShapeError

READS = {
    "item": lambda x: x.sum().item(),
    "float": lambda x: float(x.sum()),
    "int": lambda x: int(x.sum()),
    "bool": lambda x: bool(x.sum() > 0),
    "tolist": lambda x: x.tolist(),
    "numpy": lambda x: np.asarray(x),
    "print": lambda x: print(x),
    "format": lambda x: f"{x.sum():.2f}",
    "indexing by a mask": lambda x: x[x > 0],
    "masked_select": lambda x: x.masked_select(x > 0),
    "nonzero": lambda x: x.nonzero(),
    "where": lambda x: xdl.where(x > 0),
    "unique": lambda x: x.unique(),
    "array": lambda x: np.asarray(x.array),
    "ufunc": lambda x: np.add(x.array, 1),
}


@pytest.mark.parametrize("run", [2, 3])
@pytest.mark.parametrize("name", READS)
def test_what_the_host_reads_is_refused_by_name_and_all_is_as_before(name, run):
    n, array = Counter(), xdl.Tensor.array
    w = xdl.ones(2, 2, requires_grad=True)

    def step(x):
        y, w.grad = x * w, None
        y.sum().backward()
        if n() == run:
            READS[name](y)
        return y

    with pytest.raises(BackendError, match=r"no values read by the host|live on from run to run") as refused:
        xdl.capture(step, xdl.ones(2, 2))
    assert (n.n, refused.value.operation) == (run, "capture" if name == "ufunc" else name)
    assert observe.launches is None
    assert xdl.Tensor.array is array
    assert type(w.array) is np.ndarray
    assert (w * 2).tolist() == [[2, 2], [2, 2]]
    assert xdl.capture(lambda x: x + 1, xdl.ones(2))(xdl.ones(2)).tolist() == [2, 2]


OUTSIDE = xdl.ones(3)
CHANGING = {
    "a number": (lambda x, n: x * n, "the same number in every run"),
    "an index": (lambda x, n: x[n], "the same key in every run"),
    "values": (lambda x, n: x + xdl.tensor([float(n)] * 3), "the same values in every run"),
    "a number of NumPy": (lambda x, n: xdl.Tensor(x.array * np.float32(n)), "the same calls in every run"),
    "a setting": (lambda x, n: nn.functional.layer_norm(x, (3,), eps=0.1 * n), "the same eps in every run"),
    "a setting of a function": (lambda x, n: nn.functional.leaky_relu(x, 0.1 * n), "the same calls in every run"),
    "a number in a function": (lambda x, n: nn.functional.elu(x, alpha=0.1 * n), "the same .* in every run"),
    "a number that a function holds": (
        lambda x, n: xdl.Tensor(namespaces[type(x.array)].apply_along_axis(lambda row: row * n, 0, x.array)),
        "the same numbers in every run",
    ),
    "a branch": (lambda x, n: x.exp() if n < 3 else x.sin(), "in every run"),
    "a call more": (lambda x, n: x if n < 3 else x.sin(), "in every run"),
    "an array made elsewhere": (lambda x, _: x + xdl.Tensor(np.ones(3, "float32")), "live on from run to run"),
}


@pytest.mark.parametrize("what", CHANGING)
def test_what_changes_from_run_to_run_is_refused(what):
    function, message = CHANGING[what]
    n = Counter()
    with pytest.raises(BackendError, match=message):
        xdl.capture(lambda x: function(x, n()), xdl.ones(4, 3) if what == "an index" else xdl.ones(3))


def test_a_gradient_that_goes_on_from_step_to_step_is_refused():
    w = xdl.ones(3, requires_grad=True)

    def step(x):
        (w * x).sum().backward()

    with pytest.raises(BackendError, match=r"found one that is not recorded.*zero_grad"):
        xdl.capture(step, xdl.ones(3))


def test_an_array_that_is_kept_is_refused_when_it_is_used():
    kept = []

    def step(x):
        kept.append(x * 2)
        return kept[-1]

    xdl.capture(step, xdl.ones(3))
    with pytest.raises(BackendError, match=r"only in that step.*Keep"):
        kept[-1] + 1
    array = kept[-1].array
    with pytest.raises(BackendError, match=r"only in that step.*Keep"):
        array += 1


def test_values_are_checked_at_every_call():
    captured = xdl.capture(lambda x, t: nn.functional.cross_entropy(x, t), xdl.randn(2, 3), xdl.tensor([0, 1]))
    with pytest.raises(DataError, match="target in") as refused:
        captured(xdl.randn(2, 3), xdl.tensor([0, 3]))
    assert refused.value.operation == "cross_entropy"


def test_an_optimizer_that_evaluates_the_loss_is_refused():
    w = xdl.ones(3, requires_grad=True)
    update = optim.LBFGS([w])

    def closure():
        update.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with pytest.raises(BackendError, match="no values read by the host"):
        xdl.capture(lambda: update.step(closure))


WRONG = {
    "too few": (lambda x, _: (x,), ShapeError, "2 inputs"),
    "too many": (lambda x, y: (x, y, x), ShapeError, "2 inputs"),
    "a shape": (lambda x, y: (x, y[:3]), ShapeError, r"input 1 of shape \(4, 8\).*found \(3, 8\)"),
    "a dtype": (lambda x, y: (x.double(), y), DtypeError, "input 0 of dtype float32.*found float64"),
    "a number": (lambda _, y: (1.0, y), DtypeError, "a Tensor as input 0, found float"),
    "an array": (lambda x, y: (x, y.numpy()), DtypeError, "a Tensor as input 1, found ndarray"),
}


@pytest.mark.parametrize("what", WRONG)
def test_other_inputs_are_refused(what):
    change, error, message = WRONG[what]
    example = xdl.ones(4, 8), xdl.ones(4, 8)
    captured = xdl.capture(lambda x, y: x + y, *example)
    with pytest.raises(error, match=message):
        captured(*change(*example))
    assert captured(*example).sum().item() == 64


def test_what_is_no_tensor_is_refused_and_errors_of_the_step_are_its_own():
    with pytest.raises(KindError, match="found float"):
        xdl.capture(lambda _: 1.0, xdl.ones(2))
    with pytest.raises(DtypeError, match="input 1, found int"):
        xdl.capture(lambda *x: x, xdl.ones(2), 3)
    with pytest.raises(ShapeError, match="add"):
        xdl.capture(lambda x: x + xdl.ones(3), xdl.ones(2))
    with pytest.raises(GraphError):
        xdl.capture(lambda x: x.backward(), xdl.ones(1))
    with pytest.raises(BackendError, match="inside another"):
        xdl.capture(lambda x: xdl.capture(lambda y: y, x)(x), xdl.ones(2))
    with pytest.raises(KindError, match="a function as step, found int"):
        xdl.capture(3, xdl.ones(2))


def test_a_captured_step_inside_another_one_is_refused():
    w = xdl.zeros(2)
    counting, doubling = xdl.capture(lambda: w.add_(1)), xdl.capture(lambda x: x * 2, w)
    for step in (lambda x: (counting(), x)[1], lambda x: doubling(x) + 1):
        with pytest.raises(BackendError, match="no captured step inside another one"):
            xdl.capture(step, xdl.ones(2))


def test_methods_of_arrays_are_refused_by_name():
    methods = {"sum": lambda x: x.sum(0), "astype": lambda x: x.astype("float64"), "copy": lambda x: x.copy()}
    for name, method in methods.items():
        with pytest.raises(BackendError, match=rf"of the array namespace .*found the method {name} of an array"):
            xdl.capture(lambda x, method=method: xdl.Tensor(method(x.array)), xdl.ones(2))
    with pytest.raises(AttributeError, match="mine"):
        xdl.capture(lambda x: x.mine, xdl.ones(2))


def test_values_that_a_call_does_not_take_are_refused_with_its_line():
    captured = xdl.capture(xdl.linalg.cholesky, xdl.eye(2))
    with pytest.raises(DataError, match=r"values that its calls take, found .*, in v1 = cholesky\(x0\)"):
        captured(-xdl.eye(2))
    assert captured(xdl.eye(2)).tolist() == [[1, 0], [0, 1]]
