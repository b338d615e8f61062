"""A node knows its operation: its name, its rule and what the rule was given; a watcher hears who called it."""

# ruff: noqa: ARG002 (rules and watchers take what they are given)

from functools import partial

import numpy as np
import pytest

import xdl
from tests.functional.cases import CASES
from tests.functional.namespaces import Xdl
from xdl import functional as F
from xdl.functional.recurrent.cells import CELLS
from xdl.node import operation_of
from xdl.profiling import watch
from xdl.tape import record

MOVES = {
    "reshape",
    "permute",
    "expand",
    "getitem",
    "unslice",
    "cat",
    "pad",
    "take",
    "sum_at",
    "clone",
}  # named as they are
ARITHMETIC = {"add", "sub", "mul", "div", "clamp"}  # which cases use around what they test
BESIDE = {f"max_unpool{d}d": [f"max_pool{d}d", "max_pool2d"] for d in (1, 2, 3)}
# what else the cases of a function call
BESIDE |= {
    "nansum": ["sum"],
    "fold": ["unfold"],
    "amin": ["min"],
    "recurrence": [*CELLS],
    "scaled_dot_product_attention": ["where"],
    "ctc_loss": ["log_softmax"],
    "unique": ["index_select"],
    "trapz": ["trapezoid"],
    "linalg.cholesky_solve": ["tril", "triu"],
    "linalg.cholesky_inverse": ["tril", "triu"],
}
BESIDE |= {f"linalg.{name}": ["abs", "matmul", "complete_qr"] for name in ("logdet", "cholesky", "qr", "eigh", "svd")}


def leaf(*shape):
    return xdl.randn(*shape, requires_grad=True)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (F.exp, "exp"),
        (lambda x: x + x, "add"),
        (lambda x: x.sum(0), "sum"),
        (lambda x: x.mean(0), "mean"),
        (lambda x: x.amax(), "amax"),
        (lambda x: F.leaky_relu(x), "leaky_relu"),
        (lambda x: x.floor(), "floor"),
        (lambda x: x[0], "getitem"),
        (lambda x: F.sort(x)[0], "sort"),
        (lambda x: F.linear(x, x), "linear"),
    ],
)
def test_operations_are_named(call, name):
    node = call(leaf(3, 3)).node
    assert node.op.name == name
    assert node.op.rule is node.rule


def test_settings_are_those_of_the_rule():
    op = leaf(3, 4).sum((0, 1)).node.op
    assert op.settings == {"shape": (3, 4), "dims": (0, 1), "scale": 1.0}
    assert leaf(2).exp().node.op.settings.keys() == {"back"}
    assert (leaf(2) * 2.0).node.op.settings == {}


def double_rule(needs, g, y, saved, x):
    return (g * 2,)


def shared_rule(operation, factor, needs, g, y, saved, x):
    return (g * factor,)


class Rules:
    def triple_rule(self, needs, g, y, saved, x):
        return (g * 3,)

    def __call__(self, needs, g, y, saved, x):
        return (g * 3,)


def test_rules_of_users_name_their_operation():
    def enclosing():
        return lambda *_: ()

    names = {
        "double": double_rule,
        "tenfold": partial(shared_rule, "tenfold", 10),
        "triple": Rules().triple_rule,
        "Rules": Rules(),
        "enclosing": enclosing(),
    }
    for name, rule in names.items():
        assert operation_of(rule).name == name
        y = record(np.ones(2), (leaf(2),), rule)
        assert y.node.op.name == name
    assert operation_of(names["tenfold"]).settings == {"factor": 10}


class Names(watch.Watcher):
    """Collects what it hears."""

    def __init__(self):
        self.heard = set()

    def recorded(self, operation, outputs, inputs):
        self.heard.add(operation.name)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_function_is_named_in_what_it_records():
    space, wrong = Xdl(), {}
    for case in CASES:
        if not case.name[0].islower():
            continue  # modules
        inputs = [space.tensor(x, i in case.differentiable()) for i, x in enumerate(case.inputs())]
        names = Names()
        watch.start(names)
        try:
            case.call(space, *inputs)
        finally:
            watch.stop(names)
        name = case.name.removeprefix("linalg.")
        spelt = getattr(getattr(F, name, None), "__name__", name)  # `concat` is `cat`
        known = {name, spelt, *MOVES, *ARITHMETIC, *BESIDE.get(case.name, ())}
        unknown = {name for name in names.heard if name.rpartition(" in ")[2] not in known}
        if unknown:
            wrong[case.id] = unknown
    assert wrong == {}


def test_what_rules_and_hooks_do_on_arrays_is_their_own_affair():
    layer, names = xdl.nn.Tanh(), Names()
    layer.register_full_backward_hook(lambda _, grads, __: (grads[0].exp(),))
    watch.start(names)
    try:
        layer(leaf(3)).sum().backward()
    finally:
        watch.stop(names)
    assert names.heard == {"tanh", "sum", "backward_hooks"}


def test_a_graph_recorded_when_nobody_watched_is_walked_under_a_watcher_too():
    x = leaf(3)
    loss = F.topk(x.exp(), 2)[0].sum()
    with xdl.detect_anomaly():
        loss.backward()
    assert x.grad.array.any()
